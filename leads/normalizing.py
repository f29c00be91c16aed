"""Pure text work: what judges read, which language it is, and what makes two posts copies of each other."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Any

MIN_LANGUAGE_CONFIDENCE = 0.6
MIN_LETTERS_FOR_LANGUAGE = 12
LANGUAGE_SAMPLE = 160  # characters: with more of them 5 of 3,000 English posts change, and each costs time
MIN_WORDS_FOR_DUPLICATES = 5

URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
TAG_OR_MENTION = re.compile(r"(?<!\w)[#@][\w.-]+")
WORD = re.compile(r"[^\W_]+")
BLANK_LINES = re.compile(r"\n{3,}")
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'"}
ENTITY = re.compile("|".join(ENTITIES))
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))


def clean_text(text: str) -> str:
    """The text as people read it: NFC, HTML's basic entities resolved, white space tidied, invisible
    characters and trailing link shorteners' blanks gone. Words, links, hashtags, emoji and line breaks stay.
    """
    if "&" in text:
        text = ENTITY.sub(lambda match: ENTITIES[match.group()], text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(INVISIBLE)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return BLANK_LINES.sub("\n\n", "\n".join([" ".join(line.split()) for line in lines])).strip()


def near_duplicate_key(text: str) -> str:
    """The same for copies that differ only in case, punctuation, emoji, links, hashtags or mentions.

    Empty for texts of fewer than five words: "thank you so much" is no copy of anything.
    """
    words = WORD.findall(_bare(text).casefold())
    if len(words) < MIN_WORDS_FOR_DUPLICATES:
        return ""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]


@lru_cache(maxsize=2)
def _bare(text: str) -> str:
    """Without links, tags and mentions. The last is kept: one post is asked about twice in a row."""
    if "://" in text or "www." in text.casefold():
        text = URL.sub(" ", text)
    return TAG_OR_MENTION.sub(" ", text) if "#" in text or "@" in text else text


ENGLISH_ONLY = frozenset(
    """
    the and you that this with been being they their them there what when which who why where how would could
    should your from about because than then these those its i'm i've it's don't doesn't can't isn't does did
    our some anyone someone something everyone everything people into while know looking please thanks other
    another many much without within
    """.split()  # noqa: SIM905 - as text it can be read and compared
)
"""Function words of English that are words of no other language that people post in."""
TYPOGRAPHY = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u2026", "''\"\"--.")
MIN_ENGLISH_WORDS, MIN_ENGLISH_SHARE = 3, 0.1


def _is_plainly_english(sample: str) -> bool:
    """Whether so many English function words occur that nobody need be asked: most posts, in a tenth of the time.

    They have to be different words: a name or a title that is repeated says nothing of the language.
    """
    plain = sample.translate(TYPOGRAPHY)
    if not plain.isascii():
        return False
    words = plain.lower().split()
    found = [word for word in words if word in ENGLISH_ONLY]
    return len(found) >= MIN_ENGLISH_SHARE * len(words) and len(set(found)) >= MIN_ENGLISH_WORDS


def language_of(text: str) -> str:
    """The text's language (ISO 639-1), or "" when it is too short or too mixed to tell."""
    sample = _bare(text)[:LANGUAGE_SAMPLE]
    if _is_plainly_english(sample):
        return "en"
    if sum(map(str.isalpha, sample)) < MIN_LETTERS_FOR_LANGUAGE:
        return ""
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= MIN_LANGUAGE_CONFIDENCE else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - 5 MB, only where it is used

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
