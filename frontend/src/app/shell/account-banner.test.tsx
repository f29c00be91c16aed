import { act, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import type { Account, Role } from "@/api/types";
import { FakeSocket } from "@/testing/fake-socket";
import { frame } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { anAccount, anEvent, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

function open(accounts: () => Account[], { role = "operator", page = "leads" }: { role?: Role; page?: string } = {}) {
  let asked = 0;
  server.use(
    ...frame(role),
    http.get("/api/leads/", () => HttpResponse.json(aPage([]))),
    http.get("/api/connectors/", () => HttpResponse.json([])),
    http.get("/api/connectors/accounts/", () => {
      asked += 1;
      return HttpResponse.json(aPage(accounts()));
    }),
  );
  return { ...renderApp(`/p/demo/${page}`), asked: () => asked };
}

describe("accounts that their platforms take no more", () => {
  it("are told on every page, with the way to mend them", async () => {
    const { router, user } = open(() => [
      anAccount(1),
      anAccount(2, { platform: "mastodon", label: "main", state: "refused" }),
      anAccount(3, { label: "old", state: "expired" }),
      anAccount(4, { state: "unconnected" }),
    ]);
    const [refused, expired, ...others] = await screen.findAllByRole("alert");
    expect(refused).toHaveTextContent("The account “main” at Mastodon was refused: its queries pause. Mend it");
    expect(expired).toHaveTextContent("The account “old” at Bluesky has expired: its queries pause. Mend it");
    expect(others).toEqual([]);
    await user.click(screen.getAllByRole("link", { name: "Mend it" })[0] as HTMLElement);
    await waitFor(() => expect(router.state.location.pathname).toBe("/p/demo/settings/accounts"));
    await waitFor(() => expect(screen.queryByRole("link", { name: "Mend it" })).not.toBeInTheDocument());
  });

  it("are told as soon as it happens, and no longer when it is mended", async () => {
    let state: Account["state"] = "ok";
    const { asked } = open(() => [anAccount(1, { state })]);
    await waitFor(() => expect(asked()).toBe(1));
    act(() => FakeSocket.last.open());
    state = "refused";
    act(() => FakeSocket.last.say(anEvent(5, { type: "account_update", run: null, detail: { account: 1, platform: "bluesky", state } })));
    expect(await screen.findByRole("alert")).toHaveTextContent("was refused");
    state = "ok";
    act(() => FakeSocket.last.say(anEvent(6, { type: "account_update", run: null, detail: { account: 1, platform: "bluesky", state } })));
    await waitFor(() => expect(screen.queryByRole("alert")).not.toBeInTheDocument());
  });

  it("are nothing that a reviewer is asked to mend", async () => {
    const { asked } = open(() => [anAccount(1, { state: "refused" })], { role: "reviewer" });
    await screen.findByRole("heading", { name: /no leads/i });
    expect(asked()).toBe(0);
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
