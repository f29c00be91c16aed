import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter } from "react-router";
import { App } from "@/app/app";
import { routes } from "@/app/routes";

/** The whole dashboard at an address. */
export function renderApp(address: string) {
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  const user = userEvent.setup();
  const view = render(<App router={router} />);
  return { ...view, router, user, search: () => new URLSearchParams(router.state.location.search) };
}
