import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "react-router";
import { meQuery } from "@/api/get-me";
import { statusOf } from "@/api/problem";
import { MeContext } from "@/api/session";
import { ErrorState } from "@/components/ui/states";
import { Boot } from "./boot";
import { signInAddress } from "./sign-in-address";

/** The gate before everything but sign-in. */
export function RequireSession() {
  const me = useQuery(meQuery);
  const location = useLocation();
  if (me.data) {
    return (
      <MeContext value={me.data}>
        <Outlet />
      </MeContext>
    );
  }
  if (me.isPending) return <Boot />;
  if (statusOf(me.error) === 401) return <Navigate to={signInAddress(location.pathname + location.search)} replace />;
  return (
    <main className="flex h-full items-center justify-center">
      <ErrorState error={me.error} what="your account" onRetry={() => void me.refetch()} />
    </main>
  );
}
