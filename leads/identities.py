"""Whom the do-not-contact list means: names in one form, and the keyed digests that stand for them.

    handle     of one platform, in any case, with or without `@`
    account    the platform's own id, which stays when a handle changes
    domain     of a link in the author's bio, or of the handle itself (Bluesky, Mastodon), and what is under it
    pattern    of handles, with `*` for any characters and `?` for one; at one platform or at all

A digest is keyed with SECRET_KEY: without the key nobody can try names against the list. Digests that were made
with an earlier key are found as long as it stands in SECRET_KEY_FALLBACKS.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import TextChoices

from connectors.base import connectors
from signalops_site.core.config.reading import nearest
from signalops_site.core.config.schema import problem_with_text
from signalops_site.core.errors import DomainError

LONGEST = 200
LOOKED_THROUGH = 2_000
"""Characters of a bio in which links are looked for; no platform's is longer."""
FEWEST_LITERALS = 3
"""Characters other than wildcards that a pattern holds at least: `*` alone would be everybody."""
DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])")
WILDCARDS = re.compile(r"[*?]")


class IdentityKind(TextChoices):
    HANDLE = "handle"
    ACCOUNT = "account"
    DOMAIN = "domain"
    PATTERN = "pattern"

    @property
    def names_a_person(self) -> bool:
        """Whether its value is a person's, which is then kept as a digest alone."""
        return self in (IdentityKind.HANDLE, IdentityKind.ACCOUNT)


@dataclass(frozen=True, slots=True)
class Identity:
    """A kind of name, its platform ("": any) and its value in the one form that is compared."""

    kind: IdentityKind
    platform: str
    value: str

    def digests(self) -> list[str]:
        """The present key's first; then those of earlier keys."""
        content = "\n".join(("suppression", self.kind.value, self.platform, self.value)).encode()
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return [hmac.new(key.encode(), content, hashlib.sha256).hexdigest() for key in keys]

    @property
    def digest(self) -> str:
        return self.digests()[0]


def identity_of(kind: str, *, value: str, platform: str = "") -> Identity:
    """What somebody wrote, in one form. DomainError says what is wrong with it."""
    if kind not in IdentityKind.values:
        raise DomainError(f"There is no kind {kind!r:.40}: it is one of {', '.join(IdentityKind.values)}.")
    of_kind = IdentityKind(kind)
    at = _platform_of(platform, is_needed=of_kind.names_a_person)
    match of_kind:
        case IdentityKind.HANDLE:
            return Identity(of_kind, at, _filled(plain_handle(value), "a handle"))
        case IdentityKind.ACCOUNT:
            return Identity(of_kind, at, _filled(value.strip(), "an account's id"))
        case IdentityKind.DOMAIN:
            return Identity(of_kind, "", _domain_of(value))
    return Identity(of_kind, at, _pattern_of(value))


def plain_handle(handle: str) -> str:
    return handle.strip().removeprefix("@").casefold()


def identities_of(
    platform: str, *, platform_user_id: str = "", handle: str = "", bio: str = ""
) -> Iterator[Identity]:
    """All by which an author may be on the list; patterns are compared one by one (`matches`)."""
    if platform_user_id:
        yield Identity(IdentityKind.ACCOUNT, platform, platform_user_id)
    if plain := plain_handle(handle):
        yield Identity(IdentityKind.HANDLE, platform, plain)
    for domain in sorted(_domains_in(f"{handle} {bio[:LOOKED_THROUGH]}")):
        yield Identity(IdentityKind.DOMAIN, "", domain)


def matches(pattern: str, handle: str) -> bool:
    """Whether a pattern's `*` and `?` can be filled in to the handle; in bounded time, as anybody writes them."""
    at, place, star, mark = 0, 0, -1, 0
    while at < len(handle):
        if place < len(pattern) and pattern[place] in ("?", handle[at]) and pattern[place] != "*":
            at, place = at + 1, place + 1
        elif place < len(pattern) and pattern[place] == "*":
            star, mark, place = place, at, place + 1
        elif star >= 0:
            mark += 1
            at, place = mark, star + 1
        else:
            return False
    return set(pattern[place:]) <= {"*"}


def platforms() -> list[str]:
    return sorted({connector.platform for connector in connectors.items().values()})


def require_platform(name: str) -> None:
    """DomainError that names the nearest platform when there is none of that name."""
    if name not in platforms():
        raise DomainError(f"There is no platform {name!r:.40}{nearest(name, platforms())}.")


def _platform_of(platform: str, *, is_needed: bool) -> str:
    name = platform.strip().lower()
    if name in platforms() or (not name and not is_needed):
        return name
    if not name:
        raise DomainError("Say at which platform: a handle is one platform's.")
    raise DomainError(f"There is no platform {name!r:.40}{nearest(name, platforms())}.")


def _filled(value: str, what: str) -> str:
    if not value:
        raise DomainError(f"Write {what}.")
    if len(value) > LONGEST:
        raise DomainError(f"It is longer than the {LONGEST} characters that {what} has at most.")
    if problem := problem_with_text(value):
        raise DomainError(f"It {problem}.")
    return value


def _domain_of(value: str) -> str:
    """From an address or a bare name."""
    host = value.strip().lower().split("://")[-1].split("/")[0].split("@")[-1].split(":")[0]
    host = _filled(host.strip("."), "a domain").removeprefix("www.")
    if not DOMAIN.fullmatch(host):
        raise DomainError(f"{host!r:.80} is no domain, such as example.org.")
    return _ascii_form(host)


def _pattern_of(value: str) -> str:
    pattern = re.sub(r"\*+", "*", _filled(plain_handle(value), "a pattern"))
    if len(WILDCARDS.sub("", pattern)) < FEWEST_LITERALS:
        raise DomainError(f"A pattern holds at least {FEWEST_LITERALS} characters besides * and ?.")
    if not WILDCARDS.search(pattern):
        raise DomainError("A pattern holds a * or a ?. Without one it is a handle: add it as such.")
    return pattern


def _domains_in(text: str) -> set[str]:
    """Every domain that a text names, and those above it down to two labels."""
    found: set[str] = set()
    for match in DOMAIN.finditer(text.lower()):
        labels = _ascii_form(match.group().removeprefix("www.")).split(".")
        found |= {".".join(labels[start:]) for start in range(len(labels) - 1)}
    return found


def _ascii_form(host: str) -> str:
    """As DNS has it; as it is where DNS could not."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
