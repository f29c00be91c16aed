import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { type createBrowserRouter, RouterProvider } from "react-router";
import { createQueryClient } from "@/api/query-client";
import { ToastProvider } from "@/components/ui/toast";
import { signInAddress } from "./sign-in-address";

type Router = ReturnType<typeof createBrowserRouter>;

/** Everything around the pages. A session that ends anywhere leads to sign-in, and from there back. */
export function App({ router }: { router: Router }) {
  const [queries] = useState(() =>
    createQueryClient(() => {
      const { pathname, search } = router.state.location;
      if (pathname !== "/sign-in") void router.navigate(signInAddress(pathname + search), { replace: true });
    }),
  );
  return (
    <QueryClientProvider client={queries}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  );
}
