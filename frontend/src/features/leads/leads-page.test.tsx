import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { LeadRow, Role } from "@/api/types";
import { FakeSocket } from "@/testing/fake-socket";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aLead, aLeadDetail, anEvent, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

const asked: URLSearchParams[] = [];

function serveLeads(rows: LeadRow[], role: Role = "reviewer") {
  server.use(
    ...frame(role),
    http.get("/api/leads/", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(aPage(rows));
    }),
  );
}

const list = () => screen.findByRole("list", { name: "Leads" });

beforeEach(() => {
  asked.length = 0;
});

describe("filters", () => {
  it("come from the address", async () => {
    serveLeads([aLead(1)]);
    renderApp("/p/demo/leads?label=maybe&min=20&sort=newest&query=invoices");
    await list();
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({ project: "demo", label: "maybe", min_score: "20", ordering: "created", query: "invoices" });
    expect(screen.getByRole("button", { name: "Maybe" })).toHaveAttribute("aria-pressed", "true");
    expect(screen.getByRole("button", { name: /Score: 20 or more/ })).toBeVisible();
  });

  it("go to the address when they are chosen, and away when they are removed", async () => {
    serveLeads([aLead(1)]);
    const { user, search } = renderApp("/p/demo/leads?min=20");
    await list();
    await user.click(screen.getByRole("button", { name: "Relevant" }));
    await waitFor(() => expect(search().get("label")).toBe("relevant"));
    await user.click(screen.getByRole("button", { name: /Score: 20 or more/ }));
    await waitFor(() => expect(search().has("min")).toBe(false));
    await waitFor(() => expect(asked.at(-1)?.has("min_score")).toBe(false));
    expect(asked.at(-1)?.get("label")).toBe("relevant");
  });

  it("wait for a pause in typing before they ask the server", async () => {
    serveLeads([aLead(1)]);
    const { user, search } = renderApp("/p/demo/leads");
    await list();
    await user.type(screen.getByRole("searchbox"), "invoice");
    await waitFor(() => expect(search().get("q")).toBe("invoice"));
    await waitFor(() => expect(asked.at(-1)?.get("q")).toBe("invoice"));
    expect(asked).toHaveLength(2);
  });

  it("explain how to search, and send quotes, stars and minus signs as they were typed", async () => {
    serveLeads([aLead(1)]);
    const { user, search } = renderApp("/p/demo/leads");
    await list();
    expect(screen.getByRole("searchbox")).toHaveAccessibleDescription(/"late fees": these words in a row\. invoic\*: words that begin like this\. -hiring: nothing with this word\./);
    await user.click(screen.getByRole("button", { name: "How to search" }));
    expect(screen.getByRole("dialog", { name: "How to search" })).toHaveTextContent("these words in a row");
    await user.keyboard("{Escape}");
    await user.type(screen.getByRole("searchbox"), '"late fees" invoic* -hiring');
    await waitFor(() => expect(asked.at(-1)?.get("q")).toBe('"late fees" invoic* -hiring'));
    expect(search().get("q")).toBe('"late fees" invoic* -hiring');
  });

  it("that fit nothing say so and can be cleared", async () => {
    serveLeads([]);
    const { user, search } = renderApp("/p/demo/leads?label=maybe&q=zzz");
    await user.click(await screen.findByRole("button", { name: "Clear filters" }));
    await waitFor(() => expect(search().toString()).toBe(""));
  });
});

