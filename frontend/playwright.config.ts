import { defineConfig, devices } from "@playwright/test";

/** Started by scripts/e2e.mjs, which brings the server up on data of its own. Tests share that data: one worker, in order. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0, // tests count decisions, so a second try on used data could not be right
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    baseURL: process.env.BASE_URL,
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
  projects: [
    { name: "sign in", testMatch: "people.setup.ts" },
    { name: "dashboard", testMatch: "*.spec.ts", dependencies: ["sign in"] },
  ],
});
