import { expect, it } from "vitest";
import { webAddress } from "./safe-link";

it("takes web addresses and nothing else for a link", () => {
  expect(webAddress("https://sample.example/p/1")).toBe("https://sample.example/p/1");
  for (const address of ["javascript:alert(1)", "data:text/html,x", "/relative", "", null]) expect(webAddress(address)).toBeNull();
});
