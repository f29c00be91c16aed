import { useSearchParams } from "react-router";
import { useMay, useProject } from "@/api/session";
import { PageHeader } from "@/components/ui/page";
import { LinkTabs } from "@/components/ui/tabs";
import { useTitle } from "@/lib/use-title";
import { Exports } from "./exports";
import { Pairs } from "./pairs";

/** What people decided, as trainers read it. The files are for operators: the server shows them to nobody else. */
export function TrainingPage() {
  useTitle("Training");
  const { slug } = useProject();
  const isOperator = useMay("operator");
  const [params] = useSearchParams();
  const view = params.get("view") === "exports" ? "exports" : "pairs";
  const tabs = [
    { key: "pairs", label: "Preference pairs", to: `/p/${slug}/training` },
    ...(isOperator ? [{ key: "exports", label: "Exports", to: `/p/${slug}/training?view=exports` }] : []),
  ];
  return (
    <>
      <PageHeader title="Training">
        <LinkTabs label="Training" current={view} tabs={tabs} className="-mx-1" />
      </PageHeader>
      <div className="grow overflow-y-auto thin-scroll">
        <div className="mx-auto flex max-w-5xl flex-col gap-4 p-4 md:p-5">{view === "exports" ? <Exports project={slug} /> : <Pairs project={slug} />}</div>
      </div>
    </>
  );
}
