"""The shape of project.yaml, as pydantic models. Every key of the public interface stands here.

Core checks shapes and types; what a value means (does the rule parse, does the plugin exist?) is
checked by the app that uses it, through the `config_section` hook of `reading`.

Keys whose feature has not arrived are accepted, and listed in `NOT_ACTIVE_YET`, so that
`checkproject` can say so instead of letting somebody believe in a setting that nothing reads.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


def problem_with_text(text: str) -> str | None:
    """Why no database or platform would take a text; None when they do."""
    if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
        return "holds a control character, which no database or platform accepts"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "holds half of a surrogate pair, which is no character"
    return None


def _storable(text: str) -> str:
    if problem := problem_with_text(text):
        raise ValueError(problem)
    return text


Text = Annotated[str, AfterValidator(_storable)]
NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_storable)]
Name = Annotated[NonEmpty, Field(max_length=200)]
Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$"), Field(description="lower-case name")
]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Query(Section):
    text: Annotated[NonEmpty, Field(max_length=4096)]
    label: Name
    enabled: bool = True
    max_results_per_run: Annotated[int, Field(ge=1, le=100_000)] = 100
    platform: NonEmpty = "x"


class IdealCustomerProfile(Section):
    """Whom the project wants to meet. A fact that a platform does not give is unknown and never filters."""

    min_followers: Count = 100
    max_followers: Count | None = None
    verified_only: bool = False
    languages: list[NonEmpty] = ["en"]
    exclude_bios_containing: list[NonEmpty] = []
    prefer_bios_containing: list[NonEmpty] = []


class Relevance(Section):
    system_prompt: NonEmpty
    positive_signals: Annotated[list[NonEmpty], Field(min_length=1)]
    negative_signals: Annotated[list[NonEmpty], Field(min_length=1)]
    keywords_required: list[NonEmpty] = []
    keywords_excluded: list[NonEmpty] = []


class Drafts(Section):
    min_score: Percent = 50
    top_per_run: Count = 10
    max_length: dict[NonEmpty, Positive] = {}


class Review(Section):
    undo_seconds: Count = 10
    blind_share: Share = 0.05
    missed_share: Share = 0.01


class Sending(Section):
    quiet_hours: Text | None = None
    spacing_seconds: Count = 0
    cooldown_days: Count = 30


class CustomRule(Section):
    name: NonEmpty
    condition: NonEmpty
    boost: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
    description: Text = ""


class Scoring(BaseModel):
    """Weights of the built-in plugins, rules, further plugins, and one section of parameters per plugin.

    Extra keys are the parameter sections of plugins; the scoring app checks that each names one.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    relevance_judgment: Weight = 0.35
    author_authority: Weight = 0.25
    engagement_signals: Weight = 0.15
    recency: Weight = 0.15
    intent_strength: Weight = 0.10
    custom_rules: list[CustomRule] = []
    plugins: list[NonEmpty] = []

    def plugin_params(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Batch(Section):
    enabled: bool = False
    concurrency: Annotated[int, Field(ge=1, le=64)] = 3
    retry_failed: bool = True
    max_retries: Annotated[int, Field(ge=0, le=20)] = 2


class Persona(Section):
    name: NonEmpty
    role: NonEmpty
    tone: NonEmpty
    voice_notes: NonEmpty
    example_reply: NonEmpty


class Template(Section):
    id: Slug
    name: NonEmpty
    template: NonEmpty
    use_when: NonEmpty


class Webhook(Section):
    url: NonEmpty
    secret: NonEmpty


class Notifications(Section):
    enabled: bool = False
    min_score_to_notify: Percent = 70
    discord_webhook: Text | None = None
    slack_webhook: Text | None = None
    webhook: Webhook | None = None
    digest: Text | None = None


class RateLimits(Section):
    max_replies_per_hour: Count = 5
    max_replies_per_day: Count = 20
    max_replies_per_month: Count = 0
    max_dms_per_day: Count = 20


class Llm(Section):
    judge_model: NonEmpty | None = None
    draft_model: NonEmpty | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.3
    max_tokens: Positive = 1024
    fallback_models: list[NonEmpty] = []
    judge_fallback_model: NonEmpty | None = None
    max_judge_latency_ms: Positive = 5000
    monthly_budget_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    cache: bool = True


class Experiments(Section):
    enabled: bool = False
    default_canary_pct: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.1


class XPlatform(Section):
    enabled: bool = True
    search_type: Literal["recent", "all"] = "recent"
    include_retweets: bool = False


class LinkedInPlatform(Section):
    enabled: bool = False
    post_types: list[NonEmpty] = []
    company_pages: list[NonEmpty] = []


class MastodonPlatform(Section):
    enabled: bool = True
    instance: NonEmpty | None = None


class RedditPlatform(Section):
    enabled: bool = True
    communities: list[NonEmpty] = []


class PlainPlatform(Section):
    enabled: bool = True


class Platforms(Section):
    x: XPlatform = XPlatform()
    linkedin: LinkedInPlatform = LinkedInPlatform()
    bluesky: PlainPlatform = PlainPlatform()
    mastodon: MastodonPlatform = MastodonPlatform()
    reddit: RedditPlatform = RedditPlatform()
    hackernews: PlainPlatform = PlainPlatform()
    file: PlainPlatform = PlainPlatform()
    sample: PlainPlatform = PlainPlatform()

    def is_enabled(self, platform: str) -> bool:
        """Whether the project wants that platform; one that is not named here (a package's) is wanted."""
        section = getattr(self, platform, None)
        return section.enabled if isinstance(section, Section) and hasattr(section, "enabled") else True


class Stream(Section):
    enabled: bool = False
    rules: list[NonEmpty] = []
    backfill_minutes: Count = 5


class ProjectDocument(Section):
    """A whole project.yaml."""

    project_id: Slug
    project_name: Name
    description: Text = ""
    product_url: Annotated[Text, Field(max_length=500)] = ""
    queries: Annotated[list[Query], Field(min_length=1)]
    icp: IdealCustomerProfile = IdealCustomerProfile()
    relevance: Relevance
    drafts: Drafts = Drafts()
    review: Review = Review()
    sending: Sending = Sending()
    retention: dict[NonEmpty, Positive] = {}
    scoring: Scoring = Scoring()
    batch: Batch = Batch()
    persona: Persona
    templates: list[Template] = []
    notifications: Notifications = Notifications()
    rate_limits: RateLimits = RateLimits()
    llm: Llm = Llm()
    experiments: Experiments = Experiments()
    platforms: Platforms = Platforms()
    stream: Stream = Stream()
    redis: dict[Text, Any] | None = None


NOT_ACTIVE_YET: dict[str, str] = {
    "review": "the review desk",
    "sending": "sending",
    "retention": "retention",
    "batch": "batch collection",
    "notifications.enabled": "notifications to chat and webhooks",
    "notifications.discord_webhook": "notifications to chat and webhooks",
    "notifications.slack_webhook": "notifications to chat and webhooks",
    "notifications.webhook": "notifications to chat and webhooks",
    "notifications.digest": "notifications to chat and webhooks",
    "rate_limits": "sending",
    "llm.draft_model": "the LLM gateway",
    "llm.temperature": "the LLM gateway",
    "llm.max_tokens": "the LLM gateway",
    "llm.fallback_models": "the LLM gateway",
    "llm.judge_fallback_model": "the LLM gateway",
    "llm.max_judge_latency_ms": "the LLM gateway",
    "llm.monthly_budget_usd": "the LLM gateway",
    "llm.cache": "the LLM gateway",
    "experiments": "experiments",
    "platforms.x": "the X connector",
    "platforms.linkedin": "the LinkedIn connector",
    "platforms.bluesky": "the Bluesky connector",
    "platforms.mastodon": "the Mastodon connector",
    "platforms.reddit": "the Reddit connector",
    "platforms.hackernews": "the Hacker News connector",
    "stream": "streaming",
}
"""Keys that are read, checked and kept, but whose feature is not there yet: path -> the feature."""
