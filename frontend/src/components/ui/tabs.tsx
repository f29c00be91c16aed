import type { ReactNode } from "react";
import { Link } from "react-router";
import { cn } from "@/lib/cn";

export interface Tab {
  key: string;
  label: string;
  count?: ReactNode;
  to: string;
}

/** Views of one list: links, because each has its address. */
export function LinkTabs({ tabs, current, label, className }: { tabs: Tab[]; current: string; label: string; className?: string }) {
  return (
    <nav aria-label={label} className={cn("flex gap-0.5", className)}>
      {tabs.map((tab) => (
        <Link
          key={tab.key}
          to={tab.to}
          replace
          aria-current={tab.key === current ? "page" : undefined}
          className={cn(
            "flex h-7 items-center gap-1.5 rounded-md px-2 whitespace-nowrap transition-colors",
            tab.key === current ? "bg-selected font-medium text-text" : "text-muted hover:bg-hover hover:text-text",
          )}
        >
          {tab.label}
          {tab.count !== undefined && <span className="text-xs text-muted tabular-nums">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
