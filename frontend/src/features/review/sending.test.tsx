import { act, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Delivery, Pause, PreviewRow, QueueItem, Role, SendPreview } from "@/api/types";
import { FakeSocket } from "@/testing/fake-socket";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aDelivery, aDraft, aLead, aLeadDetail, aMe, anEvent, aPage, aPause, aPreviewRow, aReply, aSendPreview } from "@/testing/samples";
import { server } from "@/testing/server";

const ASSISTED = aReply({ mode: "assisted", rule: "A person may post it." });
const LATER = "2099-01-01T12:00:00Z";
const COOLING = { verdict: "refused", sentence: "The author was answered on 2026-11-20, and is left alone until 2099-01-01.", until: LATER } as const;

interface Posted {
  path: string;
  body: Record<string, unknown>;
}

const posted: Posted[] = [];
beforeEach(() => {
  posted.length = 0;
});

function serve({ items = [], preview = [], role = "reviewer", part = {} }: { items?: QueueItem[]; preview?: PreviewRow[]; role?: Role; part?: Partial<SendPreview> } = {}) {
  server.use(
    ...frame(role),
    http.get("/api/queue/", ({ request }) => HttpResponse.json(aPage(items.filter((item) => item.status === new URL(request.url).searchParams.get("status"))))),
    http.get("/api/queue/send-preview/", () => HttpResponse.json(aSendPreview(preview, part))),
    ...items.map((item) => http.get(`/api/queue/${item.id}/`, () => HttpResponse.json(item))),
  );
}

function onPost(path: string, answer: (body: Record<string, unknown>) => Response) {
  server.use(
    http.post(`/api/queue/${path}/`, async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>;
      posted.push({ path, body });
      return answer(body);
    }),
  );
}

function onSend(problems: Record<number, string> = {}) {
  onPost("send", ({ drafts }) => {
    const results = (drafts as number[]).map((draft) => ({ draft, delivery: problems[draft] ? null : aDelivery(), problem: problems[draft] ?? "" }));
    return HttpResponse.json({ queued: results.length, results });
  });
}

async function openSending() {
  const { user } = renderApp("/p/demo/queue");
  await user.click(await screen.findByRole("button", { name: /Send approved \(\d+\)/ }));
  const dialog = within(await screen.findByRole("dialog", { name: "Send approved drafts" }));
  await dialog.findByRole("list", { name: "Approved drafts" });
  return { user, dialog };
}

