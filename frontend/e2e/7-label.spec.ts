import type { Page } from "@playwright/test";
import { expect, manage, PROJECT, readJson, sessionOf, test } from "./support";

interface Row {
  source: string;
  label: string;
}

async function labels(): Promise<Row[]> {
  const script = `
import json
from leads.models import HumanLabel
rows = HumanLabel.objects.filter(user__username="reviewer", sampling_probability__isnull=False)
print(json.dumps(list(rows.order_by("pk").values("source", "label"))))
`;
  return JSON.parse(await manage("shell", "-v0", "-c", script)) as Row[];
}

async function waiting(page: Page): Promise<number> {
  return (await readJson<{ waiting: number }>(page.request, "labels/?project=demo")).waiting;
}

test.describe("a reviewer, blindly and by keyboard", () => {
  test.use({ storageState: sessionOf("reviewer") });

  test("answers, takes back and skips, and sees nothing that a model said", async ({ page }) => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${PROJECT}/label`);
    const post = page.getByRole("region", { name: "Post to label" });
    await expect(post).toBeVisible();
    const before = await waiting(page);
    expect(before).toBeGreaterThan(2);
    const words = post.locator("article > p[dir=auto]");
    const first = await words.innerText();

    await test.step("r labels it, and the next post is there", async () => {
      await page.keyboard.press("r");
      await expect.poll(() => words.innerText()).not.toBe(first);
      await expect.poll(labels).toEqual([expect.objectContaining({ label: "relevant" })]);
      expect(await waiting(page)).toBe(before - 1);
    });

    await test.step("u brings it back, and i says something else", async () => {
      await page.keyboard.press("u");
      await expect.poll(() => words.innerText()).toBe(first);
      await expect.poll(labels).toEqual([]);
      await page.keyboard.press("i");
      await expect.poll(labels).toEqual([expect.objectContaining({ label: "irrelevant" })]);
    });

    await test.step("s leaves one to others", async () => {
      const second = await words.innerText();
      await page.keyboard.press("s");
      await expect.poll(() => words.innerText()).not.toBe(second);
      await expect.poll(() => waiting(page)).toBe(before - 2);
    });

    expect(asked.filter((path) => /\/api\/(leads|queue\/(?!pauses))/.test(path))).toEqual([]);
  });
});

test.describe("a viewer", () => {
  test.use({ storageState: sessionOf("viewer") });

  test("is told that it is not open to them", async ({ page }) => {
    await page.goto(`${PROJECT}/label`);
    await expect(page.getByText("Not open to you")).toBeVisible();
    await expect(page.getByRole("group", { name: "Answer" })).toHaveCount(0);
  });
});
