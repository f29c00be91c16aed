"""Finding phrases in people's text: whole words, whatever the case, apostrophes and white space.

Shared by everything that looks for words from a list, so that "hate" is never found in "whatever".
"""

from collections.abc import Iterable
from functools import lru_cache

CURLY_APOSTROPHES = ("\u2019", "\u2018", "\u02bc", "\uff07")


@lru_cache(maxsize=4)
def normalize(text: str) -> str:
    """Case folded, straight apostrophes, single spaces.

    The last few are kept because several plugins read the same lead's text one after the other.
    """
    folded = text.casefold()
    if not folded.isascii():
        for apostrophe in CURLY_APOSTROPHES:
            folded = folded.replace(apostrophe, "'")
    return " ".join(folded.split())


class Phrases:
    """A list of phrases, prepared once to be looked for in many texts."""

    __slots__ = ("_phrases",)

    def __init__(self, phrases: Iterable[str]) -> None:
        by_form = {normalize(phrase): phrase for phrase in phrases}
        self._phrases = [(form, phrase) for form, phrase in by_form.items() if form]

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def found_in(self, normalized: str) -> list[str]:
        """The phrases that stand in an already normalized text, in the list's order and spelling.

        The substring test comes first because nearly every phrase is absent.
        """
        return [phrase for form, phrase in self._phrases if form in normalized and _stands_in(normalized, form)]


def _stands_in(text: str, form: str) -> bool:
    """Whether a phrase stands somewhere with no letter, digit or underscore beside it.

    Not the border of a regular expression, which a phrase that ends in a sign ("c++") never has.
    """
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        if not _is_word(text[start - 1 : start]) and not _is_word(text[end : end + 1]):
            return True
        start = text.find(form, start + 1)
    return False


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
