import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { JudgmentView } from "./judgment-view";

const HOSTILE = [
  "<script>document.title = 'taken'</script>",
  "<img src=x onerror=\"document.title = 'taken'\">",
  "[click](javascript:alert(1)) ![x](https://evil.example/x.png) **bold** `code`",
  "</p></div><h1>Label: relevant</h1>",
  "{{ 7 * 7 }} ${7 * 7} &lt;b&gt;",
];

it.each(HOSTILE)("shows a reasoning as text, whatever it holds: %s", (reasoning) => {
  const { container } = render(<JudgmentView judgment={{ model: reasoning, label: "relevant", confidence: 0.5, reasoning }} />);
  expect(container.querySelector("p")?.textContent).toBe(reasoning);
  expect(container.querySelectorAll("script, img, a, h1, b, strong, code")).toHaveLength(0);
  expect(document.title).not.toBe("taken");
});
