import { useState } from "react";
import { useSuppressions } from "@/api/list-suppressions";
import { useMe, useProject } from "@/api/session";
import { Button, buttonClass } from "@/components/ui/button";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { ColumnHeads, Framed, ListSkeleton, SettingsSection, ShowMore } from "../section";
import { AddSuppressionDialog } from "./add-suppression-dialog";
import { CheckForm } from "./check-form";
import { ErasureSection } from "./erasure-section";
import { ImportDialog } from "./import-dialog";
import { SUPPRESSION_ROW, SuppressionRow } from "./suppression-row";

export function DoNotContactTab() {
  const { slug, name } = useProject();
  const isSuperuser = useMe().is_superuser;
  const entries = useSuppressions(slug);
  const [open, setOpen] = useState<"add" | "import" | null>(null);
  const rows = entries.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <SettingsSection
      title="Do not contact"
      about={`Whom ${name} never answers: no draft is written for them, and none is sent. People are kept without their names.`}
      action={
        <div className="flex flex-wrap gap-2">
          <a href={`/api/suppressions/export.csv?project=${encodeURIComponent(slug)}`} download className={buttonClass()}>
            Export
          </a>
          <Button onClick={() => setOpen("import")}>Import</Button>
          <Button look="primary" icon="plus" onClick={() => setOpen("add")}>
            Add
          </Button>
        </div>
      }
    >
      <CheckForm project={slug} />
      {entries.isPending ? (
        <ListSkeleton what="the list" />
      ) : entries.isError && rows.length === 0 ? (
        <ErrorState error={entries.error} what="the list" onRetry={() => void entries.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon="people" title="Nobody is on the list">
          Add whoever asks not to be contacted. Erasing a person puts them here, too.
        </EmptyState>
      ) : (
        <Framed>
          <ColumnHeads className={SUPPRESSION_ROW} names={["Who", "Reason", "Holds", ""]} />
          <ul aria-label="Do not contact">
            {rows.map((entry) => (
              <SuppressionRow key={entry.id} project={slug} entry={entry} />
            ))}
          </ul>
          <ShowMore list={entries}>Show older entries</ShowMore>
        </Framed>
      )}
      {isSuperuser && <ErasureSection />}
      {open === "add" && <AddSuppressionDialog project={slug} onClose={() => setOpen(null)} />}
      {open === "import" && <ImportDialog project={slug} onClose={() => setOpen(null)} />}
    </SettingsSection>
  );
}
