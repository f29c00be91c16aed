import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Notification, NotificationState } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aNotification, aNotificationState, aNotificationTarget, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

let state: NotificationState;
let log: Notification[];

beforeEach(() => {
  state = aNotificationState();
  log = [];
  server.use(
    ...frame("operator"),
    http.get("/api/notifications/state/", () => HttpResponse.json(state)),
    http.get("/api/notifications/", () => HttpResponse.json(aPage(log))),
  );
});

async function open() {
  const app = renderApp("/p/demo/settings/notifications");
  return { ...app, targets: within(await screen.findByRole("list", { name: "Targets" })) };
}

describe("the targets", () => {
  it("say how they do, and those that are not named have no test", async () => {
    state.targets = [
      aNotificationTarget("slack", { waiting: 2, failed: 1, problem: "${SLACK} is not set in the environment." }),
      aNotificationTarget("discord", { configured: false }),
    ];
    const { targets } = await open();
    const [slack, discord] = targets.getAllByRole("listitem");
    expect(slack).toHaveTextContent("2 waiting · 1 failed · last sent –");
    expect(slack).toHaveTextContent("${SLACK} is not set in the environment.");
    expect(discord).toHaveTextContent("Not named in project.yaml");
    expect(targets.getAllByRole("button")).toHaveLength(1);
  });

  it("are told by the times and the score of project.yaml", async () => {
    state = aNotificationState({ digest: "daily 08:00", min_score_to_notify: 80 });
    await open();
    expect(screen.getByText("Leads from 80 points are told at once. The others are summed up daily 08:00 (UTC).")).toBeVisible();
  });

  it("say when notifications are off", async () => {
    state = aNotificationState({ enabled: false });
    await open();
    expect(screen.getByText(/Notifications are off/)).toBeVisible();
  });

  it("are tested, and the outcome stands under them", async () => {
    const sent: unknown[] = [];
    const outcomes = [aNotification(1, { kind: "test" }), aNotification(2, { kind: "test", status: "failed", error: "Slack answered 404." })];
    server.use(
      http.post("/api/notifications/test/", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(outcomes.shift(), { status: 201 });
      }),
    );
    const { user, targets } = await open();
    const button = targets.getByRole("button", { name: "Send a test to Slack" });
    await user.click(button);
    expect(await targets.findByText("Slack took the test message.")).toBeVisible();
    expect(sent).toEqual([{ project: "demo", target: "slack" }]);
    await user.click(button);
    expect(await targets.findByRole("alert")).toHaveTextContent("Slack answered 404.");
    expect(targets.queryByText("Slack took the test message.")).not.toBeInTheDocument();
  });

  it("tell a refusal of the test itself", async () => {
    server.use(http.post("/api/notifications/test/", () => refuse(400, "The project names no such target.")));
    const { user, targets } = await open();
    await user.click(targets.getByRole("button", { name: "Send a test to Slack" }));
    expect(await targets.findByRole("alert")).toHaveTextContent("The project names no such target.");
  });
});

describe("the log", () => {
  it("says what each message was and what came of it", async () => {
    log = [
      aNotification(4, { kind: "alert", sentence: "x: main is paused." }),
      aNotification(3, { kind: "digest", leads: 12, status: "waiting", tries: 2, error: "Slack answered 503." }),
      aNotification(2),
    ];
    await open();
    const rows = within(await screen.findByRole("list", { name: "Messages" })).getAllByRole("listitem");
    expect(rows[0]).toHaveTextContent("x: main is paused.");
    expect(rows[1]).toHaveTextContent("Summary of 12 leadsWaitingSlack answered 503. Tried 2 times.");
    expect(rows[2]).toHaveTextContent("1 new leadSent");
    expect(screen.queryByRole("button", { name: /Replay/ })).not.toBeInTheDocument();
  });

  it("replays one message or all that failed", async () => {
    log = [aNotification(9, { status: "failed", error: "Given up." })];
    const asked: string[] = [];
    server.use(
      http.post("/api/notifications/9/replay/", () => {
        asked.push("9");
        return HttpResponse.json(aNotification(9, { status: "waiting" }));
      }),
      http.post("/api/notifications/replay/", () => HttpResponse.json({ replayed: 3 })),
    );
    const { user } = await open();
    await user.click(await screen.findByRole("button", { name: "Replay message 9" }));
    await waitFor(() => expect(asked).toEqual(["9"]));
    await user.click(screen.getByRole("button", { name: "Replay all that failed" }));
    expect(await screen.findByText("3 messages will be tried anew.")).toBeVisible();
  });

  it("says when nothing was sent yet, and shows a failure with a way to try again", async () => {
    server.use(http.get("/api/notifications/", () => refuse(400, "That does not hold."), { once: true }));
    const { user } = await open();
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { name: "Nothing was sent yet" })).toBeVisible();
  });
});
