import { screen, waitFor, within } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { LabelTask, Role } from "@/api/types";
import { FakeSocket } from "@/testing/fake-socket";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aLabelTask, anEvent } from "@/testing/samples";
import { server } from "@/testing/server";

interface Sent {
  act: string;
  id: number;
  body: Record<string, unknown> | null;
}

const sent: Sent[] = [];
let asked: URL[] = [];
let open: LabelTask[] = [];
let done: LabelTask[] = [];

/** As the server does it: an unanswered post that the reader has comes again, unless they say that they hold it. */
function serveLane(tasks: LabelTask[], role: Role = "reviewer") {
  open = [...tasks];
  done = [];
  server.use(
    http.get("/api/labels/", () => HttpResponse.json({ waiting: open.length })),
    ...frame(role),
    http.get("/api/labels/next/", ({ request }) => {
      asked.push(new URL(request.url));
      const held = new URL(request.url).searchParams.get("held");
      return HttpResponse.json({ task: open.find((task) => String(task.id) !== held) ?? null, waiting: open.length });
    }),
    http.post("/api/labels/undo/", () => {
      const task = done.pop();
      if (!task) return refuse(409, "rita has no answer left to take back in 'demo'.");
      open.unshift(task);
      sent.push({ act: "undo", id: task.id, body: null });
      return HttpResponse.json({ task, waiting: open.length });
    }),
    http.post("/api/labels/:id/:act/", async ({ params, request }) => {
      const text = await request.text();
      const id = Number(params.id);
      sent.push({ act: String(params.act), id, body: text ? (JSON.parse(text) as Record<string, unknown>) : null });
      if (params.act === "answer") done.push(...open.filter((task) => task.id === id));
      open = open.filter((task) => task.id !== id);
      return HttpResponse.json({ waiting: open.length });
    }),
  );
}

const shown = (id: number) => waitFor(() => expect(screen.getByText(`Post number ${id} asks.`)).toBeVisible());
const fetchedAhead = (held: number) => waitFor(() => expect(asked.some((url) => url.searchParams.get("held") === String(held))).toBe(true));

beforeEach(() => {
  sent.length = 0;
  asked = [];
});

describe("answering by keyboard", () => {
  it.each([
    ["r", "relevant"],
    ["m", "maybe"],
    ["i", "irrelevant"],
  ])("%s says %s, with the seconds that it took, and the next post comes", async (key, label) => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard(key);
    await shown(2);
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toMatchObject({ act: "answer", id: 1, body: { label } });
    expect(sent[0]?.body?.seconds).toBeTypeOf("number");
  });

  it("shows the next post before the server has answered, once it was fetched ahead", async () => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    server.use(http.post("/api/labels/1/answer/", () => delay("infinite")));
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await fetchedAhead(1);
    await user.keyboard("r");
    await shown(2);
  });

  it("answers a whole line, one after the other, each once", async () => {
    serveLane([1, 2, 3, 4].map((id) => aLabelTask(id)));
    const { user } = renderApp("/p/demo/label");
    for (const id of [1, 2, 3, 4]) {
      await shown(id);
      await user.keyboard("r");
    }
    expect(await screen.findByText("All done")).toBeVisible();
    expect(sent.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });

  it("skips with s, and says nothing of the post", async () => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard("s");
    await shown(2);
    await waitFor(() => expect(sent).toEqual([{ act: "skip", id: 1, body: null }]));
  });

  it("takes the last answer back with u, and that post is there again", async () => {
    serveLane([aLabelTask(1), aLabelTask(2), aLabelTask(3)]);
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard("r");
    await shown(2);
    await user.keyboard("u");
    await shown(1);
    expect(screen.getByText("Taken back: Author 1")).toBeVisible();
    await user.keyboard("i");
    await shown(2);
    await waitFor(() => expect(sent.map(({ act, id }) => `${act} ${id}`)).toEqual(["answer 1", "undo 1", "answer 1"]));
    expect(sent[2]?.body).toMatchObject({ label: "irrelevant" });
  });

  it("says so when there is nothing to take back", async () => {
    serveLane([aLabelTask(1)]);
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard("u");
    expect(await screen.findByText(/no answer left to take back/)).toBeVisible();
    await shown(1);
  });

  it("explains the keys with ?, and nothing fires behind the explanation or in its fields", async () => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard("?");
    const help = screen.getByRole("dialog", { name: "Keyboard shortcuts" });
    await user.keyboard("rmis");
    within(help).getByRole("checkbox").focus();
    await user.keyboard("rmis");
    await shown(1);
    expect(sent).toEqual([]);
  });

  it("leaves letters with a modifier alone", async () => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard("{Control>}r{/Control}{Meta>}i{/Meta}");
    expect(sent).toEqual([]);
  });
});

