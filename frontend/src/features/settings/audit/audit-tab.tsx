import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { useAudit } from "@/api/list-audit";
import { useProject } from "@/api/session";
import type { AuditEntry } from "@/api/types";
import { Button } from "@/components/ui/button";
import { CommittedInput, SuggestedInput } from "@/components/ui/committed-input";
import { Field } from "@/components/ui/field";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { ColumnHeads, Framed, ListSkeleton, SettingsSection, ShowMore } from "../section";
import { type AuditSearch, isDay, isNarrowed, NO_FILTERS, readSearch, toApiFilters, writeSearch } from "./audit-filters";
import { AUDIT_ROW, AuditRow } from "./audit-row";

export function AuditTab() {
  const { slug } = useProject();
  const [params, setParams] = useSearchParams();
  const search = useMemo(() => readSearch(params), [params]);
  const audit = useAudit(slug, useMemo(() => toApiFilters(search), [search]));
  const rows = audit.data?.pages.flatMap((page) => page.results) ?? [];
  const change = (part: Partial<AuditSearch>) => setParams((before) => writeSearch(before, part), { replace: true });
  const clear = () => change(NO_FILTERS);
  return (
    <SettingsSection title="Audit log" about="Who did what, the newest first. The log holds names, ids and counts, never texts, and nothing in it can be changed.">
      <Filters search={search} rows={rows} onChange={change} onClear={clear} />
      {audit.isPending ? (
        <ListSkeleton what="the log" rows={8} />
      ) : audit.isError && rows.length === 0 ? (
        <ErrorState error={audit.error} what="the audit log" onRetry={() => void audit.refetch()} />
      ) : rows.length === 0 ? (
        <NoEntries narrowed={isNarrowed(search)} onClear={clear} />
      ) : (
        <div aria-busy={audit.isPlaceholderData} className={cn("transition-opacity", audit.isPlaceholderData && "opacity-60")}>
          <Framed>
            <ColumnHeads className={AUDIT_ROW} names={["When", "Who", "What", "Details"]} />
            <ol aria-label="Audit log">
              {rows.map((entry) => (
                <AuditRow key={entry.id} entry={entry} />
              ))}
            </ol>
            <ShowMore list={audit}>Show older entries</ShowMore>
          </Framed>
        </div>
      )}
    </SettingsSection>
  );
}

interface FiltersProps {
  search: AuditSearch;
  /** The entries on screen: what they hold is offered as suggestions. */
  rows: AuditEntry[];
  onChange: (part: Partial<AuditSearch>) => void;
  onClear: () => void;
}

function Filters({ search, rows, onChange, onClear }: FiltersProps) {
  return (
    <div role="search" aria-label="Audit log" className="grid grid-cols-2 items-end gap-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_9.5rem_9.5rem_auto]">
      <SuggestedInput label="Action" value={search.action} values={rows.map((row) => row.action)} onChange={(action) => onChange({ action })} />
      <SuggestedInput label="Who" value={search.actor} values={rows.map((row) => row.actor)} onChange={(actor) => onChange({ actor })} />
      <DayField label="From" value={search.from} max={search.to} onChange={(from) => onChange({ from })} />
      <DayField label="To" value={search.to} min={search.from} onChange={(to) => onChange({ to })} />
      <Button look="ghost" disabled={!isNarrowed(search)} onClick={onClear} className="max-md:col-span-2">
        Clear
      </Button>
    </div>
  );
}

function DayField({ label, value, min, max, onChange }: { label: string; value: string; min?: string; max?: string; onChange: (value: string) => void }) {
  return (
    <Field label={label}>
      {(attributes) => <CommittedInput {...attributes} type="date" min={min || undefined} max={max || undefined} value={value} isWhole={isDay} onCommit={onChange} />}
    </Field>
  );
}

function NoEntries({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  if (!narrowed) {
    return (
      <EmptyState icon="table" title="Nothing has happened yet">
        Each decision, run and change of settings is written here.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="search" title="No entry fits these filters" action={<Button onClick={onClear}>Clear filters</Button>}>
      Actions and names have to be given in full, such as draft.approve.
    </EmptyState>
  );
}
