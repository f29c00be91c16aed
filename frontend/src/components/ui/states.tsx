import type { ReactNode } from "react";
import { messageOf, statusOf } from "@/api/problem";
import { cn } from "@/lib/cn";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

/** What stands in a place whose content is not there: nothing yet, refused, or broken. */
function Placeholder({
  icon,
  title,
  children,
  action,
  className,
  role,
}: {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
  role?: "alert" | "status";
}) {
  return (
    <div role={role} className={cn("mx-auto flex max-w-sm flex-col items-center px-6 py-14 text-center", className)}>
      <span className="mb-3 flex size-10 items-center justify-center rounded-full border border-line bg-surface text-muted">
        <Icon name={icon} size="lg" />
      </span>
      <h2 className="text-base font-semibold">{title}</h2>
      {children && <div className="mt-1 text-muted">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

export function EmptyState(props: { icon?: IconName; title: string; children?: ReactNode; action?: ReactNode; className?: string }) {
  return <Placeholder icon="inbox" {...props} />;
}

/** Tells a refusal (403), a thing that is not there (404) and a failure apart; only the last can be tried again. */
export function ErrorState({ error, what, onRetry, className }: { error: unknown; what: string; onRetry: () => void; className?: string }) {
  const status = statusOf(error);
  if (status === 403) {
    return (
      <Placeholder icon="lock" title="Not open to you" className={className} role="alert">
        Your role in this project does not reach {what}. An operator can change it.
      </Placeholder>
    );
  }
  if (status === 404) {
    return (
      <Placeholder icon="search" title="Not found" className={className} role="alert">
        There is no such thing here, or it is not yours to see.
      </Placeholder>
    );
  }
  return (
    <Placeholder
      icon="alert"
      title={`Could not load ${what}`}
      className={className}
      role="alert"
      action={
        <Button icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      }
    >
      {messageOf(error)}
    </Placeholder>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cn("skeleton block", className)} />;
}

/** Says once, to those who cannot see the grey bars, that something is on its way. */
export function Loading({ what, children, className }: { what: string; children: ReactNode; className?: string }) {
  return (
    <div role="status" aria-busy="true" className={className}>
      <span className="sr-only">Loading {what}…</span>
      {children}
    </div>
  );
}

const NOTICES = {
  bad: { role: "alert", look: "bg-bad-soft text-bad", icon: "alert" },
  warn: { role: "alert", look: "bg-warn-soft text-warn", icon: "alert" },
  neutral: { role: "note", look: "bg-sunken text-soft", icon: "lock" },
  good: { role: "status", look: "bg-good-soft text-good", icon: "check" },
} as const;

/** A message at the place it concerns. */
export function Notice({ tone = "bad", children, action }: { tone?: keyof typeof NOTICES; children: ReactNode; action?: ReactNode }) {
  const { role, look, icon } = NOTICES[tone];
  return (
    <div role={role} className={cn("flex items-start gap-2 rounded-md px-3 py-2", look)}>
      <Icon name={icon} className="mt-0.5" />
      <div className="min-w-0 grow break-words">{children}</div>
      {action}
    </div>
  );
}
