import { formatAge, formatDateTime, UNKNOWN } from "@/lib/format";
import { useNow } from "@/lib/use-now";

export function TimeAgo({ value, className }: { value: string | null | undefined; className?: string }) {
  const now = useNow("halfMinute");
  if (!value) return <span className={className}>{UNKNOWN}</span>;
  return (
    <time dateTime={value} title={formatDateTime(value)} className={className}>
      {formatAge(value, now)}
    </time>
  );
}
