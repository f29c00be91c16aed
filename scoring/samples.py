"""Leads written down in a file, to try a project's scoring on: `scoring test FILE.json`.

The file is a list of `{"facts": {...}, "verdict": {"label", "confidence"}}`. Facts go by their rule
names; what is left out or null is unknown. `created_at` (ISO 8601, UTC when it names no zone) stands
for `hours_ago`, which wins when both are there.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signalops_site.core.config.reading import nearest
from signalops_site.core.errors import DomainError

from .base import Facts

Label = Literal["relevant", "maybe", "irrelevant"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class SampleModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SampleFacts(SampleModel):
    text: str | None = None
    language: str | None = None
    platform: str | None = None
    query: str | tuple[str, ...] | None = None
    label: Label | None = None
    confidence: Share | None = None
    author_handle: str | None = None
    author_name: str | None = None
    author_bio: str | None = None
    author_followers: Count | None = None
    author_verified: bool | None = None
    author_age_days: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    hours_ago: Finite | None = None
    created_at: datetime | None = None
    hashtags: tuple[str, ...] | None = None
    mentions: tuple[str, ...] | None = None
    urls: tuple[str, ...] | None = None
    has_question: bool | None = None


class SampleVerdict(SampleModel):
    label: Label | None = None
    confidence: Share | None = None


class Sample(SampleModel):
    facts: SampleFacts
    verdict: SampleVerdict = SampleVerdict()


SAMPLES = TypeAdapter(list[Sample])


class SampleError(DomainError):
    """A sample file that cannot be read; says which item and key."""

    title = "The samples cannot be read"


def read_samples(source: str | bytes, *, now: datetime) -> list[Facts]:
    """The facts of each item of a JSON text. Raises SampleError for the first thing that is wrong."""
    try:
        samples = SAMPLES.validate_json(source)
    except ValidationError as error:
        raise SampleError(_explain(error)) from error
    return [_facts_of(sample, index=index, now=now) for index, sample in enumerate(samples)]


def _facts_of(sample: Sample, *, index: int, now: datetime) -> Facts:
    given = sample.facts
    values = given.model_dump(exclude={"query", "created_at", "has_question"})
    values["queries"] = _as_tuple(given.query)
    values["label"] = sample.verdict.label or given.label
    if sample.verdict.confidence is not None:
        values["confidence"] = sample.verdict.confidence
    if given.hours_ago is None and given.created_at is not None:
        values["hours_ago"] = _hours_between(given.created_at, now)
    facts = Facts(**values)
    if given.has_question not in (None, facts.has_question):
        message = "has_question follows from the text, which says otherwise; leave it out."
        raise SampleError(f"Item {index}, facts.has_question: {message}")
    return facts


def _as_tuple(query: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if query is None:
        return ()
    return (query,) if isinstance(query, str) else query


def _hours_between(earlier: datetime, later: datetime) -> float:
    aware = earlier if earlier.tzinfo else earlier.replace(tzinfo=UTC)
    return (later - aware).total_seconds() / 3600


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    index, path = (first["loc"][0], first["loc"][1:]) if first["loc"] else (None, ())
    message = first["msg"]
    if first["type"] == "extra_forbidden":
        message = f"unknown key {str(path[-1])!r}{nearest(str(path[-1]), _keys_at(path))}"
    where = f"Item {index}, {'.'.join(map(str, path)) or 'the whole'}: " if index is not None else ""
    return f"{where}{message}"


def _keys_at(path: tuple[int | str, ...]) -> list[str]:
    models: dict[int | str, type[BaseModel]] = {"facts": SampleFacts, "verdict": SampleVerdict}
    model = models[path[0]] if len(path) > 1 else Sample
    return list(model.model_fields)
