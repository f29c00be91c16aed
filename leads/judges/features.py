"""A post and a project's topic as numbers: named facts that explain themselves, and hashed n-grams.

Shapes: `facts` is (posts, len(FACT_NAMES)) of float64; `grams` is a sparse (posts, GRAM_COLUMNS).
Product nouns never reach the n-grams: words of the topic are replaced by a placeholder, numbers by
another. The n-grams therefore learn how people ask, not about what. They are words and pairs of
words: character n-grams were measured too, and with a product left out they gain nothing (MCC .44
against .46) and take half of the time.
"""

import math
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .base import PostView
from .phrases import ASKS, GROUPS, INSTRUCTION, matcher
from .text import normalise
from .topic import WORD, Nearness, Topic, content_stem

V = TypeVar("V")

MAX_CHARACTERS = 600
GRAM_COLUMNS = 1 << 14
TOPIC_WORD, NUMBER, LINK = "<topic>", "<number>", "<link>"

_URL = re.compile(r"https?://\S+|www\.\S+")
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;]*")
_FIRST = frozenset({"i", "i'm", "i've", "i'd", "me", "my", "we", "we're", "we've", "our", "us"})
_SECOND = frozenset({"you", "you're", "your", "you'll", "yours"})

FACTS = (
    "topic_best",
    "topic_all",
    "no_topic",
    "positive_cosine",
    "positive_mean",
    "positive_cover",
    "negative_cosine",
    "negative_cover",
    "margin",
    "ask_on_topic",
    "question_on_topic",
    "ask_off_topic",
    "first_on_topic",
    "asks",
    "question",
    "ends_with_question",
    "first_person",
    "second_person",
    "length",
    "sentences",
    "link",
    "hashtags",
    "mentions",
    "money",
    "percent",
    "exclamations",
)
_PHRASES = tuple(index for index in range(len(GROUPS)) if index != INSTRUCTION)
_ASKING = frozenset(index for index, asks in enumerate(ASKS) if asks)
FACT_NAMES = FACTS + tuple(f"phrase_{GROUPS[index].name}" for index in _PHRASES)


@dataclass(frozen=True, slots=True)
class Reading:
    """One post, read: its facts, its words with the topic masked, and what an explanation may name."""

    facts: list[float]
    words: list[str]
    groups: frozenset[int]
    nearest_positive: str
    nearest_negative: str
    addresses_the_judge: bool


@dataclass(frozen=True, slots=True)
class Features:
    facts: NDArray[np.float64]
    grams: sparse.csr_matrix
    readings: Sequence[Reading]


@dataclass(slots=True)
class _Sentence:
    text: str
    words: list[str]
    masked: list[str]
    stems: set[str]
    groups: set[int]
    topic: float
    asks: bool


def extract(posts: Sequence[PostView], topics: Sequence[Topic]) -> Features:
    """Read each post against its topic, one per post."""
    readings = [read(post, topic) for post, topic in zip(posts, topics, strict=True)]
    facts = np.array([reading.facts for reading in readings], dtype=np.float64).reshape(-1, len(FACT_NAMES))
    return Features(facts, _grams([reading.words for reading in readings]), readings)


def read(post: PostView, topic: Topic) -> Reading:
    """One post against one topic. Sentences that address the judge are dropped before anything is counted."""
    sentences = _sentences(normalise(post.text[:MAX_CHARACTERS]), topic)
    kept = [sentence for sentence in sentences if INSTRUCTION not in sentence.groups]
    stems = set[str]().union(*(sentence.stems for sentence in kept))
    groups = frozenset[int]().union(*(sentence.groups for sentence in kept))
    positive, negative = topic.nearness(stems)
    facts = _topic_facts(kept, topic.share(stems), positive, negative)
    facts += _shape_facts(kept, post)
    facts += [float(index in groups) for index in _PHRASES]
    return Reading(
        facts=facts,
        words=[word for sentence in kept for word in sentence.masked],
        groups=groups,
        nearest_positive=positive.text,
        nearest_negative=negative.text,
        addresses_the_judge=len(kept) < len(sentences),
    )


def _sentences(text: str, topic: Topic) -> list[_Sentence]:
    plain = _URL.sub(LINK, text) if "http" in text or "www." in text else text
    return [_sentence(part.strip(), topic) for part in _SENTENCE.findall(plain)]


