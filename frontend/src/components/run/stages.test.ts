import { describe, expect, it } from "vitest";
import { anEvent, aRun } from "@/testing/samples";
import { viewStages } from "./stages";

const judge = { done: 5, failed: 0, skipped: 0, seconds: 1, problems: [], queries: {}, reasons: {}, figures: {}, notes: [] };
const states = (...args: Parameters<typeof viewStages>) => Object.fromEntries(viewStages(...args).map((stage) => [stage.name, stage.state]));

describe("stages on screen", () => {
  it("of a queued run all wait", () => {
    expect(new Set(Object.values(states(aRun(1, { status: "queued" }), [])))).toEqual(new Set(["waiting"]));
  });

  it("the furthest is at work, those before it are finished", () => {
    const run = aRun(1, { stages: { collect: judge, normalize: judge, judge } });
    expect(states(run, [])).toMatchObject({ collect: "finished", normalize: "finished", judge: "working", score: "waiting" });
  });

  it("the one after a stage that is through is next, as long as the run lives", () => {
    const stages = { collect: judge, normalize: judge };
    const through = [anEvent(1, { stage: "normalize", done: 0, total: 0 })];
    expect(states(aRun(1, { stages }), through)).toMatchObject({ normalize: "finished", judge: "next", score: "waiting" });
    expect(states(aRun(1, { stages, status: "failed" }), through)).toMatchObject({ normalize: "finished", judge: "waiting" });
  });

  it("of an ended run none is at work", () => {
    expect(states(aRun(1, { status: "cancelled", stages: { judge } }), [])).toMatchObject({ judge: "finished", score: "waiting" });
  });

  it("take their share from the latest event of this run only", () => {
    const run = aRun(1, { stages: { judge } });
    const events = [
      anEvent(1, { stage: "judge", done: 1, total: 5, progress: 0.2 }),
      anEvent(2, { stage: "judge", done: 2, total: 5, progress: 0.4 }),
      anEvent(3, { stage: "judge", done: 9, total: 10, progress: 0.9, run: 2 }),
    ];
    expect(viewStages(run, events).find((stage) => stage.name === "judge")?.progress).toBe(0.4);
  });

  it("show only what was asked for, and a stage that an extension added", () => {
    const run = aRun(1, { options: { stages: ["draft", "enrich"] } });
    expect(viewStages(run, []).map((stage) => stage.name)).toEqual(["draft", "enrich"]);
  });
});
