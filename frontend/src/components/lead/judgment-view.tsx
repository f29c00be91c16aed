import { Status } from "@/components/ui/status";
import { formatPercent } from "@/lib/format";

interface Judged {
  model: string;
  label: string;
  confidence: number;
  reasoning: string;
}

export function JudgmentView({ judgment, aside }: { judgment: Judged; aside?: React.ReactNode }) {
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Status value={judgment.label} />
        <span className="text-xs text-muted tabular-nums">{formatPercent(judgment.confidence)} sure</span>
        <span className="ml-auto truncate text-xs text-muted">
          {judgment.model}
          {aside}
        </span>
      </div>
      {judgment.reasoning && <p className="mt-1.5 break-words text-soft">{judgment.reasoning}</p>}
    </div>
  );
}
