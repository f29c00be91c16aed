import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { frame, refuse } from "@/testing/handlers";
import { renderApp } from "@/testing/render-app";
import { aMe, aPage } from "@/testing/samples";
import { server } from "@/testing/server";

async function fillIn(user: ReturnType<typeof renderApp>["user"]) {
  await user.type(await screen.findByLabelText("User name"), "rita");
  await user.type(screen.getByLabelText("Password"), "secret");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
}

describe("signing in", () => {
  it("leads back to where one came from, filters and all", async () => {
    server.use(...frame(), http.get("/api/leads/", () => HttpResponse.json(aPage([]))));
    server.use(
      http.get("/api/me/", () => refuse(401, "Sign in first."), { once: true }),
      http.post("/api/auth/sign-in/", () => HttpResponse.json(aMe())),
    );
    const { router, user } = renderApp("/p/demo/leads?label=maybe");
    await fillIn(user);
    await waitFor(() => expect(router.state.location.pathname).toBe("/p/demo/leads"));
    expect(router.state.location.search).toBe("?label=maybe");
    expect(await screen.findByRole("heading", { name: "Leads" })).toBeVisible();
  });

  it("sends the CSRF token with the form", async () => {
    let sent: unknown;
    server.use(
      ...frame(),
      http.post("/api/auth/sign-in/", async ({ request }) => {
        sent = { token: request.headers.get("X-CSRFToken"), form: await request.json() };
        return refuse(400, "The user name or the password is not right.");
      }),
    );
    const { user } = renderApp("/sign-in");
    await fillIn(user);
    await screen.findByRole("alert");
    expect(sent).toEqual({ token: "token-1", form: { username: "rita", password: "secret" } });
  });

  it("shows a wrong password in the form, keeps the name and selects the password", async () => {
    server.use(...frame(), http.post("/api/auth/sign-in/", () => refuse(400, "The user name or the password is not right.")));
    const { user } = renderApp("/sign-in");
    await fillIn(user);
    expect(await screen.findByRole("alert")).toHaveTextContent("The user name or the password is not right.");
    expect(screen.getByLabelText("User name")).toHaveValue("rita");
    expect(screen.getByLabelText("Password")).toHaveFocus();
  });

  it("says how long to wait after too many attempts", async () => {
    server.use(
      ...frame(),
      http.post("/api/auth/sign-in/", () => HttpResponse.json({ detail: "Too many.", status: 429 }, { status: 429, headers: { "Retry-After": "30" } })),
    );
    const { user } = renderApp("/sign-in");
    await fillIn(user);
    expect(await screen.findByRole("alert")).toHaveTextContent("Try again in 30 seconds.");
  });
});

describe("a session that ends", () => {
  it("leads to sign-in from wherever it is noticed", async () => {
    server.use(...frame(), http.get("/api/leads/", () => refuse(401, "Sign in first.")));
    const { router } = renderApp("/p/demo/leads?sort=newest");
    await waitFor(() => expect(router.state.location.pathname).toBe("/sign-in"));
    expect(new URLSearchParams(router.state.location.search).get("next")).toBe("/p/demo/leads?sort=newest");
  });
});
