import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { ReplyPolicy } from "@/api/types";
import { frame } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aDraft, aLead, aLeadDetail, aPage, aReply } from "@/testing/samples";
import { server } from "@/testing/server";

const ASSISTED = aReply({ mode: "assisted", rule: "A person may post it.", source: "https://rules.example/replies", read_on: "2026-11-02" });

beforeEach(() => {
  server.use(...frame());
});

async function leadWith(reply: ReplyPolicy) {
  server.use(
    http.get("/api/leads/", () => HttpResponse.json(aPage([aLead(1)]))),
    http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { reply }))),
  );
  const app = renderApp("/p/demo/leads?lead=1");
  return { ...app, reply: within(await screen.findByRole("group", { name: "Reply" })) };
}

describe("how a lead could be answered", () => {
  it.each([
    ["api", "Reply by API"],
    ["assisted", "Reply in the platform’s own box"],
    ["blocked", "No reply"],
  ] as const)("is told as a word: %s", async (mode, word) => {
    const { reply } = await leadWith(aReply({ mode }));
    expect(reply.getByText(word)).toBeVisible();
  });

  it("has its rule as a tooltip, and unfolds it with its source and date", async () => {
    const { reply, user } = await leadWith(ASSISTED);
    expect(reply.getByText("A person may post it.")).not.toBeVisible();
    expect(reply.getByTitle("A person may post it.")).toBeVisible();
    await user.click(reply.getByText("Reply in the platform’s own box"));
    expect(reply.getByText("A person may post it.")).toBeVisible();
    expect(reply.getByRole("link", { name: "Source" })).toHaveAttribute("href", "https://rules.example/replies");
    expect(reply.getByText("Nov 2, 2026")).toHaveAttribute("datetime", "2026-11-02");
  });

  it("links nowhere when the rule is our own, and has no date when there is no rule", async () => {
    const { reply, user } = await leadWith(aReply({ mode: "blocked", rule: "Nothing is known.", source: "", read_on: null }));
    await user.click(reply.getByText("No reply"));
    expect(reply.getByText("Nothing is known.")).toBeVisible();
    expect(reply.queryByRole("link")).not.toBeInTheDocument();
    expect(reply.queryByRole("time")).not.toBeInTheDocument();
  });

  it("makes no link of an address that is none of the web", async () => {
    const { reply, user } = await leadWith({ ...ASSISTED, source: "javascript:alert(1)" });
    await user.click(reply.getByText("Reply in the platform’s own box"));
    expect(reply.queryByRole("link")).not.toBeInTheDocument();
  });

  it("stands beside each draft of the queue", async () => {
    server.use(http.get("/api/queue/", () => HttpResponse.json(aPage([aDraft(1, { reply: ASSISTED })]))));
    renderApp("/p/demo/queue");
    const desk = within(await screen.findByRole("region", { name: "Draft" }));
    expect(within(await desk.findByRole("group", { name: "Reply" })).getByText("Reply in the platform’s own box")).toBeVisible();
  });
});
