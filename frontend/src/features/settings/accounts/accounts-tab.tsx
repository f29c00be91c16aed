import { useState } from "react";
import { useAccounts } from "@/api/list-accounts";
import { useMe, useProject } from "@/api/session";
import { Button } from "@/components/ui/button";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { Framed, ListSkeleton, SettingsSection, ShowMore } from "../section";
import { AccountRow } from "./account-row";
import { AddAccountDialog } from "./add-account-dialog";
import { CameBack } from "./came-back";

export function AccountsTab() {
  const { slug } = useProject();
  const { is_superuser } = useMe();
  const accounts = useAccounts(slug);
  const [adding, setAdding] = useState(false);
  const rows = accounts.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <SettingsSection
      title="Accounts"
      about="As whom this project reads its platforms. Credentials are stored encrypted, and are in no answer of the server."
      action={
        <Button look="primary" icon="plus" onClick={() => setAdding(true)}>
          Add account
        </Button>
      }
    >
      <CameBack accounts={rows} />
      {accounts.isPending ? (
        <ListSkeleton what="accounts" />
      ) : accounts.isError && rows.length === 0 ? (
        <ErrorState error={accounts.error} what="the accounts" onRetry={() => void accounts.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon="plug" title="No accounts yet">
          Some platforms answer only to an account, others allow more with one.
        </EmptyState>
      ) : (
        <Framed>
          <ul aria-label="Accounts">
            {rows.map((account) => (
              <AccountRow key={account.id} account={account} mayChange={account.project !== null || is_superuser} />
            ))}
          </ul>
          <ShowMore list={accounts}>Show older accounts</ShowMore>
        </Framed>
      )}
      {adding && <AddAccountDialog project={slug} onClose={() => setAdding(false)} />}
    </SettingsSection>
  );
}
