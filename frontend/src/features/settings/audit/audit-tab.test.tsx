import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { anAuditEntry, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

const asked: URLSearchParams[] = [];

function serveLog(entries: AuditEntry[]) {
  server.use(
    ...frame("operator"),
    http.get("/api/audit/", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(aPage(entries));
    }),
  );
}

const log = () => screen.findByRole("list", { name: "Audit log" });

beforeEach(() => {
  asked.length = 0;
});

describe("the audit log", () => {
  it("says who did what to which row, with the fields as they are stored", async () => {
    serveLog([
      anAuditEntry(2, { action: "member.change", target_type: "core.membership", target_id: "4", fields_changed: { user: 3, changed: ["role"], note: "" } }),
      anAuditEntry(1, { actor: "job:retention", target_type: "", target_id: "", fields_changed: {} }),
    ]);
    renderApp("/p/demo/settings/audit");
    const rows = within(await log()).getAllByRole("listitem");
    expect(rows[0]).toHaveTextContent('ritamember.changecore.membership 4user3changed["role"]note–');
    expect(rows[1]).toHaveTextContent("job:retentiondraft.approve");
  });

  it("is narrowed by what is in the address", async () => {
    serveLog([anAuditEntry(1)]);
    renderApp("/p/demo/settings/audit?action=draft.approve&actor=rita&from=2026-11-01");
    await log();
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({ project: "demo", action: "draft.approve", actor: "rita", after: new Date(2026, 10, 1).toISOString() });
    expect(screen.getByLabelText("Action")).toHaveValue("draft.approve");
    expect(screen.getByLabelText("From")).toHaveValue("2026-11-01");
  });

  it("puts what is chosen into the address, once it is confirmed", async () => {
    serveLog([anAuditEntry(1)]);
    const { user, search } = renderApp("/p/demo/settings/audit");
    await log();
    await user.type(screen.getByLabelText("Who"), "ben");
    expect(search().has("actor")).toBe(false);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(asked.at(-1)?.get("actor")).toBe("ben"));
    expect(search().get("actor")).toBe("ben");
    await user.click(screen.getByRole("button", { name: "Clear" }));
    await waitFor(() => expect(search().toString()).toBe(""));
  });

  it("takes a day as soon as it is whole", async () => {
    serveLog([anAuditEntry(1)]);
    const { user, search } = renderApp("/p/demo/settings/audit");
    await log();
    await user.type(screen.getByLabelText("To"), "2026-11-20");
    await waitFor(() => expect(asked.at(-1)?.get("before")).toBe(new Date(2026, 10, 21).toISOString()));
    expect(search().get("to")).toBe("2026-11-20");
  });

  it("says when no entry fits, and lets the filters go", async () => {
    serveLog([]);
    const { user, search } = renderApp("/p/demo/settings/audit?actor=nobody");
    await user.click(await screen.findByRole("button", { name: "Clear filters" }));
    await waitFor(() => expect(search().toString()).toBe(""));
    expect(await screen.findByRole("heading", { name: "Nothing has happened yet" })).toBeVisible();
  });

  it("goes on to older entries with the server's cursor", async () => {
    serveLog([]);
    server.use(
      http.get("/api/audit/", ({ request }) => {
        const cursor = new URL(request.url).searchParams.get("cursor");
        return HttpResponse.json(cursor === "abc" ? aPage([anAuditEntry(1, { actor: "ben" })]) : aPage([anAuditEntry(2)], "/api/audit/?project=demo&cursor=abc"));
      }),
    );
    const { user } = renderApp("/p/demo/settings/audit");
    await user.click(await screen.findByRole("button", { name: "Show older entries" }));
    expect(await within(await log()).findByText("ben")).toBeVisible();
  });

  it("shows a refusal and a failure apart", async () => {
    serveLog([anAuditEntry(1)]);
    server.use(http.get("/api/audit/", () => refuse(400, "actor: too long."), { once: true }));
    const { user } = renderApp("/p/demo/settings/audit");
    expect(await screen.findByRole("alert")).toHaveTextContent("actor: too long.");
    server.use(http.get("/api/audit/", () => refuse(403, "No."), { once: true }));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("Not open to you"));
  });
});
