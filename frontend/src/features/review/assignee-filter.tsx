import { useSearchParams } from "react-router";

const NAMED: [value: string, label: string][] = [
  ["", "Everybody’s"],
  ["me", "Mine"],
  ["none", "Nobody’s"],
];

/** Whose drafts are listed; an address may name anybody. */
export function AssigneeFilter() {
  const [params, setParams] = useSearchParams();
  const value = params.get("assignee") ?? "";
  const options: [string, string][] = NAMED.some(([known]) => known === value) ? NAMED : [...NAMED, [value, `${value}’s`]];
  const choose = (assignee: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete("draft");
        if (assignee) after.set("assignee", assignee);
        else after.delete("assignee");
        return after;
      },
      { replace: true },
    );
  return (
    <div role="group" aria-label="Whose drafts" className="flex shrink-0 gap-0.5 border-b border-line px-2 py-1">
      {options.map(([each, label]) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === value}
          onClick={() => choose(each)}
          className={each === value ? "h-6 rounded-md bg-selected px-2 text-xs font-medium" : "h-6 rounded-md px-2 text-xs text-muted hover:bg-hover hover:text-text"}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
