"""A stranger's words as data in a prompt: JSON that cannot close the delimiters around it."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_BRACKETS: Final = (
    "<>\u00ab\u00bb\u02c2\u02c3\u1433\u1438\u2039\u203a\u226a\u226b\u227a\u227b\u22d6-\u22d9\u2329\u232a\u276c-\u2771\u27e8-\u27eb\u29fc\u29fd\u3008-\u300b"
    "\ufe64\ufe65\uff1c\uff1e"
)
_INVISIBLE: Final = (
    "\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_ESCAPED: Final = re.compile(f"[{_BRACKETS}{_INVISIBLE}]")
"""The joiners of emoji and of Persian and Indic scripts stay: they are part of words."""


def as_data(facts: Mapping[str, Any]) -> str:
    """One JSON object in which every sign that could be taken for an angle bracket, and every invisible one, is a
    JSON escape. Reading the JSON gives the facts back.
    """
    whole = json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace").decode()
    return _ESCAPED.sub(_escape, whole)


def cut_middle(text: str, *, most: int) -> str:
    """Beginning and end of a text that is too long: what is asked stands at either."""
    if len(text) <= most:
        return text
    return f"{text[: most * 3 // 4]} [... {len(text) - most} characters left out ...] {text[-most // 4 :]}"


def _escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
