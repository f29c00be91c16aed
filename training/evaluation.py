"""How well did a judge do against people? Labelled posts, judged side by side, and the figures of each judge.

`evaluate` is pure; `compare_judges` builds judges and asks them.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict

from experiments.confusion import Counts, ratio
from leads.judges.base import JudgeContext, JudgeFailure, Label, PostView
from leads.judges.factory import build_judge_for
from leads.judges.seed_set import read_seed_set
from signalops_site.core.errors import DomainError

ECE_BINS = 10
BATCH = 500
YARDSTICK = "asking-phrases"
_NUMBERS = {0: Label.IRRELEVANT, 1: Label.RELEVANT}

ASKING_PHRASES = re.compile(
    r"\b(?:looking for|in search of|recommend(?:ations?|ed)?|suggestions? (?:for|on)|any suggestions"
    r"|alternatives? to|switching from|(?:anyone|anybody) (?:know|use|using|tried|have)|does anyone"
    r"|is there an?|what (?:do|are) (?:you|people|others) (?:all )?(?:use|using)"
    r"|which \w+ (?:should|do|would) (?:i|we|you)|need (?:an?|some)|can (?:anyone|someone)|advice on)\b",
    re.IGNORECASE,
)
"""What a plain expression over asking phrases finds: the yardstick beside which a judge is honest."""


class Metrics(TypedDict):
    """The figures of one judge; null where the posts do not determine them. `confusion[gold][predicted]`."""

    n: int
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    mcc: float | None
    confusion: dict[str, dict[str, int]]
    mean_confidence: float | None
    ece: float | None
    latency_ms: float | None
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a judge said of one post. Confidence is in the label given, 0-1; latency in milliseconds."""

    label: Label
    confidence: float
    latency_ms: float = 0.0
    cost_usd: Decimal = Decimal(0)


def evaluate(
    predictions: Sequence[Prediction], gold: Sequence[Label], *, maybe_as_relevant: bool = False
) -> Metrics:
    """Figures over pairs of prediction and gold label, in the same order (ValueError if they differ in length).

    Accuracy and the confusion matrix take all three labels. Precision, recall, F1 and the Matthews
    correlation take two: "maybe", on either side, counts as not relevant unless `maybe_as_relevant`.

    `ece` is the top-label calibration error (Guo et al. 2017): predictions fall into ten equal bins
    by the confidence of the label given; the error is the mean distance between a bin's confidence
    and its share of exactly right labels, weighted by the bin's size.

    `latency_ms` is the mean of a post, `cost_usd` the sum.
    """
    if len(predictions) != len(gold):
        raise ValueError(f"{len(predictions)} predictions for {len(gold)} gold labels")
    hits = [prediction.label == label for prediction, label in zip(predictions, gold, strict=True)]
    positive = {Label.RELEVANT, Label.MAYBE} if maybe_as_relevant else {Label.RELEVANT}
    said = [prediction.label in positive for prediction in predictions]
    counts = Counts.of(said, [label in positive for label in gold])
    confidences = [prediction.confidence for prediction in predictions]
    return Metrics(
        n=len(gold),
        accuracy=ratio(sum(hits), len(hits)),
        precision=counts.precision,
        recall=counts.recall,
        f1=counts.f1,
        mcc=counts.mcc,
        confusion=_confusion(predictions, gold),
        mean_confidence=ratio(math.fsum(confidences), len(confidences)),
        ece=calibration_error(confidences, hits),
        latency_ms=ratio(math.fsum(p.latency_ms for p in predictions), len(predictions)),
        cost_usd=float(sum((p.cost_usd for p in predictions), Decimal(0))),
    )


def calibration_error(confidences: Sequence[float], hits: Sequence[bool]) -> float | None:
    """Expected calibration error over ten equal bins; a bin holds its lower edge, the last also 1."""
    if not confidences:
        return None
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, hit in zip(confidences, hits, strict=True):
        bins.setdefault(min(int(confidence * ECE_BINS), ECE_BINS - 1), []).append((confidence, hit))
    gaps = (abs(math.fsum(c for c, _ in held) - sum(h for _, h in held)) for held in bins.values())
    return math.fsum(gaps) / len(confidences)


