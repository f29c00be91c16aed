import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Certificate, Suppression } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aMe, aPage, aPlatform } from "@/testing/samples";
import { server } from "@/testing/server";

let entries: Suppression[];
const sent: unknown[] = [];

function anEntry(id: number, part: Partial<Suppression> = {}): Suppression {
  return {
    id,
    project: "demo",
    kind: "handle",
    platform: "bluesky",
    value: "",
    digest: `${id}`.padStart(64, "ab"),
    reason: "",
    source: "manual",
    expires_at: null,
    is_expired: false,
    by: "rita",
    created_at: "2026-11-20T10:00:00Z",
    ...part,
  };
}

const CERTIFICATE: Certificate = { id: null, erased: false, digest: "f".repeat(64), counts: { "leads.Lead": 2, "leads.Post": 3 }, at: "2026-11-20T10:00:00Z", by: "" };

beforeEach(() => {
  sent.length = 0;
  entries = [anEntry(2, { kind: "domain", platform: "", value: "harbour.example", reason: "asked by mail" }), anEntry(1, { project: null, source: "erasure" })];
  server.use(
    ...frame("operator"),
    http.get("/api/connectors/", () => HttpResponse.json([aPlatform("bluesky"), aPlatform("sample")])),
    http.get("/api/suppressions/", () => HttpResponse.json(aPage(entries))),
    http.post("/api/suppressions/", async ({ request }) => {
      sent.push(await request.json());
      entries = [anEntry(3), ...entries];
      return HttpResponse.json(entries[0], { status: 201 });
    }),
  );
});

const open = async () => {
  const app = renderApp("/p/demo/settings/do-not-contact");
  const list = within(await screen.findByRole("list", { name: "Do not contact" }));
  return { ...app, list };
};

describe("the do-not-contact list", () => {
  it("shows what is meant, why, for which projects, and no person's name", async () => {
    const { list } = await open();
    expect(list.getAllByRole("listitem").map((row) => row.textContent)).toEqual([
      expect.stringMatching(/harbour\.example.*Domain.*asked by mail.*For ever/),
      expect.stringMatching(/^abab.*Handle · Bluesky · all projects · left by an erasure/),
    ]);
    expect(list.getAllByRole("button")).toHaveLength(1);
    expect(screen.getByRole("link", { name: "Export" })).toHaveAttribute("href", "/api/suppressions/export.csv?project=demo");
    expect(screen.queryByRole("region", { name: "Erase a person" })).not.toBeInTheDocument();
  });

  it("takes a handle, with a platform and a last day", async () => {
    const { user, list } = await open();
    await user.click(screen.getByRole("button", { name: "Add" }));
    const dialog = within(screen.getByRole("dialog", { name: "Add to the list" }));
    await user.selectOptions(await dialog.findByLabelText("Platform"), "Bluesky");
    await user.type(dialog.getByLabelText("Handle"), " @ada ");
    await user.type(dialog.getByLabelText("Last day"), "2027-01-31");
    await user.click(dialog.getByRole("button", { name: "Add to list" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(sent).toEqual([{ project: "demo", kind: "handle", platform: "bluesky", value: "@ada", reason: "", expires_at: "2027-01-31T23:59:59Z" }]);
    await waitFor(() => expect(list.getAllByRole("listitem")).toHaveLength(3));
  });

  it("keeps the form when the entry is refused", async () => {
    server.use(http.post("/api/suppressions/", () => refuse(400, "'nonsense' is no domain, such as example.org.")));
    const { user } = await open();
    await user.click(screen.getByRole("button", { name: "Add" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.selectOptions(dialog.getByLabelText("Kind"), "Domain");
    await user.type(dialog.getByLabelText("Domain"), "nonsense{Enter}");
    expect(await dialog.findByRole("alert")).toHaveTextContent("is no domain");
    expect(dialog.getByLabelText("Domain")).toHaveValue("nonsense");
  });

  it("is asked about a name, which stands in no address", async () => {
    server.use(
      http.post("/api/suppressions/check/", async ({ request }) => {
        expect(new URL(request.url).search).toBe("");
        const { value } = (await request.json()) as { value: string };
        return HttpResponse.json({ results: value === "ada" ? [anEntry(9)] : [] });
      }),
    );
    const { user } = await open();
    await user.type(screen.getByLabelText("Is somebody on the list?"), "ada{Enter}");
    expect(within(await screen.findByRole("list", { name: "Entries that mean ada" })).getAllByRole("listitem")).toHaveLength(1);
    await user.clear(screen.getByLabelText("Is somebody on the list?"));
    await user.type(screen.getByLabelText("Is somebody on the list?"), "bea{Enter}");
    expect(await screen.findByText("Nothing on the list means bea.")).toBeVisible();
  });

  it("takes a file, and says which lines were refused", async () => {
    server.use(
      http.post("/api/suppressions/import/", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ added: 1, changed: 0, unchanged: 0, refused: 1, problems: [{ line: 3, problem: "It names nobody." }] });
      }),
    );
    const { user } = await open();
    await user.click(screen.getByRole("button", { name: "Import" }));
    const dialog = within(screen.getByRole("dialog", { name: "Import a list" }));
    await user.upload(dialog.getByLabelText("CSV file"), new File(["platform,handle\nsample,ada\n"], "list.csv", { type: "text/csv" }));
    await user.click(dialog.getByRole("button", { name: "Import" }));
    expect(await dialog.findByText("Line 3: It names nobody.")).toBeVisible();
    expect(sent).toEqual([{ project: "demo", csv: "platform,handle\nsample,ada\n" }]);
  });

  it("loses an entry only when that was meant", async () => {
    server.use(
      http.delete("/api/suppressions/2/", () => {
        entries = entries.filter(({ id }) => id !== 2);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user, list } = await open();
    await user.click(list.getByRole("button", { name: "Remove harbour.example" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Take off" }));
    await waitFor(() => expect(list.queryByText("harbour.example")).not.toBeInTheDocument());
  });
});

describe("erasing", () => {
  it("is a superuser's, begins with a preview, and ends with a certificate", async () => {
    let erased: Certificate[] = [];
    server.use(
      http.get("/api/me/", () => HttpResponse.json({ ...aMe("operator"), is_superuser: true })),
      http.get("/api/erasures/", () => HttpResponse.json(aPage(erased))),
      http.post("/api/erasures/preview/", () => HttpResponse.json(CERTIFICATE)),
      http.post("/api/erasures/", async ({ request }) => {
        sent.push(await request.json());
        erased = [{ ...CERTIFICATE, id: 41, erased: true, by: "rita" }];
        return HttpResponse.json(erased[0], { status: 201 });
      }),
    );
    const { user } = await open();
    const region = within(screen.getByRole("region", { name: "Erase a person" }));
    await user.selectOptions(await region.findByLabelText("Platform"), "Bluesky");
    await user.type(region.getByLabelText("Handle"), "ada{Enter}");
    expect(await region.findByText("This would be removed: 5 rows.")).toBeVisible();
    expect(within(region.getByRole("list", { name: "Rows by table" })).getAllByRole("listitem")).toHaveLength(2);
    await user.click(region.getByRole("button", { name: "Erase this person" }));
    expect(sent).toEqual([]);
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Erase for good" }));
    expect(await region.findByText(/certificate is number 41/)).toBeVisible();
    expect(sent).toEqual([{ platform: "bluesky", handle: "ada", platform_user_id: "" }]);
    expect(within(await region.findByRole("list", { name: "Certificates of erasure" })).getByText(/by rita/)).toBeVisible();
  });
});
