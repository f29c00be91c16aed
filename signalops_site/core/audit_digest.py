"""What an audit entry's digest covers, in the form of each release. A form is never changed once released.

The first form is a bare SHA-256 in hexadecimal: it covers neither the chain that an entry belongs to nor the
actor's id, and whoever can write to the database can compute it. The present one, `v2:KEY:DIGEST`, covers both
and is keyed (HMAC-SHA-256) with a key derived from SECRET_KEY, of which KEY is a short name. After a change of
SECRET_KEY, older entries are checked with SECRET_KEY_FALLBACKS. The form may only go up along a chain.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings

KEYED = "v2"
ALL = "all"
"""The scope of entries that belong to no project."""
_json = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that an entry says. `scope` is the project's id as text, or "all"."""

    scope: str
    sequence: int
    actor_id: int | None
    actor_name: str
    action: str
    target_type: str
    target_id: str
    fields: Mapping[str, Any]
    request_id: str
    created_at: datetime
    previous_digest: str


class UnknownKey(Exception):
    """An entry was keyed with a SECRET_KEY that is neither the present one nor a fallback."""


def scope_of(project_id: int | None) -> str:
    return ALL if project_id is None else str(project_id)


def is_keyed(digest: str) -> bool:
    return digest.startswith(f"{KEYED}:")


def new_digest(content: Content) -> str:
    """The digest of an entry that is written now."""
    return _keyed(content, _key_of(settings.SECRET_KEY))


def expected_digest(content: Content, *, stored: str) -> str:
    """What an entry's digest should be, in the form of the one that is stored; UnknownKey when nobody can tell."""
    if not is_keyed(stored):
        return _bare(content)
    name = stored.split(":")[1]
    key = _keys_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).get(name)
    if key is None:
        raise UnknownKey(name)
    return _keyed(content, key)


def as_stored(value: Any) -> Any:
    """JSON as every database gives it back: whole numbers as integers (PostgreSQL: 1e16), tuples as lists."""
    if isinstance(value, Mapping):
        return {str(name): as_stored(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _bare(content: Content) -> str:
    covered = [
        content.previous_digest,
        content.sequence,
        content.actor_name,
        content.action,
        content.target_type,
        content.target_id,
        content.fields,
        content.request_id,
        _moment(content.created_at),
    ]
    text = json.dumps(covered, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _keyed(content: Content, key: bytes) -> str:
    covered = [
        content.scope,
        content.sequence,
        content.actor_id,
        content.actor_name,
        content.action,
        content.target_type,
        content.target_id,
        content.fields,
        content.request_id,
        _moment(content.created_at),
        content.previous_digest,
    ]
    tag = hmac.digest(key, _json.encode(covered).encode(), "sha256")
    return f"{KEYED}:{_name_of(key)}:{urlsafe_b64encode(tag).decode().rstrip('=')}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


@cache
def _keys_of(secrets: tuple[str, ...]) -> dict[str, bytes]:
    return {_name_of(_key_of(secret)): _key_of(secret) for secret in secrets}


@cache
def _key_of(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"signalops audit chain v2", hashlib.sha256).digest()


@cache
def _name_of(key: bytes) -> str:
    return hmac.new(key, b"name", hashlib.sha256).hexdigest()[:8]
