import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { leadsKey, useLeads } from "@/api/list-leads";
import { useLiveListener } from "@/api/live";
import { useMay, useProject } from "@/api/session";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { plural } from "@/lib/format";
import { useHotkeys } from "@/lib/hotkeys";
import { SIDE_BY_SIDE, useMedia } from "@/lib/use-media";
import { usePicked } from "@/lib/use-picked";
import { useTitle } from "@/lib/use-title";
import { FilterBar } from "./filter-bar";
import { isNarrowed, type LeadSearch, NO_FILTERS, readSearch, toApiFilters, writeSearch } from "./filters";
import { LeadBulkBar } from "./lead-bulk-bar";
import { LeadList, LeadListSkeleton } from "./lead-list";
import { LeadPanel } from "./lead-panel";

export function LeadsPage() {
  useTitle("Leads");
  const { slug } = useProject();
  const [params, setParams] = useSearchParams();
  const sideBySide = useMedia(SIDE_BY_SIDE);
  const search = useMemo(() => readSearch(params), [params]);
  const open = Number(params.get("lead")) || null;
  const leads = useLeads(slug, useMemo(() => toApiFilters(search), [search]));
  const rows = useMemo(() => leads.data?.pages.flatMap((page) => page.results) ?? [], [leads.data]);
  const mayPick = useMay("reviewer");
  const { ids, picked, pick, clear } = usePicked(rows);

  const change = useCallback(
    (part: Partial<LeadSearch>) => setParams((before) => writeSearch(before, part), { replace: true }),
    [setParams],
  );
  const show = useCallback(
    (id: number | null) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (id === null) after.delete("lead");
          else after.set("lead", String(id));
          return after;
        },
        { replace: id === null || open !== null },
      ),
    [setParams, open],
  );

  const move = (by: number) => {
    const index = rows.findIndex((row) => row.id === open);
    const next = rows[index === -1 ? 0 : index + by];
    if (next) show(next.id);
  };
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    x: (event) => mayPick && open !== null && pick(open, { range: event.shiftKey }),
    Escape: () => (picked.length > 0 ? clear() : show(null)),
  });

  const panel = open !== null && <LeadPanel key={open} id={open} onClose={() => show(null)} />;
  return (
    <>
      <PageHeader title="Leads" aside={<NewLeads project={slug} />} />
      <FilterBar search={search} rows={rows} onChange={change} />
      <div className="flex min-h-0 grow">
        <div className="relative min-w-0 grow bg-surface">
          {leads.isPending ? (
            <LeadListSkeleton />
          ) : leads.isError && rows.length === 0 ? (
            <ErrorState error={leads.error} what="the leads" onRetry={() => void leads.refetch()} />
          ) : rows.length === 0 ? (
            <NoLeads narrowed={isNarrowed(search)} onClear={() => change(NO_FILTERS)} />
          ) : (
            <LeadList
              rows={rows}
              open={open}
              onOpen={show}
              picked={ids}
              onPick={mayPick ? pick : undefined}
              dimmed={leads.isPlaceholderData}
              more={leads.hasNextPage}
              loadingMore={leads.isFetchingNextPage}
              failedMore={leads.isFetchNextPageError ? leads.error : null}
              onMore={() => void leads.fetchNextPage()}
            />
          )}
        </div>
        {panel &&
          (sideBySide ? (
            <aside aria-label="Lead" className="w-[min(36rem,48%)] shrink-0 border-l border-line">
              {panel}
            </aside>
          ) : (
            <Dialog title={`Lead ${open}`} look="sheet" headless onClose={() => show(null)}>
              {panel}
            </Dialog>
          ))}
      </div>
      {picked.length > 0 && <LeadBulkBar project={slug} ids={picked.map(({ id }) => id)} asleep={search.snoozed === "true"} onClear={clear} />}
    </>
  );
}

function NoLeads({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  if (!narrowed) {
    return (
      <EmptyState icon="leads" title="No leads yet">
        They appear here as soon as a run has collected posts.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="search" title="No lead fits these filters" action={<Button onClick={onClear}>Clear filters</Button>}>
      Widen the score range, or take a filter away.
    </EmptyState>
  );
}

/** A list that somebody reads is not reordered under them: they say when. */
function NewLeads({ project }: { project: string }) {
  const queries = useQueryClient();
  const [arrived, setArrived] = useState(0);
  const [changed, setChanged] = useState(false);
  useLiveListener((event) => {
    if (event.type === "new_lead") setArrived((count) => count + 1);
    if (event.type === "run_finished") setChanged(true);
  });
  if (arrived === 0 && !changed) return null;
  const refresh = () => {
    setArrived(0);
    setChanged(false);
    void queries.invalidateQueries({ queryKey: leadsKey(project) });
  };
  return (
    <Button size="sm" icon="refresh" onClick={refresh}>
      {arrived > 0 ? `${plural(arrived, "new lead")}: show` : "Run finished: refresh"}
    </Button>
  );
}
