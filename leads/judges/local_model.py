"""The local judge's model: fitted with fixed seeds, kept as plain numbers, explained by its own facts.

A logistic regression over the facts and n-grams of `features`. The sign of a fact whose meaning is
known is fixed (being near a positive signal never counts against a post); its size is learnt. Then a
sigmoid on the scores of products left out in turn turns scores into probabilities that also hold for
a product of which the training set knows nothing.

"Maybe" posts count half for and half against. A wanted post also counts, lightly, against another
product, so that asking alone is not enough. Each configured signal joins as the plainest post of
its kind, measured against its project's other signals and, for two other projects, as off-topic.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from skops.io import dump, get_untrusted_types, load
from threadpoolctl import threadpool_limits

from signalops_site.core.errors import DomainError

from .base import JudgeContext, Label, PostView
from .features import FACT_NAMES, GRAM_COLUMNS, Features, extract
from .seed_set import SeedPost, SeedSet
from .text import normalise
from .topic import Topic, stem_weights

FORMAT = "signalops-local-judge-1"
GRAM_SCALE = 3.0
INVERSE_REGULARISATION = 0.2
"""Chosen with the scale by leaving one product out: MCC is flat within .03 from .05 to .4."""
SIGNAL_WEIGHT = 0.5
OFF_TOPIC_WEIGHT = 0.2
"""A wanted post counts this much against one other product. Heavier costs indirect asks their recall, lighter lets
asks for anything pass: on unrelated business posts, 16 % are called relevant at 0 and 8 % at .15.
"""

_AGAINST = {"promotion", "offering", "hiring", "teaching", "news", "settled", "idle"}
_NEGATIVE = {f"phrase_{name}" for name in _AGAINST} | {
    "negative_cosine",
    "negative_cover",
    "ask_off_topic",
    "no_topic",
    "hashtags",
    "percent",
    "exclamations",
    "link",
}
_FREE = {"first_person", "second_person", "length", "sentences", "mentions", "money"}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LocalModel:
    """Weights (facts,), (GRAM_COLUMNS,) and the sigmoid's slope and offset; stems with a weight below 1."""

    mean: Floats
    spread: Floats
    fact_weights: Floats
    gram_weights: Floats
    bias: float
    slope: float
    offset: float
    stems: dict[str, float]

    def scores(self, features: Features) -> Floats:
        """Log-odds before calibration, (posts,)."""
        facts = self.contributions(features).sum(axis=1)
        return np.asarray(facts + features.grams @ self.gram_weights + self.bias, dtype=np.float64)

    def contributions(self, features: Features) -> Floats:
        """What each fact adds to the score, (posts, facts)."""
        return np.asarray((features.facts - self.mean) / self.spread * self.fact_weights, dtype=np.float64)

    def probabilities(self, features: Features) -> Floats:
        """Calibrated probability of "relevant", (posts,)."""
        return _sigmoid(self.slope * self.scores(features) + self.offset)


@dataclass(frozen=True, slots=True)
class Example:
    """One row to fit on: a text against a context, for (1) or against (0), with a weight; `group` is a product."""

    text: str
    context: JudgeContext
    target: int
    weight: float
    group: str


def examples_of(seed: SeedSet) -> list[Example]:
    """The seed's posts and its products' own signals, as rows to fit on."""
    rows = [row for post in seed.posts for row in _of_post(post, seed.contexts[post.product])]
    rows += [_off_topic(post, seed) for post in seed.posts if post.label is not Label.IRRELEVANT]
    for group in sorted(seed.contexts):
        rows += _of_signals(group, seed)
    return rows


def fit_model(seed: SeedSet) -> LocalModel:
    """Fit on a seed set, calibrated on products left out in turn. The same set gives the same model.

    In one thread: the matrices are small, and threads that wait for each other took seven times as long.
    """
    with threadpool_limits(limits=1):
        return _fit_calibrated(seed)


