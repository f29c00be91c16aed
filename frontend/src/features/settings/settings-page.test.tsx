import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { frame } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aMember, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

describe("the settings", () => {
  it("are in an operator's navigation, and begin with the members", async () => {
    server.use(...frame("operator"), http.get("/api/members/", () => HttpResponse.json(aPage([aMember(1)]))));
    const { router, user } = renderApp("/p/demo/runs");
    await user.click(await screen.findByRole("link", { name: "Settings" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/p/demo/settings/members"));
    expect(await screen.findByRole("list", { name: "Members" })).toBeVisible();
    const tabs = within(screen.getByRole("navigation", { name: "Settings" }));
    expect(tabs.getAllByRole("link").map((tab) => tab.textContent)).toEqual(["Members", "API keys", "Accounts", "Try a query", "Do not contact", "Policies", "Notifications", "Audit log"]);
    expect(tabs.getByRole("link", { name: "Members" })).toHaveAttribute("aria-current", "page");
  });

  it.each(["viewer", "reviewer"] as const)("say to a %s whose they are, and ask the server nothing", async (role) => {
    server.use(...frame(role));
    renderApp("/p/demo/settings/members");
    expect(await screen.findByRole("heading", { name: "Only for operators" })).toBeVisible();
    expect(screen.getByText(new RegExp(`You are a ${role} in Demo`))).toBeVisible();
    expect(screen.queryByRole("link", { name: "Settings" })).not.toBeInTheDocument();
    expect(screen.queryByRole("navigation", { name: "Settings" })).not.toBeInTheDocument();
  });

  it("have no other tabs", async () => {
    server.use(...frame("operator"));
    renderApp("/p/demo/settings/secrets");
    expect(await screen.findByRole("heading", { name: "There is no such page" })).toBeVisible();
  });
});
