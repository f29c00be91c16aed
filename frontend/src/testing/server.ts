import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { aHold, aPage, aSendPreview } from "./samples";

/** What is asked on every page, or beside every queue: no account and no sending pauses, nothing waits to be sent, and
 * nobody else has a draft open, unless a test says so.
 */
export const server = setupServer(
  http.get("/api/connectors/accounts/", () => HttpResponse.json(aPage([]))),
  http.get("/api/queue/pauses/", () => HttpResponse.json({ results: [] })),
  http.get("/api/queue/send-preview/", () => HttpResponse.json(aSendPreview())),
  http.post("/api/queue/:id/hold/", () => HttpResponse.json(aHold("rita"))),
  http.get("/api/auth/csrf/", () => HttpResponse.json({ csrf_token: "token-1" })), // for what a page says as it goes
  http.delete("/api/queue/:id/hold/", () => new HttpResponse(null, { status: 204 })),
);

/** Requests that met no handler; each test must leave this empty. */
export const unhandled: string[] = [];
