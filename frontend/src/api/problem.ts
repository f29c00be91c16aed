import type { components } from "./schema";

type ProblemBody = components["schemas"]["Problem"];

/** What the server refused, or why it was not reached (status 0). `message` is a sentence for people. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly type: string;
  readonly retryAfter: number | null;

  constructor(given: Partial<ProblemBody> & { status: number; retryAfter?: number | null }) {
    super(given.detail || given.title || "Something went wrong.");
    this.name = "Problem";
    this.status = given.status;
    this.title = given.title ?? "";
    this.type = given.type ?? "";
    this.retryAfter = given.retryAfter ?? null;
  }
}

export async function toProblem(response: Response): Promise<Problem> {
  const given = await response
    .clone()
    .json()
    .catch(() => null);
  const header = Number(response.headers.get("Retry-After"));
  const retryAfter = header > 0 ? header : null;
  const fallback = `The server answered with ${response.status}.`;
  return new Problem({ detail: fallback, ...asObject(given), status: response.status, retryAfter });
}

function asObject(value: unknown): Partial<ProblemBody> {
  return typeof value === "object" && value !== null ? value : {};
}

export function statusOf(error: unknown): number {
  return error instanceof Problem ? error.status : 0;
}

/** A sentence for people, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Problem ? error.message : "The server cannot be reached. Check your connection and try again.";
}
