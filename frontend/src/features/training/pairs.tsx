import { useState } from "react";
import { useSearchParams } from "react-router";
import { PAIR_SOURCES, type PairSource, usePairs } from "@/api/list-pairs";
import { useMay } from "@/api/session";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { EmptyState, ErrorState, Loading, Skeleton } from "@/components/ui/states";
import { AddPairDialog } from "./add-pair-dialog";
import { PairCard } from "./pair-card";
import { SOURCES } from "./words";

export function Pairs({ project }: { project: string }) {
  const [params, setParams] = useSearchParams();
  const source = PAIR_SOURCES.find((each) => each === params.get("source"));
  const mayAdd = useMay("reviewer");
  const [adding, setAdding] = useState(false);
  return (
    <section aria-label="Preference pairs" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <p className="min-w-0 grow basis-72 text-muted">
          Two answers to one prompt, of which a person preferred one. Edits and rejections with a better text make them by themselves.
        </p>
        <div className="flex gap-2">
          <Select aria-label="Source" className="w-44" value={source ?? ""} onChange={({ target }) => setParams(target.value ? { source: target.value } : {}, { replace: true })}>
            <option value="">All sources</option>
            {PAIR_SOURCES.map((each) => (
              <option key={each} value={each}>
                {SOURCES[each]}
              </option>
            ))}
          </Select>
          {mayAdd && (
            <Button look="primary" icon="plus" onClick={() => setAdding(true)}>
              Add pair
            </Button>
          )}
        </div>
      </div>
      <PairList project={project} source={source} />
      {adding && <AddPairDialog project={project} onClose={() => setAdding(false)} />}
    </section>
  );
}

function PairList({ project, source }: { project: string; source?: PairSource }) {
  const pairs = usePairs(project, source);
  const mayRemove = useMay("operator");
  const rows = pairs.data?.pages.flatMap((page) => page.results) ?? [];
  if (pairs.isPending) {
    return (
      <Loading what="pairs" className="flex flex-col gap-3">
        {Array.from({ length: 3 }, (_, index) => (
          <Skeleton key={index} className="h-28 w-full" />
        ))}
      </Loading>
    );
  }
  if (pairs.isError && rows.length === 0) return <ErrorState error={pairs.error} what="the pairs" onRetry={() => void pairs.refetch()} />;
  if (rows.length === 0) {
    return (
      <EmptyState icon="spark" title={source ? "No such pair" : "No pairs yet"}>
        Edit a draft in the queue before you approve it, or say what would have been better when you reject one.
      </EmptyState>
    );
  }
  return (
    <>
      <ul aria-label="Preference pairs" className="flex flex-col gap-3">
        {rows.map((pair) => (
          <PairCard key={pair.id} project={project} pair={pair} mayRemove={mayRemove} />
        ))}
      </ul>
      {pairs.hasNextPage && (
        <div className="flex justify-center">
          <Button onClick={() => void pairs.fetchNextPage()} disabled={pairs.isFetchingNextPage}>
            {pairs.isFetchingNextPage ? "Loading…" : "Show older pairs"}
          </Button>
        </div>
      )}
    </>
  );
}
