import { screen, waitFor, within } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { QueueItem, Role } from "@/api/types";
import { FakeSocket } from "@/testing/fake-socket";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aDraft, aHold, aMe, anEvent, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

interface Sent {
  act: string;
  id: number;
  body: Record<string, unknown> | null;
}

const sent: Sent[] = [];

function serveQueue(items: QueueItem[], role: Role = "reviewer") {
  server.use(
    ...frame(role),
    http.get("/api/queue/", ({ request }) => {
      const status = new URL(request.url).searchParams.get("status");
      return HttpResponse.json(aPage(items.filter((item) => item.status === status)));
    }),
    http.post("/api/queue/:id/:act/", async ({ params, request }) => {
      if (params.act === "hold") return HttpResponse.json(aHold("rita"));
      const id = Number(params.id);
      const text = await request.text();
      sent.push({ act: String(params.act), id, body: text ? (JSON.parse(text) as Record<string, unknown>) : null });
      const item = items.find((candidate) => candidate.id === id) ?? aDraft(id);
      return HttpResponse.json({ ...item, status: params.act === "undo" ? "pending" : "approved", reviewer: "rita" });
    }),
  );
}

const desk = () => within(screen.getByRole("region", { name: "Draft" }));
const list = () => within(screen.getByRole("list", { name: "Drafts" }));
const shownDraft = (id: number) => waitFor(() => expect(desk().getByText(`Draft number ${id} says hello.`)).toBeVisible());

beforeEach(() => {
  sent.length = 0;
});

