import type { AuditEntry } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatDateTime } from "@/lib/format";

export const AUDIT_ROW =
  "grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 px-4 md:grid-cols-[9.5rem_minmax(0,8rem)_minmax(0,1fr)_minmax(0,1.5fr)] md:items-center";

/** The details are shown as they are stored: names, ids and counts. */
export function AuditRow({ entry }: { entry: AuditEntry }) {
  const details = Object.entries(entry.fields_changed);
  return (
    <li className={cn(AUDIT_ROW, "border-b border-line py-2.5 last:border-b-0 md:items-baseline")}>
      <time dateTime={entry.at} title={entry.request_id ? `Request ${entry.request_id}` : undefined} className="text-xs text-muted tabular-nums max-md:order-2 max-md:text-right">
        {formatDateTime(entry.at)}
      </time>
      <span className="min-w-0 truncate font-medium max-md:order-1" title={entry.actor}>
        {entry.actor}
      </span>
      <span className="min-w-0 break-words max-md:order-3 max-md:col-span-2">
        {entry.action}
        {entry.target_type && (
          <span className="block text-xs text-muted">
            {entry.target_type} {entry.target_id}
          </span>
        )}
      </span>
      {details.length > 0 && (
        <dl className="flex min-w-0 flex-wrap gap-x-3 gap-y-0.5 text-xs max-md:order-4 max-md:col-span-2">
          {details.map(([name, value]) => (
            <div key={name} className="flex min-w-0 gap-1">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0 break-all">{write(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function write(value: unknown): string {
  if (value === null || value === "") return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
