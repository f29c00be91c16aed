import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { LeadDetail, Outcome, Role } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aLead, aLeadDetail, anOutcome, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

const SENT = [
  {
    id: 7,
    status: "sent",
    text: "Try it.",
    text_generated: "Try it.",
    reviewer: "remy",
    created_at: "2026-11-20T12:00:00Z",
    decided_at: "2026-11-20T12:00:00Z",
    reject_reason: "",
    better_text: "",
    touch: null,
    delivery: { id: 3, status: "sent", mode: "api", kind: "reply", queued_by: "remy", queued_at: "2026-11-20T12:00:00Z", due_at: "2026-11-20T12:00:00Z", claimed_at: null, sent_at: "2026-11-20T12:00:00Z", attempts: 1, url: "", error: "" },
  },
] as unknown as LeadDetail["drafts"];
const told: unknown[] = [];

function serve(outcomes: Outcome[], role: Role = "reviewer", drafts = SENT) {
  server.use(
    ...frame(role),
    http.get("/api/leads/", () => HttpResponse.json(aPage([aLead(1)]))),
    http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { drafts }))),
    http.get("/api/leads/1/outcomes/", () => HttpResponse.json({ may_record: true, results: outcomes })),
    http.post("/api/leads/1/outcomes/", async ({ request }) => {
      told.push(await request.json());
      return HttpResponse.json(anOutcome(9), { status: 201 });
    }),
    http.post("/api/outcomes/:id/withdraw/", ({ params }) => {
      told.push(params.id);
      return HttpResponse.json(anOutcome(1));
    }),
  );
}

const section = async () => within(await screen.findByRole("region", { name: "Outcomes" }));

beforeEach(() => {
  told.length = 0;
});

describe("the outcomes of a lead", () => {
  it("say what came, how often, from whom and what an answer says to us", async () => {
    serve([
      anOutcome(3, { type: "negative", rule: "stop", reference: "a-1" }),
      anOutcome(2, { type: "reply_received", reference: "a-1", by_author: true, url: "https://posts.example/a-1" }),
      anOutcome(1, { type: "like_received", count: 3, simulated: true, withdrawn_at: "2026-11-21T12:00:00Z", withdrawn_by: "remy" }),
    ]);
    renderApp("/p/demo/leads?lead=1");
    const outcomes = await section();
    const rows = await outcomes.findAllByRole("listitem");
    const [no, answer, likes] = rows;
    if (!answer || !likes) throw new Error(`There are ${rows.length} rows, and not three.`);
    expect(no).toHaveTextContent("Negative asks not to be written to");
    expect(answer).toHaveTextContent("Reply from the author");
    expect(within(answer).getByRole("link", { name: /See it/ })).toHaveAttribute("href", "https://posts.example/a-1");
    expect(within(answer).queryByRole("button", { name: "Mark as negative" })).not.toBeInTheDocument();
    expect(likes).toHaveTextContent("3 likes simulated · taken back by remy");
    expect(within(likes).queryByRole("button")).not.toBeInTheDocument();
  });

  it("are recorded, marked and taken back by a reviewer", async () => {
    serve([anOutcome(2, { type: "reply_received", reference: "a-1", draft: 7 })]);
    const { user } = renderApp("/p/demo/leads?lead=1");
    const outcomes = await section();
    await user.click(await outcomes.findByRole("button", { name: "Mark as negative" }));
    await user.click(outcomes.getByRole("button", { name: "Take back: Reply" }));
    await user.click(outcomes.getByRole("button", { name: "Record outcome" }));
    await user.selectOptions(outcomes.getByLabelText("What came of it"), "link_click");
    await user.type(outcomes.getByLabelText("Note"), "the pricing page");
    await user.click(outcomes.getByRole("button", { name: "Record" }));
    await waitFor(() => expect(outcomes.queryByRole("form")).not.toBeInTheDocument());
    expect(told).toEqual([
      { type: "negative", draft: 7, reference: "a-1", note: "" },
      "2",
      { type: "link_click", reference: "", note: "the pricing page" },
    ]);
  });

  it("warn before a no, and tell a refusal where it was asked for", async () => {
    serve([]);
    server.use(http.post("/api/leads/1/outcomes/", () => refuse(409, "This negative is recorded already.")));
    const { user } = renderApp("/p/demo/leads?lead=1");
    const outcomes = await section();
    await user.click(await outcomes.findByRole("button", { name: "Record outcome" }));
    await user.selectOptions(outcomes.getByLabelText("What came of it"), "negative");
    expect(outcomes.getByLabelText("What came of it")).toHaveAccessibleDescription("Sending of the whole project pauses for a day.");
    await user.click(outcomes.getByRole("button", { name: "Record" }));
    expect(await outcomes.findByText("This negative is recorded already.")).toBeVisible();
  });

  it("are read and not changed by a viewer, and not there before something was sent", async () => {
    serve([anOutcome(2)], "viewer");
    const first = renderApp("/p/demo/leads?lead=1");
    const outcomes = await section();
    await outcomes.findByRole("listitem");
    expect(outcomes.queryByRole("button")).not.toBeInTheDocument();
    first.unmount();

    serve([], "reviewer", []);
    renderApp("/p/demo/leads?lead=1");
    await screen.findByRole("region", { name: "Relevance" });
    expect(screen.queryByRole("region", { name: "Outcomes" })).not.toBeInTheDocument();
  });
});