def _sentence(text: str, topic: Topic) -> _Sentence:
    words = WORD.findall(text)
    in_order = list(map(_STEMS.__getitem__, words))
    stems = set(in_order)
    stems.discard("")
    share = topic.share(stems)
    mask, groups = topic.stems, matcher().groups_in(text)
    return _Sentence(
        text=text,
        words=words,
        masked=[TOPIC_WORD if found in mask else word for found, word in zip(in_order, words, strict=True)]
        if share
        else words,
        stems=stems,
        groups=groups,
        topic=share,
        asks=not _ASKING.isdisjoint(groups),
    )


class _Remembered(dict[str, V]):
    """A function of a word, remembered for the last few tens of thousands of words and then forgotten at once.

    Faster than `lru_cache` where it counts: every word of every post passes here.
    """

    def __init__(self, function: Callable[[str], V], *, most: int = 65_536) -> None:
        self._function = function
        self._most = most

    def __missing__(self, word: str) -> V:
        if len(self) >= self._most:
            self.clear()
        found = self[word] = self._function(word)
        return found


_STEMS = _Remembered(content_stem)


def _topic_facts(
    sentences: Sequence[_Sentence], everything: float, positive: Nearness, negative: Nearness
) -> list[float]:
    asks = [sentence.topic for sentence in sentences if sentence.asks]
    questions = [sentence.topic for sentence in sentences if sentence.text.endswith("?")]
    own = [sentence.topic for sentence in sentences if sentence.topic and not _FIRST.isdisjoint(sentence.words)]
    return [
        max((sentence.topic for sentence in sentences), default=0.0),
        everything,
        float(everything < 0.15),
        positive.best,
        positive.mean,
        positive.cover,
        negative.best,
        negative.cover,
        positive.best - negative.best,
        max(asks, default=0.0),
        max(questions, default=0.0),
        float(bool(asks)) * (1.0 - everything),
        max(own, default=0.0),
        float(bool(asks)),
    ]


def _shape_facts(sentences: Sequence[_Sentence], post: PostView) -> list[float]:
    text = " ".join([sentence.text for sentence in sentences])
    words = [word for sentence in sentences for word in sentence.words]
    count = max(1, len(words))
    return [
        float("?" in text),
        float(text.endswith("?")),
        min(1.0, 8 * sum(map(_FIRST.__contains__, words)) / count),
        min(1.0, 8 * sum(map(_SECOND.__contains__, words)) / count),
        math.log1p(len(words)) / 5,
        math.log1p(len(sentences)) / 3,
        float(LINK in text or bool(post.urls)),
        min(1.0, max(text.count("#"), len(post.hashtags)) / 4),
        min(1.0, max(text.count("@"), len(post.mentions)) / 3),
        float("$" in text or "€" in text or "£" in text),
        float("%" in text),
        min(1.0, text.count("!") / 3),
    ]


def _grams(posts: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """Counts of words and neighbouring pairs, (posts, GRAM_COLUMNS), divided by the root of a post's length."""
    lengths = np.array([len(words) for words in posts], dtype=np.int64)
    hashes = np.fromiter(map(_HASHES.__getitem__, chain.from_iterable(posts)), np.int64, count=int(lengths.sum()))
    row = np.repeat(np.arange(len(posts)), lengths)
    pairs = (hashes[:-1] * 31 + hashes[1:])[row[1:] == row[:-1]]
    counts = _counts(hashes, lengths) + _counts(pairs, np.maximum(lengths - 1, 0))
    return (sparse.diags_array(1.0 / np.sqrt(np.maximum(1, lengths))) @ counts).tocsr()


def _counts(hashes: NDArray[np.int64], lengths: NDArray[np.int64]) -> sparse.csr_matrix:
    """The next `lengths[r]` of the hashes are row r's."""
    ends = np.concatenate(([0], np.cumsum(lengths)))
    return sparse.csr_matrix(
        (np.ones(len(hashes)), hashes % GRAM_COLUMNS, ends), shape=(len(lengths), GRAM_COLUMNS)
    )


def _hash(word: str) -> int:
    return zlib.crc32((NUMBER if word[0].isdigit() else word).encode())


_HASHES = _Remembered(_hash)
