import { useMe, useProject } from "@/api/session";

/** Superusers may mean all projects; everybody else means this one. */
export function ScopeChoice({ everywhere, onChoose }: { everywhere: boolean; onChoose: (everywhere: boolean) => void }) {
  const { name } = useProject();
  if (!useMe().is_superuser) return <p className="text-xs text-muted">Holds for {name}. A superuser can make it hold for all projects.</p>;
  return (
    <label className="flex min-h-7 items-center gap-2.5">
      <input type="checkbox" checked={everywhere} onChange={(event) => onChoose(event.target.checked)} className="size-3.5 shrink-0 accent-accent" />
      <span>For all projects, not only {name}</span>
    </label>
  );
}
