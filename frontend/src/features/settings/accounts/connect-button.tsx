import { useConnectAccount } from "@/api/connect-account";
import type { Account } from "@/api/types";
import { Button } from "@/components/ui/button";
import { leaveFor } from "@/lib/leave";
import { accountName } from "./account-name";

interface ConnectButtonProps {
  account: Account;
  onFailed: (error: unknown) => void;
}

/** Goes to the platform, where a person agrees to what the account is for. */
export function ConnectButton({ account, onFailed }: ConnectButtonProps) {
  const connect = useConnectAccount(account.id);
  const isFirst = account.state === "unconnected";
  const words = isFirst ? "Connect" : "Connect again";
  const go = () => {
    onFailed(null);
    connect.mutate(undefined, { onSuccess: ({ url }) => leaveFor(url), onError: onFailed });
  };
  return (
    <Button
      look={isFirst || account.state === "expired" ? "primary" : undefined}
      size="sm"
      icon="external"
      disabled={connect.isPending}
      aria-label={`${words} ${accountName(account)}`}
      onClick={go}
    >
      {connect.isPending ? "Going there…" : words}
    </Button>
  );
}
