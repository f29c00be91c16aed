import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Account } from "@/api/types";
import { leaveFor } from "@/lib/leave";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aMe, anAccount, aPage, aPlatform } from "@/testing/samples";
import { server } from "@/testing/server";

vi.mock("@/lib/leave", () => ({ leaveFor: vi.fn() }));

let accounts: Account[];
const sent: unknown[] = [];

const PLATFORMS = [
  aPlatform("sample", { account: "none", credentials: [] }),
  aPlatform("bluesky", { default_base_url: "https://bsky.example" }),
  aPlatform("mastodon", { account: "optional", credentials: [{ name: "access_token", description: "Under Development", is_secret: true, is_required: true }] }),
];

beforeEach(() => {
  sent.length = 0;
  vi.mocked(leaveFor).mockClear();
  accounts = [];
  server.use(
    ...frame("operator"),
    http.get("/api/connectors/accounts/", () => HttpResponse.json(aPage(accounts))),
    http.get("/api/connectors/", () => HttpResponse.json(PLATFORMS)),
    http.post("/api/connectors/accounts/", async ({ request }) => {
      sent.push(await request.json());
      accounts = [anAccount(5)];
      return HttpResponse.json(accounts[0], { status: 201 });
    }),
  );
});

const list = async () => within(await screen.findByRole("list", { name: "Accounts" }));

async function openForm() {
  const app = renderApp("/p/demo/settings/accounts");
  await app.user.click(await screen.findByRole("button", { name: "Add account" }));
  const dialog = within(screen.getByRole("dialog", { name: "Add an account" }));
  await dialog.findByLabelText("Platform");
  return { ...app, dialog };
}

