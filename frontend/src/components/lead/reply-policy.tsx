import type { ReplyPolicy } from "@/api/types";
import { Icon } from "@/components/ui/icon";
import { Status } from "@/components/ui/status";
import { RuleSource } from "./rule-source";

/** How a lead could be answered; its rule unfolds, and is a tooltip for whoever points at it. */
export function ReplyPolicyView({ reply }: { reply: ReplyPolicy }) {
  return (
    <details aria-label="Reply" className="group text-xs">
      <summary title={reply.rule} className="flex w-fit cursor-pointer list-none items-center gap-1 rounded-full [&::-webkit-details-marker]:hidden">
        <Status value={reply.mode} />
        <Icon name="chevronRight" size="xs" className="text-muted transition-transform group-open:rotate-90" />
        <span className="sr-only">by which rule</span>
      </summary>
      <p className="mt-1.5 max-w-prose break-words text-soft">
        {reply.rule} <RuleSource source={reply.source} readOn={reply.read_on} />
      </p>
    </details>
  );
}
