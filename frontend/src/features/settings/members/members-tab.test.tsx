import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Member, Role } from "@/api/types";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aMe, aMember, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

let members: Member[];
const sent: unknown[] = [];

beforeEach(() => {
  sent.length = 0;
  members = [aMember(1, { username: "rita", name: "Rita Reviewer", role: "operator" }), aMember(2, { username: "ben", name: "Ben", role: "viewer" })];
  server.use(
    ...frame("operator"),
    http.get("/api/members/", () => HttpResponse.json(aPage(members))),
    http.patch("/api/members/:id/", async ({ params, request }) => {
      const { role } = (await request.json()) as { role: Role };
      sent.push({ id: params.id, role });
      members = members.map((member) => (String(member.id) === params.id ? { ...member, role } : member));
      return HttpResponse.json(members.find((member) => String(member.id) === params.id));
    }),
  );
});

const open = async () => {
  const app = renderApp("/p/demo/settings/members");
  const list = within(await screen.findByRole("list", { name: "Members" }));
  return { ...app, list };
};

describe("members", () => {
  it("are listed with their roles, oneself among them", async () => {
    members.push(aMember(3, { username: "cleo", name: "Cleo", is_active: false }));
    const { list } = await open();
    expect(list.getAllByRole("listitem").map((row) => row.textContent)).toEqual([
      expect.stringContaining("Rita Reviewer (you)rita"),
      expect.stringContaining("Ben"),
      expect.stringContaining("cleo · account closed"),
    ]);
    expect(list.getByRole("combobox", { name: "Role of ben" })).toHaveValue("viewer");
  });

  it("join by their user name, with a role", async () => {
    server.use(
      http.post("/api/members/", async ({ request }) => {
        sent.push(await request.json());
        members.push(aMember(3, { username: "cleo", name: "Cleo", role: "operator" }));
        return HttpResponse.json(members[2], { status: 201 });
      }),
    );
    const { user, list } = await open();
    await user.click(screen.getByRole("button", { name: "Add member" }));
    const dialog = within(screen.getByRole("dialog", { name: "Add a member" }));
    await user.type(dialog.getByLabelText("User name"), " cleo ");
    await user.selectOptions(dialog.getByLabelText("Role"), "Operator");
    await user.click(dialog.getByRole("button", { name: "Add member" }));
    expect(await screen.findByText("Cleo joined as operator.")).toBeVisible();
    expect(sent).toEqual([{ project: "demo", username: "cleo", role: "operator" }]);
    expect(list.getByRole("combobox", { name: "Role of cleo" })).toHaveValue("operator");
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("who do not exist are refused in the form, which stays as it was filled in", async () => {
    server.use(http.post("/api/members/", () => refuse(400, "There is no active user 'nobody'.")));
    const { user } = await open();
    await user.click(screen.getByRole("button", { name: "Add member" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("User name"), "nobody{Enter}");
    expect(await dialog.findByRole("alert")).toHaveTextContent("There is no active user 'nobody'.");
    expect(dialog.getByLabelText("User name")).toHaveValue("nobody");
  });

  it("are given another role where they stand", async () => {
    const { user, list } = await open();
    await user.selectOptions(list.getByRole("combobox", { name: "Role of ben" }), "Reviewer");
    await waitFor(() => expect(sent).toEqual([{ id: "2", role: "reviewer" }]));
    await waitFor(() => expect(list.getByRole("combobox", { name: "Role of ben" })).toBeEnabled());
    expect(list.getByRole("combobox", { name: "Role of ben" })).toHaveValue("reviewer");
  });

  it("keep their role when it is refused, and the refusal is told", async () => {
    server.use(http.patch("/api/members/2/", () => refuse(409, "A project keeps at least one operator.")));
    const { user, list } = await open();
    await user.selectOptions(list.getByRole("combobox", { name: "Role of ben" }), "Operator");
    expect(await list.findByRole("alert")).toHaveTextContent("A project keeps at least one operator.");
    expect(list.getByRole("combobox", { name: "Role of ben" })).toHaveValue("viewer");
  });

  it("are removed only when it was meant", async () => {
    server.use(
      http.delete("/api/members/2/", () => {
        members = members.filter(({ id }) => id !== 2);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user, list } = await open();
    await user.click(list.getByRole("button", { name: "Remove ben" }));
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(list.getByText("Ben")).toBeVisible();
    await user.click(list.getByRole("button", { name: "Remove ben" }));
    await user.click(within(screen.getByRole("dialog", { name: "Remove Ben?" })).getByRole("button", { name: "Remove member" }));
    await waitFor(() => expect(list.queryByText("Ben")).not.toBeInTheDocument());
  });

  it("keep their last operator: the refusal stands in the question", async () => {
    server.use(http.delete("/api/members/1/", () => refuse(409, "A project keeps at least one operator: name another one first.")));
    const { user, list } = await open();
    await user.click(list.getByRole("button", { name: "Remove rita" }));
    const dialog = within(screen.getByRole("dialog", { name: "Leave this project?" }));
    await user.click(dialog.getByRole("button", { name: "Leave project" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("keeps at least one operator");
    expect(list.getByText("Rita Reviewer")).toBeVisible();
  });

  it("are asked before they give up their own operator's role, and leave the settings then", async () => {
    const { user, list } = await open();
    await user.selectOptions(list.getByRole("combobox", { name: "Role of rita" }), "Viewer");
    expect(sent).toEqual([]);
    expect(list.getByRole("combobox", { name: "Role of rita" })).toHaveValue("operator");
    server.use(http.get("/api/me/", () => HttpResponse.json(aMe("viewer"))));
    await user.click(within(screen.getByRole("dialog", { name: "Give up being an operator?" })).getByRole("button", { name: "Become viewer" }));
    expect(await screen.findByRole("heading", { name: "Only for operators" })).toBeVisible();
    expect(sent).toEqual([{ id: "1", role: "viewer" }]);
  });
});

describe("the list", () => {
  it("says when nobody is a member", async () => {
    members = [];
    renderApp("/p/demo/settings/members");
    expect(await screen.findByRole("heading", { name: "No members yet" })).toBeVisible();
  });

  it("says when the server does not open it", async () => {
    server.use(http.get("/api/members/", () => refuse(403, "No.")));
    renderApp("/p/demo/settings/members");
    expect(await screen.findByRole("alert")).toHaveTextContent("Not open to you");
  });

  it("shows a failure with a way to try again", async () => {
    server.use(http.get("/api/members/", () => refuse(400, "That does not hold."), { once: true }));
    const { user } = renderApp("/p/demo/settings/members");
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Ben")).toBeVisible();
  });

  it("goes on where the page ends", async () => {
    server.use(
      http.get("/api/members/", ({ request }) => {
        const cursor = new URL(request.url).searchParams.get("cursor");
        return HttpResponse.json(cursor === "abc" ? aPage([aMember(8)]) : aPage(members, "/api/members/?project=demo&cursor=abc"));
      }),
    );
    const { user, list } = await open();
    await user.click(screen.getByRole("button", { name: "Show more members" }));
    expect(await list.findByText("Member 8")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show more members" })).not.toBeInTheDocument();
  });
});
