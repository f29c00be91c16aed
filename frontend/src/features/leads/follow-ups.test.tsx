import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";
import type { Plan, Role, Sequence, SequenceStep } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aDraft, aLead, aLeadDetail, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

const STEP: SequenceStep = { number: 1, kind: "follow_up", wait_days: 3, due_at: "2026-11-27T09:00:00Z", draft: null, status: null, sent_at: null, error: "" };
const SEQUENCE: Sequence = {
  id: 4,
  lead: 1,
  plan: "full",
  started_by: "rita",
  started_at: "2026-11-24T09:00:00Z",
  ended_at: null,
  ended_by: null,
  exit: "",
  steps: [
    { ...STEP, draft: 9, status: "sent", due_at: null, sent_at: "2026-11-20T12:00:00Z" },
    { ...STEP, number: 2 },
    { ...STEP, number: 3, wait_days: 14, due_at: null },
  ],
};
const PLAN: Plan = { name: "full", title: "Full", description: "Three follow-ups.", is_message: false, steps: [] };

function serve(sequences: () => Sequence[], role: Role = "reviewer") {
  server.use(
    ...frame(role),
    http.get("/api/leads/", () => HttpResponse.json(aPage([aLead(1)]))),
    http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { sequences: sequences(), drafts: [aDraft(1, { status: "sent" })] }))),
    http.get("/api/sequences/plans/", () => HttpResponse.json({ results: [PLAN] })),
  );
}

const section = () => screen.findByRole("region", { name: "Follow-up" });

it("puts a lead into a sequence, shows its steps, and stops it", async () => {
  let sequences: Sequence[] = [];
  serve(() => sequences);
  const bodies: unknown[] = [];
  server.use(
    http.post("/api/leads/1/sequence/", async ({ request }) => {
      bodies.push(await request.json());
      sequences = [SEQUENCE];
      return HttpResponse.json(SEQUENCE, { status: 201 });
    }),
    http.post("/api/sequences/4/stop/", () => {
      sequences = [{ ...SEQUENCE, ended_at: "2026-11-24T10:00:00Z", ended_by: "rita", exit: "stopped" }];
      return HttpResponse.json(sequences[0]);
    }),
  );
  const { user } = renderApp("/p/demo/leads?lead=1");
  await user.click(within(await section()).getByRole("button", { name: "Follow up…" }));
  await user.click(await screen.findByRole("button", { name: /Full/ }));

  expect(await screen.findByText("under way, chosen by rita")).toBeVisible();
  expect(bodies).toEqual([{ plan: "full" }]);
  const steps = within(await section()).getAllByRole("listitem");
  expect(steps.map((step) => step.textContent)).toEqual([expect.stringMatching(/1\. Follow-up.*Sent/), expect.stringMatching(/2\. Follow-updue /), "3. Follow-up14 days after what is before it has left"]);

  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(await screen.findByText("over: stopped by rita")).toBeVisible();
  expect(await screen.findByRole("button", { name: "Follow up…" })).toBeVisible();
});

it("says why a lead cannot be followed up", async () => {
  serve(() => []);
  server.use(http.post("/api/leads/1/sequence/", () => refuse(409, "They have answered: follow-ups end there.")));
  const { user } = renderApp("/p/demo/leads?lead=1");
  await user.click(within(await section()).getByRole("button", { name: "Follow up…" }));
  await user.click(await screen.findByRole("button", { name: /Full/ }));
  expect(await screen.findByText(/They have answered/)).toBeVisible();
});

it("shows viewers the steps, and nothing to press", async () => {
  serve(() => [SEQUENCE], "viewer");
  renderApp("/p/demo/leads?lead=1");
  expect(within(await section()).queryByRole("button")).toBeNull();
});

it("marks a draft that is a step", async () => {
  server.use(
    ...frame("reviewer"),
    http.get("/api/queue/", () => HttpResponse.json(aPage([aDraft(1, { touch: { kind: "follow_up", number: 2, of: 3, sequence: 4, plan: "full" } })]))),
  );
  renderApp("/p/demo/queue");
  expect(await screen.findAllByText("Follow-up 2 of 3")).toHaveLength(2);
});
