import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { queueKey, type QueueView } from "@/api/list-queue";
import type { QueueItem, QueuePage } from "@/api/types";

type Pages = InfiniteData<QueuePage>;

/** Change one draft's row wherever a view is loaded, or take it out (undefined). */
export function changeRow(queries: QueryClient, project: string, view: QueueView, id: number, row: QueueItem | undefined): void {
  patchRow(queries, project, view, id, () => row);
}

export function patchRow(queries: QueryClient, project: string, view: QueueView, id: number, change: (row: QueueItem) => QueueItem | undefined): void {
  eachList(queries, project, view, (data) => {
    const pages = data.pages.map((page) => {
      const found = page.results.find((item) => item.id === id);
      if (!found) return page;
      const row = change(found);
      return { ...page, results: row ? page.results.map((item) => (item === found ? row : item)) : page.results.filter((item) => item !== found) };
    });
    return { ...data, pages };
  });
}

/** Put a draft into the loaded lists of a view that it fits, at its place (highest score first), unless it is there
 * or lies beyond what is loaded.
 */
export function insertRow(queries: QueryClient, project: string, view: QueueView, row: QueueItem): void {
  eachList(queries, project, view, (data, assignee) => {
    const isThere = data.pages.some((page) => page.results.some((item) => item.id === row.id));
    return isThere || !isOf(row, assignee) ? data : { ...data, pages: insertInto(data, row) };
  });
}

function isOf(row: QueueItem, assignee: unknown): boolean {
  return assignee === "" || assignee === (row.assignee ?? "none");
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

/** One view has a list for each assignee that it was narrowed to. */
function eachList(queries: QueryClient, project: string, view: QueueView, change: (data: Pages, assignee: unknown) => Pages): void {
  for (const { queryKey } of queries.getQueryCache().findAll({ queryKey: [...queueKey(project), view] })) {
    queries.setQueryData<Pages>(queryKey, (data) => data && change(data, queryKey.at(-1)));
  }
}
