import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { NextLabel } from "./types";

export const labelsKey = (project: string) => ["labels", project] as const;

export const waitingLabelsQuery = (project: string) =>
  queryOptions({
    queryKey: [...labelsKey(project), "waiting"],
    queryFn: ({ signal }): Promise<{ waiting: number }> => body(client.GET("/api/labels/", { params: { query: { project } }, signal })),
  });

/** How many posts wait for the reader's blind answer. It takes a reviewer. */
export function useWaitingLabels(project: string, enabled: boolean) {
  return useQuery({ ...waitingLabelsQuery(project), enabled });
}

/** A post that is handed out stays before its reader: it is asked for once, and forgotten with the page. */
const HANDED_OUT = { staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

/** The post to label now. */
export const nextLabelQuery = (project: string) =>
  queryOptions({
    queryKey: [...labelsKey(project), "next"],
    queryFn: ({ signal }): Promise<NextLabel> => body(client.GET("/api/labels/next/", { params: { query: { project } }, signal })),
    ...HANDED_OUT,
  });

/** The one after it, fetched ahead, once what was said of the one before has arrived: until then that one is still
 * the reader's, and would be handed out again.
 */
export const labelAheadQuery = (project: string, held: number, arrived: () => Promise<unknown>) =>
  queryOptions({
    queryKey: [...labelsKey(project), "ahead", held],
    queryFn: async ({ signal }): Promise<NextLabel> => {
      await arrived();
      return body(client.GET("/api/labels/next/", { params: { query: { project, held: String(held) } }, signal }));
    },
    ...HANDED_OUT,
  });
