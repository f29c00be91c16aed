import { body, client } from "./client";

/** Leave a post to others. */
export function skipLabel(id: number): Promise<{ waiting: number }> {
  return body(client.POST("/api/labels/{id}/skip/", { params: { path: { id } } }));
}
