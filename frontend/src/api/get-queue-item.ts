import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { QueueItem } from "./types";

export const queueItemQuery = (id: number) =>
  queryOptions({
    queryKey: ["queue-item", id],
    queryFn: ({ signal }): Promise<QueueItem> => body(client.GET("/api/queue/{id}/", { params: { path: { id } }, signal })),
  });

/** One draft by its number: for an address that names a draft which the loaded pages do not hold. */
export function useQueueItem(id: number | null) {
  return useQuery({ ...queueItemQuery(id ?? 0), enabled: id !== null });
}
