import { expect, PROJECT, signIn, test } from "./support";

// What the browser says of the refusals that these tests are about.
test.use({ expected: /status of 401 .*\/api\/|status of 400 .*\/api\/auth\/sign-in\// });

test("a wrong password is told in the form, the right one leads on", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("User name").fill("reviewer");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.keyboard.press("Enter");
  const form = page.locator("form");
  await expect(form.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("User name")).toHaveValue("reviewer");
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await signIn(page, "reviewer");
  await expect(page).toHaveURL(`${PROJECT}/overview`);
});

test("a deep link is returned to after signing in, filters and all", async ({ page }) => {
  const address = `${PROJECT}/leads?label=maybe&sort=newest`;
  await page.goto(address);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await signIn(page, "reviewer");
  await expect(page).toHaveURL(address);
  await expect(page.getByRole("button", { name: "Maybe", exact: true })).toHaveAttribute("aria-pressed", "true");
});

test("who signs out is out, on the server as well", async ({ page }) => {
  await page.goto("/sign-in");
  await signIn(page, "reviewer");
  await page.getByRole("button", { name: "reviewer", exact: true }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  expect((await page.request.get("/api/me/")).status()).toBe(401);
  await page.goto(`${PROJECT}/queue`);
  await expect(page.getByRole("heading", { name: "Sign in to SignalOps" })).toBeVisible();
});
