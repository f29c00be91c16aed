import { useState } from "react";
import { useKeys } from "@/api/list-keys";
import { Button } from "@/components/ui/button";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { ColumnHeads, Framed, ListSkeleton, SettingsSection, ShowMore } from "../section";
import { CreateKeyDialog } from "./create-key-dialog";
import { KEY_ROW, KeyRow } from "./key-row";

export function KeysTab() {
  const keys = useKeys();
  const [creating, setCreating] = useState(false);
  const rows = keys.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <SettingsSection
      title="API keys"
      about="Keys let programs in, as far as their role and their owner reach. Yours are here, and those made for projects that you operate."
      action={
        <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
          Create key
        </Button>
      }
    >
      {keys.isPending ? (
        <ListSkeleton what="keys" />
      ) : keys.isError && rows.length === 0 ? (
        <ErrorState error={keys.error} what="the keys" onRetry={() => void keys.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon="key" title="No keys yet">
          A program sends its key with each request, in the header <code className="rounded-sm bg-sunken px-1 font-mono text-xs">X-API-Key</code>.
        </EmptyState>
      ) : (
        <Framed>
          <ColumnHeads className={KEY_ROW} names={["Key", "Role", "Reaches", "Expires", "Last used", ""]} />
          <ul aria-label="API keys">
            {rows.map((key) => (
              <KeyRow key={key.id} apiKey={key} />
            ))}
          </ul>
          <ShowMore list={keys}>Show older keys</ShowMore>
        </Framed>
      )}
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
    </SettingsSection>
  );
}
