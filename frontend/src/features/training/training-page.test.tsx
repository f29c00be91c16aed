import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { PreferencePair, Role, TrainingExport } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aDraft, anExport, aPage, aPair } from "@/testing/samples";
import { server } from "@/testing/server";
import { formatBytes } from "./words";

let pairs: PreferencePair[];
let exports: TrainingExport[];
const sent: unknown[] = [];

beforeEach(() => {
  sent.length = 0;
  pairs = [aPair(1)];
  exports = [];
  server.use(
    http.get("/api/training/pairs/", ({ request }) => {
      const source = new URL(request.url).searchParams.get("source");
      return HttpResponse.json(aPage(pairs.filter((pair) => !source || pair.source === source)));
    }),
    http.get("/api/training/exports/", () => HttpResponse.json(aPage(exports))),
    http.get("/api/queue/", ({ request }) => HttpResponse.json(aPage(new URL(request.url).searchParams.get("status") === "edited" ? [] : [aDraft(7), aDraft(8)]))),
  );
});

function open(role: Role = "operator", query = "") {
  server.use(...frame(role));
  return renderApp(`/p/demo/training${query}`);
}

const list = async (name: string) => within(await screen.findByRole("list", { name })).getAllByRole("listitem");

describe("preference pairs", () => {
  it("show what was changed, by which decision, and what a platform forbids", async () => {
    pairs = [aPair(1), aPair(2, { source: "manual", platform: "x", licence: "forbidden" })];
    open();
    const [edit, manual] = await list("Preference pairs");
    expect(edit).toHaveTextContent("Edited draftsample");
    expect(edit?.querySelector("del")).toHaveTextContent("great");
    expect(edit).not.toHaveTextContent("terms");
    expect(within(edit as HTMLElement).getByRole("link", { name: "Lead 101" })).toHaveAttribute("href", "/p/demo/leads?lead=101");
    expect(manual).toHaveTextContent("Added by handxIts terms forbid training: left out of exports");
  });

  it("are narrowed to a source, in the address too", async () => {
    pairs = [aPair(1), aPair(2, { source: "reject" })];
    const { user, router } = open();
    await list("Preference pairs");
    await user.selectOptions(screen.getByLabelText("Source"), "Rejected draft");
    await waitFor(async () => expect(await list("Preference pairs")).toHaveLength(1));
    expect(router.state.location.search).toBe("?source=reject");
    await user.selectOptions(screen.getByLabelText("Source"), "Added by hand");
    expect(await screen.findByRole("heading", { name: "No such pair" })).toBeVisible();
  });

  it("are removed once that is confirmed", async () => {
    const { user } = open();
    server.use(
      http.delete("/api/training/pairs/1/", () => {
        pairs = [];
        return new HttpResponse(null, { status: 204 });
      }),
    );
    await user.click(await screen.findByRole("button", { name: "Remove pair 1" }));
    expect(pairs).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Remove pair" }));
    expect(await screen.findByRole("heading", { name: "No pairs yet" })).toBeVisible();
  });

  it("are added to by reviewers, who remove none; a viewer only looks", async () => {
    open("reviewer");
    expect(await screen.findByRole("button", { name: "Add pair" })).toBeVisible();
    await list("Preference pairs");
    expect(screen.queryByRole("button", { name: /^Remove/ })).not.toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "Exports" })).not.toBeInTheDocument();
  });

  it("can be tried again when they could not be loaded", async () => {
    server.use(http.get("/api/training/pairs/", () => refuse(500, "It broke.")));
    open("viewer");
    expect(await screen.findByRole("alert")).toHaveTextContent("Could not load the pairs");
    expect(screen.queryByRole("button", { name: "Add pair" })).not.toBeInTheDocument();
  });
});

