import { useSearchParams } from "react-router";
import type { Account } from "@/api/types";
import { Notice } from "@/components/ui/states";

/** The words with which the server sends somebody back from a platform (`?problem=`). */
const PROBLEMS: Record<string, string> = {
  denied: "The platform says that you did not agree. Nothing was changed; you can connect the account again.",
  late: "It took longer than ten minutes. Connect the account again.",
  unknown: "This was not begun here by you, or was used already. Connect the account again, in this browser.",
  refused: "The platform did not take the request. The account says what it answered.",
  silent: "The platform did not answer as it should. Connect the account again later.",
  changed: "The account was changed meanwhile. Connect it again.",
};
const FAILED = "The account was not connected. If you may still look after it, connect it again.";

/** What came of going to a platform to agree. */
export function CameBack({ accounts }: { accounts: readonly Account[] }) {
  const [search] = useSearchParams();
  const problem = search.get("problem");
  const connected = search.get("connected");
  if (problem !== null) return <Notice>{PROBLEMS[problem] ?? FAILED}</Notice>;
  const account = accounts.find(({ id, state }) => String(id) === connected && state === "ok");
  if (!account) return null;
  return (
    <Notice tone="good">
      {account.label} is connected{account.handle && ` as ${account.handle}`}. Its queries go on with the next run.
    </Notice>
  );
}
