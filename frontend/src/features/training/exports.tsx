import { useState } from "react";
import { isUnderWay, useExports } from "@/api/list-exports";
import { useMay } from "@/api/session";
import { Button } from "@/components/ui/button";
import { EmptyState, ErrorState, Loading, Skeleton } from "@/components/ui/states";
import { ExportRow } from "./export-row";
import { StartExportDialog } from "./start-export-dialog";

export function Exports({ project }: { project: string }) {
  const exports = useExports(project);
  const mayStart = useMay("operator");
  const [asking, setAsking] = useState(false);
  const rows = exports.data?.pages.flatMap((page) => page.results) ?? [];
  const isBusy = rows.some(isUnderWay);
  const button = mayStart && (
    <Button look="primary" icon="plus" disabled={isBusy} onClick={() => setAsking(true)}>
      {isBusy ? "Export in progress" : "Export pairs"}
    </Button>
  );
  return (
    <section aria-label="Exports" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <p className="min-w-0 grow basis-72 text-muted">
          Files that trainers load as they are. They repeat posts, so each goes as soon as one of its posts is gone or its author is erased.
        </p>
        {rows.length > 0 && button}
      </div>
      {exports.isPending ? (
        <Loading what="exports">
          <Skeleton className="h-28 w-full" />
        </Loading>
      ) : exports.isError && rows.length === 0 ? (
        <ErrorState error={exports.error} what="the exports" onRetry={() => void exports.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon="table" title="No export yet" action={button}>
          A worker writes the file; you download it here.
        </EmptyState>
      ) : (
        <ul aria-label="Exports" className="overflow-hidden rounded-lg border border-line bg-surface">
          {rows.map((row) => (
            <ExportRow key={row.id} project={project} row={row} />
          ))}
        </ul>
      )}
      {exports.hasNextPage && (
        <div className="flex justify-center">
          <Button onClick={() => void exports.fetchNextPage()} disabled={exports.isFetchingNextPage}>
            {exports.isFetchingNextPage ? "Loading…" : "Show older exports"}
          </Button>
        </div>
      )}
      {asking && <StartExportDialog project={project} onClose={() => setAsking(false)} />}
    </section>
  );
}