def _fit_calibrated(seed: SeedSet) -> LocalModel:
    scores, targets, weights = cross_scores(seed)
    model = _fit(seed)
    sigmoid = LogisticRegression(C=1e6, max_iter=1000).fit(scores.reshape(-1, 1), targets, sample_weight=weights)
    return LocalModel(
        mean=model.mean,
        spread=model.spread,
        fact_weights=model.fact_weights,
        gram_weights=model.gram_weights,
        bias=model.bias,
        slope=max(0.0, float(sigmoid.coef_[0, 0])),
        offset=float(sigmoid.intercept_[0]),
        stems=model.stems,
    )


def cross_scores(seed: SeedSet) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Score, target and weight of every post's rows, each by a model that knew nothing of its product."""
    scores: list[float] = []
    rows: list[Example] = []
    for group in sorted({post.product for post in seed.posts}):
        known = {key: context for key, context in seed.contexts.items() if key != group}
        model = _fit(SeedSet(known, tuple(p for p in seed.posts if p.product != group), seed.checksum))
        left_out = [row for p in seed.posts if p.product == group for row in _of_post(p, seed.contexts[group])]
        scores += model.scores(_features(left_out, model.stems)).tolist()
        rows += left_out
    return np.array(scores), np.array([r.target for r in rows]), np.array([r.weight for r in rows])


def save_model(model: LocalModel, path: Path) -> None:
    """A skops file that holds numbers and strings alone, so that reading it back needs to trust no type."""
    words = sorted(model.stems)
    dump(
        {
            "format": FORMAT,
            "facts": list(FACT_NAMES),
            "mean": model.mean,
            "spread": model.spread,
            "fact_weights": model.fact_weights,
            "gram_weights": model.gram_weights,
            "numbers": np.array([model.bias, model.slope, model.offset]),
            "stems": words,
            "stem_weights": np.array([model.stems[word] for word in words], dtype=np.float64),
        },
        path,
    )


def load_model(path: Path) -> LocalModel:
    """Read a model file. DomainError for one that holds any code-bearing type or does not fit this version."""
    try:
        foreign = get_untrusted_types(file=path)
        if foreign:
            raise DomainError(f"{path.name} holds types that a judge's file may not hold: {', '.join(foreign)}.")
        return _from_content(load(path, trusted=[]), path.name)
    except DomainError:
        raise
    except Exception as error:  # skops raises whatever the broken part raises
        raise DomainError(f"{path.name} is no model file of the local judge: {error}") from error


def checksum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _from_content(content: Any, name: str) -> LocalModel:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DomainError(f"{name} is no model file of the local judge.")
    if content["facts"] != list(FACT_NAMES):
        raise DomainError(f"{name} was fitted on other facts than this version reads: train it again.")
    bias, slope, offset = (float(number) for number in content["numbers"])
    return LocalModel(
        mean=_vector(content["mean"], len(FACT_NAMES)),
        spread=_vector(content["spread"], len(FACT_NAMES)),
        fact_weights=_vector(content["fact_weights"], len(FACT_NAMES)),
        gram_weights=_vector(content["gram_weights"], GRAM_COLUMNS),
        bias=bias,
        slope=slope,
        offset=offset,
        stems=dict(zip(content["stems"], content["stem_weights"].tolist(), strict=True)),
    )


def _vector(value: Any, length: int) -> Floats:
    vector = np.asarray(value, dtype=np.float64)
    if vector.shape != (length,) or not np.isfinite(vector).all():
        raise ValueError(f"expected {length} finite numbers, found an array of shape {vector.shape}")
    return vector


def _of_post(post: SeedPost, context: JudgeContext) -> list[Example]:
    targets = {Label.RELEVANT: [(1, 1.0)], Label.MAYBE: [(1, 0.5), (0, 0.5)], Label.IRRELEVANT: [(0, 1.0)]}
    return [Example(post.text, context, target, weight, post.product) for target, weight in targets[post.label]]


def _off_topic(post: SeedPost, seed: SeedSet) -> Example:
    other = _two_others(post.text, post.product, seed)[0]
    return Example(post.text, seed.contexts[other], 0, OFF_TOPIC_WEIGHT, other)


def _of_signals(group: str, seed: SeedSet) -> list[Example]:
    context = seed.contexts[group]
    rows = []
    for text in context.relevance.positive_signals:
        rows.append(Example(text, _without(text, context), 1, SIGNAL_WEIGHT, group))
        rows += [
            Example(text, seed.contexts[other], 0, SIGNAL_WEIGHT / 2, other)
            for other in _two_others(text, group, seed)
        ]
    rows += [
        Example(text, _without(text, context), 0, SIGNAL_WEIGHT, group)
        for text in context.relevance.negative_signals
    ]
    return rows


