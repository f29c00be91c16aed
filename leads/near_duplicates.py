"""What makes two posts copies of each other. Pure: words in, keys and a verdict out.

Three steps, each for what the one before it leaves. The *exact key* is equal for texts that differ in case,
punctuation, emoji, links, hashtags, mentions or a leading "RT @somebody:". For texts of eight words and more,
MinHash over three-word shingles (Broder 1997) gives *bands*: texts that share most of their shingles nearly always
share a band, so that candidates are looked up by equality. A *head*, the first eight words, finds texts that
another platform cut. Candidates are then compared by their real shingles: no hash makes two posts copies.
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .normalizing import bare_text

MIN_WORDS = 5
"""Fewer are no copy of anything: "thank you so much"."""
MIN_WORDS_TO_COMPARE = 8
"""Texts with fewer words are copies only if their words are the same: one word is too much of what they say."""
MAX_WORDS_TO_COMPARE = 2_000
"""Longer texts are copies only if their words are the same, so that memory and time are bounded."""
SHINGLE = 3
SIMILAR = 0.7
"""Jaccard similarity of the shingles: one word in the middle of 20 changed is .71, one of 14 near the end too.
Among real posts, job adverts of one agency for different jobs reach .65 (`tests/leads/test_near_duplicates.py`).
"""
HEAD_WORDS = 8
MIN_WORDS_OF_A_CUT = 20
SIMILAR_AS_FAR_AS_IT_GOES = 0.9
"""A cut text against as many words of the longer one; what stands at the cut ("… more on my page") may differ."""
BANDS, ROWS = 4, 2
"""A pair at .7 shares a band with a chance of .93, one at .8 with .98; most share the head as well."""

UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Thai, kana and Han are written without spaces: each sign counts as a word."""
WORD = re.compile(r"[^\W_]+")
UNSPACED_SIGN = re.compile(f"[{UNSPACED}]")
WORD_OR_SIGN = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")

Hashes: TypeAlias = "npt.NDArray[np.uint64]"


def _odd_numbers(count: int, *, seed: int) -> Hashes:
    """The same in every process and release: numpy promises that of PCG64, whose raw bits these are."""
    return np.asarray(np.random.PCG64(seed).random_raw(count), np.uint64) | np.uint64(1)


_PLACES = _odd_numbers(SHINGLE, seed=1)
_ORDERS = _odd_numbers(BANDS * ROWS, seed=2)
_ROWS = _odd_numbers(ROWS, seed=3)[:, None]
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


class Keys(NamedTuple):
    """What candidates are looked up by; None where a text has no such key. Bands are signed 64-bit integers."""

    head: int | None = None
    band_1: int | None = None
    band_2: int | None = None
    band_3: int | None = None
    band_4: int | None = None


def words_of(text: str) -> list[str]:
    """What is compared: words in lower case, without links, hashtags, mentions, emoji and punctuation."""
    bare = bare_text(text).casefold()
    has_signs = not bare.isascii() and UNSPACED_SIGN.search(bare)
    return (WORD_OR_SIGN if has_signs else WORD).findall(bare)


def exact_key(words: Sequence[str]) -> str:
    """32 hex characters, equal for equal words; "" for texts that are too short to be copies of anything."""
    if not _holds(words, MIN_WORDS):
        return ""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]


def keys_of_all(texts: Sequence[Sequence[str]]) -> list[Keys]:
    """Each text's keys, in their order; one that is too short or too long has none. Some hundreds at a time."""
    keys = [Keys()] * len(texts)
    comparable = [index for index, words in enumerate(texts) if is_comparable(words)]
    bands = _bands([texts[index] for index in comparable]) if comparable else []
    for index, of_text in zip(comparable, bands, strict=True):
        keys[index] = Keys(zlib.crc32(" ".join(texts[index][:HEAD_WORDS]).encode()), *of_text)
    return keys


def is_comparable(words: Sequence[str]) -> bool:
    return len(words) <= MAX_WORDS_TO_COMPARE and _holds(words, MIN_WORDS_TO_COMPARE)


def are_near_duplicates(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two comparable texts say the same, or one is the beginning of the other."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= SIMILAR * len(longer) - 1 and similarity(shorter, longer) >= SIMILAR:
        return True
    if len(shorter) < MIN_WORDS_OF_A_CUT:
        return False
    return similarity(shorter, longer[: len(shorter)]) >= SIMILAR_AS_FAR_AS_IT_GOES


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """Jaccard similarity of the two sets of three-word shingles, 0 to 1."""
    first, second = _shingles(one), _shingles(other)
    together = len(first | second)
    return len(first & second) / together if together else 0.0


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    return set(zip(*(words[start:] for start in range(SHINGLE)), strict=False))


def _holds(words: Sequence[str], minimum: int) -> bool:
    """At least so many words, and twice as many characters: ten signs of Chinese are about five words."""
    return len(words) >= minimum and sum(map(len, words)) >= 2 * minimum


def _bands(texts: Sequence[Sequence[str]]) -> list[list[int]]:
    """The smallest shingle of each text by each of eight orders, two of them to a band.

    All texts stand in one row of words, since numpy's cost is by the call. Shingles that reach into the next text
    are left out: `reduceat` is asked for [first, end of the last), and for the rest, which is thrown away.
    Overflow is meant: it is modulo 2^64.
    """
    lengths = np.array([len(words) for words in texts])
    starts = np.cumsum(lengths) - lengths
    hashes = np.fromiter(map(_hash, chain.from_iterable(texts)), np.uint64, int(lengths.sum()))
    shingles = _shingle_hashes(hashes)
    cuts = np.column_stack((starts, starts + lengths - SHINGLE + 1)).ravel()[:-1]
    least = np.array([np.minimum.reduceat(shingles * order, cuts)[::2] for order in _ORDERS])
    mixed = least.reshape(BANDS, ROWS, len(texts)) * _ROWS
    bands: list[list[int]] = mixed.sum(axis=1).T.copy().view(np.int64).tolist()
    return bands


def _shingle_hashes(hashes: Hashes) -> Hashes:
    """One for each place where a shingle begins."""
    count = len(hashes) - SHINGLE + 1
    shingles: Hashes = hashes[:count] * _PLACES[0]
    for place in range(1, SHINGLE):
        shingles += hashes[place : place + count] * _PLACES[place]
    for _ in range(2):
        shingles ^= shingles >> _HALF
        shingles *= _MIX
    return shingles


@lru_cache(maxsize=50_000)
def _hash(word: str) -> int:
    """The same in every process, unlike Python's own."""
    return zlib.crc32(word.encode())
