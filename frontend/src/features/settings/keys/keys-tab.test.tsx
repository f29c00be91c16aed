import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { KeyWish } from "@/api/create-key";
import type { ApiKey } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aKey, aMe, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

const SECRET = "so_00000009_the-text-of-the-key";

let keys: ApiKey[];
const wishes: KeyWish[] = [];

beforeEach(() => {
  wishes.length = 0;
  keys = [];
  server.use(
    ...frame("operator"),
    http.get("/api/keys/", () => HttpResponse.json(aPage(keys))),
    http.post("/api/keys/", async ({ request }) => {
      const wish = (await request.json()) as KeyWish;
      wishes.push(wish);
      keys = [aKey(9, { name: wish.name, role: wish.role }), ...keys];
      return HttpResponse.json({ api_key: keys[0], key: SECRET }, { status: 201 });
    }),
  );
});

async function createOne() {
  const app = renderApp("/p/demo/settings/keys");
  await screen.findByRole("heading", { name: "No keys yet" });
  await app.user.click(screen.getByRole("button", { name: "Create key" }));
  const dialog = within(screen.getByRole("dialog"));
  await app.user.type(dialog.getByLabelText("What is it for?"), "Nightly export");
  await app.user.click(dialog.getByRole("button", { name: "Create key" }));
  await screen.findByRole("dialog", { name: "Your new key" });
  return { ...app, dialog };
}

describe("keys", () => {
  it("are listed with how far they reach, and what has ended cannot be revoked again", async () => {
    keys = [
      aKey(1, { last_used_at: new Date().toISOString() }),
      aKey(2, { all_projects: true, owner: "ben", role: "operator", expires_at: "2020-01-02T12:00:00Z" }),
      aKey(3, { revoked_at: "2026-11-02T00:00:00Z", projects: [] }),
    ];
    renderApp("/p/demo/settings/keys");
    const rows = within(await screen.findByRole("list", { name: "API keys" })).getAllByRole("listitem");
    expect(rows[0]).toHaveTextContent("Key 1so_00000001…RevokeRoleViewerReachesdemoExpiresNeverLast usednow");
    expect(rows[1]).toHaveTextContent("so_00000002… · ben’sExpiredRoleOperatorReachesAll of their projectsExpiresJan 2, 2020Last usedNever");
    expect(rows[2]).toHaveTextContent("Revoked");
    expect(screen.getAllByRole("button", { name: /^Revoke/ })).toHaveLength(1);
  });

  it("are made for this project, for 90 days and for reading, unless something else is chosen", async () => {
    const before = Date.now();
    await createOne();
    expect(wishes).toEqual([{ name: "Nightly export", role: "viewer", projects: ["demo"], expires_at: expect.any(String) }]);
    const days = (Date.parse(wishes[0]?.expires_at ?? "") - before) / 86_400_000;
    expect(days).toBeCloseTo(90, 2);
  });

  it("can reach all projects and never expire, and only operated projects are offered", async () => {
    const { user } = renderApp("/p/demo/settings/keys");
    await user.click(await screen.findByRole("button", { name: "Create key" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.getAllByRole("checkbox").map((box) => box.parentElement?.textContent)).toEqual(["Demo", "All projects that you have or will have"]);
    await user.type(dialog.getByLabelText("What is it for?"), "All");
    await user.click(dialog.getByLabelText("Demo"));
    expect(dialog.getByRole("button", { name: "Create key" })).toBeDisabled();
    await user.click(dialog.getByLabelText(/^All projects/));
    await user.selectOptions(dialog.getByLabelText("Expires after"), "Never, until it is revoked");
    await user.selectOptions(dialog.getByLabelText("Role"), "Operator");
    await user.click(dialog.getByRole("button", { name: "Create key" }));
    await waitFor(() => expect(wishes).toEqual([{ name: "All", role: "operator", projects: [], expires_at: null }]));
  });

  it("that cannot be made say so in the form", async () => {
    server.use(http.post("/api/keys/", () => refuse(400, "A key must expire in the future.")));
    const { user } = renderApp("/p/demo/settings/keys");
    await user.click(await screen.findByRole("button", { name: "Create key" }));
    await user.type(screen.getByLabelText("What is it for?"), "Late{Enter}");
    expect(await within(screen.getByRole("dialog")).findByRole("alert")).toHaveTextContent("A key must expire in the future.");
  });

  it("are revoked only when it was meant", async () => {
    keys = [aKey(1)];
    server.use(
      http.delete("/api/keys/1/", () => {
        keys = [aKey(1, { revoked_at: "2026-11-20T12:00:00Z" })];
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp("/p/demo/settings/keys");
    await user.click(await screen.findByRole("button", { name: "Revoke Key 1" }));
    await user.click(within(screen.getByRole("dialog", { name: "Revoke Key 1?" })).getByRole("button", { name: "Revoke key" }));
    expect(await screen.findByText("Revoked")).toBeVisible();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("of a larger reach are not an operator's to revoke: the refusal is told", async () => {
    keys = [aKey(1, { owner: "ben" })];
    server.use(http.delete("/api/keys/1/", () => refuse(403, "This key also reaches projects that you do not operate.")));
    const { user } = renderApp("/p/demo/settings/keys");
    await user.click(await screen.findByRole("button", { name: "Revoke Key 1" }));
    await user.click(screen.getByRole("button", { name: "Revoke key" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("projects that you do not operate");
  });
});

describe("a new key", () => {
  it("is shown once: copied, it is gone with the dialog", async () => {
    const { user, dialog } = await createOne();
    expect(dialog.getByRole("alert")).toHaveTextContent("cannot be shown again");
    expect(dialog.getByLabelText("Nightly export")).toHaveValue(SECRET);
    await user.click(dialog.getByRole("button", { name: "Copy" }));
    expect(await navigator.clipboard.readText()).toBe(SECRET);
    expect(await dialog.findByText("The key is on your clipboard.")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    expect(document.body.innerHTML).not.toContain(SECRET);
    expect(await screen.findByText("Nightly export")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Create key" }));
    expect(screen.getByRole("dialog", { name: "Create an API key" })).toBeVisible();
  });

  it("is not lost by closing the dialog by mistake", async () => {
    const { user, dialog } = await createOne();
    await user.click(dialog.getByRole("button", { name: "Close" }));
    expect(dialog.getByRole("alert")).toHaveTextContent("Nothing is copied yet.");
    await user.click(dialog.getByRole("button", { name: "Done" }));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("is selected, to be copied by hand, where the clipboard is closed to pages", async () => {
    const { user, dialog } = await createOne();
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not here"));
    await user.click(dialog.getByRole("button", { name: "Copy" }));
    expect(await dialog.findByText(/press Ctrl\+C/)).toBeVisible();
    const field = dialog.getByLabelText<HTMLInputElement>("Nightly export");
    expect(field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0)).toBe(SECRET);
  });
});

describe("an operator of two projects", () => {
  it("may make a key for both", async () => {
    const me = aMe("operator");
    server.use(http.get("/api/me/", () => HttpResponse.json({ ...me, projects: me.projects.map((project) => ({ ...project, role: "operator" })) })));
    const { user } = renderApp("/p/demo/settings/keys");
    await user.click(await screen.findByRole("button", { name: "Create key" }));
    await user.type(screen.getByLabelText("What is it for?"), "Both");
    await user.click(screen.getByLabelText("Other"));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Create key" }));
    await waitFor(() => expect(wishes[0]?.projects).toEqual(["demo", "other"]));
  });
});
