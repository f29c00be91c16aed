import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { sendPreviewQuery } from "./get-send-preview";
import { pausesQuery } from "./list-pauses";

export interface PauseWish {
  /** null: all projects, as a superuser. */
  project: string | null;
  why: string;
  /** null: until somebody resumes. */
  until: string | null;
}

export function usePauseSending(project: string) {
  const onSettled = useReadAgain(project);
  return useMutation({ mutationFn: (wish: PauseWish) => body(client.POST("/api/queue/pause/", { body: wish })), onSettled });
}

/** Ends the pauses of one project, or (null) those of all. */
export function useResumeSending(project: string) {
  const onSettled = useReadAgain(project);
  return useMutation({ mutationFn: (whose: string | null) => body(client.POST("/api/queue/resume/", { body: { project: whose } })), onSettled });
}

function useReadAgain(project: string) {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: sendPreviewQuery(project).queryKey });
    return queries.invalidateQueries({ queryKey: pausesQuery(project).queryKey });
  };
}
