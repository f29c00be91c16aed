import { Link, useLocation } from "react-router";
import { usePauses } from "@/api/list-pauses";
import { useMay, useProject } from "@/api/session";
import { holdingPauses, pauseSentence } from "@/components/lead/pause-sentence";
import { Notice } from "@/components/ui/states";
import { useNow } from "@/lib/use-now";

/** That nothing leaves, on every page, until it does again. The switch is in the queue. */
export function PauseBanner() {
  const { slug } = useProject();
  const mayResume = useMay("reviewer");
  const { pathname } = useLocation();
  const now = useNow("halfMinute");
  const pauses = holdingPauses(usePauses(slug).data ?? [], now);
  const page = `/p/${slug}/queue`;
  if (pauses.length === 0) return null;
  return (
    <div className="flex shrink-0 flex-col gap-1 border-b border-line p-2">
      {pauses.map((pause) => (
        <Notice key={pause.id} tone="warn">
          {pauseSentence(pause)}{" "}
          {mayResume && pathname !== page && (
            <Link to={page} className="font-medium underline underline-offset-2">
              To the queue
            </Link>
          )}
        </Notice>
      ))}
    </div>
  );
}
