import AxeBuilder from "@axe-core/playwright";
import { expect, expectLoaded, manage, PROJECT, readJson, sessionOf, test } from "./support";

const ADD_NEWCOMER = `
from django.contrib.auth.models import User
User.objects.get_or_create(username="newcomer")
`;

test.describe("an operator", () => {
  test.use({ storageState: sessionOf("operator"), permissions: ["clipboard-read", "clipboard-write"] });

  test("adds a member, changes their role and removes them again", async ({ page }) => {
    await manage("shell", "-v0", "-c", ADD_NEWCOMER);
    await page.goto(`${PROJECT}/overview`);
    await page.getByRole("link", { name: "Settings" }).click();
    await expect(page).toHaveURL(`${PROJECT}/settings/members`);
    const list = page.getByRole("list", { name: "Members" });

    await page.getByRole("button", { name: "Add member" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a member" });
    await dialog.getByLabel("User name").fill("newcomer");
    await dialog.getByLabel("Role").selectOption("Viewer");
    await dialog.getByRole("button", { name: "Add member" }).click();
    await expect(dialog).toBeHidden();
    const role = list.getByLabel("Role of newcomer");
    await expect(role).toHaveValue("viewer");

    await role.selectOption("Reviewer");
    await expect(role).toBeEnabled();
    await page.reload();
    await expect(role).toHaveValue("reviewer");

    await list.getByRole("button", { name: "Remove newcomer" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove member" }).click();
    await expect(role).toHaveCount(0);
  });

  test.describe("alone", () => {
    test.use({ expected: /status of (400|409) .*\/api\/members\// });

    test("cannot leave the project without one, nor let in who does not exist", async ({ page }) => {
      await page.goto(`${PROJECT}/settings/members`);
      await page.getByLabel("Role of operator").selectOption("Viewer");
      const demotion = page.getByRole("dialog", { name: "Give up being an operator?" });
      await demotion.getByRole("button", { name: "Become viewer" }).click();
      await expect(demotion.getByRole("alert")).toContainText("keeps at least one operator");
      await demotion.getByRole("button", { name: "Cancel" }).click();
      await expect(page.getByLabel("Role of operator")).toHaveValue("operator");

      await page.getByRole("button", { name: "Remove operator" }).click();
      const removal = page.getByRole("dialog", { name: "Leave this project?" });
      await removal.getByRole("button", { name: "Leave project" }).click();
      await expect(removal.getByRole("alert")).toContainText("keeps at least one operator");
      await page.keyboard.press("Escape");
      await expect(removal).toBeHidden();

      await page.getByRole("button", { name: "Add member" }).click();
      const dialog = page.getByRole("dialog", { name: "Add a member" });
      await dialog.getByLabel("User name").fill("nobody at all");
      await dialog.getByRole("button", { name: "Add member" }).click();
      await expect(dialog.getByRole("alert")).toContainText("nobody at all");
    });
  });

  test("makes a key that works until it is revoked", async ({ page, playwright, baseURL }) => {
    const program = await playwright.request.newContext({ baseURL });
    await page.goto(`${PROJECT}/settings/keys`);
    await page.getByRole("button", { name: "Create key" }).click();
    const form = page.getByRole("dialog", { name: "Create an API key" });
    await form.getByLabel("What is it for?").fill("Nightly export");
    await form.getByRole("button", { name: "Create key" }).click();

    const shown = page.getByRole("dialog", { name: "Your new key" });
    await expect(shown.getByRole("alert")).toContainText("cannot be shown again");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(shown.getByRole("alert")).toContainText("Nothing is copied yet");
    await shown.getByRole("button", { name: "Copy" }).click();
    const key = await page.evaluate(() => navigator.clipboard.readText());
    expect(key).toMatch(/^so_[0-9a-f]{8}_\S{40,}$/);
    await shown.getByRole("button", { name: "Done" }).click();
    expect(await page.content()).not.toContain(key);

    const read = () => program.get("/api/leads/?project=demo&page_size=1", { headers: { "X-API-Key": key } });
    expect((await read()).status()).toBe(200);
    await page.reload();
    const row = page.getByRole("list", { name: "API keys" }).getByRole("listitem").filter({ hasText: "Nightly export" });
    await expect(row).toContainText(key.slice(0, 11));
    await expect(row).not.toContainText("Last usedNever");
    await row.getByRole("button", { name: "Revoke Nightly export" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke key" }).click();
    await expect(row.getByText("Revoked")).toBeVisible();
    expect((await read()).status()).toBe(401);
    await program.dispose();
  });

  test("finds what was done in the log, by filters in the address", async ({ page }) => {
    await page.goto(`${PROJECT}/settings/audit`);
    const log = page.getByRole("list", { name: "Audit log" }).getByRole("listitem");
    await expect(log.first()).toContainText("key.revoke");
    await page.getByLabel("Action").fill("member.add");
    await page.getByLabel("Action").press("Enter");
    await expect(page).toHaveURL(/[?&]action=member\.add/);
    await expect(log.first()).toContainText("member.add");
    await page.reload();
    await expect(log.first()).toContainText("operator");
    await expect(log.filter({ hasText: "key.revoke" })).toHaveCount(0);
    await page.getByLabel("To").fill("2020-01-01");
    await expect(page.getByRole("heading", { name: "No entry fits these filters" })).toBeVisible();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(page).toHaveURL(`${PROJECT}/settings/audit`);
    await expect(log.first()).toContainText("key.revoke");
  });

  test("sees what failed to be sent, and has it tried anew", async ({ page }) => {
    const id = Number(await manage("shell", "-v0", "-c", ADD_FAILED_MESSAGE));
    await page.goto(`${PROJECT}/settings/notifications`);
    const targets = page.getByRole("list", { name: "Targets" }).getByRole("listitem");
    await expect(targets).toHaveText([/Slack.*Not named in project\.yaml/, /Discord.*Not named/, /Webhook.*Not named/]);
    await expect(page.getByText("Notifications are off")).toBeVisible();
    const message = page.getByRole("list", { name: "Messages" }).getByRole("listitem").filter({ hasText: "An account is paused." });
    await expect(message).toContainText("Slack answered 404.");
    const replay = page.getByRole("button", { name: `Replay message ${id}` });
    await replay.click();
    await expect(replay).toHaveCount(0);
    await page.goto(`${PROJECT}/settings/audit?action=notification.replay`);
    await expect(page.getByRole("list", { name: "Audit log" }).getByRole("listitem").first()).toContainText("operator");
  });

  test.describe("with an address where no platform is", () => {
    test.use({ expected: /status of (400|503) .*\/api\/connectors\/accounts\// });

    test("is told so before an account is stored", async ({ page }) => {
      const platforms = await readJson<{ name: string; account: string; credentials: { name: string }[] }[]>(page.request, "connectors/");
      const mastodon = platforms.find(({ name }) => name === "mastodon");
      expect(mastodon?.credentials.map(({ name }) => name)).toEqual(["access_token"]);
      await page.goto(`${PROJECT}/settings/accounts`);
      await expect(page.getByRole("heading", { name: "No accounts yet" })).toBeVisible();
      await page.getByRole("button", { name: "Add account" }).click();
      const dialog = page.getByRole("dialog", { name: "Add an account" });
      await dialog.getByLabel("Platform").selectOption("Mastodon");
      await dialog.getByLabel("Instance").fill("http://127.0.0.1:1");
      await dialog.getByLabel("Access token").fill("not-a-token");
      await dialog.getByRole("button", { name: "Add account" }).click();
      await expect(dialog.getByRole("alert")).toBeVisible();
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await expect(page.getByRole("heading", { name: "No accounts yet" })).toBeVisible();
    });
  });
});

test.describe("a reviewer", () => {
  test.use({ storageState: sessionOf("reviewer") });

  test("is told whose the settings are", async ({ page }) => {
    await page.goto(`${PROJECT}/settings/members`);
    await expect(page.getByRole("heading", { name: "Only for operators" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Settings" })).toHaveCount(0);
  });

  test("leaves a note on a lead, and search finds it", async ({ page }) => {
    const { results } = await readJson<{ results: { id: number }[] }>(page.request, "leads/?project=demo&page_size=1");
    const id = results[0]?.id;
    await page.goto(`${PROJECT}/leads?lead=${id}`);
    const note = page.getByRole("region", { name: "Note" });
    await note.getByRole("textbox").fill("Asked us about quetzalcoatl pricing");
    await note.getByRole("button", { name: "Save note" }).click();
    await expect(note.getByText("Saved", { exact: true })).toBeVisible();
    const rows = page.getByRole("list", { name: "Leads" }).getByRole("link");
    for (const asked of ["quetzal*", '"quetzalcoatl pricing"']) {
      await page.getByLabel("Search leads").fill(asked);
      await expect(rows).toHaveCount(1);
      await expect(rows).toHaveAttribute("href", new RegExp(`[?&]lead=${id}(&|$)`));
      await page.getByLabel("Search leads").fill("");
      await expect.poll(() => rows.count()).toBeGreaterThan(1);
    }
    for (const asked of ['"pricing quetzalcoatl"', "quetzal* -pricing"]) {
      await page.getByLabel("Search leads").fill(asked);
      await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe(asked);
      await expect(page.getByRole("heading", { name: "No lead fits these filters" })).toBeVisible();
    }
    await page.reload();
    await expect(page.getByLabel("Search leads")).toHaveValue("quetzal* -pricing");
    await expect(note.getByRole("textbox")).toHaveValue("Asked us about quetzalcoatl pricing");
  });

  test("tries a failed run again", async ({ page }) => {
    const id = Number(await manage("shell", "-v0", "-c", ADD_FAILED_RUN));
    await page.goto(`${PROJECT}/runs/${id}`);
    await expectLoaded(page);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page).toHaveURL(`${PROJECT}/runs/${id + 1}`);
    await expect(page.getByText("Succeeded", { exact: true })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText("Only score; at most 5 leads per stage")).toBeVisible();
    await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
  });
});

test.describe("a viewer", () => {
  test.use({ storageState: sessionOf("viewer") });

  test("reads notes, and cannot write them", async ({ page }) => {
    await page.goto(`${PROJECT}/leads?q=quetzalcoatl`);
    await page.getByRole("list", { name: "Leads" }).getByRole("link").click();
    const note = page.getByRole("region", { name: "Note" });
    await expect(note).toContainText("Asked us about quetzalcoatl pricing");
    await expect(note.getByRole("textbox")).toHaveCount(0);
  });
});

const ADD_FAILED_MESSAGE = `
from leads.models import Notification
from signalops_site.core.models import Project
message = Notification.objects.create(
    project=Project.objects.get(slug="demo"), target="slack", kind="alert", subject="account",
    sentence="An account is paused.", status="failed", error="Slack answered 404.",
)
print(message.pk)
`;

const ADD_FAILED_RUN = `
from signalops_site.core.models import Project, Run
project = Project.objects.get(slug="demo")
last = project.runs.first()
run = Run.objects.create(
    project=project, trigger="command", status="failed", config_version=last.config_version,
    options={"stages": ["score"], "limit": 5}, error="The disk was full.",
)
print(run.pk)
`;
