"""What speaks against a reply that a language model wrote, so that it is mended before a person reads it.

Pure: a text and what it may hold, and sentences out. They are told to the model, word for word.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from connectors.entities import HASHTAG, LINK, links_in

from ..languages import language_of
from .base import DraftFacts
from .lengths import length_on

MENTION = re.compile(r"(?<![\w@./])@(\w[\w.-]*(?:@[\w.-]+)?)")
PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}"
    r"|[\[<{](?:your |the |their |insert )?"
    r"(?:name|first[ _]name|author[ _]name|handle|link|url|product|company)[^\]>}]{0,30}[\]>}]",
    re.IGNORECASE | re.DOTALL,
)
"""A blank that nobody has filled in: `[Name]`, `{{ author_name }}`, `{name}`."""
EMAIL = re.compile(r"(?<![\w@.+-])[\w.+-]{1,64}@([\w-]+(?:\.[\w-]+)+)")
MARKDOWN_LINK = re.compile(r"\[[^\[\]\n]+\]\([^()\s]+\)")
BARE_ADDRESS = re.compile(
    r"(?<![\w@./-])((?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24}))(?![\w@-]|\.\w)((?:[/?#]|:\d)\S*)?"
)
"""Host, top-level domain, and what follows: `bit.ly/x`, `www.evil.example`. Prose looks alike: `Node.js`."""
_TOP_LEVELS = """
    com net org info biz io ai app dev co shop store online site xyz club top link click live pro tech cloud page
    blog space website example de uk fr es nl pl ru eu ch se cz br cn jp kr au nz ca mx ly gl gg gd cc tv ws tk
"""
TOP_LEVELS = frozenset(_TOP_LEVELS.split())
"""What ends an address by itself. Others do (`it`, `so`, `me`) where `www.` or a path says that it is one."""
_FILES = "js ts jsx tsx py rb go rs md txt json yaml yml toml csv pdf html htm css php xml sql sh"
FILES = frozenset(_FILES.split())


@dataclass(frozen=True, slots=True)
class Objection:
    """`is_fatal`: no person should get to see the reply with it."""

    text: str
    is_fatal: bool = True


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reply may hold: so many characters; links, handles (without the sign) and hashtags of ours.

    `addresses_in` and `names_in` find them in what the project says of itself.
    """

    limit: int
    links: Collection[str] = ()
    handles: Collection[str] = ()


def objections_to(text: str, *, facts: DraftFacts, bounds: Bounds) -> list[Objection]:
    """Nothing: the reply can go to a person as it is."""
    if not text.strip():
        return [Objection("The reply is empty.")]
    return [*_length(text, facts, bounds), *_inventions(text, facts, bounds), *_language(text, facts)]


def _length(text: str, facts: DraftFacts, bounds: Bounds) -> Iterator[Objection]:
    """A long one is cut at a word if the model cannot shorten it."""
    if (length := length_on(facts.platform, text)) > bounds.limit:
        sentence = f"The reply has {length} characters; at most {bounds.limit} are allowed. Say less."
        yield Objection(sentence, is_fatal=False)


def _inventions(text: str, facts: DraftFacts, bounds: Bounds) -> Iterator[Objection]:
    text = _seen(text)
    if PLACEHOLDER.search(text):
        yield Objection("The reply has a blank that was not filled in. Write it without.")
    if any(_bare(link) not in {_bare(ours) for ours in bounds.links} for link in _links(text, bounds)):
        yield Objection("The reply has a link that is not the product's. Leave it out.")
    if any(_host(host) not in _hosts(bounds) for host in EMAIL.findall(text)):
        yield Objection("The reply has an e-mail address that is not the product's. Leave it out.")
    if MARKDOWN_LINK.search(text):
        yield Objection(
            "The reply has a link in Markdown, which the platform shows as it stands. Write plain text."
        )
    known = {name.casefold() for name in (facts.author_handle, *bounds.handles) if name}
    if any(f"#{tag}".casefold() not in known for tag in HASHTAG.findall(LINK.sub(" ", text))):
        yield Objection("The reply has a hashtag. Leave it out.")
    if any(name.rstrip(".-").casefold() not in known for name in MENTION.findall(text)):
        yield Objection("The reply mentions somebody's handle that it was not given. Leave it out.")


def _seen(text: str) -> str:
    """As a platform reads it: full-width signs are the usual ones, and what nobody sees is not there."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")


def addresses_in(text: str) -> tuple[str, ...]:
    """Links, with a scheme or without, and the hosts of e-mail addresses, as links."""
    text = _seen(text)
    return (*links_in(text), *_bare_links(text), *(f"https://{host}" for host in EMAIL.findall(text)))


def names_in(text: str) -> tuple[str, ...]:
    """Handles without their sign, hashtags with it."""
    text = _seen(text)
    return (*MENTION.findall(text), *(f"#{tag}" for tag in HASHTAG.findall(LINK.sub(" ", text))))


def _links(text: str, bounds: Bounds) -> Iterator[str]:
    """A host of ours by itself is none."""
    yield from links_in(text)
    ours = _hosts(bounds)
    yield from (link for link in _bare_links(text) if _host(_bare(link)) not in ours)


def _bare_links(text: str) -> Iterator[str]:
    for found in BARE_ADDRESS.finditer(EMAIL.sub(" ", LINK.sub(" ", text))):
        host, top_level, path = found[1], found[2], (found[3] or "").rstrip(".,;:!?)\"'")
        if _is_address(host, top_level, path):
            yield f"https://{host}{path}"


def _is_address(host: str, top_level: str, path: str) -> bool:
    """`Node.js/Express` is none, nor is `ASP.NET`."""
    if host.casefold().startswith("www."):
        return True
    if top_level == "NET" and not path:
        return False
    ending = top_level.casefold()
    return ending in TOP_LEVELS or (path.startswith("/") and ending not in FILES)


def _hosts(bounds: Bounds) -> set[str]:
    return {_host(re.split(r"[/?#:]", _bare(link), maxsplit=1)[0]) for link in bounds.links}


def _host(name: str) -> str:
    return name.casefold().removeprefix("www.")


def _bare(link: str) -> str:
    return link.partition("://")[2].rstrip("/").casefold()


def _language(text: str, facts: DraftFacts) -> Iterator[Objection]:
    """Told once; a reviewer sees for themselves, and short texts are often mistaken."""
    wanted, found = facts.language, language_of(text)
    if wanted and found and wanted != found:
        yield Objection(f"The reply is not in the language of the post (ISO 639-1: {wanted}).", is_fatal=False)
