import { expect, it } from "vitest";
import written from "./lengths.json?raw";
import { lengthOn } from "./length";

const KNOWN = JSON.parse(written) as [string, string, number][];

it.each(KNOWN)("on %s, %j is %i long", (platform, text, length) => {
  expect(lengthOn(platform, text)).toBe(length);
});
