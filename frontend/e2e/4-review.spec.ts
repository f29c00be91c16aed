import type { Page } from "@playwright/test";
import { expect, manage, PROJECT, readJson, sessionOf, test } from "./support";

interface Item {
  id: number;
  status: string;
  text: string;
  text_generated: string;
  reject_reason: string;
  better_text: string;
  reviewer: string | null;
}

const TYPED = " A quick joke, are u ok? 123";
const BETTER = "Jerk-free answer 4 u: ask 2 clients, keep 1.";

const waiting = async (page: Page) => (await readJson<{ results: Item[] }>(page.request, "queue/?project=demo&page_size=200")).results;
const draft = (page: Page, id: number) => readJson<Item>(page.request, `queue/${id}/`);

async function expectOpen(page: Page, id: number | undefined): Promise<void> {
  await expect(page).toHaveURL(new RegExp(`[?&]draft=${id}(&|$)`));
}

async function expectStatus(page: Page, id: number, status: string): Promise<void> {
  await expect.poll(async () => (await draft(page, id)).status).toBe(status);
}

test.describe("a reviewer, by keyboard alone", () => {
  test.use({ storageState: sessionOf("reviewer") });

  test("approves, edits, rejects and takes back, and each decision lands", async ({ page }) => {
    const before = await waiting(page);
    const [one, two, three, four] = before;
    if (!one || !two || !three || !four) throw new Error("the demo has drafts to review");
    await page.goto(`${PROJECT}/queue`);
    await expectOpen(page, one.id);
    await expect(page.getByRole("button", { name: "Approve", exact: true })).toBeVisible();

    await test.step("a approves, and the next draft is there", async () => {
      await page.keyboard.press("a");
      await expectOpen(page, two.id);
      await expectStatus(page, one.id, "approved");
    });

    await test.step("e edits; letters are text while typing; Ctrl+Enter saves", async () => {
      await page.keyboard.press("e");
      await expect(page.getByRole("textbox", { name: "Reply" })).toBeFocused();
      await page.keyboard.type(TYPED);
      await expect(page.getByRole("textbox", { name: "Reply" })).toHaveValue(two.text_generated + TYPED);
      await expectOpen(page, two.id);
      await page.keyboard.press("Control+Enter");
      await expectOpen(page, three.id);
      await expectStatus(page, two.id, "edited");
      expect((await draft(page, two.id)).text).toBe(two.text_generated + TYPED);
    });

    await test.step("r and a digit reject, with that reason", async () => {
      await page.keyboard.press("r");
      await expect(page.getByRole("region", { name: "Reject draft" })).toBeVisible();
      await page.keyboard.press("2");
      await expectOpen(page, four.id);
      await expectStatus(page, three.id, "rejected");
      expect((await draft(page, three.id)).reject_reason).toBe("wrong_tone");
    });

    await test.step("u takes the last decision back", async () => {
      await page.keyboard.press("u");
      await expectOpen(page, three.id);
      await expectStatus(page, three.id, "pending");
      await expect(page.getByRole("button", { name: "Approve", exact: true })).toBeVisible();
    });

    await test.step("a better answer goes with the rejection", async () => {
      await page.keyboard.press("r");
      await expect(page.getByRole("region", { name: "Reject draft" })).toBeFocused();
      for (let reason = 1; reason <= 6; reason += 1) await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await expect(page.getByLabel("A better reply")).toBeFocused();
      await page.keyboard.type(BETTER);
      await expectOpen(page, three.id);
      await page.keyboard.press("Control+Enter");
      await expectOpen(page, four.id);
      await expectStatus(page, three.id, "rejected");
      expect(await draft(page, three.id)).toMatchObject({ reject_reason: "other", better_text: BETTER, reviewer: "reviewer" });
    });

    await test.step("nothing else was decided", async () => {
      const after = await waiting(page);
      expect(after.map(({ id }) => id)).toEqual(before.slice(3).map(({ id }) => id));
      expect(JSON.parse(await manage("stats", "--project", "demo", "--json"))).toMatchObject({ edited: 1, rejected: 1, approved: 2 });
    });

    await test.step("the edit and the better answer became preference pairs", async () => {
      const pairs = JSON.parse(await manage("shell", "-v0", "-c", pairsOf(two.id, three.id))) as unknown[];
      expect(pairs).toContainEqual([two.id, "edit", two.text_generated + TYPED, two.text_generated]);
      expect(pairs).toContainEqual([three.id, "reject", BETTER, three.text_generated]);
      expect(pairs).toHaveLength(2);
    });
  });

  test("j and k move, ? explains the keys, and nothing fires behind a dialog", async ({ page }) => {
    const before = await waiting(page);
    await page.goto(`${PROJECT}/queue`);
    await expectOpen(page, before[0]?.id);
    await expect(page.getByRole("button", { name: "Approve", exact: true })).toBeVisible();
    await page.keyboard.press("j");
    await expectOpen(page, before[1]?.id);
    await page.keyboard.press("j");
    await expectOpen(page, before[2]?.id);
    await page.keyboard.press("k");
    await expectOpen(page, before[1]?.id);
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(help).toBeVisible();
    await page.keyboard.press("a");
    await page.keyboard.press("j");
    await page.keyboard.press("Escape");
    await expect(help).toBeHidden();
    await expectOpen(page, before[1]?.id);
    expect((await waiting(page)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });
});

test.describe("a viewer", () => {
  test.use({ storageState: sessionOf("viewer") });

  test("reads drafts, and has neither buttons nor keys to decide", async ({ page }) => {
    const before = await waiting(page);
    await page.goto(`${PROJECT}/queue`);
    await expect(page.getByText("You are a viewer in this project")).toBeVisible();
    for (const name of ["Approve", "Edit", "Reject"]) await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
    for (const key of ["a", "e", "r", "1", "u"]) await page.keyboard.press(key);
    await expect(page.getByRole("textbox", { name: "Reply" })).toHaveCount(0);
    await expectOpen(page, before[0]?.id);
    expect((await waiting(page)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    await page.goto(`${PROJECT}/overview`);
    await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Run", exact: true })).toHaveCount(0);
  });
});

function pairsOf(...drafts: number[]): string {
  return `
import json
from training.models import PreferencePair
pairs = PreferencePair.objects.filter(draft__in=${JSON.stringify(drafts)})
print(json.dumps(list(pairs.values_list("draft_id", "source", "chosen_text", "rejected_text"))))
`;
}
