/** What a person has in hand in the queue, by project: kept beside the queries. */
export const DESK_KEY = ["review-desk"] as const;
