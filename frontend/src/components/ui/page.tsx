import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/** A page's heading row. Its height is fixed, so that nothing below moves when its content arrives. */
export function PageHeader({ title, children, aside }: { title: string; children?: ReactNode; aside?: ReactNode }) {
  return (
    <header className="flex min-h-13 shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-surface px-4 py-2 md:px-5">
      <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
      {children}
      {aside && <div className="ml-auto flex items-center gap-2">{aside}</div>}
    </header>
  );
}

export function Panel({ title, aside, children, className }: { title: string; aside?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section aria-label={title} className={cn("min-w-0 rounded-lg border border-line bg-surface", className)}>
      <header className="flex min-h-11 items-center gap-2 px-4 pt-1">
        <h2 className="text-base font-semibold">{title}</h2>
        {aside && <div className="ml-auto flex items-center gap-2">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** A small heading inside a panel or a side panel. */
export function SectionTitle({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className="mb-2 flex min-h-5 items-center gap-2">
      <h3 className="text-xs font-semibold text-muted">{children}</h3>
      {aside && <div className="ml-auto">{aside}</div>}
    </div>
  );
}