def match_asking_phrases(text: str) -> Prediction:
    """The yardstick's answer: relevant when a phrase is there. It has no confidence of its own, so it claims 1."""
    return Prediction(Label.RELEVANT if ASKING_PHRASES.search(text) else Label.IRRELEVANT, 1.0)


def _confusion(predictions: Sequence[Prediction], gold: Sequence[Label]) -> dict[str, dict[str, int]]:
    table = {truth.value: {said.value: 0 for said in Label} for truth in Label}
    for prediction, label in zip(predictions, gold, strict=True):
        table[label.value][prediction.label.value] += 1
    return table


@dataclass(frozen=True, slots=True)
class GoldPost:
    post: PostView
    label: Label


@dataclass(frozen=True, slots=True)
class Group:
    """Labelled posts that are judged against one project."""

    context: JudgeContext
    posts: Sequence[GoldPost]


def read_held_out() -> list[Group]:
    """The bundled posts that the shipped model was not fitted on, grouped by product."""
    seed = read_seed_set().held_out()
    by_product = {key: [p for p in seed.posts if p.product == key] for key in seed.contexts}
    return [
        Group(seed.contexts[key], [GoldPost(PostView(text=post.text), post.label) for post in posts])
        for key, posts in by_product.items()
    ]


def read_test_set(path: Path) -> list[GoldPost]:
    """JSON lines of `text, gold_label, author_bio?`; also `label` 1 or 0, and `title` beside `text`.

    DomainError names the file and line of the first one that cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DomainError(f"{path} cannot be read: {error}") from error
    return [_gold(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1) if line.strip()]


def compare_judges(
    model_ids: Sequence[str], groups: Sequence[Group], *, maybe_as_relevant: bool = False
) -> dict[str, Metrics]:
    """Figures per model id on the same posts, the asking-phrase yardstick last.

    A post that a judge could not answer stops the comparison: figures over fewer posts are no comparison.
    """
    gold = [one.label for group in groups for one in group.posts]
    said = {model: [p for group in groups for p in _predictions(model, group)] for model in model_ids}
    said[YARDSTICK] = [match_asking_phrases(one.post.text) for group in groups for one in group.posts]
    return {model: evaluate(found, gold, maybe_as_relevant=maybe_as_relevant) for model, found in said.items()}


def _predictions(model_id: str, group: Group) -> Iterator[Prediction]:
    judge = build_judge_for(model_id, group.context)
    for start in range(0, len(group.posts), BATCH):
        for answer in judge.judge_batch([one.post for one in group.posts[start : start + BATCH]]):
            if isinstance(answer, JudgeFailure):
                raise DomainError(f"{model_id} could not judge a post: {answer.reason}")
            yield Prediction(answer.label, answer.confidence, answer.latency_ms, answer.cost_usd)


def _gold(line: str, where: str) -> GoldPost:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise DomainError(f"{where}: no JSON ({error}).") from error
    if not isinstance(fields, dict):
        raise DomainError(f"{where}: expected an object, found {type(fields).__name__}.")
    return GoldPost(PostView(text=_text(fields, where), author_bio=_bio(fields, where)), _label(fields, where))


def _text(fields: dict[str, Any], where: str) -> str:
    parts = [fields.get("title"), fields.get("text")]
    if any(part is not None and not isinstance(part, str) for part in parts):
        raise DomainError(f"{where}: `text` and `title` must be strings.")
    text = "\n".join(part.strip() for part in parts if part and part.strip())
    if not text:
        raise DomainError(f"{where}: `text` is missing or empty.")
    return text


def _bio(fields: dict[str, Any], where: str) -> str | None:
    bio = fields.get("author_bio")
    if bio is not None and not isinstance(bio, str):
        raise DomainError(f"{where}: `author_bio` must be a string.")
    return bio


def _label(fields: dict[str, Any], where: str) -> Label:
    value = fields.get("gold_label", fields.get("label"))
    if isinstance(value, int) and not isinstance(value, bool) and value in _NUMBERS:
        return _NUMBERS[value]
    if isinstance(value, str) and value in Label.values:
        return Label(value)
    raise DomainError(f"{where}: `gold_label` must be relevant, maybe or irrelevant, not {value!r}.")
