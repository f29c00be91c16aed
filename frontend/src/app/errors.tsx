import { Link, useRouteError } from "react-router";
import { Button, buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { useTitle } from "@/lib/use-title";

export function NotFound() {
  useTitle("Not found");
  return (
    <div className="flex h-full items-center justify-center">
      <EmptyState
        icon="search"
        title="There is no such page"
        action={
          <Link to="/" className={buttonClass()}>
            Go to your project
          </Link>
        }
      >
        The address may be mistyped, or what it named is gone.
      </EmptyState>
    </div>
  );
}

/** A page that broke, or whose file could not be fetched (after a new release, say): loading again mends both. */
export function RouteError({ inside = false }: { inside?: boolean }) {
  const error = useRouteError();
  useTitle("Something broke");
  return (
    <div className={cn("flex items-center justify-center", inside ? "h-full" : "h-dvh")}>
      <EmptyState
        icon="alert"
        title="This page could not be shown"
        action={
          <Button icon="refresh" onClick={() => location.reload()}>
            Load again
          </Button>
        }
      >
        {error instanceof Error ? error.message : "Something unexpected happened."}
      </EmptyState>
    </div>
  );
}