describe("the list", () => {
  it("shows a dash, not 0, for a score that is not known", async () => {
    serveLeads([aLead(1, { score: 0, scored_at: null, label: "" as LeadRow["label"] })]);
    renderApp("/p/demo/leads");
    const row = within(await list()).getByRole("link");
    expect(row).toHaveTextContent("Score –");
    expect(row).toHaveTextContent("Not judged");
  });

  it("shows a failure with a way to try again", async () => {
    serveLeads([aLead(1)]);
    server.use(http.get("/api/leads/", () => refuse(422, "That filter does not hold."), { once: true }));
    const { user } = renderApp("/p/demo/leads");
    expect(await screen.findByRole("alert")).toHaveTextContent("That filter does not hold.");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await list();
  });

  it("says when the role does not reach it", async () => {
    serveLeads([]);
    server.use(http.get("/api/leads/", () => refuse(403, "No.")));
    renderApp("/p/demo/leads");
    expect(await screen.findByRole("alert")).toHaveTextContent("Not open to you");
    expect(screen.queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
  });

  it("reads the next page with the server's cursor", async () => {
    serveLeads([]);
    server.use(
      http.get("/api/leads/", ({ request }) => {
        const cursor = new URL(request.url).searchParams.get("cursor");
        return HttpResponse.json(cursor === "abc" ? aPage([aLead(2)]) : aPage([aLead(1)], "/api/leads/?project=demo&cursor=abc"));
      }),
    );
    renderApp("/p/demo/leads");
    await waitFor(async () => expect(within(await list()).getAllByRole("link")).toHaveLength(2));
    expect(screen.getByText("That is all of them.")).toBeVisible();
  });

  it("is not reordered by new leads until its reader says so", async () => {
    serveLeads([aLead(1)]);
    const { user } = renderApp("/p/demo/leads");
    await list();
    FakeSocket.last.open();
    FakeSocket.last.say(anEvent(5, { type: "new_lead", detail: { lead: 9, score: 80 } }));
    const before = asked.length;
    await user.click(await screen.findByRole("button", { name: /1 new lead: show/ }));
    await waitFor(() => expect(asked.length).toBe(before + 1));
  });
});

describe("copies", () => {
  const copy = { id: 8, platform: "mastodon", url: "", posted_at: null, author: { handle: "bo", name: "Bo Boosts", followers: null, verified: null } };

  it("are counted on the row of the lead that stands for them", async () => {
    serveLeads([aLead(1, { copy_count: 3 }), aLead(2, { copy_count: 1 }), aLead(3)]);
    renderApp("/p/demo/leads");
    const [first, second, third] = within(await list()).getAllByRole("link");
    expect(first).toHaveTextContent("3 copies");
    expect(second).toHaveTextContent("1 copy");
    expect(third).not.toHaveTextContent("cop");
  });

  it("are listed with their author and platform, and lead to their own page and back", async () => {
    serveLeads([aLead(1, { copy_count: 21 })]);
    server.use(
      http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { copy_count: 21, copies: [copy] }))),
      http.get("/api/leads/8/", () => HttpResponse.json(aLeadDetail(8, { stage: "filtered", filter_reason: "copy of lead 1", copy_of: 1 }))),
    );
    const { user, search } = renderApp("/p/demo/leads?lead=1");
    const section = within(await screen.findByRole("region", { name: "Copies" }));
    expect(section.getByRole("listitem")).toHaveTextContent("MastodonBo Boosts");
    expect(section.getByText("And 20 more copies.")).toBeVisible();
    await user.click(section.getByRole("link", { name: "Lead 8" }));
    await waitFor(() => expect(search().get("lead")).toBe("8"));
    expect(screen.queryByText(/Filtered out/)).not.toBeInTheDocument();
    await user.click(await screen.findByRole("link", { name: "lead 1" }));
    await waitFor(() => expect(search().get("lead")).toBe("1"));
  });
});

