import { describe, expect, it } from "vitest";
import { type DiffPart, diffWords, tokenize } from "./diff";

const before = (parts: DiffPart[]) => parts.filter((part) => part.kind !== "added").map((part) => part.text).join("");
const after = (parts: DiffPart[]) => parts.filter((part) => part.kind !== "removed").map((part) => part.text).join("");

describe("diffWords", () => {
  it("finds no change between equal texts", () => {
    expect(diffWords("same words", "same words")).toEqual([{ kind: "same", text: "same words" }]);
  });

  it("marks one replaced word and leaves its neighbours alone", () => {
    expect(diffWords("a good tool", "a great tool")).toEqual([
      { kind: "same", text: "a " },
      { kind: "removed", text: "good" },
      { kind: "added", text: "great" },
      { kind: "same", text: " tool" },
    ]);
  });

  it("keeps a replaced phrase in one piece", () => {
    const parts = diffWords("we really love it", "they hardly use it");
    expect(parts.map((part) => part.kind)).toEqual(["removed", "added", "same"]);
  });

  it("marks what was added at the end and removed at the start", () => {
    expect(diffWords("Hi there", "Hi there, friend").at(-1)).toEqual({ kind: "added", text: ", friend" });
    expect(diffWords("Well, hello", "hello")[0]).toEqual({ kind: "removed", text: "Well, " });
  });

  it("treats an empty side as all added or all removed", () => {
    expect(diffWords("", "new")).toEqual([{ kind: "added", text: "new" }]);
    expect(diffWords("old", "")).toEqual([{ kind: "removed", text: "old" }]);
    expect(diffWords("", "")).toEqual([]);
  });

  it("gives both texts back, whatever they are", () => {
    const words = ["a", "b", "c", " ", "\n", "é", "👍", ",", "word", "don't"];
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const text = () => Array.from({ length: Math.floor(random() * 14) }, () => words[Math.floor(random() * words.length)]).join("");
    for (let round = 0; round < 300; round += 1) {
      const [old, next] = [text(), text()];
      const parts = diffWords(old, next);
      expect([before(parts), after(parts)]).toEqual([old, next]);
    }
  });
});

describe("tokenize", () => {
  it("splits into words, white space and punctuation that join to the text", () => {
    expect(tokenize("Don't stop, Zoë!")).toEqual(["Don't", " ", "stop", ",", " ", "Zoë", "!"]);
  });
});
