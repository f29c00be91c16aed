"""What a project is about, as weighted word stems: the part of the local judge that no training has seen.

Similarity is measured on stems weighted by how particular they are to one product, so that a
project of which the training set knows nothing is matched by its own words.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from .base import JudgeContext
from .text import normalise

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
UNSEEN = 1.0
"""Weight of a stem that the training set never saw: as particular as a word can be."""

_UNSPECIFIC = """
a about actually after again all also always am an and another any anyone anybody are around as ask asking
at away back be because been before being below best better between both but by can can't cannot could
current currently day did do does doesn't doing don't down each either else ever every everyone few find
first for from get getting go going good got great had has hate have haven't having he help her here him
his how i i'd i'll i'm i've if in into is isn't it it's its just keep know last less let like little long
look looking lot made make many may maybe me might more most much must my need needs never new next no not
nothing now of off on once one only or other our out over own people person please put really recommend
recommendation right run same say see seem she should small so some somebody someone something start still
stop such suggest suggestion sure take team than that that's the their them then there these they thing
think this those three through time to too try trying two under until up us use used user using very want
wants was way we we're we've well were what what's when where which while who why will with without won't
work working would year yes yet you you're your app tool tools apps software platform service solution
product system company business alternative alternatives switch switching moving compare comparing
complain complains complaint expensive cheap price pricing mention mentions describe describes express
expresses seek seeking post posts author announce announces announcing job jobs hiring hire sell selling
launch launching tips tip news happy frustrated frustrating ideas idea
"""
"""Words that say nothing of the subject: function words, and the words in which signals themselves are phrased."""

_STOP = frozenset(_UNSPECIFIC.split())

_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ers", "ed", "er", "es", "s", "e", "y")


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """A crude English stem: invoices, invoicing and invoice meet. Words of four letters lose only an s."""
    if len(word) <= 4:
        return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            cut = word[: -len(ending)]
            return cut[:-1] if len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "lsz" else cut
    return word


_STOP_STEMS = frozenset(stem(word) for word in _STOP) | _STOP


@lru_cache(maxsize=32_768)
def content_stem(word: str) -> str:
    """The stem of a word that carries a subject; empty for one that does not."""
    if len(word) < 2 or word in _STOP or word.isdigit():
        return ""
    found = stem(word)
    return "" if found in _STOP_STEMS else found


def content_stems(text: str) -> list[str]:
    """The subject-bearing stems of a normalised text, in order."""
    return [found for word in WORD.findall(text) if (found := content_stem(word))]


def stem_weights(texts_by_product: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Stem -> particularity in 0-1: 1 when the texts of one product alone hold it, 0 when all do.

    The logarithm of an inverse product frequency: counting products, not posts, keeps a product's
    own nouns as heavy in training as those of a product never seen will be.
    """
    holders: dict[str, int] = {}
    for texts in texts_by_product.values():
        for found in {found for text in texts for found in content_stems(text)}:
            holders[found] = holders.get(found, 0) + 1
    total = max(2, len(texts_by_product))
    return {found: 1.0 - math.log(count) / math.log(total) for found, count in holders.items() if count > 1}


@dataclass(frozen=True, slots=True)
class Signal:
    """One configured signal: its own words, the unit vector of its stems, and the sum of their weights."""

    text: str
    vector: Mapping[str, float]
    mass: float

    @classmethod
    def of(cls, text: str, weights: Mapping[str, float]) -> "Signal":
        raw = {found: weights.get(found, UNSEEN) for found in content_stems(normalise(text))}
        norm = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return cls(text, {found: weight / norm for found, weight in raw.items()}, sum(raw.values()))


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a post is to some signals.

    `best` and `mean` are cosines, `cover` is the share of a signal's weight that the post holds,
    `text` is the nearest signal's own words (empty when none is near).
    """

    best: float = 0.0
    mean: float = 0.0
    cover: float = 0.0
    text: str = ""


NOWHERE = Nearness()


@dataclass(frozen=True, slots=True)
class Topic:
    """A project's subject: its signals, and every stem's weight over description and positive signals."""

    positive: Sequence[Signal]
    negative: Sequence[Signal]
    stems: Mapping[str, float]
    weights: Mapping[str, float]
    lightness: Mapping[str, float]
    """What a known stem lacks to a full square: 1 - weight squared."""
    signal_stems: frozenset[str]
    """The stems of all signals, for the many posts that hold none of them."""

    @classmethod
    def of(cls, context: JudgeContext, weights: Mapping[str, float]) -> "Topic":
        relevance = context.relevance
        positive = [Signal.of(text, weights) for text in relevance.positive_signals]
        negative = [Signal.of(text, weights) for text in relevance.negative_signals]
        return cls(
            positive=positive,
            negative=negative,
            stems=_topic_stems(context, weights),
            weights=weights,
            lightness={found: UNSEEN - weight * weight for found, weight in weights.items()},
            signal_stems=frozenset(found for signal in (*positive, *negative) for found in signal.vector),
        )

    def share(self, stems: AbstractSet[str]) -> float:
        """How much of the topic the stems hold, saturating towards 1."""
        if self.stems.keys().isdisjoint(stems):
            return 0.0
        return 1.0 - math.exp(-sum(self.stems[found] for found in self.stems.keys() & stems))

    def nearness(self, stems: AbstractSet[str]) -> tuple[Nearness, Nearness]:
        """To the positive and to the negative signals."""
        if self.signal_stems.isdisjoint(stems):
            return NOWHERE, NOWHERE
        lightness = sum(self.lightness[found] for found in self.lightness.keys() & stems)
        norm = math.sqrt(max(UNSEEN, len(stems) - lightness))
        return self._nearest(self.positive, stems, norm), self._nearest(self.negative, stems, norm)

    def _nearest(self, signals: Sequence[Signal], stems: AbstractSet[str], norm: float) -> Nearness:
        best = total = cover = 0.0
        text = ""
        for signal in signals:
            if signal.vector.keys().isdisjoint(stems):
                continue
            held = [
                (signal.vector[found], self.weights.get(found, UNSEEN))
                for found in signal.vector
                if found in stems
            ]
            cosine = sum(share * weight for share, weight in held) / norm
            total += cosine
            cover = max(cover, sum(weight for _, weight in held) / (signal.mass + 0.5))
            if cosine > best:
                best, text = cosine, signal.text
        return Nearness(best, total / max(1, len(signals)), cover, text)


def _topic_stems(context: JudgeContext, weights: Mapping[str, float]) -> dict[str, float]:
    """Stem -> 0-1: particular to the project, and the more so the more of its signals repeat it."""
    texts = [normalise(text) for text in context.relevance.positive_signals]
    texts += [normalise(context.description), *map(normalise, context.relevance.keywords_required)]
    counts: dict[str, int] = {}
    for text in texts:
        for found in set(content_stems(text)):
            counts[found] = counts.get(found, 0) + 1
    return {found: weights.get(found, UNSEEN) * min(1.0, 0.3 + 0.2 * count) for found, count in counts.items()}