describe("sending what is approved", () => {
  it("confirms exactly the drafts that were shown and chosen, whatever the server would add meanwhile", async () => {
    serve({ preview: [aPreviewRow(1), aPreviewRow(2, { verdict: "waits", sentence: "Quiet hours.", until: LATER }), aPreviewRow(3)] });
    onSend();
    const { user, dialog } = await openSending();
    expect(dialog.getByText("1 of 5 used, 4 left")).toBeVisible();
    expect(dialog.getByText("Quiet hours.")).toHaveTextContent(/Until Jan 1, 2099/);
    serve({ preview: [aPreviewRow(1), aPreviewRow(2), aPreviewRow(3), aPreviewRow(9)] });
    act(() => window.dispatchEvent(new Event("focus")));
    await user.click(dialog.getByRole("checkbox", { name: "@author3 at Sample" }));
    await user.click(dialog.getByRole("button", { name: "Send 2 drafts" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(posted).toEqual([{ path: "send", body: { project: "demo", drafts: [1, 2], override: "" } }]);
    expect(screen.getByText("2 replies are on the way.")).toBeVisible();
  });

  it("offers no refused draft, but one that cools down for a reason, which goes with that one alone", async () => {
    serve({ preview: [aPreviewRow(1), aPreviewRow(2, { verdict: "refused", sentence: "On the do-not-contact list." }), aPreviewRow(3, COOLING)] });
    onSend();
    const { user, dialog } = await openSending();
    expect(dialog.queryByRole("checkbox", { name: /author2/ })).not.toBeInTheDocument();
    expect(dialog.getByText("On the do-not-contact list.")).toBeVisible();
    const cooling = dialog.getByRole("checkbox", { name: /author3/ });
    expect(cooling).not.toBeChecked();
    await user.click(cooling);
    expect(dialog.getByRole("button", { name: "Send 2 drafts" })).toBeDisabled();
    await user.type(dialog.getByLabelText("Why answer all the same?"), "They asked again");
    await user.click(dialog.getByRole("button", { name: "Send 2 drafts" }));
    await waitFor(() => expect(posted).toHaveLength(2));
    expect(posted.map(({ body }) => body)).toEqual([
      { project: "demo", drafts: [1], override: "" },
      { project: "demo", drafts: [3], override: "They asked again" },
    ]);
  });

  it("tells at its row why one draft was refused, and does not send the others again", async () => {
    serve({ preview: [aPreviewRow(1), aPreviewRow(2)] });
    onSend({ 2: "Draft 2 is not approved (pending)." });
    const { user, dialog } = await openSending();
    await user.click(dialog.getByRole("button", { name: "Send 2 drafts" }));
    const [first, second] = dialog.getAllByRole("listitem");
    expect(await within(second as HTMLElement).findByRole("alert")).toHaveTextContent("Draft 2 is not approved (pending).");
    expect(within(first as HTMLElement).getByText("Queued")).toBeVisible();
    expect(dialog.queryByRole("button", { name: /^Send/ })).not.toBeInTheDocument();
    expect(dialog.queryByRole("checkbox")).not.toBeInTheDocument();
  });

  it("says when the whole request fails, and can be tried again", async () => {
    serve({ preview: [aPreviewRow(1)] });
    onPost("send", () => refuse(500, "Something went wrong here."));
    const { user, dialog } = await openSending();
    await user.click(dialog.getByRole("button", { name: "Send 1 draft" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("Something went wrong here.");
    expect(dialog.getByRole("button", { name: "Send 1 draft" })).toBeEnabled();
  });

  it("shows a viewer what would be sent, without a way to send it", async () => {
    serve({ preview: [aPreviewRow(1), aPreviewRow(2, { verdict: "by_hand", reply: ASSISTED })], role: "viewer" });
    const { user } = renderApp("/p/demo/queue");
    await user.click(await screen.findByRole("button", { name: "To be sent (2)" }));
    const dialog = within(await screen.findByRole("dialog", { name: "What would be sent" }));
    expect(await dialog.findByText(/reviewers send/)).toBeVisible();
    expect(dialog.queryByRole("checkbox")).not.toBeInTheDocument();
    expect(dialog.queryByRole("button", { name: /Send|by hand/ })).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Pause sending" })).not.toBeInTheDocument();
  });

  it("says that nothing waits, and that a preview failed", async () => {
    serve();
    const { user } = renderApp("/p/demo/queue");
    await user.click(await screen.findByRole("button", { name: "Send approved (0)" }));
    expect(await screen.findByRole("heading", { name: "Nothing waits to be sent" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    server.use(http.get("/api/queue/send-preview/", () => refuse(400, "The configuration cannot be read.")));
    await user.click(screen.getByRole("button", { name: /^Send approved/ }));
    expect(await screen.findByText("The configuration cannot be read.")).toBeVisible();
  });
});

describe("the kill switch", () => {
  function servePauses(pauses: () => Pause[]) {
    server.use(http.get("/api/queue/pauses/", () => HttpResponse.json({ results: pauses() })));
  }

  it("is told on every page, as soon as it is pressed and no longer than it holds", async () => {
    serve();
    server.use(http.get("/api/leads/", () => HttpResponse.json(aPage([]))));
    let pauses = [aPause(1, { until: "2020-01-01T00:00:00Z", why: "long over" })];
    servePauses(() => pauses);
    renderApp("/p/demo/leads");
    await screen.findByRole("heading", { name: /no leads/i });
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    act(() => FakeSocket.last.open());
    pauses = [aPause(2, { until: LATER })];
    act(() => FakeSocket.last.say(anEvent(1, { type: "queue_update", run: null, detail: { sending: "paused" } })));
    expect(await screen.findByRole("alert")).toHaveTextContent(/paused in this project by remy, until Jan 1, 2099.*: A wrong link/);
    pauses = [];
    act(() => FakeSocket.last.say(anEvent(2, { type: "queue_update", run: null, detail: { sending: "resumed" } })));
    await waitFor(() => expect(screen.queryByRole("alert")).not.toBeInTheDocument());
  });

  it("pauses with a reason and an end, and resumes", async () => {
    serve();
    let pauses: Pause[] = [];
    servePauses(() => pauses);
    onPost("pause", ({ why }) => {
      pauses = [aPause(1, { by: "rita", why: String(why) })];
      return HttpResponse.json(pauses[0], { status: 201 });
    });
    onPost("resume", () => {
      pauses = [];
      return HttpResponse.json({ results: [] });
    });
    const { user } = renderApp("/p/demo/queue");
    await user.click(await screen.findByRole("button", { name: "Pause sending" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Pause sending" }));
    await user.type(await dialog.findByLabelText("Reason"), "Wrong template");
    expect(dialog.queryByRole("option", { name: "All projects" })).not.toBeInTheDocument();
    await user.selectOptions(dialog.getByLabelText("For how long"), "24 hours");
    const before = Date.now();
    await user.click(dialog.getByRole("button", { name: "Pause this project" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("paused in this project by rita, until somebody resumes it: Wrong template");
    expect(posted[0]?.body).toMatchObject({ project: "demo", why: "Wrong template" });
    expect(Math.round((new Date(String(posted[0]?.body.until)).getTime() - before) / 3_600_000)).toBe(24);

    await user.click(screen.getByRole("button", { name: "Resume sending" }));
    await user.click(await screen.findByRole("button", { name: "Resume this project" }));
    await waitFor(() => expect(screen.queryByRole("alert")).not.toBeInTheDocument());
    expect(posted[1]).toEqual({ path: "resume", body: { project: "demo" } });
  });

  it("of all projects takes a superuser", async () => {
    serve();
    server.use(http.get("/api/me/", () => HttpResponse.json({ ...aMe(), is_superuser: true })));
    onPost("pause", () => HttpResponse.json(aPause(1, { project: null }), { status: 201 }));
    const { user } = renderApp("/p/demo/queue");
    await user.click(await screen.findByRole("button", { name: "Pause sending" }));
    await user.selectOptions(await screen.findByLabelText("What is paused"), "All projects");
    await user.click(screen.getByRole("button", { name: "Pause all projects" }));
    await waitFor(() => expect(posted).toEqual([{ path: "pause", body: { project: null, why: "", until: null } }]));
  });

  it("of all projects is not for a reviewer to end, who can still pause their own", async () => {
    serve();
    servePauses(() => [aPause(1, { project: null })]);
    const { user } = renderApp("/p/demo/queue");
    await user.click(await screen.findByRole("button", { name: "Resume sending" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Sending is paused" }));
    expect(await dialog.findByText("Only a superuser resumes all projects.")).toBeVisible();
    expect(dialog.queryByRole("button", { name: /Resume/ })).not.toBeInTheDocument();
    expect(dialog.getByRole("button", { name: "Pause this project" })).toBeEnabled();
  });
});

describe("what became of a reply", () => {
  const open = async (delivery: Partial<Delivery>, role: Role = "reviewer") => {
    const status = (delivery.status === "cancelled" ? "approved" : delivery.status) as QueueItem["status"];
    const item = aDraft(1, { status, reviewer: "rita", delivery: aDelivery(delivery) });
    serve({ items: [item], role });
    const view = renderApp(`/p/demo/queue?status=${status}`);
    const desk = within(await screen.findByRole("region", { name: "Draft" }));
    return { ...view, desk, delivery: within(await desk.findByRole("region", { name: "Delivery" })) };
  };

  it("links the reply that was sent, and its decision stands", async () => {
    const { desk, delivery } = await open({ status: "sent", url: "https://harbour.example/77", sent_at: "2026-11-20T13:01:00Z" });
    expect(delivery.getByRole("link", { name: "See the reply" })).toHaveAttribute("href", "https://harbour.example/77");
    expect(desk.queryByRole("button", { name: /Take back/ })).not.toBeInTheDocument();
  });

  it("makes no link of an address that is none of the web", async () => {
    const { delivery } = await open({ status: "sent", url: "javascript:alert(1)", sent_at: "2026-11-20T13:01:00Z" });
    expect(delivery.getByText(/Sent by API/)).toBeVisible();
    expect(delivery.queryByRole("link")).not.toBeInTheDocument();
  });

  it.each([
    [{ status: "queued", error: "The cap of 5 in an hour is reached.", due_at: LATER }, /The cap of 5 in an hour is reached. Not before Jan 1, 2099/],
    [{ status: "failed", error: "The thread is locked." }, /Not sent: The thread is locked/],
    [{ status: "unknown", error: "No answer.", due_at: LATER }, /is there: No answer. The platform is asked again at Jan 1, 2099/],
    [{ status: "cancelled", error: "The post is gone." }, /Taken out of the queue: The post is gone/],
    [{ status: "claimed", mode: "api" }, /being sent/],
  ] satisfies [Partial<Delivery>, RegExp][])("says of %o what is so", async (part, words) => {
    const { delivery } = await open(part, "viewer");
    expect(delivery.getByText((_, element) => element?.tagName === "P" && words.test(element.textContent ?? ""))).toBeVisible();
    expect(delivery.queryByRole("button")).not.toBeInTheDocument();
  });

  it.each([
    ["It is there", { posted: true, url: "https://harbour.example/78" }],
    ["It is not there", { posted: false, url: "" }],
  ])("lets a person settle what nobody knows: %s", async (name, body) => {
    onPost("1/posted", () => HttpResponse.json(aDelivery({ status: "sent" })));
    const { user, delivery } = await open({ status: "unknown" });
    onPost("1/posted", () => HttpResponse.json(aDelivery({ status: "sent" })));
    await user.type(delivery.getByLabelText(/Address of our reply/), "https://harbour.example/78");
    await user.click(delivery.getByRole("button", { name }));
    await waitFor(() => expect(posted).toEqual([{ path: "1/posted", body }]));
  });

  it("stands in the lead's panel too", async () => {
    const draft = aDraft(1, { status: "sent", delivery: aDelivery({ status: "sent", url: "https://harbour.example/77", sent_at: "2026-11-20T13:01:00Z" }) });
    serve();
    server.use(http.get("/api/leads/", () => HttpResponse.json(aPage([aLead(7)]))), http.get("/api/leads/7/", () => HttpResponse.json(aLeadDetail(7, { drafts: [draft] }))));
    server.use(http.get("/api/leads/7/outcomes/", () => HttpResponse.json({ may_record: true, results: [] })));
    renderApp("/p/demo/leads?lead=7");
    expect(await screen.findByRole("link", { name: "See the reply" })).toHaveAttribute("href", "https://harbour.example/77");
    expect(screen.getByRole("link", { name: "Open in queue" })).toHaveAttribute("href", "/p/demo/queue?status=sent&draft=1");
  });
});

describe("posting by hand", () => {
  const item = aDraft(1, { status: "approved", reviewer: "rita", reply: ASSISTED, platform: "x" });
  const taken = aDelivery({ status: "claimed", mode: "assisted" });

  it("copies the text, opens the platform's box, and asks what became of it, by keyboard", async () => {
    serve({ items: [item] });
    const opened = vi.spyOn(window, "open").mockReturnValue(null);
    onPost("1/assist", () => HttpResponse.json({ url: "https://x.com/intent/tweet?in_reply_to=1", text: item.text, delivery: taken }));
    onPost("1/posted", () => HttpResponse.json(aDelivery({ status: "sent", mode: "assisted" })));
    const { user } = renderApp("/p/demo/queue?status=approved");
    await screen.findByRole("button", { name: "Post by hand" });
    await user.keyboard("p");
    const dialog = within(await screen.findByRole("dialog", { name: "Post by hand at X" }));
    expect(dialog.getByRole("button", { name: "Copy the text and open X" })).toHaveFocus();
    expect(posted).toEqual([]);
    await user.keyboard("{Enter}");
    await user.type(await dialog.findByLabelText(/Address of our reply/), "https://x.com/us/status/2{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(await navigator.clipboard.readText()).toBe(item.text);
    expect(opened).toHaveBeenCalledExactlyOnceWith("https://x.com/intent/tweet?in_reply_to=1", "_blank", "noopener,noreferrer");
    expect(posted).toEqual([
      { path: "1/assist", body: { override: "" } },
      { path: "1/posted", body: { posted: true, url: "https://x.com/us/status/2" } },
    ]);
    opened.mockRestore();
  });

  it("asks for a reason where the author cools down, and only there", async () => {
    serve({ items: [item], preview: [aPreviewRow(1, { ...COOLING, reply: ASSISTED })] });
    const opened = vi.spyOn(window, "open").mockReturnValue(null);
    onPost("1/assist", ({ override }) => (override ? HttpResponse.json({ url: "", text: item.text, delivery: taken }) : refuse(409, COOLING.sentence)));
    const { user } = renderApp("/p/demo/queue?status=approved");
    await user.click(await screen.findByRole("button", { name: "Post by hand" }));
    await user.click(await screen.findByRole("button", { name: "Copy the text and open X" }));
    expect(await screen.findByText(COOLING.sentence)).toBeVisible();
    await user.type(await screen.findByLabelText("Why answer all the same?"), "They asked again");
    await user.click(screen.getByRole("button", { name: "Copy the text and open X" }));
    expect(await screen.findByText(/Where to post it is not known/)).toBeVisible();
    expect(posted.map(({ body }) => body)).toEqual([{ override: "" }, { override: "They asked again" }]);
    expect(opened).not.toHaveBeenCalled();
    opened.mockRestore();
  });

  it("is offered neither where the platform wants no reply nor to a viewer", async () => {
    serve({ items: [aDraft(1, { status: "approved", reply: aReply({ mode: "blocked" }) })] });
    const { user, unmount } = renderApp("/p/demo/queue?status=approved");
    await screen.findByText("Draft number 1 says hello.");
    await user.keyboard("p");
    expect(screen.queryByRole("button", { name: "Post by hand" })).not.toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    unmount();
    serve({ items: [item], role: "viewer" });
    const viewer = renderApp("/p/demo/queue?status=approved");
    await screen.findByText("Draft number 1 says hello.");
    await viewer.user.keyboard("p");
    expect(screen.queryByRole("button", { name: "Post by hand" })).not.toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("goes on where it was left: in the list of what is under way", async () => {
    serve({ items: [aDraft(1, { status: "claimed", reply: ASSISTED, delivery: taken })] });
    onPost("1/posted", () => HttpResponse.json(aDelivery({ status: "cancelled", mode: "assisted" })));
    const { user } = renderApp("/p/demo/queue?status=claimed");
    const form = within(await screen.findByRole("form", { name: "Posted?" }));
    await user.click(form.getByRole("button", { name: "Not posted" }));
    await waitFor(() => expect(posted).toEqual([{ path: "1/posted", body: { posted: false, url: "" } }]));
  });
});
