import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeSocket } from "@/testing/fake-socket";
import { frame } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aPage } from "@/testing/samples";
import { server } from "@/testing/server";

beforeEach(() => {
  server.use(...frame(), http.get("/api/leads/", () => HttpResponse.json(aPage([]))));
});

describe("the frame", () => {
  it("changes the project and stays on the page, without the other project's filters", async () => {
    const { router, user } = renderApp("/p/demo/leads?label=maybe");
    await user.click(await screen.findByRole("button", { name: /Project: ?Demo/ }));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: /Other/ }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/p/other/leads"));
    expect(router.state.location.search).toBe("");
    await waitFor(() => expect(new URL(FakeSocket.last.url).searchParams.get("project")).toBe("other"));
    expect(FakeSocket.all[0]?.closedWith).toBe(1000);
  });

  it("remembers the theme", async () => {
    const { user } = renderApp("/p/demo/leads");
    await user.click(await screen.findByRole("button", { name: "Theme" }));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: "Dark" }));
    expect(document.documentElement.dataset.theme).toBe("dark");
    expect(localStorage.getItem("signalops.theme")).toBe("dark");
    await user.click(screen.getByRole("button", { name: "Theme" }));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: "As the system" }));
    expect(document.documentElement.dataset.theme).toBeUndefined();
  });

  it("signs out and leaves", async () => {
    server.use(http.post("/api/auth/sign-out/", () => new HttpResponse(null, { status: 204 })));
    const { router, user } = renderApp("/p/demo/leads");
    await user.click(await screen.findByRole("button", { name: "Rita Reviewer" }));
    await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/sign-in"));
  });

  it("says whether it is connected", async () => {
    renderApp("/p/demo/leads");
    await screen.findByText("Connecting…");
    FakeSocket.last.open();
    expect(screen.getByText("Live")).toBeVisible();
    FakeSocket.last.cut();
    expect(screen.getByText("Reconnecting…")).toBeVisible();
  });

  it("does not open somebody else's project", async () => {
    renderApp("/p/secret/leads");
    expect(await screen.findByRole("heading", { name: "Not one of your projects" })).toBeVisible();
    expect(FakeSocket.all).toHaveLength(0);
  });

  it("starts at the project that was open last", async () => {
    localStorage.setItem("signalops.project", "other");
    server.use(http.get("/api/stats/timeline/", () => HttpResponse.json({ results: [] })));
    const { router } = renderApp("/");
    await waitFor(() => expect(router.state.location.pathname).toBe("/p/other/overview"));
    await screen.findByRole("heading", { name: "No run yet" });
  });
});
