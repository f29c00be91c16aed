import { useState } from "react";
import { useLabelLead } from "@/api/label-lead";
import { messageOf } from "@/api/problem";
import type { Label } from "@/api/types";
import { INPUT } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { humanize } from "@/lib/format";
import { LABELS } from "./filters";

/** What a person says counts more than what a model said. */
export function LabelButtons({ id, current }: { id: number; current: string }) {
  const label = useLabelLead(id);
  const [reason, setReason] = useState("");
  const choose = (value: Label) => label.mutate({ label: value, reason: reason.trim() }, { onSuccess: () => setReason("") });
  return (
    <div className="mt-3 flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-xs text-muted">You say</span>
        <div role="group" aria-label="Label this lead" className="flex rounded-md border border-line-strong bg-surface p-px">
          {LABELS.map((value) => (
            <button
              key={value}
              type="button"
              aria-pressed={value === current}
              disabled={label.isPending}
              onClick={() => choose(value)}
              className={cn("h-7 rounded-sm px-2.5 transition-colors disabled:opacity-60", value === current ? "bg-selected font-medium" : "text-soft hover:bg-hover")}
            >
              {humanize(value)}
            </button>
          ))}
        </div>
        <label className="min-w-40 grow">
          <span className="sr-only">Reason for your label</span>
          <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} placeholder="Why (optional)" className={INPUT} />
        </label>
      </div>
      {label.isError && <Notice>{messageOf(label.error)}</Notice>}
    </div>
  );
}
