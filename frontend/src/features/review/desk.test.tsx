import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { QueueItem } from "@/api/types";
import { FakeSocket } from "@/testing/fake-socket";
import { frame } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aDraft, aHold, anEvent, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

interface Sent {
  to: string;
  body: Record<string, unknown> | null;
}

const sent: Sent[] = [];
const refused = new Map<number, string>();

/** A server that takes decisions, except those on drafts that a test names in `refused`. */
function serveDesk(items: QueueItem[]) {
  server.use(
    ...frame(),
    http.get("/api/queue/", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const isSnoozed = asked.get("snoozed") === "true";
      const found = items.filter((item) => item.status === asked.get("status") && (item.snoozed_until !== null) === isSnoozed);
      return HttpResponse.json({ ...aPage(found), ...(asked.has("count") && { count: found.length }) });
    }),
    http.get("/api/queue/assignees/", () => HttpResponse.json({ results: [{ username: "ana" }, { username: "rita" }] })),
    http.post("/api/queue/*", async ({ request }) => {
      const to = new URL(request.url).pathname.replace("/api/queue/", "");
      const body = JSON.parse((await request.text()) || "null") as Sent["body"];
      if (to.endsWith("/hold/")) return HttpResponse.json(aHold("rita"));
      sent.push({ to, body });
      if (to === "bulk/") {
        const ids = body?.drafts as number[];
        return HttpResponse.json({ results: ids.map((id) => ({ id, done: !refused.has(id), problem: refused.get(id) ?? "" })) });
      }
      const item = items.find(({ id }) => to.startsWith(`${id}/`));
      return HttpResponse.json({ ...item, ...(to.endsWith("assign/") && { assignee: body?.to }) });
    }),
  );
}

const list = () => within(screen.getByRole("list", { name: "Drafts" }));
const desk = () => within(screen.getByRole("region", { name: "Draft" }));
const shownDraft = (id: number) => waitFor(() => expect(desk().getByText(`Draft number ${id} says hello.`)).toBeVisible());
const addressed = () => sent.map(({ to }) => to);

async function openQueue(items: QueueItem[]) {
  serveDesk(items);
  const app = renderApp("/p/demo/queue");
  await shownDraft(items[0]?.id ?? 0);
  return app;
}

beforeEach(() => {
  sent.length = 0;
  refused.clear();
});

describe("several drafts at once", () => {
  const five = [1, 2, 3, 4, 5].map((id) => aDraft(id));

  it("are selected with x and shift-x, approved in one request, and those refused come back with the reason", async () => {
    refused.set(2, "Draft 2 is decided: ana rejected it.");
    const { user } = await openQueue(five);
    await user.keyboard("xjj{Shift>}X{/Shift}");
    expect(screen.getByText("3 drafts selected")).toBeVisible();
    await user.keyboard("a");
    await shownDraft(4);
    expect(screen.queryByText("3 drafts selected")).not.toBeInTheDocument();
    expect(await screen.findByText("2 approved, 1 refused: Draft 2 is decided: ana rejected it.")).toBeVisible();
    expect(sent).toEqual([{ to: "bulk/", body: { project: "demo", act: "approve", drafts: [1, 2, 3] } }]);
    await waitFor(() => expect(list().getByText("Author 2")).toBeVisible());
    expect(list().queryByText("Author 1")).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(addressed().slice(1).sort()).toEqual(["1/undo/", "3/undo/"]));
  });

  it("are taken back together, and each is told to the server", async () => {
    const { user } = await openQueue(five);
    await user.keyboard("xj{Shift>}X{/Shift}r");
    expect(await screen.findByRole("dialog", { name: "Reject 2 drafts" })).toBeVisible();
    await user.keyboard("3");
    expect(await screen.findByText("Rejected: 2 drafts")).toBeVisible();
    expect(sent[0]?.body).toMatchObject({ act: "reject", reason: "wrong_facts", drafts: [1, 2] });
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByText("Taken back: rejection of 2 drafts")).toBeVisible();
    await shownDraft(1);
    await waitFor(() => expect(addressed().slice(1).sort()).toEqual(["1/undo/", "2/undo/"]));
  });

  it("are let go with Escape, and by their boxes; the keys are about the open draft again", async () => {
    const { user } = await openQueue(five);
    await user.click(screen.getByRole("checkbox", { name: "Select Author 3" }));
    expect(screen.getByText("1 draft selected")).toBeVisible();
    await user.keyboard("{Escape}");
    await user.keyboard("a");
    await waitFor(() => expect(addressed()).toEqual(["1/approve/"]));
  });
});

