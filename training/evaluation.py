"""How well did a judge do against people? Labelled posts, judged side by side, and the figures of each judge.

`evaluate` is pure; `compare_judges` builds judges and asks them.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from experiments.confusion import Counts, ratio
from leads.judges.base import Judge, JudgeContext, JudgeFailure, Label, PostView, StreamingJudge, Verdict
from leads.judges.cascade import CascadeJudge, agreement
from leads.judges.factory import build_judge_for
from leads.judges.llm import forget_unstored
from leads.judges.seed_set import read_seed_set
from signalops_site.core.config.schema import Llm
from signalops_site.core.errors import DomainError

ECE_BINS = 10
BATCH = 500
ROUNDS = 3
"""How often a post is put to a judge whose failure may pass."""
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


class CascadeFigures(TypedDict):
    """`saved_usd` is by the mean cost of the posts that the cascade asked its model about; `agreement` is the
    share of posts on which that model alone says the same, null where it is not among those compared.
    """

    decided_locally: int
    share_decided_locally: float | None
    saved_usd: float | None
    full_judge: str
    agreement: float | None


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
    cascade: NotRequired[CascadeFigures]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a judge said of one post. Confidence is in the label given, 0-1; latency in milliseconds."""

    label: Label
    confidence: float
    latency_ms: float = 0.0
    cost_usd: Decimal = Decimal(0)
    is_local: bool = False
    """Whether the first part of a cascade gave it, which asks no model."""


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
    model_ids: Sequence[str], groups: Sequence[Group], *, maybe_as_relevant: bool = False, llm: Llm | None = None
) -> dict[str, Metrics]:
    """Figures per model id on the same posts, the asking-phrase yardstick last. `llm` gives the settings of calls.

    A post that a judge could not answer stops the comparison: figures over fewer posts are no comparison.
    """
    gold = [one.label for group in groups for one in group.posts]
    judges = {model: [build_judge_for(model, group.context, llm=llm) for group in groups] for model in model_ids}
    said = _said(judges, groups)
    said[YARDSTICK] = [match_asking_phrases(one.post.text) for group in groups for one in group.posts]
    figures = {model: evaluate(found, gold, maybe_as_relevant=maybe_as_relevant) for model, found in said.items()}
    for model, (judge, *_) in judges.items():
        if isinstance(judge, CascadeJudge):
            figures[model]["cascade"] = cascade_figures(said[model], judge.second.model_id, said)
    return figures


def _said(judges: Mapping[str, Sequence[Judge]], groups: Sequence[Group]) -> dict[str, list[Prediction]]:
    """What each judge says of all posts. The ledger keeps none of it: these posts are nobody's leads."""
    try:
        return {
            model: [p for judge, group in zip(of_groups, groups, strict=True) for p in _predictions(judge, group)]
            for model, of_groups in judges.items()
        }
    finally:
        if any(isinstance(judge, StreamingJudge) for of_groups in judges.values() for judge in of_groups):
            forget_unstored()


def cascade_figures(
    said: Sequence[Prediction], full_judge: str, others: Mapping[str, Sequence[Prediction]]
) -> CascadeFigures:
    """What a cascade decided and saved, and how often its model alone says the same, where that was asked, too."""
    asked = [each.cost_usd for each in said if not each.is_local]
    locally = len(said) - len(asked)
    pairs = zip((each.label for each in said), (each.label for each in others.get(full_judge, ())), strict=False)
    return CascadeFigures(
        decided_locally=locally,
        share_decided_locally=_ratio(locally, len(said)),
        saved_usd=float(sum(asked, Decimal(0)) / len(asked) * locally) if asked else None,
        full_judge=full_judge,
        agreement=agreement(pairs)[0],
    )


def _predictions(judge: Judge, group: Group) -> Iterator[Prediction]:
    for start in range(0, len(group.posts), BATCH):
        for verdict in _verdicts(judge, [one.post for one in group.posts[start : start + BATCH]]):
            is_local = isinstance(judge, CascadeJudge) and judge.decided_locally(verdict)
            yield Prediction(verdict.label, verdict.confidence, verdict.latency_ms, verdict.cost_usd, is_local)


def _verdicts(judge: Judge, posts: Sequence[PostView]) -> list[Verdict]:
    """An answer for each, those that failed asked for again while that may help."""
    said = dict(enumerate(judge.judge_batch(posts)))
    for _ in range(ROUNDS - 1):
        again = [place for place, one in said.items() if isinstance(one, JudgeFailure) and one.retryable]
        if again:
            said.update(zip(again, judge.judge_batch([posts[place] for place in again]), strict=True))
    failure = next((one for one in said.values() if isinstance(one, JudgeFailure)), None)
    if failure is not None:
        raise DomainError(f"{judge.model_id} could not judge a post: {failure.reason}")
    return [one for one in said.values() if isinstance(one, Verdict)]


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
