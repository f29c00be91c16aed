"""The shape of project.yaml, as pydantic models. Every key of the public interface stands here.

Core checks shapes and types; what a value means (does the rule parse, does the plugin exist?) is
checked by the app that uses it, through the `config_section` hook of `reading`.

Keys whose feature has not arrived are accepted, and listed in `NOT_ACTIVE_YET`, so that
`checkproject` can say so instead of letting somebody believe in a setting that nothing reads.

The docstring under a key is its description; docs/configuration.md is made from these (`make docs`).
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
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A lower-case name."""
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Query(Section):
    text: Annotated[NonEmpty, Field(max_length=4096)]
    """What to search for, in the platform's own search language."""
    label: Name
    """The query's name in lists, filters, rules and statistics; each has its own."""
    enabled: bool = True
    """Whether runs collect by this query."""
    max_results_per_run: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Most posts that one run takes from this query."""
    platform: NonEmpty = "x"
    """The platform to search, such as `sample`."""


class IdealCustomerProfile(Section):
    """Whom the project wants to meet. A fact that a platform does not give is unknown and never filters."""

    min_followers: Count = 100
    """Fewest followers that an author may have."""
    max_followers: Count | None = None
    """Most followers that an author may have; null: no limit."""
    verified_only: bool = False
    """Whether only verified authors are kept."""
    languages: list[NonEmpty] = ["en"]
    """Languages that posts may be in, as ISO 639-1 codes; an empty list: any."""
    exclude_bios_containing: list[NonEmpty] = []
    """Phrases; an author whose bio holds one is left out."""
    prefer_bios_containing: list[NonEmpty] = []
    """Phrases; an author whose bio holds one gains authority in scoring."""


class Relevance(Section):
    system_prompt: NonEmpty
    """The question that every judge answers, with what relevant, maybe and irrelevant mean."""
    positive_signals: Annotated[list[NonEmpty], Field(min_length=1)]
    """Short examples of posts that are leads, as their authors would say it."""
    negative_signals: Annotated[list[NonEmpty], Field(min_length=1)]
    """Short examples of posts that are none."""
    keywords_required: list[NonEmpty] = []
    """Words of which a post must hold at least one to be relevant."""
    keywords_excluded: list[NonEmpty] = []
    """Words of which each makes a post irrelevant before any judge is asked."""


class Drafts(Section):
    min_score: Percent = 50
    """Score from which a lead may get a draft."""
    top_per_run: Count = 10
    """Most drafts that one run writes, for the best leads."""
    max_length: dict[NonEmpty, Positive] = {}
    """Most characters of a draft, by platform; a platform that is not named keeps its own limit."""


class Review(Section):
    undo_seconds: Count = 10
    """How long an approved draft waits before it may be sent, so that the decision can be taken back."""
    blind_share: Share = 0.05
    """Share of leads that are shown for labelling without score, label or draft."""
    missed_share: Share = 0.01
    """Share of the leads judged irrelevant that a person looks at all the same."""


class Sending(Section):
    quiet_hours: Text | None = None
    """Hours in which nothing is sent, such as `20:00-08:00` (UTC); null: none."""
    spacing_seconds: Count = 0
    """Least time between two replies of the project, or of an account that projects share; up to half of it is
    added at random."""
    cooldown_days: Count = 30
    """How long the same author is left alone after a reply of the project; 0: not at all."""
    follow_up: NonEmpty | None = None
    """The sequence that a lead enters when a person sends its reply: `gentle`, `direct` or `full`; null: none.
    Each of its steps waits for a person."""


class CustomRule(Section):
    name: NonEmpty
    """The rule's name, as explanations show it; each has its own."""
    condition: NonEmpty
    """When the rule matches, in the rule language."""
    boost: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
    """Points that a match adds, or takes away when negative."""
    description: Text = ""
    """Why the rule is there, for people."""


