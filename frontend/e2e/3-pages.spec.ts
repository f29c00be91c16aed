import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, expectLoaded, PROJECT, readJson, sessionOf, test } from "./support";

const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
const SIZES = [
  { name: "wide", width: 1280, height: 800 },
  { name: "360 px wide", width: 360, height: 740 },
];

interface Place {
  name: string;
  /** An address, or how to learn it. */
  address: string | ((page: Page) => Promise<string>);
}

const PLACES: Place[] = [
  { name: "Overview", address: `${PROJECT}/overview` },
  { name: "Leads", address: `${PROJECT}/leads` },
  { name: "a lead", address: async (page) => `${PROJECT}/leads?lead=${await firstId(page, "leads")}` },
  { name: "Queue", address: `${PROJECT}/queue` },
  { name: "a draft", address: async (page) => `${PROJECT}/queue?draft=${await firstId(page, "queue")}` },
  { name: "Blind review", address: `${PROJECT}/label` },
  { name: "Runs", address: `${PROJECT}/runs` },
  { name: "Training", address: `${PROJECT}/training` },
  { name: "a run", address: async (page) => `${PROJECT}/runs/${await firstId(page, "runs")}` },
];

const SETTINGS = ["members", "keys", "accounts", "queries", "policies", "notifications", "do-not-contact", "audit"];

async function firstId(page: Page, list: string): Promise<number> {
  const { results } = await readJson<{ results: { id: number }[] }>(page.request, `${list}/?project=demo&page_size=1`);
  if (!results[0]) throw new Error(`the demo has ${list}`);
  return results[0].id;
}

/** Colours are the same at any width, so a narrow page is looked at in one theme. */
async function expectSound(page: Page, address: string): Promise<void> {
  const isNarrow = (page.viewportSize()?.width ?? 0) < 600;
  for (const colorScheme of isNarrow ? (["dark"] as const) : (["light", "dark"] as const)) {
    await page.emulateMedia({ colorScheme });
    await page.goto(address);
    await expectLoaded(page);
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${colorScheme} ${id}: ${node.target.join(" ")} (${node.failureSummary})`));
    expect.soft(found).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(overflow, `${colorScheme}: pixels to scroll sideways`).toBeLessThanOrEqual(0);
  }
}

for (const { name: size, ...viewport } of SIZES) {
  test.describe(size, () => {
    test.use({ viewport });

    test.describe("signed in", () => {
      test.use({ storageState: sessionOf("reviewer") });
      for (const { name, address } of PLACES) {
        test(`${name} is accessible and fits`, async ({ page }) => {
          await expectSound(page, typeof address === "string" ? address : await address(page));
        });
      }
    });

    test.describe("signed in as an operator", () => {
      test.use({ storageState: sessionOf("operator") });
      test("the exports are accessible and fit", async ({ page }) => {
        await expectSound(page, `${PROJECT}/training?view=exports`);
      });
      for (const tab of SETTINGS) {
        test(`the ${tab} in the settings are accessible and fit`, async ({ page }) => {
          await expectSound(page, `${PROJECT}/settings/${tab}`);
        });
      }
    });

    test.describe("not signed in", () => {
      test("the sign-in page is accessible and fits", async ({ page }) => {
        await expectSound(page, "/sign-in?next=%2Fp%2Fdemo%2Fqueue");
      });
    });
  });
}
