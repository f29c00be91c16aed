import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type APIRequestContext, test as base, expect, type Page } from "@playwright/test";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PYTHON = join(ROOT, ".venv", "bin", "python");
const MANAGE = join(ROOT, "manage.py");

export const PROJECT = "/p/demo";

export type Person = "operator" | "reviewer" | "viewer";

/** A command of the server, in a process of its own on the same data. */
export async function manage(...command: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(PYTHON, [MANAGE, ...command], { env: process.env });
  return stdout;
}

export function passwordOf(person: Person): string {
  if (person === "viewer") return "only-looks-around";
  const password = process.env[`${person.toUpperCase()}_PASSWORD`];
  if (!password) throw new Error("Start these tests with `npm run e2e`: it brings the server up and knows the passwords.");
  return password;
}

/** Where the session of somebody who is signed in is kept. */
export function sessionOf(person: Person): string {
  const folder = process.env.SIGNALOPS_DATA_DIR;
  if (!folder) throw new Error("SIGNALOPS_DATA_DIR has to name the server's data folder.");
  return join(folder, "sessions", `${person}.json`);
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel("User name").fill(person);
  await page.getByLabel("Password", { exact: true }).fill(passwordOf(person));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** The page's own data is on screen, nothing is a grey bar any more. */
export async function expectLoaded(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
  await expect(page.getByRole("status").filter({ hasText: /Loading/ })).toHaveCount(0);
}

export async function readJson<T>(request: APIRequestContext, path: string): Promise<T> {
  const answer = await request.get(`/api/${path}`);
  expect(answer.status(), path).toBe(200);
  return (await answer.json()) as T;
}

interface Watch {
  /** Complaints of the browser that a test brings about on purpose. */
  expected: RegExp | null;
}

/** Every test also fails when the browser complains: an error in the console, an uncaught exception, an alert. */
export const test = base.extend<Watch>({
  expected: [null, { option: true }],
  page: async ({ page, expected }, provide) => {
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => {
      complaints.push(`${dialog.type()}: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await provide(page);
    expect(complaints.filter((complaint) => !expected?.test(complaint))).toEqual([]);
  },
});

export { expect };
