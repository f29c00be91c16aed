import { NavLink } from "react-router";
import { useStats } from "@/api/get-stats";
import { useMay, useProject } from "@/api/session";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { formatCompact } from "@/lib/format";

interface Page {
  path: string;
  label: string;
  icon: IconName;
}

const PAGES: Page[] = [
  { path: "overview", label: "Overview", icon: "overview" },
  { path: "leads", label: "Leads", icon: "leads" },
  { path: "queue", label: "Queue", icon: "queue" },
  { path: "runs", label: "Runs", icon: "runs" },
];

const SETTINGS: Page = { path: "settings", label: "Settings", icon: "settings" };

/** Settings are the operators' own. Whoever else follows an address there is told so. */
function usePages(): Page[] {
  return useMay("operator") ? [...PAGES, SETTINGS] : PAGES;
}

export function SideNav({ compact }: { compact: boolean }) {
  const { slug } = useProject();
  const pending = usePending();
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
              {path === "queue" && pending > 0 && <Waiting count={pending} dot={compact} />}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function BottomNav() {
  const { slug } = useProject();
  const pending = usePending();
  return (
    <nav aria-label="Pages" className="shrink-0 border-t border-line bg-canvas pb-[env(safe-area-inset-bottom)]">
      <ul className="grid auto-cols-fr grid-flow-col">
        {usePages().map(({ path, label, icon }) => (
          <li key={path}>
            <NavLink
              to={`/p/${slug}/${path}`}
              className={({ isActive }) =>
                cn("relative flex h-13 flex-col items-center justify-center gap-0.5 text-2xs font-medium", isActive ? "text-accent-text" : "text-muted")
              }
            >
              <Icon name={icon} size="lg" />
              {label}
              {path === "queue" && pending > 0 && <Waiting count={pending} dot />}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function usePending(): number {
  return useStats(useProject().slug).data?.pending ?? 0;
}

function Waiting({ count, dot }: { count: number; dot: boolean }) {
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
