"""What every reply has in common: one request that may not be repeated, and the search for one that may be there.

The line between "not posted" and "perhaps" is drawn here alone. Nothing was posted when the request never began to
go out, or when the platform answered it with a 4xx. All else that is no success leaves it open: a time-out, a cut,
a 5xx, a redirect, a success that is no JSON or does not say which post it made.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from .base import SentReply
from .errors import ConnectorError, NotSent, NotSure, RateLimited, Refused
from .http import Answer, PlatformClient

REQUEST_TIMEOUT = 408
"""The one 4xx that says nothing of what was done: the platform waited for a part of the request."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a platform's clock may be behind ours."""
SETTLED_AFTER = timedelta(minutes=2)
"""A request may take a minute here, and the platform may still be at it when we have given up."""
MOST_PAGES = 10
"""Of what the account has posted. Whoever posts more than that between a try and its search looks by hand."""
LINK = re.compile(r"https?://\S+")
MENTION = re.compile(r"(?<!\w)@[\w.-]+(?:@[\w.-]+)?")


def published(
    client: PlatformClient,
    path: str,
    *,
    content: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    endpoint: str = "",
) -> Answer:
    """The answer to the one POST that makes a reply. NotSure when it may have been carried out; NotSent when the
    platform refuses it; Refused, RateLimited and what broke before it went out as they are.
    """
    try:
        return client.post(path, content=content, form=form, headers=headers, endpoint=endpoint)
    except ConnectorError as error:
        if not client.may_have_arrived or isinstance(error, Refused | RateLimited):
            raise
        raise _verdict(error) from error
    except Exception as error:
        if not client.may_have_arrived:
            raise
        raise unsure(f"{client.name} was asked, then something broke here ({type(error).__name__}).") from error


def _verdict(error: ConnectorError) -> ConnectorError:
    if 400 <= error.answered < 500 and error.answered != REQUEST_TIMEOUT:
        return refusal(error)
    return unsure(error.detail, code=error.code, answered=error.answered)


def refusal(error: ConnectorError) -> NotSent:
    """The same words, as a refusal of this reply alone."""
    return NotSent(error.detail, code=error.code, answered=error.answered)


def unsure(detail: str, *, code: str = "", answered: int = 0) -> NotSure:
    return NotSure(f"{detail} The reply may be there all the same.", code=code, answered=answered)


def named(identity: str, *, url: str = "", platform: str) -> SentReply:
    """The reply that a success names; NotSure when it names none."""
    if not identity:
        raise unsure(f"{platform} took the reply without saying which post it made.")
    return SentReply(identity, url)


@dataclass(frozen=True, slots=True)
class OwnPost:
    """One of the account's own posts: which post it answers, and what it says."""

    id: str
    answers: str
    text: str
    created_at: datetime | None
    url: str = ""


def found_among(
    pages: Iterable[Sequence[OwnPost]], *, post_id: str, text: str, since: datetime
) -> SentReply | None:
    """Our reply among the account's posts, newest first. None only when all of them since then are known, none
    answers the post, and there was time for it to appear; else NotSure.
    """
    begin, answers_otherwise = since - CLOCKS_DIFFER, False
    for number, page in enumerate(pages, start=1):
        for own in page:
            if own.answers != post_id or (own.created_at is not None and own.created_at < begin):
                continue
            if says_the_same(own.text, text):
                return SentReply(own.id, own.url)
            answers_otherwise = True
        times = [own.created_at for own in page if own.created_at is not None]
        if times and times[-1] < begin:
            break
        if number == MOST_PAGES:
            raise NotSure("The account has posted too much since then to look through.")
    if answers_otherwise:
        raise NotSure("The account answered the post since then, with another text: somebody has to look.")
    _require_settled(since)
    return None


def _require_settled(since: datetime) -> None:
    left = (since + SETTLED_AFTER - timezone.now()).total_seconds()
    if left > 0:
        raise NotSure("The reply is not there, and it is too early to say that it will not be.", retry_after=left)


def says_the_same(one: str, other: str) -> bool:
    """Whether two texts have the same words. Platforms shorten links, write names out or leave them away, and have
    spaces of their own.
    """
    return _words(one) == _words(other)


def _words(text: str) -> list[str]:
    words = re.findall(r"\w+", MENTION.sub(" ", LINK.sub(" ", text)).casefold())
    return words or text.split()
