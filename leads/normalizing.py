"""Pure text work: what judges read, which language it is, and what makes two posts copies of each other."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Any

MIN_LANGUAGE_CONFIDENCE = 0.6
MIN_LETTERS_FOR_LANGUAGE = 12
LANGUAGE_SAMPLE = 300  # characters: more of them change nothing and cost time
MIN_WORDS_FOR_DUPLICATES = 5

URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
TAG_OR_MENTION = re.compile(r"(?<!\w)[#@][\w.-]+")
SPACES = re.compile(r"[^\S\n]+")
BLANK_LINES = re.compile(r"\n{3,}")
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'"}
ENTITY = re.compile("|".join(ENTITIES))
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))


def clean_text(text: str) -> str:
    """The text as people read it: NFC, HTML's basic entities resolved, white space tidied, invisible
    characters and trailing link shorteners' blanks gone. Words, links, hashtags, emoji and line breaks stay.
    """
    resolved = ENTITY.sub(lambda match: ENTITIES[match.group()], text)
    plain = unicodedata.normalize("NFC", resolved).translate(INVISIBLE).replace("\r\n", "\n").replace("\r", "\n")
    lines = (SPACES.sub(" ", line).strip() for line in plain.split("\n"))
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def near_duplicate_key(text: str) -> str:
    """The same for copies that differ only in case, punctuation, emoji, links, hashtags or mentions.

    Empty for texts of fewer than five words: "thank you so much" is no copy of anything.
    """
    bare = TAG_OR_MENTION.sub(" ", URL.sub(" ", text))
    letters = "".join(character if character.isalnum() else " " for character in bare.casefold())
    words = letters.split()
    if len(words) < MIN_WORDS_FOR_DUPLICATES:
        return ""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]


def language_of(text: str) -> str:
    """The text's language (ISO 639-1), or "" when it is too short or too mixed to tell."""
    bare = TAG_OR_MENTION.sub(" ", URL.sub(" ", text))
    if sum(character.isalpha() for character in bare) < MIN_LETTERS_FOR_LANGUAGE:
        return ""
    language, confidence = _identifier().classify(bare[:LANGUAGE_SAMPLE])
    return str(language) if confidence >= MIN_LANGUAGE_CONFIDENCE else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - 5 MB, only where it is used

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
