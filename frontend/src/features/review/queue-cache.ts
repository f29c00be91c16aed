import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { type QueueStatus, queueQuery } from "@/api/list-queue";
import type { QueueItem, QueuePage } from "@/api/types";

type Pages = InfiniteData<QueuePage>;

/** Change one draft's row in a loaded list, or take it out (undefined). */
export function changeRow(queries: QueryClient, project: string, status: QueueStatus, id: number, row: QueueItem | undefined): void {
  updatePages(queries, project, status, (results) => {
    if (!results.some((item) => item.id === id)) return results;
    return row ? results.map((item) => (item.id === id ? row : item)) : results.filter((item) => item.id !== id);
  });
}

/** Put a draft into a loaded list at its place (highest score first), unless it is there or lies beyond what is loaded. */
export function insertRow(queries: QueryClient, project: string, status: QueueStatus, row: QueueItem): void {
  const key = queueQuery(project, status).queryKey;
  queries.setQueryData(key, (data) => {
    if (!data || data.pages.some((page) => page.results.some((item) => item.id === row.id))) return data;
    return { ...data, pages: insertInto(data, row) };
  });
}

function insertInto(data: Pages, row: QueueItem): QueuePage[] {
  let placed = false;
  return data.pages.map((page, index) => {
    if (placed) return page;
    const at = page.results.findIndex((item) => comesBefore(row, item));
    const isEnd = index === data.pages.length - 1 && page.next === null;
    if (at === -1 && !isEnd) return page;
    placed = true;
    return { ...page, results: at === -1 ? [...page.results, row] : page.results.toSpliced(at, 0, row) };
  });
}

function comesBefore(a: QueueItem, b: QueueItem): boolean {
  return a.score === b.score ? a.id > b.id : a.score > b.score;
}

function updatePages(queries: QueryClient, project: string, status: QueueStatus, change: (results: QueueItem[]) => QueueItem[]): void {
  queries.setQueryData(queueQuery(project, status).queryKey, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => {
      const results = change(page.results);
      return results === page.results ? page : { ...page, results };
    });
    return { ...data, pages };
  });
}
