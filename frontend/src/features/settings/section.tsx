import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/states";

/** One tab: what it is about, its one action, and its list in a frame. */
export function SettingsSection({ title, about, action, children }: { title: string; about: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} tabIndex={0} className="grow overflow-y-auto thin-scroll">
      <div className="mx-auto flex max-w-5xl flex-col gap-4 p-4 md:p-5">
        <div className="flex min-h-8 flex-wrap items-start gap-x-6 gap-y-3">
          <div className="min-w-0 grow basis-72">
            <h2 className="text-base font-semibold">{title}</h2>
            <p className="mt-0.5 max-w-2xl text-muted">{about}</p>
          </div>
          {action}
        </div>
        {children}
      </div>
    </section>
  );
}

export function Framed({ children }: { children: ReactNode }) {
  return <div className="overflow-hidden rounded-lg border border-line bg-surface">{children}</div>;
}

/** What the columns are: for eyes only, because every row says it to those who listen. */
export function ColumnHeads({ className, names }: { className: string; names: string[] }) {
  return (
    <div aria-hidden="true" className={`${className} h-9 border-b border-line text-xs text-muted max-md:hidden`}>
      {names.map((name) => (
        <span key={name}>{name}</span>
      ))}
    </div>
  );
}

export function ListSkeleton({ what, rows = 4 }: { what: string; rows?: number }) {
  return (
    <Framed>
      <Loading what={what}>
        {Array.from({ length: rows }, (_, index) => (
          <div key={index} className="flex h-14 items-center gap-6 border-b border-line px-4 last:border-b-0">
            <Skeleton className="h-3.5 w-40" />
            <Skeleton className="h-3.5 w-full max-w-72" />
          </div>
        ))}
      </Loading>
    </Framed>
  );
}

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

export function ShowMore({ list, children }: { list: Paged; children: string }) {
  if (!list.hasNextPage) return null;
  return (
    <div className="flex justify-center border-t border-line p-3">
      <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
        {list.isFetchingNextPage ? "Loading…" : children}
      </Button>
    </div>
  );
}
