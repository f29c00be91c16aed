"""The words in which a platform's rules are told: who may be answered, how, and where and when that was read.

`connectors/policies.py` has the rules themselves, and `connectors/prices.py` the prices; a connector of another
package declares its own with these.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

SELF_SERVE = "self-serve"
"""What an account is unless an operator recorded otherwise."""


class Mode(StrEnum):
    """How a post may be answered."""

    API = "api"
    """By the platform's API."""
    ASSISTED = "assisted"
    """By a person, in the platform's own reply box, with the text at hand."""
    BLOCKED = "blocked"
    """Not at all."""


class Relation(StrEnum):
    """How a post's author stands to the account that would answer, as far as rules tell it apart."""

    NONE = "none"
    MENTIONED_US = "mentioned_us"
    QUOTED_US = "quoted_us"


class Training(StrEnum):
    """Whether models may be trained on a platform's posts."""

    PERMITTED = "permitted"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


ANY_RELATION = tuple(Relation)


@dataclass(frozen=True, slots=True)
class Rule:
    """For accounts of a tier and authors in one of these relations. Our own rules have no source."""

    mode: Mode
    sentence: str
    source: str
    read_on: date
    tier: str = SELF_SERVE
    relations: tuple[Relation, ...] = ANY_RELATION


@dataclass(frozen=True, slots=True)
class ContentRule:
    """What may be done with a platform's posts, and how fast one that was deleted there has to go here."""

    training: Training
    sentence: str
    source: str
    read_on: date
    deleted_within_hours: int | None = None


@dataclass(frozen=True, slots=True)
class PlatformPolicy:
    """A platform's rules for replies, of which the first that fits counts, for its posts, and for direct messages
    to people who have written first. None for those: there are none, or nothing is known.
    """

    rules: tuple[Rule, ...] = ()
    content: ContentRule | None = None
    messages: Rule | None = None

    @property
    def tiers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule.tier for rule in self.rules))


@dataclass(frozen=True, slots=True)
class Policy:
    """How one post may be answered, and the rule that says so. `read_on` is None where no rule is known."""

    mode: Mode
    rule: str
    source: str = ""
    read_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReadPrice:
    """What a platform asks for each post that is read, in US dollars."""

    usd_per_post: Decimal
    source: str
    read_on: date
