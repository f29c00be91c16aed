import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { aPage } from "./samples";

/** Whoever operates a project is told on every page which of its accounts pause: none, unless a test says so. */
export const server = setupServer(http.get("/api/connectors/accounts/", () => HttpResponse.json(aPage([]))));

/** Requests that met no handler; each test must leave this empty. */
export const unhandled: string[] = [];
