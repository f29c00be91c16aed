import type { Delivery } from "@/api/types";
import { SafeLink, webAddress } from "@/components/ui/safe-link";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatDateTime } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { SettleForm } from "./settle-form";

interface DeliveryViewProps {
  project: string;
  draft: number;
  delivery: Delivery;
  maySettle: boolean;
}

/** How far an approved draft is on its way, and what a person can say about it. */
export function DeliveryView({ project, draft, delivery, maySettle }: DeliveryViewProps) {
  const { status, mode } = delivery;
  const inHand = status === "claimed" && mode === "assisted";
  if (status === "cancelled" && !delivery.error) return null;
  return (
    <section aria-label="Delivery" className="rounded-lg border border-line bg-surface px-4 py-3 break-words text-soft">
      <Words delivery={delivery} />
      {maySettle && (inHand || status === "unknown") && <SettleForm project={project} draft={draft} byHand={inHand} />}
    </section>
  );
}

function Words({ delivery }: { delivery: Delivery }) {
  const { status, mode, error, url, due_at, sent_at, queued_by } = delivery;
  const now = useNow("halfMinute");
  const later = new Date(due_at).getTime() > now ? formatDateTime(due_at) : null;
  switch (status) {
    case "queued":
      return (
        <p>
          {error || (later ? "It waits." : "It is in the queue, and leaves as soon as nothing holds it back.")}
          {later && <span className="text-muted"> Not before {later}.</span>}
        </p>
      );
    case "claimed":
      return <p>{mode === "assisted" ? `${queued_by ?? "Somebody"} has it in hand, to post it themselves.` : "It is being sent."}</p>;
    case "sent":
      return (
        <p>
          Sent {mode === "assisted" ? "by hand" : "by API"} <TimeAgo value={sent_at} className="text-muted" />
          {webAddress(url) && (
            <>
              {" · "}
              <SafeLink url={url} className="font-medium text-accent-text underline underline-offset-2">
                See the reply
              </SafeLink>
            </>
          )}
        </p>
      );
    case "failed":
      return (
        <p>
          <span className="text-bad">Not sent: {error || "the platform refused it."}</span> It may be sent again.
        </p>
      );
    case "unknown":
      return (
        <p>
          Nobody knows yet whether it is there{error ? `: ${error}` : "."} <span className="text-muted">The platform is asked {later ? `again at ${later}` : "again soon"}; until it is found out, nothing is sent again.</span>
        </p>
      );
    case "cancelled":
      return <p>Taken out of the queue: {error}</p>;
  }
}
