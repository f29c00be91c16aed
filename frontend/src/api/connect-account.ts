import { useMutation } from "@tanstack/react-query";
import { body, client } from "./client";

/** Where a person agrees to what an account is for: the browser has to go there itself. */
export function useConnectAccount(id: number) {
  return useMutation({
    mutationFn: () => body(client.POST("/api/connectors/accounts/{id}/connect/", { params: { path: { id } } })),
  });
}