describe("a pair by hand", () => {
  const fill = async () => {
    const app = open("reviewer");
    await app.user.click(await screen.findByRole("button", { name: "Add pair" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a preference pair" }));
    await dialog.findByRole("option", { name: /^7: / });
    return { ...app, dialog };
  };

  it("is a better text for a draft that is chosen", async () => {
    server.use(
      http.post("/api/training/pairs/", async ({ request }) => {
        sent.push(await request.json());
        pairs = [aPair(2, { source: "manual" }), ...pairs];
        return HttpResponse.json(pairs[0], { status: 201 });
      }),
    );
    const { user, dialog } = await fill();
    expect(dialog.getByRole("button", { name: "Add pair" })).toBeDisabled();
    await user.selectOptions(dialog.getByLabelText("Draft"), "8: Draft number 8 says hello.");
    const better = dialog.getByLabelText("What would have been better");
    expect(better).toHaveValue("Draft number 8 says hello.");
    await user.clear(better);
    await user.type(better, "Hello from us.");
    await user.click(dialog.getByRole("button", { name: "Add pair" }));
    await waitFor(async () => expect(await list("Preference pairs")).toHaveLength(2));
    expect(sent).toEqual([{ project: "demo", draft: 8, chosen_text: "Hello from us.", rejected_text: "" }]);
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("that is refused says why, in the form", async () => {
    server.use(http.post("/api/training/pairs/", () => refuse(409, "There is a pair already that says the same.")));
    const { user, dialog } = await fill();
    await user.type(dialog.getByLabelText("What would have been better"), " Bye.");
    await user.click(dialog.getByRole("button", { name: "Add pair" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("says the same");
  });

  it("needs a draft", async () => {
    const { user, dialog } = await fill();
    await user.selectOptions(dialog.getByLabelText("Drafts that are"), "Edited");
    expect(await dialog.findByText("There is none in this state.")).toBeVisible();
    expect(dialog.getByRole("button", { name: "Add pair" })).toBeDisabled();
  });
});

describe("exports", () => {
  it("say what they hold, what was left out, and where they are downloaded", async () => {
    const counts = anExport(1).counts;
    exports = [
      anExport(3, { state: "failed", counts: null, problem: "No space left on device", downloadable: false, sha256: "" }),
      anExport(2, { rows: 1200, bytes: 2_340_000, counts: counts && { ...counts, left_out: { restricted: 12, gone: 0, do_not_contact: 0, without_prompt: 0 } } }),
      anExport(1, { requested_by: null, downloadable: false }),
    ];
    open("operator", "?view=exports");
    const [failed, done, command] = await list("Exports");
    expect(failed).toHaveTextContent(/Failed.*No space left on device/);
    expect(done).toHaveTextContent("1,200 pairs, 2.3 MB · 12 left out by their platform’s terms");
    expect(within(done as HTMLElement).getByRole("link", { name: "Download export 2" })).toHaveAttribute("href", "/api/training/exports/2/download/");
    expect(command).toHaveTextContent("a command");
    expect(within(command as HTMLElement).queryByRole("link")).not.toBeInTheDocument();
  });

  it("are started with what was chosen, and one at a time", async () => {
    server.use(
      http.post("/api/training/exports/", async ({ request }) => {
        sent.push(await request.json());
        exports = [anExport(1, { state: "queued", counts: null, rows: 0, downloadable: false, sha256: "" })];
        return HttpResponse.json(exports[0], { status: 201 });
      }),
    );
    const { user } = open("operator", "?view=exports");
    await user.click(await screen.findByRole("button", { name: "Export pairs" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.selectOptions(dialog.getByLabelText("Format"), "OpenAI preference");
    await user.click(dialog.getByLabelText("Include platforms whose terms forbid training"));
    expect(dialog.getByRole("alert")).toHaveTextContent("Only with the platform’s permission");
    await user.click(dialog.getByRole("button", { name: "Start export" }));
    expect(await screen.findByRole("button", { name: "Export in progress" })).toBeDisabled();
    expect(screen.getByText("A worker will write it.")).toBeVisible();
    expect(sent).toEqual([{ project: "demo", type: "dpo", format: "openai-preference", since: null, include_metadata: false, include_restricted: true }]);
  });

  it("are removed, and what they held stays listed", async () => {
    exports = [anExport(1)];
    server.use(
      http.delete("/api/training/exports/1/", () => {
        exports = [anExport(1, { state: "removed", problem: "A person removed it.", downloadable: false })];
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = open("operator", "?view=exports");
    await user.click(await screen.findByRole("button", { name: "Remove export 1" }));
    await user.click(screen.getByRole("button", { name: "Remove file" }));
    expect(await screen.findByText("1 pair, 420 B · A person removed it.")).toBeVisible();
  });

  it("are closed to reviewers who follow the address", async () => {
    server.use(http.get("/api/training/exports/", () => refuse(403, "This takes the role of operator; yours is reviewer.")));
    open("reviewer", "?view=exports");
    expect(await screen.findByRole("alert")).toHaveTextContent("Not open to you");
  });
});

describe("a size in words", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1500, "1.5 kB"],
    [25_000_000, "25 MB"],
  ])("%i is %s", (bytes, words) => expect(formatBytes(bytes)).toBe(words));
});
