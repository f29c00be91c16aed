import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { statusOf } from "./problem";

/** What a refusal cannot be helped by: asking again. */
const FINAL = new Set([400, 401, 403, 404, 409, 422, 429]);

/** A session that has ended is noticed wherever it is: `onSignedOut` leads back to sign-in. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (statusOf(error) === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (count, error) => count < 2 && !FINAL.has(statusOf(error)),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
}
