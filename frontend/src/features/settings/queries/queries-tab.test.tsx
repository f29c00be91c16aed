import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { QueryPreview } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aPlatform } from "@/testing/samples";
import { server } from "@/testing/server";
import { labelOf, yamlSnippet } from "./yaml-snippet";

const PREVIEW: QueryPreview = {
  posts: [
    { id: "1", text: "Which tool <b>do you</b> use for invoices?", author: "ada", created_at: "2026-11-20T12:00:00Z", url: "https://x.example/1", label: "relevant", confidence: 0.91, reasoning: "asks for a tool" },
    { id: "2", text: "I like invoices.", author: "", created_at: null, url: "javascript:alert(1)", label: null, confidence: null, reasoning: "" },
  ],
  per_day: 12,
  per_day_from: "9 posts since the oldest of these: about 12 a day.",
  cost: { posts_per_month: 360, usd_per_month: "1.80", sentence: "This query costs about $1.80 a month." },
  problems: [],
};

let answer: QueryPreview;
let asked: unknown[];

beforeEach(() => {
  answer = PREVIEW;
  asked = [];
  server.use(
    ...frame("operator"),
    http.get("/api/connectors/", () => HttpResponse.json([aPlatform("bluesky"), aPlatform("file", { capabilities: ["import"] }), aPlatform("hackernews")])),
    http.post("/api/connectors/queries/preview/", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(answer);
    }),
  );
});

async function tryIt(text = "invoice tool") {
  const app = renderApp("/p/demo/settings/queries");
  await app.user.selectOptions(await screen.findByLabelText("Platform"), "Hacker News");
  await app.user.click(screen.getByLabelText("Query"));
  await app.user.paste(text);
  await app.user.click(screen.getByRole("button", { name: "Try it" }));
  return app;
}

describe("trying a query", () => {
  it("asks nobody before somebody wants it, and offers only what can be searched", async () => {
    renderApp("/p/demo/settings/queries");
    const platform = await screen.findByLabelText("Platform");
    expect(within(platform).getAllByRole("option").map((option) => option.textContent)).toEqual(["Bluesky", "Hacker News"]);
    expect(screen.getByRole("heading", { name: "Nothing tried yet" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Try it" })).toBeDisabled();
    expect(asked).toEqual([]);
  });

  it("shows posts as text, with what the judge says of them", async () => {
    await tryIt();
    const rows = within(await screen.findByRole("list", { name: "Posts found" })).getAllByRole("listitem");
    expect(asked).toEqual([{ project: "demo", platform: "hackernews", text: "invoice tool" }]);
    expect(rows[0]).toHaveTextContent("Relevant91% sureada");
    expect(rows[0]).toHaveTextContent("Which tool <b>do you</b> use for invoices?");
    expect(rows[0]).toHaveTextContent("asks for a tool");
    expect(within(rows[0] as HTMLElement).getByRole("link", { name: "Open" })).toHaveAttribute("href", "https://x.example/1");
    expect(rows[1]).toHaveTextContent("Not judgedunknown author");
    expect(within(rows[1] as HTMLElement).queryByRole("link")).not.toBeInTheDocument();
  });

  it("says what a month costs, and how that was found", async () => {
    await tryIt();
    const estimate = await screen.findByRole("status", { name: "Estimate" });
    expect(estimate).toHaveTextContent("This query costs about $1.80 a month.");
    expect(estimate).toHaveTextContent("about 12 a day");
  });

  it("gives the query for project.yaml, and copies it", async () => {
    const { user } = await tryIt('say "hi": #1');
    const snippet = await screen.findByLabelText("For project.yaml, under queries");
    const yaml = '- text: "say \\"hi\\": #1"\n  label: "say hi 1"\n  platform: "hackernews"';
    expect(snippet).toHaveValue(yaml);
    await user.click(screen.getByRole("button", { name: "Copy" }));
    expect(await screen.findByRole("button", { name: "Copied" })).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe(yaml);
  });

  it("tells what the platform refused, without any posts", async () => {
    answer = { ...PREVIEW, posts: [], problems: ["The budget of account x: main for November is spent."] };
    await tryIt();
    expect(await screen.findByRole("alert")).toHaveTextContent("is spent");
    expect(screen.queryByRole("list", { name: "Posts found" })).not.toBeInTheDocument();
    expect(screen.queryByRole("heading", { name: "Nothing found" })).not.toBeInTheDocument();
  });

  it("says so when nothing is found", async () => {
    answer = { ...PREVIEW, posts: [] };
    await tryIt();
    expect(await screen.findByRole("heading", { name: "Nothing found" })).toBeVisible();
  });

  it("tells a refusal of the server, and can be tried again", async () => {
    server.use(http.post("/api/connectors/queries/preview/", () => refuse(429, "Too many requests."), { once: true }));
    const { user } = await tryIt();
    expect(await screen.findByRole("alert")).toHaveTextContent("Too many requests.");
    await user.click(screen.getByRole("button", { name: "Try it" }));
    await waitFor(() => expect(asked).toHaveLength(1));
    expect(await screen.findByRole("list", { name: "Posts found" })).toBeVisible();
  });

  it("is for operators", async () => {
    server.use(...frame("reviewer"));
    renderApp("/p/demo/settings/queries");
    expect(await screen.findByRole("heading", { name: "Only for operators" })).toBeVisible();
  });
});

describe("the snippet", () => {
  it("keeps any text a string of YAML", () => {
    expect(yamlSnippet({ platform: "x", text: "a\nb: [c] # d" })).toBe('- text: "a\\nb: [c] # d"\n  label: "a b c d"\n  platform: "x"');
  });

  it("names a query that has no words", () => {
    expect(labelOf("#!?")).toBe("query");
  });
});