describe("the side panel", () => {
  it("is in the address, and shows the post as text, never as markup", async () => {
    serveLeads([aLead(1)]);
    const text = '<img src="x" onerror="alert(1)"> & <b>bold</b>';
    const detail = aLeadDetail(1);
    server.use(http.get("/api/leads/1/", () => HttpResponse.json({ ...detail, post: { ...detail.post, text, url: "javascript:alert(1)" } })));
    const { user, search } = renderApp("/p/demo/leads");
    await user.click(within(await list()).getByRole("link"));
    await waitFor(() => expect(search().get("lead")).toBe("1"));
    const post = await screen.findByRole("article", { name: "Post" });
    expect(post).toHaveTextContent(text);
    expect(post.querySelector("img, b, a")).toBeNull();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(search().has("lead")).toBe(false));
  });

  it("explains the score part by part", async () => {
    serveLeads([aLead(1)]);
    const score_detail = {
      total: 30.5,
      version: "3",
      created_at: "2026-11-20T10:00:00Z",
      rules: [{ name: "too young", boost: -5 }],
      components: [{ plugin: "recency", version: "1", score: 71, weight: 0.5, contribution: 35.5, reason: "Posted an hour ago.", error: "", details: {} }],
    };
    server.use(http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { score_detail }))));
    renderApp("/p/demo/leads?lead=1");
    const score = within(await screen.findByRole("region", { name: "Score" }));
    const rows = score.getAllByRole("listitem").map((row) => row.textContent);
    expect(rows[0]).toContain("Recency+35.5");
    expect(rows[0]).toContain("71 × 0.5 · Posted an hour ago.");
    expect(rows[1]).toContain("Too young−5.0");
    expect(rows[2]).toContain("Total30.5");
  });

  it("lets a reviewer relabel, with a reason", async () => {
    serveLeads([aLead(1)]);
    let sent: unknown;
    server.use(
      http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1))),
      http.post("/api/leads/1/label/", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(aLeadDetail(1, { label: "irrelevant" }));
      }),
    );
    const { user } = renderApp("/p/demo/leads?lead=1");
    await user.type(await screen.findByLabelText("Reason for your label"), "a job advert");
    const buttons = within(screen.getByRole("group", { name: "Label this lead" }));
    await user.click(buttons.getByRole("button", { name: "Irrelevant" }));
    await waitFor(() => expect(buttons.getByRole("button", { name: "Irrelevant" })).toHaveAttribute("aria-pressed", "true"));
    expect(sent).toEqual({ label: "irrelevant", reason: "a job advert" });
  });

  it("keeps a note that a reviewer writes, and says that it is saved", async () => {
    serveLeads([aLead(1)]);
    const sent: unknown[] = [];
    server.use(
      http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { note: "Met at a fair" }))),
      http.post("/api/leads/1/note/", async ({ request }) => {
        const { text } = (await request.json()) as { text: string };
        sent.push(text);
        return HttpResponse.json(aLeadDetail(1, { note: text }));
      }),
    );
    const { user } = renderApp("/p/demo/leads?lead=1");
    const note = within(await screen.findByRole("region", { name: "Note" }));
    const area = note.getByRole("textbox", { name: "Note on this lead" });
    expect(area).toHaveValue("Met at a fair");
    expect(note.queryByRole("button")).not.toBeInTheDocument();
    await user.type(area, ", calls on Friday ");
    expect(note.getByRole("status")).toHaveTextContent("Not saved yet");
    await user.click(note.getByRole("button", { name: "Save note" }));
    await waitFor(() => expect(note.getByRole("status")).toHaveTextContent("Saved"));
    expect(area).toHaveValue("Met at a fair, calls on Friday");
    await user.clear(area);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(note.getByRole("status")).toHaveTextContent("Removed"));
    expect(sent).toEqual(["Met at a fair, calls on Friday", ""]);
  });

  it("keeps what was typed when a note is refused, and takes it back on demand", async () => {
    serveLeads([aLead(1)]);
    server.use(
      http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { note: "Old" }))),
      http.post("/api/leads/1/note/", () => refuse(400, "text: not like this.")),
    );
    const { user } = renderApp("/p/demo/leads?lead=1");
    const note = within(await screen.findByRole("region", { name: "Note" }));
    await user.type(note.getByRole("textbox"), " and new");
    await user.click(note.getByRole("button", { name: "Save note" }));
    expect(await note.findByRole("alert")).toHaveTextContent("text: not like this.");
    expect(note.getByRole("textbox")).toHaveValue("Old and new");
    await user.click(note.getByRole("button", { name: "Discard" }));
    expect(note.getByRole("textbox")).toHaveValue("Old");
  });

  it("refuses a note of more than 2,000 characters before the server does", async () => {
    serveLeads([aLead(1)]);
    server.use(http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1))));
    const { user } = renderApp("/p/demo/leads?lead=1");
    const note = within(await screen.findByRole("region", { name: "Note" }));
    await user.click(note.getByRole("textbox"));
    await user.paste("x".repeat(2001));
    expect(note.getByText("2,001 / 2,000 · 1 too long")).toBeVisible();
    expect(note.getByRole("button", { name: "Save note" })).toBeDisabled();
  });

  it("shows a viewer the note as text", async () => {
    serveLeads([aLead(1)], "viewer");
    server.use(http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1, { note: "<b>Met</b> at a fair" }))));
    renderApp("/p/demo/leads?lead=1");
    const note = await screen.findByRole("region", { name: "Note" });
    expect(note).toHaveTextContent("<b>Met</b> at a fair");
    expect(within(note).queryByRole("textbox")).not.toBeInTheDocument();
  });

  it("offers a viewer no labels", async () => {
    serveLeads([aLead(1)], "viewer");
    server.use(http.get("/api/leads/1/", () => HttpResponse.json(aLeadDetail(1))));
    renderApp("/p/demo/leads?lead=1");
    await screen.findByRole("article", { name: "Post" });
    expect(screen.queryByRole("group", { name: "Label this lead" })).not.toBeInTheDocument();
  });
});
