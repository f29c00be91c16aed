import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, PROJECT, readJson, sessionOf, test } from "./support";

interface Item {
  id: number;
  status: string;
  assignee: string | null;
  snoozed_until: string | null;
}

test.use({ storageState: sessionOf("reviewer") });

const waiting = async (page: Page) => (await readJson<{ results: Item[] }>(page.request, "queue/?project=demo&page_size=200")).results;
const draft = (page: Page, id: number) => readJson<Item>(page.request, `queue/${id}/`);
const ids = (items: Item[]) => items.map(({ id }) => id);

async function expectSound(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect.soft(violations, `${what}, ${colorScheme}`).toEqual([]);
  }
}

/** Whatever is decided here is taken back here: other tests count decisions. */
test("a reviewer decides on several, puts off, takes back, and changes a key, all by keyboard", async ({ page }) => {
  const before = await waiting(page);
  const [one, two, three, four] = before;
  if (!one || !two || !three || !four) throw new Error("the demo has drafts to review");
  const expectOpen = (item: Item) => expect(page).toHaveURL(new RegExp(`[?&]draft=${item.id}(&|$)`));
  await page.goto(`${PROJECT}/queue`);
  await expectOpen(one);
  await expect(page.getByRole("button", { name: "Approve", exact: true })).toBeVisible();

  await test.step("x and Shift+x select, a approves what is selected, and its message takes all of it back", async () => {
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Shift+X");
    await expect(page.getByText("3 drafts selected")).toBeVisible();
    await expectSound(page, "several selected");
    await page.keyboard.press("a");
    await expectOpen(four);
    for (const { id } of [one, two, three]) await expect.poll(async () => (await draft(page, id)).status).toBe("approved");
    await expect(page.getByRole("link", { name: /^Approved\s*3/ })).toBeVisible();
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await expect(page.getByText("Taken back: approval of 3 drafts")).toBeVisible();
    await expectOpen(one);
    await expect.poll(async () => ids(await waiting(page))).toEqual(ids(before));
  });

  await test.step("s and a digit put a draft off, and after a reload u asks, then brings it back", async () => {
    await page.keyboard.press("s");
    await expect(page.getByRole("dialog", { name: /^Snooze / })).toBeVisible();
    await expectSound(page, "the snooze dialog");
    await page.keyboard.press("1");
    await expectOpen(two);
    await expect.poll(async () => ids(await waiting(page))).toEqual(ids(before.slice(1)));
    expect((await draft(page, one.id)).snoozed_until).not.toBeNull();
    await page.getByRole("link", { name: "Snoozed" }).click();
    await expectOpen(one);
    await page.reload();
    await expect(page.getByRole("button", { name: "Wake" })).toBeVisible();
    await page.keyboard.press("u");
    const question = page.getByRole("dialog", { name: /^Take back your snooze of lead / });
    await question.getByRole("button", { name: "Take it back" }).click();
    await expectOpen(one);
    await expect.poll(async () => ids(await waiting(page))).toEqual(ids(before));
    expect(await draft(page, one.id)).toMatchObject({ snoozed_until: null, status: "pending" });
  });

  await test.step("g and a digit give it to oneself, u to nobody again", async () => {
    await expect(page.getByRole("button", { name: "Snooze" })).toBeVisible();
    await page.keyboard.press("g");
    await expect(page.getByRole("dialog", { name: /^Assign / })).toBeVisible();
    await page.keyboard.press("1");
    await expect(page.getByRole("region", { name: "Draft" }).getByText("Yours", { exact: true })).toBeVisible();
    await expect.poll(async () => (await draft(page, one.id)).assignee).toBe("reviewer");
    await page.keyboard.press("u");
    await expect.poll(async () => (await draft(page, one.id)).assignee).toBeNull();
  });

  await test.step("a key that is taken is refused, another is not, and the sheet shows it", async () => {
    await page.keyboard.press("?");
    await page.getByRole("button", { name: "Change keys" }).click();
    const next = page.getByRole("dialog", { name: "Change keys" }).getByRole("button", { name: /^Next draft/ });
    await next.click();
    await page.keyboard.press("k");
    await expect(page.getByText("“k” is taken: Previous draft.")).toBeVisible();
    await page.keyboard.press("n");
    await expect(next).toHaveText("n");
    await expectSound(page, "the keys");
    await page.getByRole("button", { name: "Back" }).click();
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("n", { exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await expectOpen(one);
    await page.keyboard.press("n");
    await expectOpen(two);
  });

  await test.step("an opening dialog begins at its field", async () => {
    await page.getByRole("button", { name: "Pause sending" }).click();
    await expect(page.getByRole("dialog", { name: "Pause sending" }).getByLabel("Reason")).toBeFocused();
    await page.keyboard.press("Escape");
  });

  await test.step("at 360 px everything fits", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await expectSound(page, "a draft, 360 px wide");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});

test("who has a draft open is shown to others, as soon as it is and until it is not", async ({ page, browser }) => {
  const [one, two] = await waiting(page);
  if (!one || !two) throw new Error("the demo has drafts to review");
  const context = await browser.newContext({ storageState: sessionOf("operator") });
  const other = await context.newPage();
  const told = other.getByRole("region", { name: "Draft" }).getByText("reviewer is on it");
  try {
    await other.goto(`${PROJECT}/queue?draft=${two.id}`);
    await expect(other.getByRole("button", { name: "Approve", exact: true })).toBeVisible();
    await page.goto(`${PROJECT}/queue?draft=${one.id}`);
    await expect(other.getByRole("list", { name: "Drafts" }).getByRole("listitem").first().getByTitle("reviewer is on it")).toBeVisible();
    await other.goto(`${PROJECT}/queue?draft=${one.id}`);
    await expect(told).toBeVisible();
    await expect(other.getByRole("button", { name: "Approve", exact: true })).toBeEnabled();
    await page.getByRole("link", { name: "Overview" }).click();
    await expect(told).toBeHidden();
  } finally {
    await context.close();
  }
});
