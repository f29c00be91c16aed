import type { Account, ApiKey, AuditEntry, Delivery, Hold, LabelTask, LeadDetail, LeadRow, LiveEvent, Me, Member, Notification, NotificationState, NotificationTarget, Outcome, Pause, Platform, PlatformPolicy, PreferencePair, PreviewRow, QueueItem, ReplyPolicy, Role, Run, Schedule, SendPreview, Stats, TrainingExport } from "@/api/types";

/** Whole, valid answers; a test names only what it is about. */

export function aMe(role: Role = "reviewer"): Me {
  return {
    id: 1,
    username: "rita",
    name: "Rita Reviewer",
    is_superuser: false,
    projects: [
      { slug: "demo", name: "Demo", role },
      { slug: "other", name: "Other", role: "viewer" },
    ],
  };
}

const POST: LeadDetail["post"] = {
  platform: "sample",
  availability: "live",
  checked_at: null,
  gone_at: null,
  url: "https://sample.example/p/1",
  excerpt: "Which tool do you use for invoices?",
  text: "Which tool do you use for invoices?",
  clean_text: "Which tool do you use for invoices?",
  language: "en",
  posted_at: "2026-11-20T10:00:00Z",
  community: "",
  conversation_id: "",
  likes: 3,
  replies: null,
  reposts: 0,
  views: null,
  hashtags: [],
  mentions: [],
  urls: [],
};

const AUTHOR: NonNullable<LeadDetail["author"]> = {
  handle: "ada",
  name: "Ada Asks",
  followers: null,
  verified: null,
  bio: "Builds things",
  account_created_at: null,
};

export function aReply(part: Partial<ReplyPolicy> = {}): ReplyPolicy {
  return { mode: "api", rule: "Replies to the bundled posts are simulated.", source: "", read_on: "2026-11-23", ...part };
}

export function aLead(id: number, part: Partial<LeadRow> = {}): LeadRow {
  return {
    id,
    project: "demo",
    stage: "scored",
    filter_reason: "",
    copy_of: null,
    copy_count: 0,
    label: "relevant",
    confidence: 0.9,
    labelled_by_human: false,
    score: 71.5,
    scored_at: "2026-11-20T11:00:00Z",
    created_at: "2026-11-20T10:30:00Z",
    error: "",
    queries: ["invoices"],
    post: POST,
    author: AUTHOR,
    draft_status: null,
    assignee: null,
    snoozed_until: null,
    reply: aReply(),
    ...part,
  };
}

export function aLeadDetail(id: number, part: Partial<LeadDetail> = {}): LeadDetail {
  return {
    ...aLead(id),
    post: POST,
    author: AUTHOR,
    copies: [],
    note: "",
    judgments: [],
    human_labels: [],
    score_detail: null,
    drafts: [],
    sequences: [],
    history: [],
    ...part,
  };
}

export function aDraft(id: number, part: Partial<QueueItem> = {}): QueueItem {
  const text = `Draft number ${id} says hello.`;
  return {
    id,
    lead: id + 100,
    project: "demo",
    status: "pending",
    score: 90 - id,
    label: "relevant",
    confidence: 0.9,
    text,
    text_generated: text,
    max_length: 60,
    template_used: "asking",
    tone: "warm",
    created_at: "2026-11-20T12:00:00Z",
    decided_at: null,
    reviewer: null,
    reject_reason: "",
    better_text: "",
    delivery: null,
    assignee: null,
    snoozed_until: null,
    hold: null,
    touch: null,
    queries: ["invoices"],
    platform: "sample",
    post: { ...POST, text: `Post number ${id}`, excerpt: `Post number ${id}` },
    author: { ...AUTHOR, name: `Author ${id}`, handle: `author${id}` },
    reply: aReply(),
    judgment: { model: "local/default", label: "relevant", confidence: 0.9, reasoning: "asks for a tool" },
    components: [{ plugin: "relevance_judgment", contribution: 31.5, reason: "Judged relevant." }],
    rules: [],
    ...part,
  };
}

/** Somebody has a draft before them, for longer than any test takes. */
export function aHold(user: string): Hold {
  return { user, since: new Date().toISOString(), until: new Date(Date.now() + 90_000).toISOString() };
}

