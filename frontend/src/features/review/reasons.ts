/** Why a draft is rejected; each on its digit. */
export const REASONS = [
  { key: "1", code: "not_relevant", label: "Not relevant" },
  { key: "2", code: "wrong_tone", label: "Wrong tone" },
  { key: "3", code: "wrong_facts", label: "Wrong facts" },
  { key: "4", code: "too_salesy", label: "Too salesy" },
  { key: "5", code: "already_answered", label: "Already answered" },
  { key: "6", code: "other", label: "Other" },
] as const;
