import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Role, Schedule } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aPage, aSchedule } from "@/testing/samples";
import { server } from "@/testing/server";
import { describePeriod } from "./schedule-times";

let schedules: Schedule[];
const sent: unknown[] = [];

beforeEach(() => {
  sent.length = 0;
  schedules = [aSchedule(1, { label: "hourly" })];
});

function open(role: Role = "reviewer") {
  const change = (id: unknown, part: Partial<Schedule>) => {
    sent.push({ id, ...part });
    schedules = schedules.map((schedule) => (String(schedule.id) === id ? { ...schedule, ...part } : schedule));
    return HttpResponse.json(schedules[0]);
  };
  server.use(
    http.get("/api/runs/schedules/", () => HttpResponse.json(aPage(schedules))),
    http.post("/api/runs/schedules/:id/pause/", ({ params }) => change(params.id, { paused_at: "2026-11-20T12:30:00Z", paused_by: "rita", next_run_at: null })),
    http.post("/api/runs/schedules/:id/resume/", ({ params }) => change(params.id, { paused_at: null, paused_by: null, next_run_at: "2026-11-20T14:00:00Z" })),
    ...frame(role),
  );
  return renderApp("/p/demo/runs");
}

const row = async () => within(await screen.findByRole("list", { name: "Schedules" })).getByRole("listitem");

describe("the schedules of a project", () => {
  it("say when they run next and what came of the last time", async () => {
    schedules = [aSchedule(1, { label: "hourly", last_outcome: "started", last_run: { id: 7, status: "partial" } })];
    open();
    const shown = await row();
    expect(shown).toHaveTextContent(/hourly.*Every hour.*Next run Nov 20, 2026/);
    expect(within(shown).getByRole("link", { name: "Run 7 Partial" })).toHaveAttribute("href", "/p/demo/runs/7");
  });

  it("say why no run was started", async () => {
    schedules = [aSchedule(1, { every_minutes: null, cron: "0 7 * * 1-5", last_outcome: "passed_over", last_problem: "Run 7 is live." })];
    open();
    expect(await row()).toHaveTextContent(/Cron 0 7 \* \* 1-5 \(UTC\).*Passed over.*Run 7 is live\./);
  });

  it("are told of when there is none", async () => {
    schedules = [];
    open();
    expect(await screen.findByText("No schedule: a run starts when somebody asks for one.")).toBeVisible();
  });

  it("are looked at by viewers, who change nothing", async () => {
    open("viewer");
    expect(within(await row()).queryByRole("button")).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Add schedule" })).not.toBeInTheDocument();
  });

  it("are not shown to whom they are closed", async () => {
    open();
    server.use(http.get("/api/runs/schedules/", () => refuse(403, "No.")));
    expect(await screen.findByRole("alert")).toHaveTextContent("Not open to you");
  });
});

describe("one schedule", () => {
  it("is paused and resumed where it stands", async () => {
    const { user } = open();
    await user.click(within(await row()).getByRole("button", { name: "Pause hourly" }));
    await waitFor(async () => expect(await row()).toHaveTextContent(/Paused.*by rita/));
    await user.click(within(await row()).getByRole("button", { name: "Resume hourly" }));
    await waitFor(async () => expect(await row()).toHaveTextContent("Next run"));
    expect(sent).toMatchObject([{ id: "1", paused_by: "rita" }, { id: "1", paused_by: null }]);
  });

  it("tells why it could not be paused", async () => {
    const { user } = open();
    server.use(http.post("/api/runs/schedules/:id/pause/", () => refuse(404, "There is no such schedule any more.")));
    await user.click(within(await row()).getByRole("button", { name: "Pause hourly" }));
    expect(await screen.findByText("There is no such schedule any more.")).toBeVisible();
  });

  it("is removed once that is confirmed", async () => {
    const { user } = open();
    server.use(
      http.delete("/api/runs/schedules/:id/", ({ params }) => {
        sent.push(params.id);
        schedules = [];
        return new HttpResponse(null, { status: 204 });
      }),
    );
    await user.click(within(await row()).getByRole("button", { name: "Remove hourly" }));
    expect(sent).toEqual([]);
    await user.click(await screen.findByRole("button", { name: "Remove schedule" }));
    expect(await screen.findByText("No schedule: a run starts when somebody asks for one.")).toBeVisible();
    expect(sent).toEqual(["1"]);
  });
});

describe("a new schedule", () => {
  const add = async (fill: (user: ReturnType<typeof renderApp>["user"], dialog: ReturnType<typeof within>) => Promise<void>) => {
    schedules = [];
    const { user } = open();
    server.use(
      http.post("/api/runs/schedules/", async ({ request }) => {
        sent.push(await request.json());
        schedules = [aSchedule(2, { label: "mornings" })];
        return HttpResponse.json(schedules[0], { status: 201 });
      }),
    );
    await user.click(await screen.findByRole("button", { name: "Add schedule" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a schedule" }));
    await user.type(dialog.getByLabelText("Name"), "mornings");
    await fill(user, dialog);
    await user.click(dialog.getByRole("button", { name: "Add schedule" }));
    return user;
  };

  it("runs every hour unless something else is chosen", async () => {
    await add(async () => {});
    expect(await row()).toHaveTextContent("mornings");
    expect(sent).toEqual([{ project: "demo", label: "mornings", every_minutes: 60 }]);
  });

  it("takes any number of minutes, and a limit", async () => {
    await add(async (user, dialog) => {
      await user.selectOptions(dialog.getByLabelText("When"), "Every so many minutes");
      await user.type(dialog.getByLabelText("Minutes"), "45");
      await user.type(dialog.getByLabelText("At most, per stage"), "20");
    });
    expect(await row()).toBeVisible();
    expect(sent).toEqual([{ project: "demo", label: "mornings", every_minutes: 45, options: { limit: 20 } }]);
  });

  it("takes a cron text, and shows the server's word when it does not hold", async () => {
    server.use(http.get("/api/runs/schedules/", () => HttpResponse.json(aPage([]))), ...frame());
    const { user } = renderApp("/p/demo/runs");
    server.use(
      http.post("/api/runs/schedules/", async ({ request }) => {
        sent.push(await request.json());
        return refuse(400, "Write five fields.");
      }),
    );
    await user.click(await screen.findByRole("button", { name: "Add schedule" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a schedule" }));
    await user.type(dialog.getByLabelText("Name"), "mornings");
    await user.selectOptions(dialog.getByLabelText("When"), "At the times of a cron text");
    await user.type(dialog.getByLabelText("Cron text, in UTC"), "61 7 * * 1-5");
    await user.click(dialog.getByRole("button", { name: "Add schedule" }));
    expect(await dialog.findByText("Write five fields.")).toBeVisible();
    expect(sent).toEqual([{ project: "demo", label: "mornings", cron: "61 7 * * 1-5" }]);
  });
});

describe("a period in words", () => {
  it.each([
    [1, "Every minute"],
    [45, "Every 45 minutes"],
    [60, "Every hour"],
    [90, "Every 90 minutes"],
    [720, "Every 12 hours"],
    [1440, "Every day"],
    [10_080, "Every week"],
  ])("%i is %s", (minutes, words) => expect(describePeriod(minutes)).toBe(words));
});
