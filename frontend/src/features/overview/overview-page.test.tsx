import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import type { LiveEvent, Role, Run } from "@/api/types";
import { FakeSocket } from "@/testing/fake-socket";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { anEvent, aPage, aRun, someStats } from "@/testing/samples";
import { server } from "@/testing/server";

function serveOverview({ role = "reviewer", runs = [], events = [] }: { role?: Role; runs?: Run[]; events?: LiveEvent[] }) {
  server.use(
    http.get("/api/stats/timeline/", () => HttpResponse.json({ results: [{ date: "2026-11-20", collected: 12, relevant: 4, drafted: 2, approved: 1, rejected: 0 }] })),
    http.get("/api/runs/", () => HttpResponse.json(aPage(runs))),
    http.get("/api/runs/:id/events/", () => HttpResponse.json(aPage(events))),
    ...frame(role),
  );
}

const panel = (name: string) => screen.findByRole("region", { name });

describe("the overview", () => {
  it("counts the funnel from collected to decided", async () => {
    serveOverview({});
    renderApp("/p/demo/overview");
    const rows = within(await panel("Funnel")).getAllByRole("link");
    await waitFor(() => expect(rows.at(-1)).toHaveTextContent("17"));
    expect(rows.map((row) => row.textContent)).toEqual([
      "Collectedall leads120100%",
      "Normalizedpassed the filters10083%",
      "Judgedhave a label10083%",
      "Relevantpeople who ask for it4033%",
      "Scoredhave a score10083%",
      "Draftedhave a reply2521%",
      "Decidedapproved or rejected1714%",
    ]);
  });

  it("says what needs me: drafts, and a run that failed", async () => {
    serveOverview({ runs: [aRun(4, { status: "failed", error: "The platform did not answer." })] });
    renderApp("/p/demo/overview");
    const needs = within(await panel("What needs you"));
    expect(await needs.findByRole("link", { name: /3 drafts wait for review/ })).toHaveAttribute("href", "/p/demo/queue");
    expect(await needs.findByRole("link", { name: /Run 4 failed/ })).toHaveAttribute("href", "/p/demo/runs/4");
  });

  it("counts what came of what was sent, and says when too many said no", async () => {
    serveOverview({});
    const share = { sent: 20, negative: 2 };
    const types = [
      { type: "reply_received", count: 6, replies: 5 },
      { type: "booking", count: 0, replies: 0 },
    ];
    server.use(
      http.get("/api/stats/", () => HttpResponse.json(someStats({ sent: 20 }))),
      http.get("/api/stats/outcomes/", () => HttpResponse.json({ days: 30, sent: 20, types, platforms: [], share, above_limit: true })),
    );
    renderApp("/p/demo/overview");
    const outcomes = within(await panel("Outcomes"));
    expect(await outcomes.findByRole("row", { name: "Replies 6 25%" })).toBeVisible();
    expect(outcomes.getByText(/2 replies of 20 met with a no/)).toBeVisible();
  });

  it("offers a viewer no run", async () => {
    serveOverview({ role: "viewer" });
    renderApp("/p/demo/overview");
    await screen.findByRole("heading", { name: "No run yet" });
    expect(screen.queryByRole("button", { name: /^Run/ })).not.toBeInTheDocument();
  });

  it("shows a failure with a way to try again", async () => {
    serveOverview({});
    server.use(http.get("/api/stats/", () => refuse(400, "Name the project.")));
    renderApp("/p/demo/overview");
    expect(await screen.findByText("Name the project.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  });
});

describe("a live run", () => {
  it("follows the socket stage by stage, and its end refreshes the counts", async () => {
    serveOverview({ runs: [aRun(1)], events: [anEvent(1, { detail: { status: "running" } })] });
    renderApp("/p/demo/overview");
    const run = within(await panel("Live run"));
    FakeSocket.last.open();
    FakeSocket.last.say(anEvent(2, { stage: "judge", done: 30, total: 60, progress: 0.5, detail: { done: 29, failed: 1, skipped: 0 } }));
    await waitFor(() => expect(run.getByRole("progressbar", { name: "Judge progress" })).toHaveAttribute("aria-valuenow", "50"));
    expect(run.getByText("1 failed", { exact: false })).toBeVisible();
    expect(run.getByText("Judge: 30 of 60, 1 failed")).toBeVisible();

    server.use(
      http.get("/api/stats/", () => HttpResponse.json(someStats({ collected: 999 }))),
      http.get("/api/runs/", () => HttpResponse.json(aPage([aRun(1, { status: "succeeded", finished_at: "2026-11-20T12:01:00Z" })]))),
      http.get("/api/runs/1/", () => HttpResponse.json(aRun(1, { status: "succeeded" }))),
    );
    FakeSocket.last.say(anEvent(3, { type: "run_finished", detail: { status: "succeeded", stages: {} } }));
    expect(await panel("Latest run")).toHaveTextContent("Succeeded");
    await waitFor(() => expect(screen.getByRole("list", { name: "Counts" })).toHaveTextContent("999"));
  });

  it("can be cancelled by a reviewer", async () => {
    serveOverview({ runs: [aRun(1)] });
    let cancelled = false;
    server.use(
      http.post("/api/runs/1/cancel/", () => {
        cancelled = true;
        return HttpResponse.json(aRun(1));
      }),
    );
    const { user } = renderApp("/p/demo/overview");
    await user.click(await screen.findByRole("button", { name: "Cancel run" }));
    await waitFor(() => expect(cancelled).toBe(true));
    expect(await screen.findByRole("button", { name: "Stopping…" })).toBeDisabled();
  });
});

describe("starting a run", () => {
  it("sends the stages and the limit that were chosen", async () => {
    serveOverview({});
    let sent: unknown;
    server.use(
      http.post("/api/runs/", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(aRun(5, { status: "queued" }), { status: 201 });
      }),
    );
    const { user } = renderApp("/p/demo/overview");
    await user.click(await screen.findByRole("button", { name: "Run" }));
    const dialog = within(screen.getByRole("dialog", { name: "Run the pipeline" }));
    await user.click(dialog.getByRole("checkbox", { name: "Draft" }));
    await user.type(dialog.getByLabelText("At most, per stage"), "20");
    await user.click(dialog.getByRole("button", { name: "Start run" }));
    await waitFor(() => expect(sent).toEqual({ project: "demo", stages: ["collect", "normalize", "judge", "score", "notify"], limit: 20 }));
    expect(await screen.findByText("Run 5 is queued. A worker takes it up.")).toBeVisible();
  });

  it("shows in the dialog that another run is live", async () => {
    serveOverview({});
    server.use(http.post("/api/runs/", () => refuse(409, "Run 3 of 'demo' is live.")));
    const { user } = renderApp("/p/demo/overview");
    await user.click(await screen.findByRole("button", { name: "Run" }));
    await user.click(screen.getByRole("button", { name: "Start run" }));
    expect(await within(screen.getByRole("dialog")).findByRole("alert")).toHaveTextContent("Run 3 of 'demo' is live.");
  });
});
