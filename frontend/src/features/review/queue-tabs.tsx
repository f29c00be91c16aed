import { useQueueCounts } from "@/api/count-queue";
import { useStats } from "@/api/get-stats";
import { ALL_VIEWS, DELIVERY_STATUSES, isDeliveryStatus, QUEUE_VIEWS, type QueueView } from "@/api/list-queue";
import { EmptyState } from "@/components/ui/states";
import { LinkTabs } from "@/components/ui/tabs";
import { formatCount, humanize } from "@/lib/format";

export function readView(value: string | null): QueueView {
  return ALL_VIEWS.find((view) => view === value) ?? "pending";
}

/** How many drafts each tab holds, where that is known. */
export function useTabCounts(project: string): Partial<Record<QueueView, number>> {
  const stats = useStats(project).data;
  const counted = useQueueCounts(project);
  // Of these the statistics go on to count what has left since: the list itself is counted.
  return { ...stats, queued: undefined, claimed: undefined, ...counted };
}

interface TabsProps {
  project: string;
  view: QueueView;
  counts: Partial<Record<QueueView, number>>;
  /** What else the address narrows the list to. */
  keep: URLSearchParams;
}

export function QueueTabs({ project, view, counts, keep }: TabsProps) {
  const tabs = QUEUE_VIEWS.map((each) => tabOf(project, each, counts[each], keep));
  tabs.push({ ...tabOf(project, "queued", undefined, keep), label: "On the way" });
  return <LinkTabs label="Drafts by state" current={isDeliveryStatus(view) ? "queued" : view} tabs={tabs} className="-mx-1 overflow-x-auto max-sm:order-last max-sm:w-full" />;
}

export function DeliveryTabs({ project, view, counts, keep }: TabsProps) {
  const tabs = DELIVERY_STATUSES.map((each) => tabOf(project, each, counts[each], keep));
  return <LinkTabs label="On the way by state" current={view} tabs={tabs} className="shrink-0 overflow-x-auto border-b border-line px-2 py-1.5" />;
}

function tabOf(project: string, view: QueueView, count: number | undefined, keep: URLSearchParams) {
  const params = new URLSearchParams(keep);
  params.delete("draft");
  if (view === "pending") params.delete("status");
  else params.set("status", view);
  const search = params.size === 0 ? "" : `?${params.toString()}`;
  return {
    key: view,
    label: view === "claimed" ? "Under way" : humanize(view),
    count: count === undefined ? undefined : formatCount(count),
    to: `/p/${project}/queue${search}`,
  };
}

const EMPTY: Partial<Record<QueueView, string>> = {
  snoozed: "Nothing is put off",
  queued: "Nothing waits to leave",
  claimed: "Nothing is under way",
  failed: "Nothing failed",
  unknown: "Of every reply it is known what became of it",
};

export function NoDrafts({ view, decided, narrowed }: { view: QueueView; decided: number; narrowed: boolean }) {
  if (narrowed) return <EmptyState title="No draft fits" className="my-auto">Nobody’s or somebody else’s are not shown: choose “Everybody’s” above the list.</EmptyState>;
  if (view !== "pending") return <EmptyState title={EMPTY[view] ?? `Nothing ${view} yet`} className="my-auto" />;
  return (
    <EmptyState icon={decided > 0 ? "check" : "inbox"} title={decided > 0 ? "All done" : "Nothing waits for review"} className="my-auto">
      {decided > 0 ? "Every draft is decided. New ones appear here by themselves." : "The next run drafts replies to the best new leads; they appear here by themselves."}
    </EmptyState>
  );
}
