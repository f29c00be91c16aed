import createClient, { type Middleware } from "openapi-fetch";
import { toProblem } from "./problem";
import type { paths } from "./schema";

/** The one client. Every answer that is not a success becomes a thrown Problem. */
export const client = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "/" : location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json" },
  fetch: (request) => globalThis.fetch(request),
});

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

function csrfCookie(): string | undefined {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
}

/** The token of the cookie, asking for one first when there is none (it changes at sign-in, so it is never kept). */
async function csrfToken(): Promise<string> {
  const present = csrfCookie();
  if (present) return present;
  const { data } = await client.GET("/api/auth/csrf/");
  return data?.csrf_token ?? "";
}

const guard: Middleware = {
  async onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set("X-CSRFToken", await csrfToken());
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await toProblem(response);
  },
};

client.use(guard);

/** The body of a successful answer; openapi-fetch types it as possibly absent, the guard above has thrown by then. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  return data as T;
}
