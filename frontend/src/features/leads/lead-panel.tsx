import { useLead } from "@/api/get-lead";
import { useMay } from "@/api/session";
import type { LeadDetail } from "@/api/types";
import { AuthorFacts } from "@/components/lead/author-facts";
import { JudgmentView } from "@/components/lead/judgment-view";
import { PostView } from "@/components/lead/post-view";
import { ReplyPolicyView } from "@/components/lead/reply-policy";
import { Score } from "@/components/lead/score";
import { ScoreWaterfall, type WaterfallStep } from "@/components/lead/score-waterfall";
import { IconButton } from "@/components/ui/button";
import { SectionTitle } from "@/components/ui/page";
import { ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatDateTime, humanize } from "@/lib/format";
import { Copies, CopyNotice } from "./copies";
import { Drafts } from "./drafts";
import { FollowUps } from "./follow-ups";
import { History } from "./history";
import { LabelButtons } from "./label-buttons";
import { Note } from "./note";
import { Outcomes } from "./outcomes";

export function LeadPanel({ id, onClose }: { id: number; onClose: () => void }) {
  const lead = useLead(id);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-surface pr-2 pl-5">
        <h2 className="font-semibold">Lead {id}</h2>
        {lead.data && (
          <>
            <Status value={lead.data.label} />
            <span className="text-xs text-muted">{humanize(lead.data.stage)}</span>
          </>
        )}
        <span className="ml-auto flex items-center gap-2">
          {lead.data && <Score value={lead.data.score} known={lead.data.scored_at !== null} />}
          <IconButton icon="cross" label="Close" onClick={onClose} />
        </span>
      </header>
      <div className="grow overflow-y-auto bg-canvas px-5 py-4 thin-scroll">
        {lead.isPending ? (
          <Loading what="the lead" className="flex flex-col gap-4">
            <Skeleton className="h-44 rounded-lg" />
            <Skeleton className="h-16" />
            <Skeleton className="h-52" />
          </Loading>
        ) : lead.isError && !lead.data ? (
          <ErrorState error={lead.error} what="this lead" onRetry={() => void lead.refetch()} />
        ) : (
          <LeadSections lead={lead.data} />
        )}
      </div>
    </div>
  );
}

function LeadSections({ lead }: { lead: LeadDetail }) {
  const mayLabel = useMay("reviewer");
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-3">
        {lead.error && <Notice tone="warn">The last attempt failed: {lead.error}</Notice>}
        {lead.copy_of !== null && <CopyNotice original={lead.copy_of} />}
        {lead.filter_reason && lead.copy_of === null && <Notice tone="neutral">Filtered out: {lead.filter_reason}</Notice>}
        <PostView post={lead.post} author={lead.author} />
        {lead.post.availability !== "gone" && <ReplyPolicyView reply={lead.reply} />}
        {lead.queries.length > 0 && <p className="text-xs text-muted">Found by {lead.queries.join(", ")}</p>}
      </div>
      <section aria-label="Relevance">
        <SectionTitle>Relevance</SectionTitle>
        <Judgments lead={lead} />
        {mayLabel && lead.post.availability !== "gone" && <LabelButtons id={lead.id} current={lead.label} />}
      </section>
      <Copies lead={lead} />
      <Note lead={lead} />
      {lead.score_detail && <ScoreSection detail={lead.score_detail} />}
      <AuthorFacts author={lead.author} />
      <Drafts project={lead.project} drafts={lead.drafts} gone={lead.post.availability === "gone"} />
      <Outcomes lead={lead} />
      <FollowUps lead={lead} />
      <History history={lead.history} />
    </div>
  );
}

function Judgments({ lead }: { lead: LeadDetail }) {
  if (lead.judgments.length === 0 && lead.human_labels.length === 0) return <p className="text-muted">Not judged yet.</p>;
  return (
    <ul className="flex flex-col gap-3">
      {lead.human_labels.map((label) => (
        <li key={label.user} className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Status value={label.label} />
          <span className="min-w-0 text-soft">
            says {label.user}
            {label.reason && `: ${humanize(label.reason)}`}
          </span>
          <TimeAgo value={label.updated_at} className="ml-auto text-xs text-muted" />
        </li>
      ))}
      {lead.judgments.map((judgment) => (
        <li key={judgment.id}>
          <JudgmentView
            judgment={judgment}
            aside={
              <>
                {" · "}
                <TimeAgo value={judgment.created_at} />
              </>
            }
          />
        </li>
      ))}
    </ul>
  );
}

function ScoreSection({ detail }: { detail: NonNullable<LeadDetail["score_detail"]> }) {
  return (
    <section aria-label="Score">
      <SectionTitle
        aside={
          <span className="text-xs text-muted" title={formatDateTime(detail.created_at)}>
            configuration {detail.version}
          </span>
        }
      >
        Score
      </SectionTitle>
      <ScoreWaterfall steps={stepsOf(detail)} total={detail.total} />
    </section>
  );
}

function stepsOf(detail: NonNullable<LeadDetail["score_detail"]>): WaterfallStep[] {
  const components = detail.components
    .toSorted((a, b) => b.contribution - a.contribution)
    .map((part): WaterfallStep => ({
      name: part.plugin,
      points: part.contribution,
      kind: "component",
      formula: `${part.score.toFixed(0)} × ${part.weight}`,
      reason: part.reason,
      error: part.error,
    }));
  const rules = detail.rules.map((rule): WaterfallStep => ({ name: rule.name, points: rule.boost, kind: "rule", reason: "Rule of the project" }));
  return [...components, ...rules];
}
