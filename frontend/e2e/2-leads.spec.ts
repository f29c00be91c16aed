import { expect, expectLoaded, PROJECT, readJson, sessionOf, test } from "./support";

interface Row {
  id: number;
  score: number;
  label: string;
}

interface Page<T> {
  results: T[];
}

test.use({ storageState: sessionOf("reviewer") });

test("filters live in the address and survive a reload", async ({ page }) => {
  await page.goto(`${PROJECT}/leads`);
  await page.getByRole("button", { name: "Maybe", exact: true }).click();
  await expect(page).toHaveURL(/[?&]label=maybe/);
  await page.getByLabel("Search leads").fill("invoice");
  await expect(page).toHaveURL(/[?&]q=invoice/);
  await page.reload();
  await expectLoaded(page);
  await expect(page.getByLabel("Search leads")).toHaveValue("invoice");
  await expect(page.getByRole("button", { name: "Maybe", exact: true })).toHaveAttribute("aria-pressed", "true");
  const { results } = await readJson<Page<Row>>(page.request, "leads/?project=demo&label=maybe&q=invoice");
  expect(results.length).toBeGreaterThan(1);
  const rows = page.getByRole("list", { name: "Leads" }).getByRole("link");
  await expect(rows.first()).toHaveAttribute("href", new RegExp(`lead=${results[0]?.id}$`));
  await expect(rows.filter({ hasText: /Relevant/ })).toHaveCount(0);
});

test("letters typed into the search do not move the selection", async ({ page }) => {
  await page.goto(`${PROJECT}/leads`);
  await expect(page.getByRole("list", { name: "Leads" }).getByRole("link").first()).toBeVisible();
  await page.getByLabel("Search leads").click();
  await page.keyboard.type("jjk");
  await expect(page).toHaveURL(/[?&]q=jjk/);
  expect(new URL(page.url()).searchParams.get("lead")).toBeNull();
  await page.getByLabel("Search leads").fill("");
  await page.getByLabel("Search leads").blur();
  await expect(page.getByRole("list", { name: "Leads" }).getByRole("link").first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(page).toHaveURL(/[?&]lead=\d+/);
});

test("a lead shows what its score is made of", async ({ page }) => {
  const { results } = await readJson<Page<Row>>(page.request, "leads/?project=demo&page_size=1");
  const best = results[0];
  if (!best) throw new Error("the demo has leads");
  await page.goto(`${PROJECT}/leads?lead=${best.id}`);
  const panel = page.getByRole("complementary", { name: "Lead" });
  const score = panel.getByRole("region", { name: "Score" });
  for (const part of ["Relevance judgment", "Recency", "Author authority"]) await expect(score.getByText(part, { exact: true })).toBeVisible();
  await expect(score.getByRole("listitem").last()).toContainText(`Total${best.score.toFixed(1)}`);
});

for (const { author, markup, element } of [
  { author: "onload_ollie", markup: "<img src=x onerror=", element: 'img[src="x"]' },
  { author: "tag_you_are_it", markup: "<script>alert('invoice overdue')</script>", element: "script:has-text('overdue')" },
]) {
  test(`a post with ${element.split(/[[:]/)[0]} markup is shown as text and does nothing`, async ({ page }) => {
    const { results } = await readJson<Page<Row>>(page.request, `leads/?project=demo&author=${author}`);
    expect(results).toHaveLength(1);
    await page.goto(`${PROJECT}/leads?q=${author}&lead=${results[0]?.id}`);
    await expect(page.getByRole("article", { name: "Post" })).toContainText(markup);
    await expect(page.getByRole("list", { name: "Leads" })).toContainText(markup);
    expect(await page.locator(element).count()).toBe(0);
    expect(await page.title()).not.toContain("paid");
  });
}