export function aDelivery(part: Partial<Delivery> = {}): Delivery {
  return {
    id: 1,
    status: "queued",
    mode: "api",
    kind: "reply",
    queued_by: "rita",
    queued_at: "2026-11-20T13:00:00Z",
    due_at: "2026-11-20T13:00:10Z",
    claimed_at: null,
    sent_at: null,
    attempts: 0,
    url: "",
    error: "",
    ...part,
  };
}

export function aPreviewRow(draft: number, part: Partial<PreviewRow> = {}): PreviewRow {
  return {
    draft,
    lead: draft + 100,
    platform: "sample",
    author: `author${draft}`,
    post_url: "https://sample.example/p/1",
    text: `Draft number ${draft} says hello.`,
    reply: aReply(),
    verdict: "ready",
    sentence: "",
    until: null,
    ...part,
  };
}

export function aSendPreview(rows: PreviewRow[] = [], part: Partial<SendPreview> = {}): SendPreview {
  return { project: "demo", total: rows.length, queued: 0, caps: [{ span: "hour", limit: 5, used: 1 }], pauses: [], held_by: "", held_until: null, rows, ...part };
}

export function aPause(id: number, part: Partial<Pause> = {}): Pause {
  return { id, project: "demo", by: "remy", why: "A wrong link", until: null, created_at: "2026-11-20T12:00:00Z", ...part };
}

export function aRun(id: number, part: Partial<Run> = {}): Run {
  return {
    id,
    project: "demo",
    kind: "pipeline",
    trigger: "api",
    status: "running",
    options: {},
    stages: {},
    error: "",
    requested_by: "rita",
    config_number: 1,
    created_at: "2026-11-20T12:00:00Z",
    started_at: "2026-11-20T12:00:01Z",
    finished_at: null,
    ...part,
  };
}

export function aSchedule(id: number, part: Partial<Schedule> = {}): Schedule {
  return {
    id,
    project: "demo",
    label: `schedule ${id}`,
    every_minutes: 60,
    cron: "",
    options: {},
    next_run_at: "2026-11-20T13:00:00Z",
    paused_at: null,
    paused_by: null,
    last_due_at: null,
    last_outcome: "",
    last_problem: "",
    last_run: null,
    created_at: "2026-11-20T12:00:00Z",
    ...part,
  };
}

export function anEvent(seq: number, part: Partial<LiveEvent> = {}): LiveEvent {
  return { type: "pipeline_progress", seq, run: 1, stage: "", done: 0, total: 0, progress: null, detail: {}, at: "2026-11-20T12:00:05Z", ...part };
}

export function someStats(part: Partial<Stats> = {}): Stats {
  return {
    collected: 120,
    normalized: 100,
    filtered: 20,
    judged: 100,
    relevant: 40,
    maybe: 10,
    irrelevant: 50,
    scored: 100,
    drafted: 25,
    pending: 3,
    approved: 12,
    edited: 2,
    rejected: 5,
    sent: 0,
    failed: 0,
    unknown: 0,
    ...part,
  };
}

export function aMember(id: number, part: Partial<Member> = {}): Member {
  return { id, username: `member${id}`, name: `Member ${id}`, is_active: true, role: "reviewer", created_at: "2026-11-01T09:00:00Z", ...part };
}

export function aKey(id: number, part: Partial<ApiKey> = {}): ApiKey {
  return {
    id,
    name: `Key ${id}`,
    prefix: `so_0000000${id}`,
    owner: "rita",
    role: "viewer",
    all_projects: false,
    projects: ["demo"],
    created_at: "2026-11-01T09:00:00Z",
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
    ...part,
  };
}

export function anAuditEntry(id: number, part: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    project: "demo",
    sequence: id,
    actor: "rita",
    actor_id: 1,
    action: "draft.approve",
    target_type: "leads.draft",
    target_id: "7",
    fields_changed: { lead: 107 },
    request_id: "r-1",
    at: "2026-11-20T12:00:00Z",
    digest: "00",
    ...part,
  };
}

export function anOutcome(id: number, part: Partial<Outcome> = {}): Outcome {
  return {
    id,
    draft: 7,
    type: "booking",
    reference: "by hand",
    count: 1,
    source: "polled",
    url: "",
    note: "",
    rule: null,
    by_author: null,
    simulated: false,
    observed_at: "2026-11-20T12:00:00Z",
    by: null,
    withdrawn_at: null,
    withdrawn_by: null,
    ...part,
  };
}

