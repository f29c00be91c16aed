"""Which language a post is in: a platform's tag if there is one, else what its text says; "" when nobody can tell.

A language that is not known filters nobody out, a wrong one does: what is unsure stays unknown. Scripts that one
language has to itself are told by their letters, plain English by its function words, and the rest by py3langid
among the languages that people post in (asked about all of its 97, it gives the chances of Spanish or Dutch away
to Aragonese and Afrikaans). `tests/leads/test_languages.py` measures it on short posts.
"""

import re
from functools import lru_cache
from typing import Any

from .normalizing import bare_text

MIN_CONFIDENCE = 0.6
MIN_LETTERS = 8
MIN_SIGNS = 6
"""Of a script whose signs are syllables or words."""
SAMPLE = 160  # characters: with more of them 5 of 3,000 English posts change, and each costs time

POSTED_IN = [
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "mr", "ms", "nl", "no", "pl", "pt", "ro", "ru",
    "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh",
]  # fmt: skip

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
KANA = re.compile("[\u3041-\u30fa\u30fc-\u30ff]")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
CYRILLIC = re.compile("[\u0400-\u04ff]")
RUSSIAN = re.compile("[\u044b\u044d\u0451]", re.IGNORECASE)  # ы э ё
NOT_RUSSIAN = re.compile("[^\u0410-\u044f\u0401\u0451\\W\\d_A-Za-z]")
"""Any other letter of Cyrillic: Ukrainian, Belarusian, Serbian, Kazakh and Mongolian all have some."""

TAG = re.compile(r"[a-z]{2,3}(?![a-z])")
NO_LANGUAGE = re.compile(r"und|zxx|mul|mis|q[a-t][a-z]")
"""ISO 639-2's codes for none, several and unlisted, and those for private use: X's `qme` is media alone."""
SHORTER = {
    "ara": "ar", "chi": "zh", "cmn": "zh", "deu": "de", "dut": "nl", "eng": "en", "fra": "fr", "fre": "fr",
    "ger": "de", "hin": "hi", "in": "id", "ita": "it", "iw": "he", "jpn": "ja", "kor": "ko", "nld": "nl",
    "por": "pt", "rus": "ru", "spa": "es", "zho": "zh",
}  # fmt: skip
"""Codes that some platforms use for languages with a present code of two letters."""


ISO_639_1 = frozenset([
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bi", "bm", "bn",
    "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da", "de", "dv", "dz", "ee", "el",
    "en", "eo", "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu", "gv",
    "ha", "he", "hi", "ho", "hr", "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "io", "is", "it",
    "iu", "ja", "jv", "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw", "ky",
    "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms", "mt",
    "my", "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv", "ny", "oc", "oj", "om", "or", "os", "pa",
    "pi", "pl", "ps", "pt", "qu", "rm", "rn", "ro", "ru", "rw", "sa", "sc", "sd", "se", "sg", "sh", "si", "sk",
    "sl", "sm", "sn", "so", "sq", "sr", "ss", "st", "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl",
    "tn", "to", "tr", "ts", "tt", "tw", "ty", "ug", "uk", "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi",
    "yo", "za", "zh", "zu",
])  # fmt: skip
"""Two letters that are none of these name no language, whatever a platform says. Source: ISO 639-1, with `sh` and
`tl` as platforms still use them."""


def primary_language(tag: str) -> str:
    """A platform's tag as ISO 639-1: `en-GB` and `en_US` are `en`, `zh-Hans` is `zh`; "" where it says nothing."""
    found = TAG.match(tag.strip().lower())
    if not found or NO_LANGUAGE.fullmatch(found.group()):
        return ""
    code = SHORTER.get(found.group(), found.group())
    return code if len(code) == len("ckb") or code in ISO_639_1 else ""


def language_of(text: str) -> str:
    """The text's language (ISO 639-1), or "" when it is too short or too mixed to tell."""
    sample = bare_text(text)[:SAMPLE]
    if _is_plainly_english(sample):
        return "en"
    letters = sum(map(str.isalpha, sample))
    if not sample.isascii() and (known := _by_script(sample, letters)):
        return known
    if letters < MIN_LETTERS:
        return ""
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= MIN_CONFIDENCE else ""


def _by_script(sample: str, letters: int) -> str:
    """The language of a script that is its own; "" for the others. It has to be the greater part of the text."""
    hangul, kana, han = (len(script.findall(sample)) for script in (HANGUL, KANA, HAN))
    if 2 * max(hangul, kana + han) >= letters and hangul + kana + han >= MIN_SIGNS:
        if hangul > kana + han:
            return "ko"
        return "ja" if 10 * kana >= kana + han else "zh"
    is_russian = RUSSIAN.search(sample) and not NOT_RUSSIAN.search(sample)
    return "ru" if is_russian and letters >= MIN_LETTERS and 2 * len(CYRILLIC.findall(sample)) > letters else ""


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


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - 5 MB, only where it is used

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(POSTED_IN)
    return identifier