describe("what goes wrong", () => {
  it("says who has the post by now, and goes on", async () => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    server.use(http.post("/api/labels/1/answer/", () => refuse(409, "remy has this one.")));
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard("r");
    expect(await screen.findByText("remy has this one.")).toBeVisible();
    expect(screen.queryByText("Post number 1 asks.")).not.toBeInTheDocument();
  });

  it("brings a post back whose answer could not be stored", async () => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    server.use(http.post("/api/labels/1/answer/", () => refuse(500, "Something broke on the server.")));
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await fetchedAhead(1);
    await user.keyboard("r");
    expect(await screen.findByText("Something broke on the server.")).toBeVisible();
    await shown(1);
  });

  it("offers to try again when no post could be loaded", async () => {
    serveLane([aLabelTask(1)]);
    server.use(http.get("/api/labels/next/", () => refuse(400, "That did not work."), { once: true }));
    const { user } = renderApp("/p/demo/label");
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    await shown(1);
  });

  it("tells a viewer that it is not open to them, and asks the server for nothing", async () => {
    serveLane([aLabelTask(1)], "viewer");
    const { user } = renderApp("/p/demo/label");
    expect(await screen.findByText("Not open to you")).toBeVisible();
    expect(screen.queryByRole("group", { name: "Answer" })).not.toBeInTheDocument();
    await user.keyboard("ru");
    expect(asked).toEqual([]);
    expect(sent).toEqual([]);
    expect(screen.queryByRole("link", { name: /Blind review/ })).not.toBeInTheDocument();
  });
});

describe("when nothing waits", () => {
  it("says so, and looks again when asked to or when a run has ended", async () => {
    serveLane([]);
    renderApp("/p/demo/label");
    expect(await screen.findByText("Nothing waits for you")).toBeVisible();
    open = [aLabelTask(7)];
    FakeSocket.last.say(anEvent(1, { type: "run_finished", run: 3, detail: { status: "succeeded" } }));
    await shown(7);
  });
});

describe("in the navigation", () => {
  it("stands with the number that waits", async () => {
    serveLane([aLabelTask(1), aLabelTask(2)]);
    const { user } = renderApp("/p/demo/label");
    const link = await screen.findByRole("link", { name: /Blind review/ });
    await waitFor(() => expect(link).toHaveTextContent("2 waiting"));
    await shown(1);
    await user.keyboard("r");
    await waitFor(() => expect(link).toHaveTextContent("1 waiting"));
  });
});

describe("what the page knows", () => {
  it("asks for posts and counts alone: no lead, draft or judgment", async () => {
    const paths: string[] = [];
    const watch = ({ request }: { request: Request }) => void paths.push(new URL(request.url).pathname);
    server.events.on("request:start", watch);
    serveLane([aLabelTask(1), aLabelTask(2)]);
    const { user } = renderApp("/p/demo/label");
    await shown(1);
    await user.keyboard("r");
    await shown(2);
    server.events.removeListener("request:start", watch);
    expect(paths.filter((path) => /leads|queue/.test(path) && path !== "/api/queue/pauses/")).toEqual([]);
    for (const word of [/score/i, /confidence/i, /draft/i, /judg/i]) expect(screen.queryByText(word)).not.toBeInTheDocument();
  });
});