export function aNotification(id: number, part: Partial<Notification> = {}): Notification {
  return {
    id,
    project: "demo",
    target: "slack",
    kind: "leads",
    event_id: "5f1c2d9e-0000-4000-8000-000000000000",
    subject: "",
    sentence: "",
    leads: 1,
    status: "sent",
    tries: 1,
    next_try_at: "2026-11-20T12:00:00Z",
    error: "",
    created_at: "2026-11-20T12:00:00Z",
    sent_at: "2026-11-20T12:00:05Z",
    ...part,
  };
}

export function aNotificationTarget(name: NotificationTarget["name"], part: Partial<NotificationTarget> = {}): NotificationTarget {
  return { name, configured: true, problem: "", waiting: 0, failed: 0, last_sent_at: null, ...part };
}

export function aNotificationState(part: Partial<NotificationState> = {}): NotificationState {
  return {
    enabled: true,
    min_score_to_notify: 70,
    digest: "",
    next_digest_at: null,
    targets: [aNotificationTarget("slack"), aNotificationTarget("discord", { configured: false }), aNotificationTarget("webhook", { configured: false })],
    ...part,
  };
}

export function aPlatform(name: string, part: Partial<Platform> = {}): Platform {
  return {
    name,
    capabilities: ["search"],
    account: "required",
    default_base_url: "",
    oauth: false,
    credentials: [
      { name: "handle", description: "As on your profile", is_secret: false, is_required: true },
      { name: "app_password", description: "Made under Settings", is_secret: true, is_required: true },
    ],
    ...part,
  };
}

export function aPlatformPolicy(platform: string, part: Partial<PlatformPolicy> = {}): PlatformPolicy {
  return {
    platform,
    rules: [{ tier: "self-serve", relations: ["none"], mode: "assisted", rule: "A person may reply.", source: "https://rules.example/replies", read_on: "2026-11-23" }],
    content: null,
    messages: null,
    ...part,
  };
}

export function anAccount(id: number, part: Partial<Account> = {}): Account {
  return {
    id,
    project: "demo",
    platform: "bluesky",
    label: `account ${id}`,
    base_url: "https://bsky.example",
    handle: "ada.example",
    scopes: [],
    tier: "self-serve",
    state: "ok",
    oauth: false,
    last_checked_at: "2026-11-20T12:00:00Z",
    last_error: "",
    windows: [],
    budget: { month: "2026-11-01", posts: 0, usd: null, posts_limit: null, usd_limit: null, usd_per_post: null },
    created_at: "2026-11-01T09:00:00Z",
    ...part,
  };
}

export function aPage<T>(results: T[], next: string | null = null) {
  return { results, next, previous: null };
}

export function aProblem(status: number, detail: string) {
  return { type: `urn:signalops:problem:${status}`, title: "Refused", status, detail, errors: [] };
}

export function aLabelTask(id: number, part: Partial<LabelTask> = {}): LabelTask {
  return {
    id,
    project: "demo",
    leased_until: "2026-11-23T12:10:00Z",
    post: { ...POST, text: `Post number ${id} asks.`, excerpt: `Post number ${id} asks.` },
    author: { ...AUTHOR, name: `Author ${id}`, handle: `author${id}` },
    ...part,
  };
}

export function aPair(id: number, part: Partial<PreferencePair> = {}): PreferencePair {
  return {
    id,
    project: "demo",
    draft: id + 10,
    lead: id + 100,
    source: "edit",
    platform: "sample",
    licence: "permitted",
    chosen_text: "We have a tool.",
    rejected_text: "We have a great tool.",
    created_at: "2026-11-20T12:00:00Z",
    ...part,
  };
}

export function anExport(id: number, part: Partial<TrainingExport> = {}): TrainingExport {
  return {
    id,
    project: "demo",
    type: "dpo",
    format: "trl",
    filters: { since: null, include_metadata: false, include_restricted: false },
    state: "done",
    problem: "",
    rows: 1,
    counts: {
      sources: { edit: 1 },
      platforms: { sample: 1 },
      licences: { permitted: 1 },
      left_out: { restricted: 0, gone: 0, do_not_contact: 0, without_prompt: 0 },
      restricted_platforms: {},
    },
    bytes: 420,
    sha256: "ab".repeat(32),
    requested_by: "rita",
    created_at: "2026-11-20T12:00:00Z",
    finished_at: "2026-11-20T12:00:01Z",
    removed_at: null,
    downloadable: true,
    ...part,
  };
}
