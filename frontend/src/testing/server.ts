import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { aPage, aSendPreview } from "./samples";

/** What is asked on every page, or beside every queue: no account and no sending pauses, and nothing waits to be sent,
 * unless a test says so.
 */
export const server = setupServer(
  http.get("/api/connectors/accounts/", () => HttpResponse.json(aPage([]))),
  http.get("/api/queue/pauses/", () => HttpResponse.json({ results: [] })),
  http.get("/api/queue/send-preview/", () => HttpResponse.json(aSendPreview())),
);

/** Requests that met no handler; each test must leave this empty. */
export const unhandled: string[] = [];
