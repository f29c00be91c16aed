import type { PreviewRow, QueueItem, ReplyPolicy } from "@/api/types";

/** An approved draft that a person posts in the platform's own box. */
export interface ByHand {
  draft: number;
  platform: string;
  text: string;
  reply: ReplyPolicy;
}

/** What can be taken: what rests approved or failed, and what somebody has in hand already. */
export function canPostByHand({ status, delivery, reply }: QueueItem): boolean {
  if (reply.mode === "blocked") return false;
  return status === "approved" || status === "edited" || status === "failed" || (status === "claimed" && delivery?.mode === "assisted");
}

/** Only the cool-down refuses a draft until a time; a person may overrule it with a reason. */
export function isCoolingDown(row: PreviewRow): boolean {
  return row.verdict === "refused" && row.until !== null;
}
