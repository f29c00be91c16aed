import { readFile } from "node:fs/promises";
import { expect, PROJECT, sessionOf, test } from "./support";

const BETTER = "We had the same trouble last spring; a reminder a week before the date helped.";

test.describe("an operator", () => {
  test.use({ storageState: sessionOf("operator") });

  test("adds a pair by hand, exports the pairs, and downloads what a worker wrote", async ({ page }) => {
    await page.goto(`${PROJECT}/training`);
    await test.step("a better text for a draft becomes a pair", async () => {
      await page.getByRole("button", { name: "Add pair" }).click();
      const dialog = page.getByRole("dialog", { name: "Add a preference pair" });
      await dialog.getByLabel("Drafts that are").selectOption("pending");
      await dialog.getByLabel("What would have been better").fill(BETTER);
      await dialog.getByRole("button", { name: "Add pair" }).click();
      await expect(dialog).toHaveCount(0);
      const added = page.getByRole("list", { name: "Preference pairs" }).getByRole("listitem").first();
      await expect(added).toContainText("Added by hand");
    });

    await test.step("a worker writes the export, and the file holds the pair", async () => {
      await page.getByRole("link", { name: "Exports", exact: true }).click();
      await page.getByRole("button", { name: "Export pairs" }).click();
      await page.getByRole("button", { name: "Start export" }).click();
      const row = page.getByRole("list", { name: "Exports" }).getByRole("listitem").first();
      await expect(row).toContainText("Done", { timeout: 30_000 });
      const [download] = await Promise.all([page.waitForEvent("download"), row.getByRole("link", { name: /^Download/ }).click()]);
      const lines = (await readFile(await download.path(), "utf-8")).trim().split("\n");
      const pairs = lines.map((line) => JSON.parse(line) as Record<string, string>);
      expect(pairs.map(({ chosen }) => chosen)).toContain(BETTER);
      expect(Object.keys(pairs[0] ?? {})).toEqual(["prompt", "chosen", "rejected"]);
    });

    await test.step("removed, the file is there no more", async () => {
      await page.getByRole("button", { name: /^Remove export/ }).first().click();
      await page.getByRole("button", { name: "Remove file" }).click();
      await expect(page.getByRole("list", { name: "Exports" }).getByRole("listitem").first()).toContainText("Removed");
    });
  });
});
