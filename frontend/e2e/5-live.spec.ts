import type { Page, WebSocketRoute } from "@playwright/test";
import { expect, expectLoaded, manage, PROJECT, readJson, sessionOf, test } from "./support";

const AGAIN = ["runpipeline", "--project", "demo", "--refresh", "score", "--since", "2020-01-01"];

interface Run {
  id: number;
  status: string;
  trigger: string;
  requested_by: string | null;
  stages: Record<string, { done: number }>;
}

interface Event {
  seq: number;
  run: number | null;
  type: string;
  stage: string;
}

test.use({ storageState: sessionOf("operator") });
test.setTimeout(180_000);

const latestRun = async (page: Page) => (await readJson<{ results: Run[] }>(page.request, "runs/?project=demo&page_size=1")).results[0];

/** What the socket of the page brings, from now on. */
function hear(page: Page): Event[] {
  const heard: Event[] = [];
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => heard.push(JSON.parse(String(payload)) as Event)));
  return heard;
}

/** Every state that the panel of the latest run goes through, however shortly it shows. */
async function watchPanel(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen = new Set<string>();
    const look = () => {
      const panel = document.querySelector("[aria-label='Live run'], [aria-label='Latest run']");
      if (!panel) return;
      const stages = [...panel.querySelectorAll("[role=progressbar]")].map((bar) => bar.getAttribute("aria-valuenow") ?? "?");
      seen.add(`${panel.getAttribute("aria-label")} ${panel.querySelector("a[href*='/runs/']")?.textContent} ${stages.join(" ")}`);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    Object.assign(window, { seenStates: seen });
  });
  return () => page.evaluate(() => [...(window as unknown as { seenStates: Set<string> }).seenStates]);
}

async function expectSucceeded(page: Page, run: number): Promise<void> {
  const panel = page.getByRole("region", { name: "Latest run" });
  await expect(panel.getByRole("link", { name: `Run ${run}`, exact: true })).toBeVisible({ timeout: 120_000 });
  await expect(panel.getByText("Succeeded", { exact: true })).toBeVisible({ timeout: 120_000 });
}

test("a run asked for on the dashboard goes through the worker and is followed to its end", async ({ page }) => {
  const heard = hear(page);
  const before = await latestRun(page);
  await page.goto(`${PROJECT}/overview`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const states = await watchPanel(page);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Run the pipeline" });
  await dialog.getByLabel("Do again").selectOption({ label: "Scoring" });
  await dialog.getByLabel("For leads collected since").fill("2020-01-01");
  await dialog.getByRole("button", { name: "Start run" }).click();
  await expect(dialog).toBeHidden();
  const id = (before?.id ?? 0) + 1;
  await expectSucceeded(page, id);
  expect((await states()).some((state) => state.startsWith(`Live run Run ${id} `))).toBe(true);
  expect(heard.some((event) => event.run === id && event.type === "pipeline_progress" && event.stage === "score")).toBe(true);
  const run = await readJson<Run>(page.request, `runs/${id}/`);
  expect(run).toMatchObject({ status: "succeeded", requested_by: "operator" });
  expect(run.stages.score?.done).toBeGreaterThan(200);
});

test("a run of another process shows its progress while it goes on", async ({ page }) => {
  const heard = hear(page);
  const id = ((await latestRun(page))?.id ?? 0) + 1;
  await page.goto(`${PROJECT}/overview`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expectLoaded(page);
  const states = await watchPanel(page);
  const finished = manage(...AGAIN);
  await expect(page.getByRole("region", { name: "Live run" }).getByRole("link", { name: `Run ${id}`, exact: true })).toBeVisible({ timeout: 60_000 });
  await finished;
  await expectSucceeded(page, id);
  const shown = (await states()).filter((state) => state.startsWith(`Live run Run ${id} `));
  expect(new Set(shown).size, `progress shown: ${shown.join(", ")}`).toBeGreaterThan(2);
  const numbers = heard.filter((event) => event.run === id).map(({ seq }) => seq);
  expect(numbers.length).toBeGreaterThan(2);
  expect(numbers, "each event once, in order").toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
});

test("what happens while the socket is cut appears after it is back, without a reload", async ({ page }) => {
  const addresses: string[] = [];
  const open = new Set<WebSocketRoute>();
  let cut = false;
  await page.routeWebSocket(/\/ws\/pipeline/, (socket) => {
    if (cut) return void socket.close({ code: 3001 });
    addresses.push(socket.url());
    socket.connectToServer();
    open.add(socket);
  });
  const id = ((await latestRun(page))?.id ?? 0) + 1;
  await page.goto(`${PROJECT}/overview`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();

  // One event has to be heard, so that there is a number to go on from.
  await decideOne(page);
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  cut = true;
  await Promise.all([...open].map((socket) => socket.close({ code: 3001 })));
  await expect(page.getByText("Reconnecting…")).toBeVisible();
  await manage(...AGAIN);
  await expect(page.getByRole("link", { name: `Run ${id}`, exact: true })).toHaveCount(0);

  cut = false;
  await expect(page.getByText("Live", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expectSucceeded(page, id);
  await expect(page.getByRole("region", { name: "Activity of the run" })).toContainText(/Score: \d+ of \d+/);
  expect(addresses.at(-1)).toMatch(/[?&]after=\d+/);
  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
});

/** Approve the best draft by the API, and see the overview hear of it. */
async function decideOne(page: Page): Promise<void> {
  const { results } = await readJson<{ results: { id: number }[] }>(page.request, "queue/?project=demo&page_size=1");
  const { approved } = await readJson<{ approved: number }>(page.request, "stats/?project=demo");
  const { csrf_token } = await readJson<{ csrf_token: string }>(page.request, "auth/csrf/");
  const read = page.waitForResponse(async (answer) => answer.url().includes("/api/stats/?") && ((await answer.json()) as { approved: number }).approved === approved + 1);
  const answer = await page.request.post(`/api/queue/${results[0]?.id}/approve/`, { headers: { "X-CSRFToken": csrf_token }, data: {} });
  expect(answer.status()).toBe(200);
  await read;
}
