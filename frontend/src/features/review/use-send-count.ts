import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { sendPreviewQuery, useSendPreview } from "@/api/get-send-preview";
import { useLiveListener } from "@/api/live";

const PAUSE = 1_500;

/**
 * How many approved drafts wait to be sent. `changed`: anything that is another one after each decision made here.
 * Who decides quickly is not followed draft by draft: the server asks every gate for each.
 */
export function useSendCount(project: string, changed: unknown): number | undefined {
  const queries = useQueryClient();
  const preview = useSendPreview(project);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const readAgainSoon = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void queries.invalidateQueries({ queryKey: sendPreviewQuery(project).queryKey }), PAUSE);
  }, [queries, project]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const before = useRef(changed);
  useEffect(() => {
    if (before.current === changed) return;
    before.current = changed;
    readAgainSoon();
  }, [changed, readAgainSoon]);
  useLiveListener((event) => {
    if (event.type === "queue_update") readAgainSoon();
  });
  return preview.data?.total;
}
