import { NavLink } from "react-router";
import { useStats } from "@/api/get-stats";
import { useWaitingLabels } from "@/api/next-label";
import { useMay, useProject } from "@/api/session";
import type { Role } from "@/api/types";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { formatCompact } from "@/lib/format";

interface Page {
  path: string;
  label: string;
  /** Where there is little room. */
  short?: string;
  icon: IconName;
  /** Which role it takes. */
  role?: Role;
}

const PAGES: Page[] = [
  { path: "overview", label: "Overview", icon: "overview" },
  { path: "leads", label: "Leads", icon: "leads" },
  { path: "queue", label: "Queue", icon: "queue" },
  { path: "label", label: "Blind review", short: "Blind", icon: "blind", role: "reviewer" },
  { path: "runs", label: "Runs", icon: "runs" },
  { path: "training", label: "Training", icon: "spark" },
  { path: "settings", label: "Settings", icon: "settings", role: "operator" },
];

/** Whoever follows an address that is not open to them is told so there. */
function usePages(): Page[] {
  const mayLabel = useMay("reviewer");
  const mayRun = useMay("operator");
  return PAGES.filter(({ role }) => role === undefined || (role === "operator" ? mayRun : mayLabel));
}

export function SideNav({ compact }: { compact: boolean }) {
  const { slug } = useProject();
  const waiting = useWaiting();
  return (
    <nav aria-label="Pages">
      <ul className="flex flex-col gap-0.5">
        {usePages().map(({ path, label, icon }) => (
          <li key={path}>
            <NavLink
              to={`/p/${slug}/${path}`}
              title={compact ? label : undefined}
              className={({ isActive }) =>
                cn(
                  "relative flex h-8 items-center gap-2.5 rounded-md transition-colors",
                  compact ? "w-8 justify-center" : "px-2",
                  isActive ? "bg-selected font-medium text-text" : "text-soft hover:bg-hover hover:text-text",
                )
              }
            >
              <Icon name={icon} />
              <span className={compact ? "sr-only" : undefined}>{label}</span>
              <Waiting count={waiting[path]} dot={compact} />
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function BottomNav() {
  const { slug } = useProject();
  const waiting = useWaiting();
  return (
    <nav aria-label="Pages" className="shrink-0 border-t border-line bg-canvas pb-[env(safe-area-inset-bottom)]">
      <ul className="grid auto-cols-fr grid-flow-col">
        {usePages().map(({ path, label, short, icon }) => (
          <li key={path}>
            <NavLink
              to={`/p/${slug}/${path}`}
              aria-label={short && label}
              className={({ isActive }) =>
                cn("relative flex h-13 flex-col items-center justify-center gap-0.5 text-2xs font-medium", isActive ? "text-accent-text" : "text-muted")
              }
            >
              <Icon name={icon} size="lg" />
              {short ?? label}
              <Waiting count={waiting[path]} dot />
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** By page, how much waits there for the reader. */
function useWaiting(): Record<string, number | undefined> {
  const { slug } = useProject();
  const labels = useWaitingLabels(slug, useMay("reviewer"));
  return { queue: useStats(slug).data?.pending, label: labels.data?.waiting };
}

function Waiting({ count, dot }: { count: number | undefined; dot: boolean }) {
  if (!count) return null;
  if (!dot) {
    return (
      <span className="ml-auto text-xs text-muted tabular-nums">
        {formatCompact(count)}
        <span className="sr-only"> waiting</span>
      </span>
    );
  }
  return (
    <span className="absolute top-1 left-1/2 ml-1.5 size-2 rounded-full border-2 border-canvas bg-accent box-content">
      <span className="sr-only">{formatCompact(count)} waiting</span>
    </span>
  );
}
