"""What a scoring plugin is: it takes one lead's `Facts` and its parameters, and answers explained `Points`.

Plugins are pure: no clock, no database, no network, so that a score can be explained, replayed and
tested. One file in `scoring/plugins/` is one plugin; an installed package adds its own through the
entry point group `signalops.scorers`, whose target is a module that calls `register`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

from signalops_site.core.config.schema import ProjectDocument, Weight
from signalops_site.core.registry import Registry

Fact = str | float | bool | tuple[str, ...] | None
"""One fact as a rule sees it. None: not known."""

LINK = re.compile(r"https?://\S*[^\s?]")
QUESTION_MARKS = ("\uff1f", "\u061f")
"""Beside the common one: the full-width one and the Arabic one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one lead at one moment. None means unknown, never 0.

    The names are those of the rule language; `queries` holds the labels of the queries that found
    the post, and is called `query` in a rule. `confidence` is 0-1; times are hours and days before
    the moment of scoring, so that scoring needs no clock.
    """

    text: str | None = None
    language: str | None = None
    platform: str | None = None
    queries: tuple[str, ...] = ()
    label: str | None = None
    confidence: float | None = None
    author_handle: str | None = None
    author_name: str | None = None
    author_bio: str | None = None
    author_followers: int | None = None
    author_verified: bool | None = None
    author_age_days: float | None = None
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    hours_ago: float | None = None
    hashtags: tuple[str, ...] | None = None
    mentions: tuple[str, ...] | None = None
    urls: tuple[str, ...] | None = None

    @property
    def has_question(self) -> bool | None:
        """Whether the text asks something; a question mark inside a link's address asks nothing."""
        return None if self.text is None else asks_question(self.text)

    def as_mapping(self) -> dict[str, Fact]:
        """The facts under the names of the rule language. A lead that no query found has no known `query`."""
        return {
            "text": self.text,
            "language": self.language,
            "platform": self.platform,
            "query": self.queries or None,
            "label": self.label,
            "confidence": self.confidence,
            "author_handle": self.author_handle,
            "author_name": self.author_name,
            "author_bio": self.author_bio,
            "author_followers": self.author_followers,
            "author_verified": self.author_verified,
            "author_age_days": self.author_age_days,
            "likes": self.likes,
            "replies": self.replies,
            "reposts": self.reposts,
            "views": self.views,
            "hours_ago": self.hours_ago,
            "hashtags": self.hashtags,
            "mentions": self.mentions,
            "urls": self.urls,
            "has_question": self.has_question,
        }


def asks_question(text: str) -> bool:
    if not _holds_question_mark(text):
        return False
    return "://" not in text or _holds_question_mark(LINK.sub("", text))


def _holds_question_mark(text: str) -> bool:
    return "?" in text or (not text.isascii() and any(mark in text for mark in QUESTION_MARKS))


@dataclass(slots=True)
class Points:
    """A plugin's answer: 0-100, and a sentence that says why.

    Not frozen, as that would double the cost of the one object that is made per plugin and lead.

    `known=False` says that the facts it needs are unknown: its weight is then 0 for this lead.
    `details` are JSON values, stored beside the score.
    """

    score: float
    reason: str
    known: bool = True
    details: Mapping[str, JsonValue] = field(default_factory=dict)


class PluginParams(BaseModel):
    """A plugin's section under `scoring` in project.yaml. Subclasses add keys; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: Weight | None = None


P = TypeVar("P", bound=PluginParams)


class ScoringPlugin(ABC, Generic[P]):
    """One way to give points.

    Subclasses state `name`, `version` (raise it when the formula changes: it is stored with every
    score), `default_weight` and `Params`, and implement `score`.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    default_weight: ClassVar[float]
    Params: type[P]

    @abstractmethod
    def score(self, facts: Facts, params: P, /) -> Points:
        """Points of 0-100 for these facts. Must not raise for unknown facts, and must not look elsewhere."""

    @classmethod
    def params_from(cls, document: ProjectDocument) -> P:
        """The parameters in a project.yaml; raises pydantic's ValidationError.

        Override it for a plugin that also reads another part of the document.
        """
        return cls.Params.model_validate(section_of(cls.name, document))


AnyPlugin = ScoringPlugin[Any]

plugins: Registry[type[AnyPlugin]] = Registry(
    "scoring plugin", package="scoring.plugins", entry_point_group="signalops.scorers"
)

S = TypeVar("S", bound=AnyPlugin)


def register(plugin: type[S]) -> type[S]:
    """Decorate a plugin's class to make it known under its `name`."""
    plugins.register(plugin.name)(plugin)
    return plugin


def section_of(name: str, document: ProjectDocument) -> object:
    """What `scoring` says under a plugin's name. A number is short for `{weight: number}`, nothing for `{}`."""
    value = getattr(document.scoring, name, None)
    if value is None:
        return {}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"weight": value}
    return value
