import { expectLoaded, manage, PROJECT, sessionOf, test } from "./support";
const SEED = `
from django.contrib.auth.models import User
from datetime import timedelta
from django.utils import timezone
from signalops_site.core.models import *
from signalops_site.core.models import ApiKey, Membership, Project, Run
from signalops_site.core.access.keys import create_key, revoke_key
from connectors.models import Account, RateWindow
p = Project.objects.get(slug="demo")
op = User.objects.get(username="operator")
for n, f, l in [("maxine", "Maxine Featherstonehaugh-Montgomery", "Wolfeschlegelsteinhausen"), ("jo", "Jo", "Park")]:
    u, _ = User.objects.get_or_create(username=n, defaults=dict(first_name=f[:30], last_name=l[:30]))
    Membership.objects.get_or_create(user=u, project=p, defaults={"role": "reviewer"})
create_key(name="Nightly export to the warehouse of the finance department", role="viewer", projects=[p], by=op, expires_at=timezone.now()+timedelta(days=30))
k = create_key(name="CI", role="operator", projects=[], by=op)
ApiKey.objects.filter(pk=k.key.pk).update(last_used_at=timezone.now())
revoke_key(create_key(name="Old laptop", role="reviewer", projects=[p], by=op).key, by=op)
a = Account.objects.create(project=p, platform="bluesky", label="main", base_url="https://bsky.social", handle="ada.bsky.social", credentials="x", state="ok", last_checked_at=timezone.now())
RateWindow.objects.create(account=a, platform="bluesky", base_url="https://bsky.social", endpoint="search", limit=3000, remaining=2870, resets_at=timezone.now()+timedelta(minutes=4))
Account.objects.create(project=p, platform="mastodon", label="old instance", base_url="https://mastodon.example", handle="@ada@mastodon.example", credentials="x", state="expired", last_error="The platform says that this token has run out. Make a new one under Development.", last_checked_at=timezone.now()-timedelta(days=2))
Account.objects.create(project=None, platform="mastodon", label="shared", base_url="https://mastodon.example", handle="@team", credentials="x", state="ok", last_checked_at=timezone.now())
last = p.runs.first()
Run.objects.create(project=p, trigger="command", status="failed", config_version=last.config_version, options={}, error="The disk was full.", stages={"collect": {"done": 12, "failed": 1, "skipped": 0, "seconds": 2, "problems": []}})
`;
test.use({ storageState: sessionOf("operator") });
test.setTimeout(240_000);
const OUT = process.env.SHOTS ?? "";
test("shots", async ({ page }) => {
  await manage("shell", "-v0", "-c", SEED).catch((error: unknown) => console.log(String(error)));
  const shot = async (name: string) => page.screenshot({ path: `${OUT}/${name}.png` });
  for (const scheme of ["light", "dark"] as const) {
    for (const [size, width, height] of [["wide", 1280, 800], ["small", 360, 740]] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      const tag = `${size}-${scheme}`;
      for (const tab of ["members", "keys", "accounts", "audit"]) {
        await page.goto(`${PROJECT}/settings/${tab}`);
        await expectLoaded(page);
        await page.waitForTimeout(300);
        await shot(`${tab}-${tag}`);
      }
      await page.goto(`${PROJECT}/settings/keys`);
      await page.getByRole("button", { name: "Create key" }).click();
      await shot(`key-form-${tag}`);
      await page.getByLabel("What is it for?").fill("Shot");
      await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click();
      await page.getByRole("dialog", { name: "Your new key" }).waitFor();
      await shot(`key-secret-${tag}`);
      await page.goto(`${PROJECT}/settings/accounts`);
      await page.getByRole("button", { name: "Add account" }).click();
      await page.getByLabel("Platform").waitFor();
      await shot(`account-form-${tag}`);
      await page.goto(`${PROJECT}/settings/members`);
      await page.getByRole("button", { name: "Remove jo" }).click();
      await shot(`remove-${tag}`);
      await page.goto(`${PROJECT}/leads`);
      await page.getByRole("list", { name: "Leads" }).getByRole("link").first().waitFor();
      await page.getByRole("button", { name: "How to search" }).click();
      await shot(`search-${tag}`);
      await page.keyboard.press("Escape");
      await page.getByRole("list", { name: "Leads" }).getByRole("link").first().click();
      const note = page.getByRole("region", { name: "Note" }).getByRole("textbox");
      await note.fill("Met at the fair in Ghent. Wants an offer before the end of the quarter; speaks German.");
      await note.scrollIntoViewIfNeeded();
      await shot(`note-${tag}`);
    }
  }
  await page.setViewportSize({ width: 2560, height: 1300 });
  await page.goto(`${PROJECT}/settings/audit`);
  await expectLoaded(page);
  await shot("audit-huge");
  await page.setViewportSize({ width: 800, height: 700 });
  await page.goto(`${PROJECT}/settings/keys`);
  await expectLoaded(page);
  await page.waitForTimeout(300);
  await shot("keys-mid");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${PROJECT}/runs`);
  await page.getByRole("list", { name: "Runs" }).getByRole("link").first().click();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await shot("run");
});
