import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { advance } from "@/api/live-caches";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { anEvent, aPage, aRun } from "@/testing/samples";
import { server } from "@/testing/server";

describe("the runs", () => {
  it("are listed with what their stages did", async () => {
    const stages = { collect: { done: 120, failed: 0, skipped: 4, seconds: 2, problems: [], queries: {}, reasons: {}, figures: {}, notes: [] }, judge: { done: 100, failed: 3, skipped: 0, seconds: 9, problems: ["3 leads: the model did not answer."], queries: {}, reasons: {}, figures: {}, notes: [] } };
    server.use(http.get("/api/runs/", () => HttpResponse.json(aPage([aRun(7, { status: "partial", stages })]))), ...frame());
    renderApp("/p/demo/runs");
    const row = within(await screen.findByRole("list", { name: "Runs" })).getByRole("link");
    expect(row).toHaveTextContent("Partial");
    expect(row).toHaveTextContent("Collect 120 · judge 100 (3 failed)");
    expect(row).toHaveAttribute("href", "/p/demo/runs/7");
  });

  it("say when there is none yet", async () => {
    server.use(...frame("viewer"));
    renderApp("/p/demo/runs");
    expect(await screen.findByRole("heading", { name: "No run yet" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Run" })).not.toBeInTheDocument();
  });
});

describe("one run", () => {
  it("says how many leads went no further, and why", async () => {
    const counts = { done: 5, failed: 0, seconds: 1, problems: [], queries: {}, figures: {}, notes: [] };
    const stages = {
      normalize: { ...counts, skipped: 1230, reasons: { language: 30, copy: 1200 } },
      judge: { ...counts, skipped: 0, reasons: { excluded_keyword: 2 } },
    };
    server.use(
      ...frame(),
      http.get("/api/runs/7/", () => HttpResponse.json(aRun(7, { status: "succeeded", stages }))),
      http.get("/api/runs/7/events/", () => HttpResponse.json({ ...aPage([]), more: false })),
    );
    renderApp("/p/demo/runs/7");
    await screen.findByText("Filtered out");
    const told = ["Copies of another lead", "Another language", "Excluded keyword"].map((label) => screen.getByText(label).nextElementSibling?.textContent);
    expect(told).toEqual(["1,200", "30", "2"]);
  });

  it("shows its stages, options and what happened", async () => {
    const run = aRun(7, { status: "succeeded", options: { limit: 20, stages: ["judge"] }, stages: { judge: { done: 20, failed: 0, skipped: 0, seconds: 4, problems: ["One post could not be read."], queries: {}, reasons: {}, figures: { decided_locally: 7 }, notes: ["local/default decided 7 of 20 posts <b>by itself</b>."] } } });
    server.use(
      ...frame(),
      http.get("/api/runs/7/", () => HttpResponse.json(run)),
      http.get("/api/runs/7/events/", () => HttpResponse.json(aPage([anEvent(1, { run: 7, type: "run_finished", detail: { status: "succeeded" } })]))),
    );
    renderApp("/p/demo/runs/7");
    expect(await screen.findByText("Only judge; at most 20 leads per stage")).toBeVisible();
    expect(screen.getByRole("progressbar", { name: "Judge progress" })).toHaveAttribute("aria-valuenow", "100");
    expect(screen.queryByRole("progressbar", { name: "Collect progress" })).not.toBeInTheDocument();
    expect(await screen.findByText("Run 7 succeeded")).toBeVisible();
    expect(screen.getByRole("region", { name: "Problems" })).toHaveTextContent("JudgeOne post could not be read.");
    expect(screen.getByRole("region", { name: "How it went" })).toHaveTextContent("Judgelocal/default decided 7 of 20 posts <b>by itself</b>.");
  });

  it("shows how far each query is, and goes on with what events tell", async () => {
    const told = { platform: "x", posts: 200, pages: 2, detail: "", until: null };
    const queries = { "asks for help": { ...told, state: "waiting" as const, detail: "X asks to wait.", until: "2026-11-23T12:00:00Z" }, invoices: { ...told, state: "done" as const } };
    const run = aRun(7, { status: "running", stages: { collect: { done: 400, failed: 0, skipped: 0, seconds: 2, problems: [], queries, reasons: {}, figures: {}, notes: [] } } });
    server.use(
      ...frame(),
      http.get("/api/runs/7/", () => HttpResponse.json(run)),
      http.get("/api/runs/7/events/", () => HttpResponse.json(aPage([]))),
    );
    renderApp("/p/demo/runs/7");
    const [waiting, done] = within(await screen.findByRole("region", { name: "Queries" })).getAllByRole("listitem");
    expect(waiting).toHaveTextContent(/asks for help.*x · 200 posts.*Waiting.*X asks to wait\. Asked again at/);
    expect(done).toHaveTextContent(/invoices.*Done/);
    const event = anEvent(2, { run: 7, type: "pipeline_progress", stage: "collect", detail: { done: 420, query: { ...told, label: "asks for help", posts: 220, state: "done" } } });
    expect(advance(run, event).stages.collect?.queries).toEqual({ ...queries, "asks for help": { ...told, posts: 220, state: "done" } });
  });

  it("shows no query as being read when the run has ended", async () => {
    const waiting = { platform: "x", posts: 2, pages: 1, state: "waiting" as const, detail: "X asks to wait.", until: "2026-11-23T12:00:00Z" };
    const collect = { done: 2, failed: 0, skipped: 0, seconds: 2, problems: [], queries: { invoices: waiting }, reasons: {}, figures: {}, notes: [] };
    server.use(
      ...frame(),
      http.get("/api/runs/7/", () => HttpResponse.json(aRun(7, { status: "cancelled", stages: { collect } }))),
      http.get("/api/runs/7/events/", () => HttpResponse.json(aPage([]))),
    );
    renderApp("/p/demo/runs/7");
    const query = within(await screen.findByRole("region", { name: "Queries" })).getByRole("listitem");
    expect(query).toHaveTextContent(/Not finished/);
    expect(query).not.toHaveTextContent(/Asked again/);
  });

  it.each(["failed", "partial", "cancelled"] as const)("that ended %s can be tried again, and the new one opens", async (status) => {
    const runs = [aRun(7, { status }), aRun(8, { status: "queued", started_at: null })];
    server.use(
      ...frame(),
      http.get("/api/runs/:id/", ({ params }) => HttpResponse.json(runs.find(({ id }) => String(id) === params.id))),
      http.get("/api/runs/:id/events/", () => HttpResponse.json({ ...aPage([]), more: false })),
      http.post("/api/runs/7/retry/", () => HttpResponse.json(runs[1], { status: 201 })),
    );
    const { router, user } = renderApp("/p/demo/runs/7");
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/p/demo/runs/8"));
    expect(await screen.findByRole("button", { name: "Cancel run" })).toBeVisible();
  });

  it("cannot be tried again while another is live: the refusal is told", async () => {
    server.use(
      ...frame(),
      http.get("/api/runs/7/", () => HttpResponse.json(aRun(7, { status: "failed" }))),
      http.get("/api/runs/7/events/", () => HttpResponse.json({ ...aPage([]), more: false })),
      http.post("/api/runs/7/retry/", () => refuse(409, "Run 9 of this project is still live.")),
    );
    const { user } = renderApp("/p/demo/runs/7");
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Run 9 of this project is still live.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Try again" })).toBeEnabled();
  });

  it.each([
    { role: "viewer", status: "failed" },
    { role: "reviewer", status: "succeeded" },
    { role: "reviewer", status: "running" },
  ] as const)("that is $status offers a $role no second try", async ({ role, status }) => {
    server.use(
      ...frame(role),
      http.get("/api/runs/7/", () => HttpResponse.json(aRun(7, { status }))),
      http.get("/api/runs/7/events/", () => HttpResponse.json({ ...aPage([]), more: false })),
    );
    renderApp("/p/demo/runs/7");
    expect(await screen.findByText("Nothing has happened yet.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
  });

  it("that is not there says so", async () => {
    server.use(
      ...frame(),
      http.get("/api/runs/8/", () => refuse(404, "No such run.")),
      http.get("/api/runs/8/events/", () => refuse(404, "No such run.")),
    );
    renderApp("/p/demo/runs/8");
    expect(await screen.findByRole("alert")).toHaveTextContent("Not found");
  });
});
