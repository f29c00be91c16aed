/** Short names for what the generated schema calls by path. Nothing here is written by hand but the names. */
import type { paths } from "./schema";

type Body<Path extends keyof paths, Method extends keyof paths[Path], Status extends number = 200> = paths[Path][Method] extends {
  responses: Record<Status, { content: { "application/json": infer T } }>;
}
  ? T
  : never;

type Sent<Path extends keyof paths> = paths[Path] extends { post: { requestBody: { content: { "application/json": infer T } } } } ? T : never;

export type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Q } } } ? NonNullable<Q> : never;

export type Me = Body<"/api/me/", "get">;
export type MyProject = Me["projects"][number];
export type Role = MyProject["role"];

export type LeadPage = Body<"/api/leads/", "get">;
export type LeadRow = LeadPage["results"][number];
export type LeadDetail = Body<"/api/leads/{id}/", "get">;
export type Post = LeadDetail["post"];
export type Author = LeadDetail["author"];
export type ScoreDetail = NonNullable<LeadDetail["score_detail"]>;
export type Label = LeadDetail["judgments"][number]["label"];
export type Stage = LeadRow["stage"];

export type QueuePage = Body<"/api/queue/", "get">;
export type QueueItem = QueuePage["results"][number];
export type DraftStatus = QueueItem["status"];
export type Delivery = NonNullable<QueueItem["delivery"]>;

export type Hold = NonNullable<QueueItem["hold"]>;
export type OwnDecision = Undone["decision"];
export type Undone = Body<"/api/queue/undo/", "post">;
export type Touch = NonNullable<QueueItem["touch"]>;

export type Sequence = LeadDetail["sequences"][number];
export type SequenceStep = Sequence["steps"][number];
export type Plan = Body<"/api/sequences/plans/", "get">["results"][number];
export type PlanName = Sequence["plan"];

export type SendPreview = Body<"/api/queue/send-preview/", "get">;
export type PreviewRow = SendPreview["rows"][number];
export type SendResult = Body<"/api/queue/send/", "post">["results"][number];
export type Pause = Body<"/api/queue/pauses/", "get">["results"][number];

export type Outcomes = Body<"/api/leads/{id}/outcomes/", "get">;
export type Outcome = Outcomes["results"][number];
export type OutcomeStats = Body<"/api/stats/outcomes/", "get">;

export type NextLabel = Body<"/api/labels/next/", "get">;
export type LabelTask = NonNullable<NextLabel["task"]>;

export type RunPage = Body<"/api/runs/", "get">;
export type Run = RunPage["results"][number];
export type QueryProgress = Run["stages"][string]["queries"][string];
export type RunStatus = Run["status"];
export type SchedulePage = Body<"/api/runs/schedules/", "get">;
export type Schedule = SchedulePage["results"][number];
export type EventPage = Body<"/api/runs/{id}/events/", "get">;
export type LiveEvent = EventPage["results"][number];

export type Stats = Body<"/api/stats/", "get">;
export type TimelineDay = Body<"/api/stats/timeline/", "get">["results"][number];

export type MemberPage = Body<"/api/members/", "get">;
export type Member = MemberPage["results"][number];
export type KeyPage = Body<"/api/keys/", "get">;
export type ApiKey = KeyPage["results"][number];
export type AuditPage = Body<"/api/audit/", "get">;
export type AuditEntry = AuditPage["results"][number];
export type NotificationPage = Body<"/api/notifications/", "get">;
export type Notification = NotificationPage["results"][number];
export type NotificationState = Body<"/api/notifications/state/", "get">;
export type NotificationTarget = NotificationState["targets"][number];

export type SuppressionPage = Body<"/api/suppressions/", "get">;
export type Suppression = SuppressionPage["results"][number];
export type NewSuppression = Sent<"/api/suppressions/">;
export type ImportedSuppressions = Body<"/api/suppressions/import/", "post">;
export type Certificate = Body<"/api/erasures/{id}/", "get">;
export type CertificatePage = Body<"/api/erasures/", "get">;
export type ErasureWanted = Sent<"/api/erasures/">;

export type Platform = Body<"/api/connectors/", "get">[number];
export type CredentialField = Platform["credentials"][number];
export type AccountPage = Body<"/api/connectors/accounts/", "get">;
export type Account = AccountPage["results"][number];
export type PlatformPolicy = Body<"/api/connectors/policies/", "get">[number];
export type ReadBudget = Account["budget"];
export type QueryPreview = Body<"/api/connectors/queries/preview/", "post">;
export type PreviewedPost = QueryPreview["posts"][number];
export type ReplyPolicy = LeadRow["reply"];

export type PairPage = Body<"/api/training/pairs/", "get">;
export type PreferencePair = PairPage["results"][number];
export type ExportPage = Body<"/api/training/exports/", "get">;
export type TrainingExport = ExportPage["results"][number];
