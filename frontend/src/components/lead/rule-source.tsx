import { SafeLink } from "@/components/ui/safe-link";
import { formatCalendarDate } from "@/lib/format";

/** Where and when a rule was read. Our own rules have no source; a case without a rule has no date. */
export function RuleSource({ source, readOn }: { source: string; readOn: string | null }) {
  if (!readOn) return null;
  const read = <time dateTime={readOn}>{formatCalendarDate(readOn)}</time>;
  if (!source) return <span className="text-muted">Since {read}.</span>;
  return (
    <span className="text-muted">
      <SafeLink url={source} className="text-accent-text underline underline-offset-2">
        Source
      </SafeLink>
      , read {read}.
    </span>
  );
}
