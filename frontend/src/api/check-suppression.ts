import { useMutation } from "@tanstack/react-query";
import { body, client } from "./client";

/** A name goes in a body, not in an address: addresses end up in logs. */
export function useCheckSuppression(project: string) {
  return useMutation({
    mutationFn: (value: string) => body(client.POST("/api/suppressions/check/", { body: { project, platform: "", value } })),
  });
}
