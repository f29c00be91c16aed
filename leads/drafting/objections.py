"""What speaks against a reply that a language model wrote, so that it is mended before a person reads it.

Pure: a text and what it may hold, and sentences out. They are told to the model, word for word.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from connectors.entities import links_in

from ..languages import language_of
from .base import DraftFacts

MENTION = re.compile(r"(?<![\w@./])@(\w[\w.-]*(?:@[\w.-]+)?)")
PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}"
    r"|[\[<](?:your |the |their |insert )?(?:name|first name|handle|link|url|product|company)[^\]>]{0,30}[\]>]",
    re.IGNORECASE | re.DOTALL,
)
"""A blank that nobody has filled in: `[Name]`, `{{ author_name }}`."""


@dataclass(frozen=True, slots=True)
class Objection:
    """`is_fatal`: no person should get to see the reply with it."""

    text: str
    is_fatal: bool = True


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reply may hold: so many characters, links of ours, and handles of ours (without the sign)."""

    limit: int
    links: Collection[str] = ()
    handles: Collection[str] = ()


def objections_to(text: str, *, facts: DraftFacts, bounds: Bounds) -> list[Objection]:
    """Nothing: the reply can go to a person as it is."""
    if not text.strip():
        return [Objection("The reply is empty.")]
    return [*_length(text, bounds), *_inventions(text, facts, bounds), *_language(text, facts)]


def _length(text: str, bounds: Bounds) -> Iterator[Objection]:
    """A long one is cut at a word if the model cannot shorten it."""
    if len(text) > bounds.limit:
        sentence = f"The reply has {len(text)} characters; at most {bounds.limit} are allowed. Say less."
        yield Objection(sentence, is_fatal=False)


def _inventions(text: str, facts: DraftFacts, bounds: Bounds) -> Iterator[Objection]:
    if PLACEHOLDER.search(text):
        yield Objection("The reply has a blank that was not filled in. Write it without.")
    if any(_bare(link) not in {_bare(ours) for ours in bounds.links} for link in links_in(text)):
        yield Objection("The reply has a link that is not the product's. Leave it out.")
    known = {name.casefold() for name in (facts.author_handle, *bounds.handles) if name}
    if any(name.rstrip(".-").casefold() not in known for name in MENTION.findall(text)):
        yield Objection("The reply mentions somebody's handle that it was not given. Leave it out.")


def _bare(link: str) -> str:
    return link.partition("://")[2].rstrip("/").casefold()


def _language(text: str, facts: DraftFacts) -> Iterator[Objection]:
    """Told once; a reviewer sees for themselves, and short texts are often mistaken."""
    wanted, found = facts.language, language_of(text)
    if wanted and found and wanted != found:
        yield Objection(f"The reply is not in the language of the post (ISO 639-1: {wanted}).", is_fatal=False)
