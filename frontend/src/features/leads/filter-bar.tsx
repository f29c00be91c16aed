import { Popover } from "radix-ui";
import { useEffect, useId, useRef, useState } from "react";
import type { LeadRow } from "@/api/types";
import { Button, IconButton } from "@/components/ui/button";
import { CommittedInput, SuggestedInput } from "@/components/ui/committed-input";
import { Field, INPUT, Select } from "@/components/ui/field";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { humanize } from "@/lib/format";
import { LABELS, type LeadSearch, namedFilters, NO_FILTERS, STAGES } from "./filters";

const PAUSE = 250;

interface FilterBarProps {
  search: LeadSearch;
  /** The rows on screen: what they hold is offered as suggestions. */
  rows: LeadRow[];
  onChange: (part: Partial<LeadSearch>) => void;
}

export function FilterBar({ search, rows, onChange }: FilterBarProps) {
  const named = namedFilters(search);
  return (
    <div role="search" aria-label="Leads" className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2 md:px-5">
      <SearchBox value={search.q} onChange={(q) => onChange({ q })} />
      <div role="group" aria-label="Label" className="flex gap-0.5 max-sm:order-last max-sm:w-full">
        {["", ...LABELS].map((label) => (
          <button
            key={label}
            type="button"
            aria-pressed={search.label === label}
            onClick={() => onChange({ label })}
            className={cn("h-7 rounded-md px-2 transition-colors", search.label === label ? "bg-selected font-medium" : "text-muted hover:bg-hover hover:text-text")}
          >
            {label ? humanize(label) : "All"}
          </button>
        ))}
      </div>
      <MoreFilters search={search} rows={rows} count={named.length} onChange={onChange} />
      {named.map(({ names, text }) => (
        <button
          key={text}
          type="button"
          onClick={() => onChange(Object.fromEntries(names.map((name) => [name, ""])))}
          className="inline-flex h-7 items-center gap-1 rounded-full border border-line-strong pr-1.5 pl-2.5 text-xs text-soft hover:bg-hover"
        >
          {text}
          <Icon name="cross" size="xs" />
          <span className="sr-only">: remove this filter</span>
        </button>
      ))}
      <label className="flex items-center gap-2 text-muted sm:ml-auto">
        <span className="max-sm:sr-only">Sort by</span>
        <Select value={search.sort} onChange={(event) => onChange({ sort: event.target.value === "newest" ? "newest" : "score" })} className="w-26">
          <option value="score">Score</option>
          <option value="newest">Newest</option>
        </Select>
      </label>
    </div>
  );
}

/** Typing waits for a pause before it goes to the address; an address that changes by itself shows here. */
function SearchBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  const [sent, setSent] = useState(value);
  const [resets, setResets] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const hintId = useId();

  if (value !== shown) {
    setShown(value);
    if (value !== sent) {
      setSent(value);
      setText(value);
      setResets(resets + 1);
    }
  }
  useEffect(() => () => clearTimeout(timer.current), [resets]);

  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setSent(next);
      onChange(next);
    }, PAUSE);
  };

  return (
    <div className="flex items-center gap-0.5 max-sm:grow">
      <label className="relative max-sm:grow">
        <span className="sr-only">Search leads</span>
        <Icon name="search" className="pointer-events-none absolute top-2 left-2.5 text-muted" />
        <input
          type="search"
          value={text}
          onChange={(event) => type(event.target.value)}
          aria-describedby={hintId}
          placeholder="Search text, author or note"
          autoComplete="off"
          className={cn(INPUT, "pl-8 sm:w-58")}
        />
      </label>
      <span id={hintId} className="sr-only">
        {SYNTAX.map(({ example, meaning }) => `${example}: ${meaning}.`).join(" ")}
      </span>
      <SearchHelp />
    </div>
  );
}

const SYNTAX = [
  { example: "late invoice", meaning: "all of these words, in any order and inflection" },
  { example: '"late fees"', meaning: "these words in a row" },
  { example: "invoic*", meaning: "words that begin like this" },
  { example: "-hiring", meaning: "nothing with this word" },
];

function SearchHelp() {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon="help" label="How to search" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="start" sideOffset={6} collisionPadding={12} aria-label="How to search" className="rise z-30 w-[min(23rem,calc(100vw-1.5rem))] rounded-lg bg-raised p-4 shadow-2">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-3 gap-y-2">
            {SYNTAX.map(({ example, meaning }) => (
              <div key={example} className="contents">
                <dt>
                  <code className="rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-xs whitespace-nowrap">{example}</code>
                </dt>
                <dd className="text-soft">{meaning}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-3 border-t border-line pt-3 text-xs text-muted">Case and accents do not matter. What is searched: the post, its author’s name and handle, and your team’s note.</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function MoreFilters({ search, rows, count, onChange }: FilterBarProps & { count: number }) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon="filter">
          Filter
          {count > 0 && <span className="rounded-full bg-accent px-1.5 text-2xs text-on-accent tabular-nums">{count}</span>}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="start" sideOffset={6} collisionPadding={12} aria-label="Filters" className="rise z-30 w-[min(22rem,calc(100vw-1.5rem))] rounded-lg bg-raised p-4 shadow-2">
          <div className="grid grid-cols-2 gap-3">
            <Field label="Stage" className="col-span-2">
              {(attributes) => (
                <Select {...attributes} value={search.stage} onChange={(event) => onChange({ stage: event.target.value })}>
                  <option value="">Any</option>
                  {STAGES.map((stage) => (
                    <option key={stage} value={stage}>
                      {humanize(stage)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <ScoreField label="Score from" value={search.min} onChange={(min) => onChange({ min })} />
            <ScoreField label="Score to" value={search.max} onChange={(max) => onChange({ max })} />
            <SuggestedInput label="Query" className="col-span-2" value={search.query} values={rows.flatMap((row) => row.queries)} onChange={(query) => onChange({ query })} />
            <SuggestedInput label="Platform" value={search.platform} values={rows.map((row) => row.post.platform)} onChange={(platform) => onChange({ platform })} />
            <SuggestedInput label="Language" value={search.language} values={rows.map((row) => row.post.language)} onChange={(language) => onChange({ language })} />
            <SuggestedInput label="Assigned to (me, none, a name)" className="col-span-2" value={search.assignee} values={["me", "none", ...rows.flatMap((row) => row.assignee ?? [])]} onChange={(assignee) => onChange({ assignee })} />
          </div>
          <label className="mt-3 flex items-center gap-2">
            <input type="checkbox" checked={search.snoozed !== ""} onChange={(event) => onChange({ snoozed: event.target.checked ? "true" : "" })} className="size-4 accent-accent" />
            Only snoozed leads
          </label>
          <div className="mt-4 flex justify-between">
            <Button look="ghost" size="sm" onClick={() => onChange({ ...NO_FILTERS, sort: search.sort })}>
              Clear all
            </Button>
            <Popover.Close asChild>
              <Button size="sm">Done</Button>
            </Popover.Close>
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ScoreField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <Field label={label}>
      {(attributes) => <CommittedInput {...attributes} type="number" min={0} max={100} step="any" inputMode="decimal" placeholder="Any" value={value} onCommit={onChange} />}
    </Field>
  );
}
