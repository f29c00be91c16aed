import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { LeadDetail } from "@/api/types";
import { frame } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aLead, aLeadDetail, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

beforeEach(() => {
  server.use(...frame());
});

const DRAFT: LeadDetail["drafts"][number] = {
  id: 7,
  status: "approved",
  text: "",
  text_generated: "",
  template_used: "asking",
  tone: "warm",
  reviewer: "rita",
  reject_reason: "",
  better_text: "",
  delivery: null,
  touch: null,
  created_at: "2026-11-20T12:00:00Z",
  decided_at: "2026-11-20T12:05:00Z",
};

async function leadWith(post: Partial<LeadDetail["post"]>, part: Partial<LeadDetail> = {}) {
  const row = aLead(1);
  const detail = aLeadDetail(1);
  server.use(
    http.get("/api/leads/", () => HttpResponse.json(aPage([aLead(1, { post: { ...row.post, ...post } })]))),
    http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { ...part, post: { ...detail.post, ...post } }))),
  );
  renderApp("/p/demo/leads?lead=1");
  return within(await screen.findByRole("article", { name: "Post" }));
}

describe("a post that is gone at its platform", () => {
  const gone = { platform: "reddit", availability: "gone", text: "", excerpt: "", url: "", gone_at: "2026-11-22T10:00:00Z" } as const;

  it("says so in place of its text, and when that was", async () => {
    const post = await leadWith(gone, { author: null, stage: "gone" });
    expect(post.getByText(/Gone at Reddit: it was deleted there/)).toBeVisible();
    expect(post.getByText((_, element) => element?.tagName === "TIME" && element.getAttribute("datetime") === gone.gone_at)).toBeVisible();
    expect(within(screen.getByRole("list", { name: "Leads" })).getByText("Gone at Reddit")).toBeVisible();
  });

  it("can neither be labelled nor answered", async () => {
    await leadWith(gone, { author: null, stage: "gone", drafts: [DRAFT] });
    expect(within(screen.getByRole("region", { name: "Relevance" })).queryByRole("button")).not.toBeInTheDocument();
    expect(screen.queryByRole("group", { name: "Reply" })).not.toBeInTheDocument();
    expect(screen.getByText("Its text went with the post.")).toBeVisible();
    expect(screen.queryByRole("link", { name: "Open in queue" })).not.toBeInTheDocument();
  });
});

describe("a post of which the platform did not say whether it is there", () => {
  it("keeps its text and says so", async () => {
    const post = await leadWith({ platform: "hackernews", availability: "unknown", checked_at: "2026-11-22T10:00:00Z" });
    expect(post.getByText("Which tool do you use for invoices?")).toBeVisible();
    expect(post.getByText(/Hacker News did not say whether it is still there/)).toBeVisible();
  });
});