class Scoring(BaseModel):
    """Weights of the built-in plugins, rules, further plugins, and one section of parameters per plugin.

    Extra keys are the parameter sections of plugins; the scoring app checks that each names one.
    """

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    relevance_judgment: Weight = 0.35
    """Weight of the judge's label and its confidence."""
    author_authority: Weight = 0.25
    """Weight of the author's followers, verification and bio."""
    engagement_signals: Weight = 0.15
    """Weight of likes, replies and reposts."""
    recency: Weight = 0.15
    """Weight of the post's age."""
    intent_strength: Weight = 0.10
    """Weight of the phrases that ask for something."""
    custom_rules: list[CustomRule] = []
    """Rules that add or take points."""
    plugins: list[NonEmpty] = []
    """Further scoring plugins, by name; each has a section of parameters of that name beside this key."""

    def plugin_params(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Batch(Section):
    enabled: bool = False
    """Whether several queries are collected at once."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 3
    """Most queries at once; they share the platforms' rate limits."""
    retry_failed: bool = True
    """Whether a query that failed is tried again in the same run."""
    max_retries: Annotated[int, Field(ge=0, le=20)] = 2
    """How often it is tried again."""


class Persona(Section):
    name: NonEmpty
    """Who speaks in the drafts."""
    role: NonEmpty
    """What they are to the product; a reply never hides it."""
    tone: NonEmpty
    """How they sound, in a few words."""
    voice_notes: NonEmpty
    """How they write: what to do and what never to do."""
    example_reply: NonEmpty
    """One reply that they would be proud of; the best teacher of tone."""


class Template(Section):
    id: Slug
    """The template's stable name; each has its own."""
    name: NonEmpty
    """Its name for people."""
    template: NonEmpty
    """The reply's text in Jinja2, sandboxed: values, `if`, `set`, comparisons and filters."""
    use_when: NonEmpty
    """When it fits; words after `Keywords:` are looked for in the post."""


class Webhook(Section):
    url: NonEmpty
    """Where leads are posted to, by HTTPS."""
    secret: NonEmpty
    """Signs each message, so that its receiver can check where it came from; as `${NAME}`."""


class Notifications(Section):
    enabled: bool = False
    """Whether anything is announced outside SignalOps."""
    min_score_to_notify: Percent = 70
    """Score from which a lead is announced, once."""
    discord_webhook: Text | None = None
    """Address of a Discord webhook, as `${NAME}`: it is a secret."""
    slack_webhook: Text | None = None
    """Address of a Slack webhook, as `${NAME}`: it is a secret."""
    webhook: Webhook | None = None
    """An address of your own."""
    digest: Text | None = None
    """When leads below `min_score_to_notify` are summed up: `hourly`, `daily 08:00` or `weekly monday 08:00`, in
    UTC; null: never."""


class RateLimits(Section):
    max_replies_per_hour: Count = 5
    """Most replies in an hour, over all platforms of the project; 0: none are sent."""
    max_replies_per_day: Count = 20
    """Most replies in a day; 0: none are sent."""
    max_replies_per_month: Count = 0
    """Most replies in a month; 0: no limit."""
    max_dms_per_day: Count = 20
    """Most direct messages in a day; 0: none are sent."""


class Llm(Section):
    judge_model: NonEmpty | None = None
    """Who judges: `local/default`, `local/keyword`, a hosted model such as `openai/gpt-4o-mini` or `ft:...`, or
    both, as `cascade:local/default>openai/gpt-4o-mini`; null: the registry's active one, else `local/default`."""
    draft_model: NonEmpty | None = None
    """Who drafts: `local/template`, or the name of a hosted model; null: `local/template`."""
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.3
    """How freely a language model writes."""
    max_tokens: Positive = 1024
    """Most tokens of one answer."""
    fallback_models: list[NonEmpty] = []
    """Models that are asked in order when the first does not answer."""
    judge_fallback_model: NonEmpty | None = None
    """The judge that takes over when all of those have failed or were too slow; it may be a local one."""
    max_judge_latency_ms: Positive = 5000
    """How long a model may take for one post, in milliseconds, with what is tried again; then the call is cut."""
    posts_per_call: Annotated[int, Field(ge=1, le=20)] = 1
    """How many short posts may share one call to a judge: fewer tokens, at the price of some care for each."""
    monthly_budget_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Most that the project's models may cost in a month, in US dollars; past it a local judge goes on. Null: no
    limit."""
    cache: bool = True
    """Whether an answer to the same question is used again; within one run it always is."""


class Experiments(Section):
    enabled: bool = False
    """Whether experiments may route judgments to a second model."""
    default_canary_pct: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.1
    """Share of leads that a new experiment gives to the second model."""


class XPlatform(Section):
    enabled: bool = True
    """Whether the project collects from X."""
    search_type: Literal["recent", "all"] = "recent"
    """`recent`: the last seven days; `all`: the full archive, where the account may."""
    include_retweets: bool = False
    """Whether reposts count as posts."""


class LinkedInPlatform(Section):
    enabled: bool = False
    """Whether the project takes what was exported from LinkedIn (`importposts --format linkedin`)."""
    post_types: list[NonEmpty] = []
    """Kinds of posts that are taken, such as `text` or `article`; an empty list: all. A post whose kind is not
    told is taken."""
    company_pages: list[NonEmpty] = []
    """Company pages whose posts are taken, by name or address; an empty list: all. People's posts are taken."""


class MastodonPlatform(Section):
    enabled: bool = True
    """Whether the project collects from Mastodon."""
    instance: NonEmpty | None = None
    """The server that is searched, such as `https://social.example`."""


class RedditPlatform(Section):
    enabled: bool = True
    """Whether the project collects from Reddit."""
    communities: list[NonEmpty] = []
    """Communities that are searched, such as `freelance`; an empty list: all."""


class PlainPlatform(Section):
    enabled: bool = True
    """Whether the project collects from this platform."""


class Platforms(Section):
    x: XPlatform = XPlatform()
    """X."""
    linkedin: LinkedInPlatform = LinkedInPlatform()
    """LinkedIn, read only."""
    bluesky: PlainPlatform = PlainPlatform()
    """Bluesky."""
    mastodon: MastodonPlatform = MastodonPlatform()
    """Mastodon."""
    reddit: RedditPlatform = RedditPlatform()
    """Reddit."""
    hackernews: PlainPlatform = PlainPlatform()
    """Hacker News."""
    file: PlainPlatform = PlainPlatform()
    """Posts from files that a person imports."""
    sample: PlainPlatform = PlainPlatform()
    """The bundled posts."""

    def is_enabled(self, platform: str) -> bool:
        """Whether the project wants that platform; one that is not named here (a package's) is wanted."""
        section = getattr(self, platform, None)
        return section.enabled if isinstance(section, Section) and hasattr(section, "enabled") else True


class Stream(Section):
    enabled: bool = False
    """Whether `manage.py streamposts` takes posts of X as they appear, beside the runs."""
    rules: list[NonEmpty] = []
    """What is followed, in X's own language: a post that matches one of them is taken."""
    backfill_minutes: Annotated[int, Field(ge=0, le=5)] = 5
    """Minutes that X is asked to repeat after an interruption, where the account gets that; 0: none."""


class ProjectDocument(Section):
    """A whole project.yaml."""

    project_id: Slug
    """The project's id in commands and addresses; it never changes."""
    project_name: Name
    """The product's name, as people and templates say it."""
    description: Text = ""
    """What the product is and whom it is for, in a sentence or two; judges read it."""
    product_url: Annotated[Text, Field(max_length=500)] = ""
    """The product's address, for templates."""
    queries: Annotated[list[Query], Field(min_length=1)]
    """Where to look: one entry per search."""
    icp: IdealCustomerProfile = IdealCustomerProfile()
    """Whom to answer (the ideal customer profile)."""
    relevance: Relevance
    """What counts as a lead."""
    drafts: Drafts = Drafts()
    """Who gets a draft."""
    review: Review = Review()
    """How people decide."""
    sending: Sending = Sending()
    """When replies leave."""
    retention: dict[NonEmpty, Positive] = {}
    """Days after which posts and what hangs on them are deleted, by platform, counted from when the project
    collected them; what is of a platform that is not named stays."""
    scoring: Scoring = Scoring()
    """How leads are scored."""
    batch: Batch = Batch()
    """Several queries at once."""
    persona: Persona
    """Who speaks."""
    templates: list[Template] = []
    """Texts that drafts are made from."""
    notifications: Notifications = Notifications()
    """Who is told of a good lead."""
    rate_limits: RateLimits = RateLimits()
    """Caps on what is sent."""
    llm: Llm = Llm()
    """Which models judge and draft."""
    experiments: Experiments = Experiments()
    """Two models side by side."""
    platforms: Platforms = Platforms()
    """What each platform needs to know."""
    stream: Stream = Stream()
    """Posts as they appear."""
    redis: dict[Text, Any] | None = None
    """Accepted for compatibility and read by nothing; REDIS_URL configures caching."""


NOT_ACTIVE_YET: dict[str, str] = {}
"""Keys that are read, checked and kept, but whose feature is not there yet: path -> the feature."""
