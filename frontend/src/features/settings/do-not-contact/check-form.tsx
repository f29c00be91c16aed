import { type FormEvent, useState } from "react";
import { useCheckSuppression } from "@/api/check-suppression";
import { messageOf } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { INPUT } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { Framed } from "../section";
import { SuppressionRow } from "./suppression-row";

/** The list has no names, so it cannot be read for one: the server is asked. */
export function CheckForm({ project }: { project: string }) {
  const check = useCheckSuppression(project);
  const [value, setValue] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    check.mutate(value.trim());
  };
  const found = check.data?.results ?? [];
  return (
    <div className="flex flex-col gap-2">
      <form role="search" onSubmit={submit} className="flex gap-2">
        <input
          aria-label="Is somebody on the list?"
          placeholder="A handle, an id or a domain"
          maxLength={200}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={value}
          onChange={(event) => {
            setValue(event.target.value);
            check.reset();
          }}
          className={cn(INPUT, "max-w-72")}
        />
        <Button type="submit" icon="search" disabled={check.isPending || value.trim() === ""}>
          Look up
        </Button>
      </form>
      {check.isError && <Notice>{messageOf(check.error)}</Notice>}
      {check.isSuccess && (
        <div role="status">
          {found.length === 0 ? (
            <p className="text-muted">Nothing on the list means {check.variables}.</p>
          ) : (
            <Framed>
              <ul aria-label={`Entries that mean ${check.variables}`}>
                {found.map((entry) => (
                  <SuppressionRow key={entry.id} project={project} entry={entry} onRemoved={() => check.mutate(value.trim())} />
                ))}
              </ul>
            </Framed>
          )}
        </div>
      )}
    </div>
  );
}
