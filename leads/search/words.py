"""Words as both databases index them, and what people ask for as a `Search`. Pure.

Indexed words are of letters and digits alone, in lower case and without accents, so that neither database's
tokenizer has anything left to decide. Scripts that do not part their words (Chinese, Japanese, Thai) are indexed
sign by sign, and emoji as words of their own: any run of them can be found.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..marks import without_piles

MAX_TERMS = 20
MAX_CHARACTERS = 10_000
"""Of a document: what comes later in a longer text is not found."""

WORD = re.compile(r"[^\W_]+")
UNPARTED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u3040-\u30ff\u31f0-\u31ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese signs
)
PIECE = re.compile(rf"[{UNPARTED}]|[^\W_{UNPARTED}]+")
ASKED = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row. `starts`: the last of them may go on; `excluded`: no match may hold them."""

    words: tuple[str, ...]
    starts: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Every term has to occur. Empty when what was asked holds no word."""

    terms: tuple[Term, ...]

    @property
    def is_empty(self) -> bool:
        return all(term.excluded for term in self.terms)


def document_of(*texts: str | None) -> str:
    """The words of texts, one space between them; a gap between texts, so that no phrase spans two."""
    return f" {GAP} ".join(" ".join(words_of(text[:MAX_CHARACTERS])) for text in texts if text)


GAP = "0gap0"


TYPOGRAPHY = str.maketrans(dict.fromkeys("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u00a0", " "))
"""Quotes and dashes that stand in English texts; without them most are plain ASCII, which is read much faster."""


def words_of(text: str) -> list[str]:
    if text.isascii() or (text := text.translate(TYPOGRAPHY)).isascii():
        return WORD.findall(text.lower())
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """Words of any script; what is a sign of its own (a letter of an unparted script, an emoji) stands alone."""
    plain = unicodedata.normalize("NFKD", without_piles(text)).casefold()
    kept = "".join(_spelled(character) for character in plain if not unicodedata.combining(character))
    for found in PIECE.findall(unicodedata.normalize("NFC", kept)):
        yield found if found.isascii() or len(found) > 1 else _sign(found)


def _spelled(character: str) -> str:
    """Emoji become words; databases would take them for punctuation."""
    return f" {_sign(character)} " if unicodedata.category(character) == "So" else character


def _sign(character: str) -> str:
    """One sign as a word that every tokenizer keeps whole."""
    return f"u{ord(character):x}"


def read_search(asked: str) -> Search:
    """Words have to occur in any inflection, "quoted ones" in a row; `word*` may go on, `-word` must not occur."""
    terms: list[Term] = []
    for found in ASKED.finditer(asked[:MAX_CHARACTERS]):
        text = found["phrase"] if found["word"] is None else found["word"]
        words = tuple(words_of(text))
        if words:
            terms.append(Term(words, starts=text.endswith("*"), excluded=bool(found["minus"])))
    return Search(tuple(terms[:MAX_TERMS]))
