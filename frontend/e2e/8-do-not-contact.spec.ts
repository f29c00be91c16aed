import AxeBuilder from "@axe-core/playwright";
import { readFile } from "node:fs/promises";
import { expect, PROJECT, sessionOf, test } from "./support";

test.describe("an operator", () => {
  test.use({ storageState: sessionOf("operator") });

  test("puts somebody on the list, finds them, exports and takes them off", async ({ page }) => {
    await page.goto(`${PROJECT}/settings/do-not-contact`);
    await expect(page.getByRole("heading", { name: "Nobody is on the list" })).toBeVisible();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Add to the list" });
    await dialog.getByLabel("Platform").selectOption("sample");
    await dialog.getByLabel("Handle").fill("@nobody_of_ours");
    await dialog.getByLabel("Reason").fill("asked by mail");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await dialog.getByRole("button", { name: "Add to list" }).click();
    await expect(dialog).toBeHidden();

    const list = page.getByRole("list", { name: "Do not contact" });
    await expect(list).toContainText("asked by mail");
    expect(await list.textContent()).not.toContain("nobody_of_ours");
    await page.getByLabel("Is somebody on the list?").fill("Nobody_Of_Ours");
    await page.getByRole("button", { name: "Look up" }).click();
    await expect(page.getByRole("list", { name: "Entries that mean Nobody_Of_Ours" })).toContainText("asked by mail");

    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export" }).click();
    const file = await readFile(await (await downloading).path(), "utf8");
    expect(file).toContain('"handle","sample",""');
    expect(file).not.toContain("nobody_of_ours");

    await list.getByRole("button", { name: /^Remove handle/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take off" }).click();
    await expect(page.getByRole("heading", { name: "Nobody is on the list" })).toBeVisible();
  });
});
