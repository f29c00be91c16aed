import { expect, it } from "vitest";
import { safeNext } from "./safe-next";

it("goes back to a page of our own, with its filters", () => {
  expect(safeNext("/p/demo/leads?label=maybe")).toBe("/p/demo/leads?label=maybe");
});

it.each([null, "", "https://evil.example/", "//evil.example/x", "/\\evil.example", "javascript:alert(1)", "p/demo", "/sign-in"])("goes to the start for %s", (next) => {
  expect(safeNext(next)).toBe("/");
});
