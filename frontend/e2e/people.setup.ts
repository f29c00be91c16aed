import { expect, manage, type Person, passwordOf, PROJECT, sessionOf, signIn, test } from "./support";

const ADD_VIEWER = `
from django.contrib.auth.models import User
from signalops_site.core.models import Membership, Project
user, _ = User.objects.get_or_create(username="viewer")
user.set_password("${passwordOf("viewer")}")
user.save()
Membership.objects.get_or_create(user=user, project=Project.objects.get(slug="demo"), defaults={"role": "viewer"})
`;

test("the viewer joins the project", async () => {
  await manage("shell", "-c", ADD_VIEWER);
});

for (const person of ["operator", "reviewer", "viewer"] satisfies Person[]) {
  test(`the ${person} signs in and stays so for the other tests`, async ({ page }) => {
    await page.goto("/sign-in");
    await signIn(page, person);
    await expect(page).toHaveURL(`${PROJECT}/overview`);
    await page.context().storageState({ path: sessionOf(person) });
  });
}