describe("accounts", () => {
  it("are listed with their health and what is left of their limits", async () => {
    accounts = [
      anAccount(1, { windows: [{ endpoint: "search", limit: 3000, remaining: 2950, resets_at: "2026-11-20T12:05:00Z" }] }),
      anAccount(2, { state: "refused", last_error: "The platform does not take this password." }),
    ];
    renderApp("/p/demo/settings/accounts");
    const rows = (await list()).getAllByRole("listitem").filter((row) => row.querySelector("button"));
    expect(rows[0]).toHaveTextContent("account 1Working");
    expect(rows[0]).toHaveTextContent("Bluesky · ada.example · https://bsky.example");
    expect(rows[0]).toHaveTextContent("search: 2,950 of 3,000 left");
    expect(within(rows[1] as HTMLElement).getByRole("alert")).toHaveTextContent("does not take this password");
  });

  it("that all projects share are for superusers to change", async () => {
    accounts = [anAccount(1, { project: null })];
    renderApp("/p/demo/settings/accounts");
    expect(await (await list()).findByText("shared by all projects")).toBeVisible();
    expect((await list()).queryByRole("button")).not.toBeInTheDocument();
  });

  it("are added with the fields that their platform names, secrets unseen", async () => {
    const { user, dialog } = await openForm();
    expect(within(dialog.getByLabelText("Platform")).getAllByRole("option").map((option) => option.textContent)).toEqual(["Bluesky", "Mastodon"]);
    expect(dialog.getByLabelText("App password")).toHaveAttribute("type", "password");
    expect(dialog.getByLabelText("App password")).toHaveAccessibleDescription("Made under Settings");
    await user.type(dialog.getByLabelText("Handle"), "ada.example");
    await user.type(dialog.getByLabelText("App password"), "secret-1");
    await user.click(dialog.getByRole("button", { name: "Add account" }));
    expect(await (await list()).findByText("account 5")).toBeVisible();
    expect(sent).toEqual([{ platform: "bluesky", project: "demo", label: "main", base_url: "", credentials: { handle: "ada.example", app_password: "secret-1" } }]);
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("never send one platform's secret to another", async () => {
    const { user, dialog } = await openForm();
    await user.type(dialog.getByLabelText("App password"), "secret-1");
    await user.selectOptions(dialog.getByLabelText("Platform"), "Mastodon");
    await user.type(dialog.getByLabelText("Access token"), "token-2");
    await user.click(dialog.getByRole("button", { name: "Add account" }));
    await waitFor(() => expect(sent).toEqual([expect.objectContaining({ platform: "mastodon", credentials: { access_token: "token-2" } })]));
  });

  it("that the platform refuses are told in the form", async () => {
    server.use(http.post("/api/connectors/accounts/", () => refuse(400, "Bluesky refused the password. Nothing was stored.")));
    const { user, dialog } = await openForm();
    await user.type(dialog.getByLabelText("Handle"), "ada.example{Enter}");
    expect(await dialog.findByRole("alert")).toHaveTextContent("Nothing was stored.");
  });

  it("for all projects are offered to superusers alone", async () => {
    const { dialog } = await openForm();
    expect(dialog.queryByLabelText("For all projects")).not.toBeInTheDocument();
  });

  it("for all projects name no project", async () => {
    server.use(http.get("/api/me/", () => HttpResponse.json({ ...aMe("operator"), is_superuser: true })));
    const { user, dialog } = await openForm();
    await user.click(dialog.getByLabelText("For all projects"));
    await user.type(dialog.getByLabelText("Handle"), "ada.example{Enter}");
    await waitFor(() => expect(sent).toEqual([expect.objectContaining({ project: null })]));
  });

  it("are tested, and the answer shows", async () => {
    accounts = [anAccount(1)];
    server.use(
      http.post("/api/connectors/accounts/1/test/", () => {
        accounts = [anAccount(1, { state: "expired", last_error: "The token has run out." })];
        return HttpResponse.json(accounts[0]);
      }),
    );
    const { user } = renderApp("/p/demo/settings/accounts");
    await user.click(await screen.findByRole("button", { name: "Test account 1 at Bluesky" }));
    expect(await (await list()).findByText("Expired")).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("The token has run out.");
  });

  it("are given new credentials", async () => {
    accounts = [anAccount(1)];
    server.use(
      http.patch("/api/connectors/accounts/1/", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(anAccount(1));
      }),
    );
    const { user } = renderApp("/p/demo/settings/accounts");
    await user.click(await screen.findByRole("button", { name: "New credentials for account 1 at Bluesky" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(await dialog.findByLabelText("App password"), "secret-2");
    await user.click(dialog.getByRole("button", { name: "Replace" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(sent).toEqual([{ credentials: { app_password: "secret-2" } }]);
  });

  const bought = { month: "2026-11-01", posts: 120, usd: "0.60", posts_limit: 1000, usd_limit: "5.00", usd_per_post: "0.005000" };

  it("show what was read this month, of what may be", async () => {
    accounts = [anAccount(1, { budget: bought }), anAccount(2, { budget: { ...bought, posts: 1000 } }), anAccount(3)];
    renderApp("/p/demo/settings/accounts");
    expect(await (await list()).findByText("Read this month: 120 of 1,000 posts, $0.60 of $5.00")).toBeVisible();
    expect((await list()).getByText(/1,000 of 1,000 posts.*The budget is spent/)).toBeVisible();
    expect((await list()).getByText("Read this month: 0 posts")).toBeVisible();
  });

  it("are given a monthly budget, and an empty field is no limit", async () => {
    accounts = [anAccount(1, { budget: bought })];
    server.use(
      http.post("/api/connectors/accounts/1/budget/", async ({ request }) => {
        sent.push(await request.json());
        accounts = [anAccount(1, { budget: { ...bought, posts_limit: 200, usd_limit: null } })];
        return HttpResponse.json(accounts[0]);
      }),
    );
    const { user } = renderApp("/p/demo/settings/accounts");
    await user.click(await screen.findByRole("button", { name: "Monthly budget of account 1 at Bluesky" }));
    const dialog = within(screen.getByRole("dialog", { name: "Monthly budget of account 1 at Bluesky" }));
    expect(dialog.getByLabelText("US dollars in a month")).toHaveAccessibleDescription("A post costs $0.005 to read");
    await user.clear(dialog.getByLabelText("Posts in a month"));
    await user.type(dialog.getByLabelText("Posts in a month"), "200");
    await user.clear(dialog.getByLabelText("US dollars in a month"));
    await user.click(dialog.getByRole("button", { name: "Save budget" }));
    expect(await (await list()).findByText("Read this month: 120 of 200 posts, $0.60")).toBeVisible();
    expect(sent).toEqual([{ posts_limit: 200, usd_limit: null }]);
  });

  it("are limited in money only where a price is known", async () => {
    accounts = [anAccount(1)];
    const { user } = renderApp("/p/demo/settings/accounts");
    await user.click(await screen.findByRole("button", { name: "Monthly budget of account 1 at Bluesky" }));
    expect(screen.getByLabelText("Posts in a month")).toHaveValue(null);
    expect(screen.queryByLabelText("US dollars in a month")).not.toBeInTheDocument();
  });

  it("are removed only when it was meant", async () => {
    accounts = [anAccount(1)];
    server.use(
      http.delete("/api/connectors/accounts/1/", () => {
        accounts = [];
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp("/p/demo/settings/accounts");
    await user.click(await screen.findByRole("button", { name: "Remove account 1 at Bluesky" }));
    await user.click(within(screen.getByRole("dialog", { name: "Remove account 1 at Bluesky?" })).getByRole("button", { name: "Remove account" }));
    expect(await screen.findByRole("heading", { name: "No accounts yet" })).toBeVisible();
  });

  it("that cannot be read say so", async () => {
    server.use(http.get("/api/connectors/accounts/", () => refuse(403, "No.")));
    renderApp("/p/demo/settings/accounts");
    expect(await screen.findByRole("alert")).toHaveTextContent("Not open to you");
  });
});

describe("accounts that a person connects", () => {
  const unconnected = () => anAccount(1, { oauth: true, state: "unconnected", handle: "", last_checked_at: null });
  const URL = "https://bsky.example/i/oauth2/authorize?state=s";

  it("say what to do, and lead to the platform", async () => {
    accounts = [unconnected()];
    server.use(http.post("/api/connectors/accounts/1/connect/", () => HttpResponse.json({ url: URL })));
    const { user } = renderApp("/p/demo/settings/accounts");
    expect(await (await list()).findByText("Not connected")).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("Nobody has agreed to it at Bluesky yet, so its queries pause. Connect it");
    await user.click(screen.getByRole("button", { name: "Connect account 1 at Bluesky" }));
    await waitFor(() => expect(leaveFor).toHaveBeenCalledWith(URL));
  });

  it("can be connected again when they work or have run out", async () => {
    accounts = [anAccount(1, { oauth: true }), anAccount(2, { oauth: true, state: "expired", last_error: "It has to be connected again." }), anAccount(3)];
    renderApp("/p/demo/settings/accounts");
    expect((await (await list()).findAllByRole("button", { name: /^Connect again/ })).map((button) => button.ariaLabel)).toEqual([
      "Connect again account 1 at Bluesky",
      "Connect again account 2 at Bluesky",
    ]);
  });

  it("stay where they are when the server refuses to begin", async () => {
    accounts = [unconnected()];
    server.use(http.post("/api/connectors/accounts/1/connect/", () => refuse(400, "Set PUBLIC_URL to the address of this site.")));
    const { user } = renderApp("/p/demo/settings/accounts");
    await user.click(await screen.findByRole("button", { name: "Connect account 1 at Bluesky" }));
    expect(await (await list()).findByText("Set PUBLIC_URL to the address of this site.")).toBeVisible();
    expect(leaveFor).not.toHaveBeenCalled();
  });

  it("that are not yours to change show no button", async () => {
    accounts = [{ ...unconnected(), project: null }];
    renderApp("/p/demo/settings/accounts");
    expect(await (await list()).findByRole("alert")).toHaveTextContent("A superuser can connect it.");
    expect((await list()).queryByRole("button")).not.toBeInTheDocument();
  });

  it("are greeted when the platform sends the person back", async () => {
    accounts = [anAccount(1, { oauth: true })];
    renderApp("/p/demo/settings/accounts?connected=1");
    expect(await screen.findByText("account 1 is connected as ada.example. Its queries go on with the next run.")).toBeVisible();
  });

  it("are not said to be connected when they are not", async () => {
    accounts = [unconnected()];
    renderApp("/p/demo/settings/accounts?connected=1");
    expect(await (await list()).findByText("Not connected")).toBeVisible();
    expect(screen.queryByText(/is connected/)).not.toBeInTheDocument();
  });

  it.each([
    ["denied", "you did not agree"],
    ["late", "longer than ten minutes"],
    ["unknown", "not begun here by you"],
    ["refused", "did not take the request"],
    ["silent", "did not answer as it should"],
    ["changed", "changed meanwhile"],
    ["failed", "was not connected"],
    ["<b>made up</b>", "was not connected"],
  ])("that were not connected say why: %s", async (problem, words) => {
    renderApp(`/p/demo/settings/accounts?problem=${encodeURIComponent(problem)}`);
    expect(await screen.findByRole("alert")).toHaveTextContent(words);
    expect(screen.getByRole("alert")).not.toHaveTextContent("made up");
  });

  it("of all projects are shown in the one that was open last", async () => {
    accounts = [anAccount(1, { oauth: true, project: null })];
    const { router } = renderApp("/settings/accounts?connected=1");
    expect(await screen.findByText(/account 1 is connected/)).toBeVisible();
    expect(router.state.location.pathname).toBe("/p/demo/settings/accounts");
  });
});

it("credentials that may be left out say so, and what comes after them", async () => {
  PLATFORMS.push(aPlatform("x", { oauth: true, credentials: [{ name: "client_secret", description: "Of the application", is_secret: true, is_required: false }] }));
  const { user, dialog } = await openForm();
  await user.selectOptions(dialog.getByLabelText("Platform"), "X");
  expect(dialog.getByLabelText("Client secret")).toHaveAccessibleDescription("Of the application. May be left out");
  expect(dialog.getByText(/press Connect afterwards/)).toBeVisible();
  PLATFORMS.pop();
});
