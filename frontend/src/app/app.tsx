import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router";
import { createQueryClient } from "@/api/query-client";
import { ToastProvider } from "@/components/ui/toast";
import { createRouter } from "./router";
import { signInAddress } from "./sign-in-address";

const router = createRouter();

const queries = createQueryClient(() => {
  const { pathname, search } = router.state.location;
  if (pathname !== "/sign-in") void router.navigate(signInAddress(pathname + search), { replace: true });
});

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  );
}
