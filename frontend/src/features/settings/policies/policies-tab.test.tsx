import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { PlatformPolicy } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aPlatformPolicy } from "@/testing/samples";
import { server } from "@/testing/server";

const RULE = aPlatformPolicy("x").rules[0] as PlatformPolicy["rules"][number];

const POLICIES = [
  aPlatformPolicy("file", { rules: [{ ...RULE, mode: "blocked", rule: "A file has no platform.", source: "", relations: ["none", "mentioned_us", "quoted_us"] }] }),
  aPlatformPolicy("semaphore", { rules: [] }),
  aPlatformPolicy("x", {
    rules: [
      { ...RULE, mode: "api", rule: "They spoke to you.", relations: ["mentioned_us", "quoted_us"] },
      { ...RULE, mode: "assisted", rule: "They did not.", relations: ["none"] },
      { ...RULE, mode: "api", rule: "You pay for it.", tier: "enterprise", relations: ["none", "mentioned_us", "quoted_us"] },
    ],
    content: { training: "forbidden", deleted_within_hours: 24, rule: "No training.", source: "https://rules.example/content", read_on: "2026-11-02" },
  }),
];

beforeEach(() => {
  server.use(
    ...frame("operator"),
    http.get("/api/connectors/policies/", () => HttpResponse.json(POLICIES)),
  );
});

const table = async () => within(await screen.findByRole("table", { name: "Policies" }));

async function rowOf(rule: string) {
  return (await table()).getByText(new RegExp(rule)).closest("tr") as HTMLElement;
}

describe("the policies", () => {
  it("say for each case how it is answered, by which rule, read when and where", async () => {
    renderApp("/p/demo/settings/policies");
    const row = await rowOf("They did not.");
    expect(row).toHaveTextContent("self-serveneither mentioned nor quoted the accountReply in the platform’s own box");
    expect(within(row).getByRole("link", { name: "Source" })).toHaveAttribute("href", "https://rules.example/replies");
    expect(row).toHaveTextContent("read Nov 23, 2026");
    expect(await rowOf("They spoke to you.")).toHaveTextContent("Xself-servementioned or quoted the accountReply by API");
    expect(await rowOf("You pay for it.")).toHaveTextContent("enterpriseanybodyReply by API");
  });

  it("say what may be done with a platform's posts", async () => {
    renderApp("/p/demo/settings/policies");
    const row = await rowOf("No training.");
    expect(row).toHaveTextContent("Must not train models; deleted ones go within 24 hours");
    expect(row).toHaveTextContent("read Nov 2, 2026");
  });

  it("have no link where the rule is our own, and no reply where there is no rule", async () => {
    renderApp("/p/demo/settings/policies");
    const ours = await rowOf("A file has no platform.");
    expect(ours).toHaveTextContent("Fileanyanybody");
    expect(within(ours).queryByRole("link")).not.toBeInTheDocument();
    expect(await rowOf("No rule is known")).toHaveTextContent("SemaphoreNo reply");
  });

  it("can be asked for again when they did not come", async () => {
    server.use(http.get("/api/connectors/policies/", () => refuse(422, "Not now."), { once: true }));
    const { user } = renderApp("/p/demo/settings/policies");
    expect(await screen.findByRole("alert")).toHaveTextContent("Not now.");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await table();
  });
});