describe("deciding by keyboard", () => {
  it("approves with a and shows the next draft before the server has answered", async () => {
    serveQueue([aDraft(1), aDraft(2), aDraft(3)]);
    server.use(http.post("/api/queue/1/approve/", () => delay("infinite")));
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a");
    await shownDraft(2);
    expect(list().queryByText("Author 1")).not.toBeInTheDocument();
    expect(screen.getByText("Approved: Author 1")).toBeVisible();
  });

  it("sends how many seconds were spent", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a");
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toMatchObject({ act: "approve", id: 1 });
    expect(sent[0]?.body?.seconds_spent).toBeTypeOf("number");
  });

  it("moves with j and k, and keeps the draft in the address", async () => {
    serveQueue([aDraft(1), aDraft(2), aDraft(3)]);
    const { user, search } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("jj");
    await shownDraft(3);
    await waitFor(() => expect(search().get("draft")).toBe("3"));
    await user.keyboard("k");
    await shownDraft(2);
  });

  it("rejects with r and a digit", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("r");
    expect(screen.getByRole("region", { name: "Reject draft" })).toHaveFocus();
    await user.keyboard("4");
    await shownDraft(2);
    await waitFor(() => expect(sent[0]).toMatchObject({ act: "reject", id: 1, body: { reason: "too_salesy", better_text: "" } }));
  });

  it("sends the better reply along, and a digit typed into it rejects nothing", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("r");
    await user.type(screen.getByLabelText(/A better reply/), "Try 3 tools");
    expect(sent).toEqual([]);
    await user.click(screen.getByRole("button", { name: /Wrong tone/ }));
    await waitFor(() => expect(sent[0]).toMatchObject({ act: "reject", body: { reason: "wrong_tone", better_text: "Try 3 tools" } }));
  });

  it("edits with e, saves with Ctrl+Enter, and letters typed decide nothing", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e");
    const area = screen.getByRole("textbox", { name: "Reply" });
    expect(area).toHaveFocus();
    await user.keyboard(" area");
    expect(area).toHaveValue("Draft number 1 says hello. area");
    expect(sent).toEqual([]);
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(sent[0]).toMatchObject({ act: "edit", id: 1, body: { text: "Draft number 1 says hello. area" } }));
    await shownDraft(2);
  });

  it("sends an unchanged edit as an approval", async () => {
    serveQueue([aDraft(1)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e{Control>}{Enter}{/Control}");
    await waitFor(() => expect(sent[0]?.act).toBe("approve"));
  });

  it("leaves editing with Escape and keeps what was typed", async () => {
    serveQueue([aDraft(1)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e and more{Escape}");
    expect(screen.queryByRole("textbox", { name: "Reply" })).not.toBeInTheDocument();
    await user.keyboard("e");
    expect(screen.getByRole("textbox", { name: "Reply" })).toHaveValue("Draft number 1 says hello. and more");
  });

  it("refuses a text that is too long", async () => {
    serveQueue([aDraft(1, { max_length: 30 })]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e far too long{Control>}{Enter}{/Control}");
    expect(screen.getByText(/9 too long/)).toBeVisible();
    expect(screen.getByRole("button", { name: /Save and approve/ })).toBeDisabled();
    expect(sent).toEqual([]);
  });

  it("does not approve a draft that its platform would refuse", async () => {
    serveQueue([aDraft(1, { max_length: 5 })]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a");
    expect(screen.getByRole("button", { name: /Approve/ })).toBeDisabled();
    expect(sent).toEqual([]);
  });

  it("shows all keys with ?", async () => {
    serveQueue([aDraft(1)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toHaveTextContent("Undo your last decision");
  });
});

describe("a queue of many pages", () => {
  const SIZE = 20;
  const all = Array.from({ length: 45 }, (_, index) => aDraft(index + 1, { score: 99 - index }));
  const cursors: string[] = [];
  let held: Promise<void> = Promise.resolve();

  beforeEach(() => {
    cursors.length = 0;
    held = Promise.resolve();
    serveQueue(all);
    server.use(
      http.get("/api/queue/", async ({ request }) => {
        const asked = new URL(request.url).searchParams;
        if (asked.has("count")) return HttpResponse.json(aPage([]));
        const cursor = asked.get("cursor") ?? "";
        cursors.push(cursor);
        if (cursor) await held;
        const from = Number(cursor);
        const next = from + SIZE < all.length ? `/api/queue/?project=demo&cursor=${from + SIZE}` : null;
        return HttpResponse.json(aPage(all.slice(from, from + SIZE), next));
      }),
    );
  });

  it("is read page by page, each once, so that the next three drafts are there before they are needed", async () => {
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    let at = 1;
    for (const { upTo, needs } of [
      { upTo: 17, needs: "20" },
      { upTo: 37, needs: "40" },
      { upTo: 45, needs: "40" },
    ]) {
      while (at < upTo) {
        await user.keyboard("j");
        at += 1;
      }
      await shownDraft(upTo);
      expect(cursors).toContain(needs);
    }
    expect(cursors).toEqual(["", "20", "40"]);
  });

  it("goes on across the end of a page by deciding alone, and a page on its way is not begun again", async () => {
    let answer: () => void = () => undefined;
    held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a".repeat(20));
    expect(await screen.findByText("Loading the draft…")).toBeInTheDocument();
    expect(screen.queryByRole("heading", { name: "All done" })).not.toBeInTheDocument();
    answer();
    await shownDraft(21);
    expect(cursors.filter((cursor) => cursor === "20")).toHaveLength(1);
  });
});

describe("when somebody else was faster", () => {
  it("brings the draft back, says who decided what, and leaves the open draft alone", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(
      http.post("/api/queue/1/approve/", () => refuse(409, "Draft 1 is decided: ana rejected it.")),
      http.get("/api/queue/1/", () => HttpResponse.json(aDraft(1, { status: "rejected", reviewer: "ana" }))),
    );
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a");
    expect(await screen.findByText("Draft 1 is decided: ana rejected it.")).toBeVisible();
    await shownDraft(2);
    expect(list().getByText("Author 1")).toBeVisible();

    await user.click(screen.getByRole("button", { name: "Show draft" }));
    await shownDraft(1);
    expect(desk().getByRole("alert")).toHaveTextContent("ana rejected it");
    expect(desk().queryByRole("button", { name: /Approve/ })).not.toBeInTheDocument();
  });

  it("brings the draft back, still open, when the server fails", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(http.post("/api/queue/1/approve/", () => refuse(500, "Something went wrong here.")));
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a");
    await user.click(await screen.findByRole("button", { name: "Show draft" }));
    await shownDraft(1);
    expect(desk().getByRole("button", { name: /Approve/ })).toBeEnabled();
  });
});

describe("what was typed", () => {
  it.each([
    ["fails", () => refuse(500, "Something went wrong here.")],
    ["is cut off", () => HttpResponse.error()],
  ])("comes back with the draft when saving it %s", async (_, answer) => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(http.post("/api/queue/1/edit/", answer));
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e and more{Control>}{Enter}{/Control}");
    await user.click(await screen.findByRole("button", { name: "Show draft" }));
    await shownDraft(1);
    await user.keyboard("e");
    expect(screen.getByRole("textbox", { name: "Reply" })).toHaveValue("Draft number 1 says hello. and more");
  });

  it("is there after signing in again, when the session had ended", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(
      http.post("/api/queue/1/edit/", () => refuse(401, "Sign in first.")),
      http.post("/api/auth/sign-in/", () => HttpResponse.json(aMe("reviewer"))),
    );
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e and more{Control>}{Enter}{/Control}");
    await user.type(await screen.findByLabelText("User name"), "rita");
    await user.type(screen.getByLabelText("Password"), "secret");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    await waitFor(() => expect(list().getByText("Author 1")).toBeVisible());
    await user.click(list().getByText("Author 1"));
    await shownDraft(1);
    await user.keyboard("e");
    expect(screen.getByRole("textbox", { name: "Reply" })).toHaveValue("Draft number 1 says hello. and more");
  });

  it("is not decided past by a key while the focus is beside it; Escape leaves", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e and more");
    await user.click(desk().getByRole("heading", { name: "Edit draft" }));
    await user.keyboard("arjksgxu");
    expect(screen.getByRole("textbox", { name: "Reply" })).toHaveValue("Draft number 1 says hello. and more");
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    expect(screen.queryByText(/selected/)).not.toBeInTheDocument();
    await user.keyboard("{Escape}rj");
    expect(screen.getByRole("region", { name: "Reject draft" })).toBeVisible();
    await user.keyboard("{Escape}j");
    await shownDraft(2);
    expect(sent).toEqual([]);
  });

  it("stays to be copied when somebody else decides meanwhile, and who it was is said", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(http.get("/api/queue/1/", () => HttpResponse.json(aDraft(1, { status: "approved", reviewer: "mira" }))));
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e and more");
    FakeSocket.last.open();
    FakeSocket.last.say(anEvent(9, { type: "queue_update", run: null, detail: { draft: 1, lead: 101, status: "approved" } }));
    expect(await desk().findByText("mira approved it while you were typing. Your text is kept: copy it.")).toBeVisible();
    expect(desk().getByText("Draft number 1 says hello. and more")).toBeVisible();
    await user.click(desk().getByRole("button", { name: "Copy" }));
    expect(await navigator.clipboard.readText()).toBe("Draft number 1 says hello. and more");
    expect(desk().getByRole("button", { name: "Copied" })).toBeVisible();
  });

  it("stays with its draft while others are read, and goes when it is discarded", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("e and more");
    await user.click(desk().getByRole("button", { name: /^Next draft/ }));
    await shownDraft(2);
    const leave = () => window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
    expect(leave()).toBe(false);
    await user.keyboard("k");
    await shownDraft(1);
    expect(desk().getByText(/You have typed on this draft/)).toBeVisible();
    await user.keyboard("e");
    expect(screen.getByRole("textbox", { name: "Reply" })).toHaveValue("Draft number 1 says hello. and more");
    await user.click(desk().getByRole("button", { name: "Discard what I typed" }));
    await shownDraft(1);
    expect(desk().queryByText(/You have typed on this draft/)).not.toBeInTheDocument();
    expect(leave()).toBe(true);
    await user.keyboard("e");
    expect(screen.getByRole("textbox", { name: "Reply" })).toHaveValue("Draft number 1 says hello.");
  });

  it("comes back with a better reply that could not be saved", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(http.post("/api/queue/1/reject/", () => refuse(500, "Something went wrong here.")));
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("r");
    await user.type(screen.getByLabelText(/A better reply/), "Try this");
    await user.click(screen.getByRole("button", { name: /Wrong tone/ }));
    await user.click(await screen.findByRole("button", { name: "Show draft" }));
    await shownDraft(1);
    await user.keyboard("r");
    expect(screen.getByLabelText(/A better reply/)).toHaveValue("Try this");
  });
});