def _two_others(text: str, group: str, seed: SeedSet) -> list[str]:
    """Two other products, chosen by hash: the same on every machine."""
    others = [key for key in seed.contexts if key != group]
    return sorted(others, key=lambda key: hashlib.sha256(f"{text}:{key}".encode()).digest())[:2]


def _without(text: str, context: JudgeContext) -> JudgeContext:
    """The context as if the signal had not been configured: a text must not be measured against itself."""
    kept = context.relevance
    relevance = kept.model_copy(
        update={
            "positive_signals": [signal for signal in kept.positive_signals if signal != text],
            "negative_signals": [signal for signal in kept.negative_signals if signal != text],
        }
    )
    return JudgeContext(context.project_name, context.description, relevance)


def _features(rows: Sequence[Example], stems: dict[str, float]) -> Features:
    topics: dict[int, Topic] = {}
    for row in rows:
        if id(row.context) not in topics:
            topics[id(row.context)] = Topic.of(row.context, stems)
    return extract([PostView(text=row.text) for row in rows], [topics[id(row.context)] for row in rows])


def _fit(seed: SeedSet) -> LocalModel:
    """Fit without calibration (slope 1, offset 0)."""
    texts = {key: [normalise(p.text) for p in seed.posts if p.product == key] for key in seed.contexts}
    stems = stem_weights(texts)
    rows = examples_of(seed)
    features = _features(rows, stems)
    mean, spread = features.facts.mean(axis=0), features.facts.std(axis=0) + 1e-6
    facts = sparse.csr_matrix((features.facts - mean) / spread)
    matrix = sparse.hstack([facts, features.grams * GRAM_SCALE]).tocsr()
    signs = 2.0 * np.array([row.target for row in rows]) - 1.0
    weights, bias = _fit_logistic(matrix, signs, np.array([row.weight for row in rows]))
    return LocalModel(
        mean=mean,
        spread=spread,
        fact_weights=weights[: len(FACT_NAMES)],
        gram_weights=weights[len(FACT_NAMES) :] * GRAM_SCALE,
        bias=bias,
        slope=1.0,
        offset=0.0,
        stems=stems,
    )


def _fit_logistic(matrix: sparse.csr_matrix, signs: Floats, weights: Floats) -> tuple[Floats, float]:
    """L2-regularised logistic regression within the bounds of `_bounds`, by L-BFGS-B (deterministic).

    `signs` are +1 and -1. scikit-learn's own has no bounds; the objective is the same: C times the
    weighted log loss plus half the squared norm.
    """
    columns = matrix.shape[1]

    def objective(point: Floats) -> tuple[float, Floats]:
        inner, bias = point[:-1], point[-1]
        margin = signs * (matrix @ inner + bias)
        slope = -signs * weights * _sigmoid(-margin)
        loss = INVERSE_REGULARISATION * float(weights @ np.logaddexp(0.0, -margin)) + 0.5 * float(inner @ inner)
        gradient = INVERSE_REGULARISATION * (matrix.T @ slope) + inner
        return loss, np.append(gradient, INVERSE_REGULARISATION * slope.sum())

    found = minimize(
        objective,
        np.zeros(columns + 1),
        jac=True,
        bounds=_bounds(columns),
        method="L-BFGS-B",
        options={"maxiter": 400},
    )
    point = cast("Floats", found.x)
    return point[:-1], float(point[-1])


def _bounds(columns: int) -> list[tuple[float | None, float | None]]:
    """At least 0 for facts that speak for a post, at most 0 for those against, free for the rest and n-grams."""
    return [_bound(name) for name in FACT_NAMES] + [(None, None)] * (columns - len(FACT_NAMES) + 1)


def _bound(fact: str) -> tuple[float | None, float | None]:
    if fact in _FREE:
        return None, None
    return (None, 0.0) if fact in _NEGATIVE else (0.0, None)


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)), dtype=np.float64)
