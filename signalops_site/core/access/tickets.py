"""WebSocket tickets: browsers cannot put a header on a socket, and a key or token does not belong in an address.

A ticket is signed, lives half a minute, opens one socket, and is worth what its user (or key) is worth then.
"""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core import signing
from django.core.cache import cache
from django.utils.crypto import constant_time_compare

from ..models import KeyHolder
from .keys import holder_of

LIFETIME_SECONDS = 30
_SALT = "signalops.ws-ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a ticket stands for. `account` is a keyed digest of the password that the user had."""

    user_id: int
    key_id: int | None
    account: str
    nonce: str


def issue_ticket(user: User) -> str:
    key_id = user.key.pk if isinstance(user, KeyHolder) else None
    content = [user.pk, key_id, user.get_session_auth_hash(), secrets.token_hex(8)]
    return signing.dumps(content, salt=_SALT)


def redeem_ticket(text: str) -> Ticket | None:
    """The ticket, the first time that it comes; None for one that is forged, too old or used.

    That it was used is remembered in the cache: with several server processes, in Redis; without Redis each
    process knows its own, and the half minute is the limit.
    """
    try:
        ticket = Ticket(*signing.loads(text, salt=_SALT, max_age=LIFETIME_SECONDS))
    except (signing.BadSignature, TypeError, ValueError):
        return None
    is_first = cache.add(f"{_SALT}:{ticket.nonce}", True, timeout=2 * LIFETIME_SECONDS)
    return ticket if is_first else None


def user_behind(ticket: Ticket) -> User | None:
    """Whom the ticket stands for now; None once the key, the account or its password is no longer what it was."""
    user = holder_of(ticket.key_id) if ticket.key_id else User.objects.filter(pk=ticket.user_id).first()
    if user is None or user.pk != ticket.user_id or not user.is_active:
        return None
    return user if constant_time_compare(user.get_session_auth_hash(), ticket.account) else None
