import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, it, vi } from "vitest";
import type { Role } from "@/api/types";
import { frame } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aLead, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

const sent: unknown[] = [];

function serveLeads(role: Role = "reviewer") {
  server.use(
    ...frame(role),
    http.get("/api/leads/", () => HttpResponse.json(aPage([1, 2, 3, 4].map((id) => aLead(id))))),
    http.post("/api/leads/bulk/", async ({ request }) => {
      const body = (await request.json()) as { leads: number[] };
      sent.push(body);
      return HttpResponse.json({ results: body.leads.map((id) => ({ id, done: id !== 3, problem: id === 3 ? "The post of lead 3 is gone." : "" })) });
    }),
    http.post("/api/leads/export.csv/", async ({ request }) => {
      sent.push(await request.json());
      return new HttpResponse("lead\n1\n", { headers: { "Content-Type": "text/csv", "X-Left-Out": "1" } });
    }),
  );
}

const box = (id: number) => screen.findByRole("checkbox", { name: `Select lead ${id}` });

beforeEach(() => {
  sent.length = 0;
});

it("labels the selected leads in one request, says what was refused, and lets go of them", async () => {
  serveLeads();
  const { user } = renderApp("/p/demo/leads");
  await user.click(await box(1));
  await user.keyboard("{Shift>}");
  await user.click(await box(3));
  await user.keyboard("{/Shift}");
  const bar = within(screen.getByRole("group", { name: "Selected leads" }));
  expect(bar.getByText("3 leads selected")).toBeVisible();
  await user.click(bar.getByRole("button", { name: "Maybe" }));
  expect(await screen.findByText("1 of 3 leads were refused. The first: The post of lead 3 is gone.")).toBeVisible();
  expect(sent).toEqual([{ project: "demo", act: "label", label: "maybe", leads: [1, 2, 3] }]);
  await waitFor(() => expect(screen.queryByRole("group", { name: "Selected leads" })).not.toBeInTheDocument());
});

it("puts the selected leads off by a digit, and saves them as a file that says what it leaves out", async () => {
  serveLeads();
  const save = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  URL.createObjectURL = () => "blob:file";
  const { user } = renderApp("/p/demo/leads");
  await user.click(await box(2));
  await user.click(screen.getByRole("button", { name: "Export" }));
  expect(await screen.findByText("Exported, without 1 that may not be contacted or are gone.")).toBeVisible();
  expect(save).toHaveBeenCalledOnce();
  save.mockRestore();
  await user.click(screen.getByRole("button", { name: "Snooze" }));
  await user.keyboard("2");
  expect(await screen.findByText("Snoozed: 1 lead")).toBeVisible();
  expect(sent).toMatchObject([{ leads: [2] }, { act: "snooze", leads: [2] }]);
});

it("offers a viewer nothing to select", async () => {
  serveLeads("viewer");
  renderApp("/p/demo/leads");
  await screen.findByRole("list", { name: "Leads" });
  expect(screen.queryByRole("checkbox")).not.toBeInTheDocument();
});
