import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, expectLoaded, PROJECT, readJson, sessionOf, test } from "./support";

interface Item {
  id: number;
  status: string;
  text: string;
}

const LINK = "https://sample.example/replies/1";
const NEXT_BEAT = 100_000; // a draft whose undo window is open leaves with the beat, once a minute

test.use({ storageState: sessionOf("reviewer") });
test.setTimeout(180_000);

const draft = (page: Page, id: number) => readJson<Item>(page.request, `queue/${id}/`);

async function openPreview(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: /^Send approved/ }).click();
  const dialog = page.getByRole("dialog", { name: "Send approved drafts" });
  await expect(dialog.getByRole("list", { name: "Approved drafts" })).toBeVisible();
  return dialog;
}

async function expectSound(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect.soft(violations, `${what}, ${colorScheme}`).toEqual([]);
  }
  const overflow = await page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll("dialog")].map((element) => element.scrollWidth - element.clientWidth)));
  expect.soft(overflow, `${what}: pixels to scroll sideways`).toBeLessThanOrEqual(0);
}

test("what is approved waits while sending is paused, and then leaves once; another is posted by hand", async ({ page, context }) => {
  await context.route(/sample\.example/, (route) => route.fulfill({ body: "the platform's own box" }));
  const { results } = await readJson<{ results: Item[] }>(page.request, "queue/?project=demo&page_size=2");
  const [first, second] = results;
  if (!first || !second) throw new Error("the demo has drafts to review");
  await page.goto(`${PROJECT}/queue?draft=${first.id}`);
  await expect(page.getByRole("button", { name: "Approve", exact: true })).toBeVisible();
  await page.keyboard.press("a");
  await expect(page).toHaveURL(new RegExp(`draft=${second.id}`));
  await page.keyboard.press("a");
  for (const { id } of [first, second]) await expect.poll(async () => (await draft(page, id)).status).toBe("approved");

  await test.step("a pause is told on every page, and holds every draft back", async () => {
    await page.getByRole("button", { name: "Pause sending" }).click();
    const dialog = page.getByRole("dialog", { name: "Pause sending" });
    await dialog.getByLabel("Reason").fill("A wrong link");
    await expectSound(page, "the pause dialog");
    await dialog.getByRole("button", { name: "Pause this project" }).click();
    await page.goto(`${PROJECT}/overview`);
    await expect(page.getByRole("alert")).toContainText("paused in this project by reviewer, until somebody resumes it: A wrong link");
    await page.getByRole("link", { name: "To the queue" }).click();
    const preview = await openPreview(page);
    await expect(preview.getByText("Waits", { exact: true }).first()).toBeVisible();
    await expectSound(page, "the preview");
    await page.setViewportSize({ width: 360, height: 740 });
    await expectSound(page, "the preview, 360 px wide");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Resume sending" }).click();
    await page.getByRole("button", { name: "Resume this project" }).click();
    await expect(page.getByRole("alert")).toHaveCount(0);
  });

  await test.step("what is confirmed is sent by the worker, and nothing else", async () => {
    const dialog = await openPreview(page);
    for (const box of await dialog.getByRole("checkbox").all()) await box.uncheck();
    await dialog.getByRole("listitem").filter({ hasText: first.text }).getByRole("checkbox").first().check();
    await dialog.getByRole("button", { name: "Send 1 draft" }).click();
    await expect(dialog).toBeHidden();
    await page.goto(`${PROJECT}/queue?status=queued&draft=${first.id}`);
    await expect(page.getByRole("region", { name: "Delivery" }).getByText("Sent by API")).toBeVisible({ timeout: NEXT_BEAT });
    expect((await draft(page, first.id)).status).toBe("sent");
    expect((await draft(page, second.id)).status).toBe("approved");
  });

  await test.step("by hand, by keyboard: the box is opened, then asked whether it was posted", async () => {
    await page.goto(`${PROJECT}/queue?status=approved&draft=${second.id}`);
    await expect(page.getByRole("button", { name: "Post by hand" })).toBeVisible();
    await page.keyboard.press("p");
    const dialog = page.getByRole("dialog", { name: /^Post by hand/ });
    await expect(dialog.getByRole("button", { name: /^Copy the text/ })).toBeFocused();
    const opening = context.waitForEvent("page", { timeout: 15_000 });
    await page.keyboard.press("Enter");
    await (await opening).close();
    await dialog.getByLabel("Address of our reply").fill(LINK);
    await expectSound(page, "posting by hand");
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    await page.goto(`${PROJECT}/queue?status=sent&draft=${second.id}`);
    await expect(page.getByRole("link", { name: "See the reply" })).toHaveAttribute("href", LINK);
    await page.setViewportSize({ width: 360, height: 740 });
    await expectLoaded(page);
    await expectSound(page, "a reply that was sent, 360 px wide");
    await page.goto(`${PROJECT}/queue?status=sent`);
    await expectLoaded(page);
    await expectSound(page, "the list of what was sent, 360 px wide");
  });
});
