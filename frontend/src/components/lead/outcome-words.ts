import type { Outcome } from "@/api/types";

export const OUTCOME_WORDS: Record<Outcome["type"], { one: string; many: string }> = {
  reply_received: { one: "Reply", many: "Replies" },
  like_received: { one: "Like", many: "Likes" },
  follow_received: { one: "Follow", many: "Follows" },
  profile_click: { one: "Profile click", many: "Profile clicks" },
  link_click: { one: "Link click", many: "Link clicks" },
  booking: { one: "Booking", many: "Bookings" },
  negative: { one: "Negative", many: "Negative" },
};
