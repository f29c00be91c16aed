import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { SendPreview } from "./types";

const read = (project: string, signal: AbortSignal): Promise<SendPreview> =>
  body(client.GET("/api/queue/send-preview/", { params: { query: { project } }, signal }));

export const sendPreviewQuery = (project: string) =>
  queryOptions({ queryKey: ["send-preview", project], queryFn: ({ signal }) => read(project, signal) });

/** What a send would do now. */
export function useSendPreview(project: string) {
  return useQuery(sendPreviewQuery(project));
}

/** The same, read once when it is opened: what somebody confirms must not change under their eyes. */
export function useShownPreview(project: string, { enabled = true } = {}) {
  return useQuery({
    queryKey: ["shown-preview", project],
    queryFn: ({ signal }) => read(project, signal),
    enabled,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
}