describe("undo", () => {
  it("takes the last decision back and opens its draft", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a");
    await shownDraft(2);
    await user.keyboard("u");
    await shownDraft(1);
    await waitFor(() => expect(sent.map((one) => `${one.act} ${one.id}`)).toEqual(["approve 1", "undo 1"]));
    expect(list().getByText("Author 1")).toBeVisible();
  });

  it("walks back through several decisions, newest first", async () => {
    serveQueue([aDraft(1), aDraft(2), aDraft(3)]);
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("a");
    await shownDraft(2);
    await user.keyboard("a");
    await shownDraft(3);
    await user.keyboard("u");
    await shownDraft(2);
    await user.keyboard("u");
    await shownDraft(1);
    await waitFor(() => expect(sent.filter((one) => one.act === "undo").map((one) => one.id)).toEqual([2, 1]));
  });

  it("waits for a decision that is still on its way", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    server.use(
      http.post("/api/queue/1/approve/", async () => {
        await answered;
        return HttpResponse.json(aDraft(1, { status: "approved" }));
      }),
    );
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("au");
    await shownDraft(1);
    expect(sent).toEqual([]);
    answer();
    await waitFor(() => expect(sent.map((one) => one.act)).toEqual(["undo"]));
  });

  it("asks before it takes back what was decided before this session", async () => {
    serveQueue([aDraft(2)]);
    const decided = { id: 31, kind: "approve", user: "rita", draft: 1, lead: 12, seconds_spent: 4, created_at: "2026-01-02T10:31:00Z", undone_at: null };
    const taken: unknown[] = [];
    server.use(
      http.get("/api/queue/undo/", () => HttpResponse.json({ results: [decided] })),
      http.post("/api/queue/undo/", async ({ request }) => {
        taken.push(await request.json());
        return HttpResponse.json({ decision: decided, item: aDraft(1) });
      }),
    );
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(2);
    await user.keyboard("u");
    const dialog = await screen.findByRole("dialog", { name: /^Take back your approval of lead 12 from .+\?$/ });
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    expect(taken).toEqual([]);
    await user.keyboard("u");
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Take it back" }));
    await shownDraft(1);
    expect(taken).toEqual([{ project: "demo", decision: 31 }]);
  });

  it("is finished before the draft is decided anew", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const heard: string[] = [];
    server.use(
      http.post("/api/queue/1/undo/", async () => {
        heard.push("undo");
        await answered;
        return HttpResponse.json(aDraft(1));
      }),
    );
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("au");
    await waitFor(() => expect(heard).toEqual(["undo"]));
    await user.keyboard("r4");
    await shownDraft(2);
    await delay(50);
    expect(sent.map(({ act }) => act)).toEqual(["approve"]);
    answer();
    await waitFor(() => expect(sent.map(({ act }) => act)).toEqual(["approve", "reject"]));
  });

  it("is offered in the message, and says when nothing is left", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(http.get("/api/queue/undo/", () => HttpResponse.json({ results: [] })));
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    await user.keyboard("u");
    expect(await screen.findByText("You have no decision left to take back.")).toBeVisible();
    await user.keyboard("a");
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await shownDraft(1);
  });
});

