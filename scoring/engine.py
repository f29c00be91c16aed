"""Facts in, explained points out: total = clamp(sum(score x weight) + sum(boosts), 0, 100).

Weights are used as written, not normalised. Nothing here reads a clock, a database or a network.
A `Profile` is built once per project and batch; `score_facts` then is the same for every entry: the
pipeline, the API, the commands and the what-if all call it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite

from pydantic import JsonValue

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import ConfigError

from .base import Facts, Points
from .section import ActivePlugin, ActiveRule, read_section

HIGHEST = 100.0
LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """How a project scores: immutable, and safe to share between threads."""

    plugins: tuple[ActivePlugin, ...]
    rules: tuple[ActiveRule, ...]


@dataclass(slots=True)
class Component:
    """What one plugin gave. `contribution` is score x weight, in full precision.

    `weight` is 0 when the plugin knew nothing or failed; a failure stands in `error`.
    """

    plugin: str
    version: str
    score: float
    weight: float
    contribution: float
    reason: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class RuleHit:
    name: str
    boost: float


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A lead's score, 0-100, and everything that it is made of."""

    total: float
    components: tuple[Component, ...]
    rules: tuple[RuleHit, ...]

    @property
    def errors(self) -> tuple[Component, ...]:
        """The plugins that failed, for the run to count."""
        return tuple(component for component in self.components if component.error is not None)


def build_profile(document: ProjectDocument) -> Profile:
    """The project's plugins and compiled rules. Raises ConfigError with every error of its section."""
    reading = read_section(document)
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if errors:
        raise ConfigError(errors)
    return Profile(reading.plugins, reading.rules)


def score_facts(facts: Facts, *, profile: Profile) -> ScoreResult:
    """Score one lead. Never raises: a plugin that does is left out, and its error recorded."""
    components = tuple([_ask(active, facts) for active in profile.plugins])
    rules = _hits(facts, profile.rules) if profile.rules else ()
    total = sum([component.contribution for component in components])
    total += sum([hit.boost for hit in rules])
    return ScoreResult(min(max(total, 0.0), HIGHEST), components, rules)


def score_batch(batch: Iterable[Facts], *, profile: Profile) -> Iterator[ScoreResult]:
    """Score leads one after the other, in order, without keeping them."""
    return (score_facts(facts, profile=profile) for facts in batch)


def round_for_lists(total: float) -> float:
    """A total as lists store and show it: one decimal place."""
    return round(total, 1)


def _ask(active: ActivePlugin, facts: Facts) -> Component:
    plugin = active.plugin
    try:
        points = plugin.score(facts, active.params)
        score = _checked(points)
    except Exception as error:  # noqa: BLE001  a plugin is foreign code; its error is stored with the score
        return _failed(active, error)
    weight = active.weight if points.known else 0.0
    return Component(plugin.name, plugin.version, score, weight, score * weight, points.reason, points.details)


def _checked(points: Points) -> float:
    score = float(points.score)
    if isfinite(score) and 0.0 <= score <= HIGHEST:
        return score
    raise ValueError(f"A score is 0 to 100, not {score}.")


def _failed(active: ActivePlugin, error: Exception) -> Component:
    said = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    plugin = active.plugin
    return Component(
        plugin.name, plugin.version, 0.0, 0.0, 0.0, "This plugin failed and was left out.", error=said
    )


def _hits(facts: Facts, rules: tuple[ActiveRule, ...]) -> tuple[RuleHit, ...]:
    named = facts.as_mapping()
    return tuple([RuleHit(active.name, active.boost) for active in rules if active.rule.matches(named)])
