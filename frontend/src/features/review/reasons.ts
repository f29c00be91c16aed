/** Why a draft is rejected; each on its digit, in this order. */
export const REASONS = [
  { id: "not_relevant", label: "Not relevant" },
  { id: "wrong_tone", label: "Wrong tone" },
  { id: "wrong_facts", label: "Wrong facts" },
  { id: "too_salesy", label: "Too salesy" },
  { id: "already_answered", label: "Already answered" },
  { id: "other", label: "Other" },
] as const;