describe("snoozing and assigning", () => {
  it("puts a draft off until tomorrow morning, and u brings it back", async () => {
    const { user } = await openQueue([aDraft(1), aDraft(2)]);
    await user.keyboard("s");
    expect(await screen.findByRole("dialog", { name: "Snooze Author 1" })).toBeVisible();
    await user.keyboard("1");
    await shownDraft(2);
    expect(list().queryByText("Author 1")).not.toBeInTheDocument();
    await waitFor(() => expect(addressed()).toEqual(["1/snooze/"]));
    const until = new Date(String(sent[0]?.body?.until));
    expect([until.getHours(), until > new Date()]).toEqual([9, true]);
    await user.keyboard("u");
    expect(await screen.findByText("Taken back: snooze of Author 1")).toBeVisible();
    await shownDraft(1);
    await waitFor(() => expect(addressed()).toEqual(["1/snooze/", "1/undo/"]));
  });

  it("wakes what sleeps", async () => {
    serveDesk([aDraft(1, { snoozed_until: "2030-01-01T09:00:00Z" })]);
    const { user } = renderApp("/p/demo/queue?status=snoozed");
    await shownDraft(1);
    await user.click(desk().getByRole("button", { name: "Wake" }));
    await waitFor(() => expect(sent).toMatchObject([{ to: "1/snooze/", body: { until: null } }]));
    expect(await screen.findByRole("heading", { name: "Nothing is put off" })).toBeVisible();
  });

  it("gives a draft to somebody, which shows at once and keeps it open", async () => {
    const { user } = await openQueue([aDraft(1), aDraft(2)]);
    await user.keyboard("g");
    const dialog = within(await screen.findByRole("dialog", { name: "Assign Author 1" }));
    await user.click(await dialog.findByRole("button", { name: /^ana/ }));
    expect(desk().getByText("ana’s")).toBeVisible();
    await shownDraft(1);
    await waitFor(() => expect(sent).toMatchObject([{ to: "1/assign/", body: { to: "ana" } }]));
    await user.keyboard("g");
    await user.click(await within(await screen.findByRole("dialog", { name: "Assign Author 1" })).findByRole("button", { name: /^ana/ }));
    expect(await screen.findByText("Author 1 is ana’s already.")).toBeVisible();
    await user.keyboard("u");
    await waitFor(() => expect(addressed()).toEqual(["1/assign/", "1/undo/"]));
  });
});

describe("somebody else on the same draft", () => {
  it("is named on the draft and in the list, from the start and as the socket tells it, and hinders nothing", async () => {
    const { user } = await openQueue([aDraft(1, { hold: aHold("mira") }), aDraft(2)]);
    expect(desk().getByText("mira is on it")).toBeVisible();
    FakeSocket.last.open();
    FakeSocket.last.say(anEvent(9, { type: "queue_update", run: null, detail: { draft: 2, lead: 102, status: "pending", hold: aHold("ana") } }));
    await waitFor(() => expect(list().getByText("ana")).toBeVisible());
    FakeSocket.last.say(anEvent(10, { type: "queue_update", run: null, detail: { draft: 1, lead: 101, status: "pending", hold: null } }));
    await waitFor(() => expect(desk().queryByText("mira is on it")).not.toBeInTheDocument());
    await user.keyboard("a");
    await waitFor(() => expect(addressed()).toEqual(["1/approve/"]));
  });

  it("is told that this draft is read, once it is", async () => {
    serveDesk([aDraft(1), aDraft(2)]);
    const held: string[] = [];
    server.use(
      http.post("/api/queue/:id/hold/", ({ params }) => {
        held.push(`takes ${String(params.id)}`);
        return HttpResponse.json(aHold("rita"));
      }),
      http.delete("/api/queue/:id/hold/", ({ params }) => {
        held.push(`leaves ${String(params.id)}`);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await waitFor(() => expect(held).toEqual(["takes 1"]));
    await user.keyboard("j");
    await waitFor(() => expect(held).toEqual(["takes 1", "leaves 1", "takes 2"]));
  });
});

describe("one’s own keys and texts", () => {
  it("change by pressing another key; one that is taken is refused; the sheet shows them as they are", async () => {
    const { user } = await openQueue([aDraft(1), aDraft(2)]);
    await user.keyboard("?");
    await user.click(await screen.findByText("Change keys"));
    const approve = within(screen.getByRole("list", { name: "Keys" })).getByRole("button", { name: /^Approve the draft/ });
    await user.click(approve);
    await user.keyboard("j");
    expect(screen.getByText("“j” is taken: Next draft.")).toBeVisible();
    await user.keyboard("{Control>}y{/Control}{Alt>}y{/Alt}{Meta>}y{/Meta}");
    expect(approve).toHaveTextContent("Press a key…");
    await user.keyboard("y");
    expect(approve).toHaveTextContent("y");
    await user.click(screen.getByText("Back"));
    expect(screen.getByRole("dialog", { name: "Keyboard shortcuts" })).toHaveTextContent("Approve the draft as it isy");
    await user.click(screen.getByLabelText("Close"));
    await user.keyboard("a");
    expect(sent).toEqual([]);
    await user.keyboard("y");
    await waitFor(() => expect(addressed()).toEqual(["1/approve/"]));
    expect(localStorage.getItem("signalops.queue-keys.1")).toBe('{"approve":"y"}');
  });

  it("go in where one writes, with Alt and their digit", async () => {
    localStorage.setItem("signalops.snippets.1.demo", JSON.stringify(["Happy to show you."]));
    const { user } = await openQueue([aDraft(1)]);
    await user.keyboard("e");
    const area = screen.getByRole("textbox", { name: "Reply" });
    await user.keyboard(" {Alt>}[Digit1]{/Alt}");
    expect(area).toHaveValue("Draft number 1 says hello. Happy to show you.");
    await user.click(screen.getByRole("button", { name: "Change snippets" }));
    await user.type(await screen.findByRole("textbox", { name: "Snippet 2" }), "See you.");
    await user.click(screen.getByRole("button", { name: "Keep" }));
    expect(JSON.parse(localStorage.getItem("signalops.snippets.1.demo") ?? "")).toEqual(["Happy to show you.", "See you."]);
    expect(area).toBeVisible();
  });
});

it("counts what rests approved and edited, which the statistics cannot tell", async () => {
  await openQueue([aDraft(1), aDraft(2, { status: "approved" }), aDraft(3, { status: "approved" }), aDraft(4, { status: "edited" })]);
  const tabs = within(screen.getByRole("navigation", { name: "Drafts by state" }));
  await waitFor(() => expect(tabs.getByRole("link", { name: /^Approved/ })).toHaveTextContent("Approved2"));
  expect(tabs.getByRole("link", { name: /^Edited/ })).toHaveTextContent("Edited1");
});