describe("what others do", () => {
  it("takes a draft that somebody else decided off the list", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    renderApp("/p/demo/queue");
    await shownDraft(1);
    FakeSocket.last.open();
    FakeSocket.last.say(anEvent(9, { type: "queue_update", run: null, detail: { draft: 2, lead: 102, status: "approved" } }));
    await waitFor(() => expect(list().queryByText("Author 2")).not.toBeInTheDocument());
  });

  it("does not take the open draft away, but shows who decided on it", async () => {
    serveQueue([aDraft(1), aDraft(2)]);
    server.use(http.get("/api/queue/1/", () => HttpResponse.json(aDraft(1, { status: "rejected", reviewer: "ana", reject_reason: "too_salesy" }))));
    renderApp("/p/demo/queue");
    await shownDraft(1);
    FakeSocket.last.open();
    FakeSocket.last.say(anEvent(9, { type: "queue_update", run: null, detail: { draft: 1, lead: 101, status: "rejected" } }));
    expect(await desk().findByText("by ana")).toBeVisible();
    expect(desk().queryByRole("button", { name: /Approve/ })).not.toBeInTheDocument();
  });
});

describe("roles and states", () => {
  it("shows a viewer everything but decisions, and says why", async () => {
    serveQueue([aDraft(1)], "viewer");
    const { user } = renderApp("/p/demo/queue");
    await shownDraft(1);
    expect(desk().getByText(/You are a viewer in this project/)).toBeVisible();
    for (const name of [/Approve/, /Edit/, /Reject/, /Undo/]) expect(desk().queryByRole("button", { name })).not.toBeInTheDocument();
    await user.keyboard("are1u");
    expect(sent).toEqual([]);
  });

  it("says when nothing waits", async () => {
    serveQueue([]);
    renderApp("/p/demo/queue");
    expect(await screen.findByRole("heading", { name: "Nothing waits for review" })).toBeVisible();
  });

  it("shows a failed list with a way to try again", async () => {
    serveQueue([aDraft(1)]);
    server.use(http.get("/api/queue/", () => refuse(400, "The cursor does not fit."), { once: true }));
    const { user } = renderApp("/p/demo/queue");
    expect(await screen.findByText("The cursor does not fit.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await shownDraft(1);
  });

  it("lists decided drafts by the state in the address, with what was changed", async () => {
    serveQueue([aDraft(1, { status: "edited", text: "Draft number 1 says goodbye.", reviewer: "rita" })]);
    const { user } = renderApp("/p/demo/queue?status=edited");
    const change = await waitFor(() => desk().getByText("goodbye"));
    expect(change.tagName).toBe("INS");
    await user.click(desk().getByRole("button", { name: "Take back your decision" }));
    await waitFor(() => expect(sent[0]).toMatchObject({ act: "undo", id: 1 }));
  });

  it("opens a draft that the address names and the list does not hold", async () => {
    serveQueue([aDraft(1)]);
    server.use(http.get("/api/queue/77/", () => HttpResponse.json(aDraft(77))));
    renderApp("/p/demo/queue?draft=77");
    await shownDraft(77);
  });
});
