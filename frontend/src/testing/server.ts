import { setupServer } from "msw/node";

export const server = setupServer();

/** Requests that met no handler; each test must leave this empty. */
export const unhandled: string[] = [];
