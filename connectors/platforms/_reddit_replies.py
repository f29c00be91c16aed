"""Replies on Reddit, which are those of a person who has connected the account.

A refusal comes as a 200 with `errors` in it. A success without a comment, as for an author who blocks the account,
says nothing of what was done. A reply that may be there is looked for in the person's own comments.

Source: https://www.reddit.com/dev/api#POST_api_comment and #GET_user_{username}_{where} (read 2026-11-23).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..base import SentReply
from ..errors import BadAnswer, ConnectorError, NotSent, RateLimited, Refused
from ..http import Answer
from ..reading import as_epoch, as_id, as_list, as_object, as_text, objects_in
from ..refusals import LEAST_WAIT, WAIT_WHEN_LIMITED
from ..replies import OwnPost, named, refusal

PAGE_SIZE = 100
FULLNAME = re.compile(r"t[13]_[0-9a-z]{1,12}")
"""A comment (t1) or a submission (t3) with its number in base 36, which grows with time."""
USERNAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
TOO_OFTEN = "RATELIMIT"
OF_THE_ACCOUNT = frozenset({"USER_REQUIRED", "ACCOUNT_SUSPENDED"})
WAIT = re.compile(r"(\d{1,4}) (second|minute|hour)s?")
SECONDS = {"second": 1, "minute": 60, "hour": 3600}

Things = Callable[[Any], list[Mapping[str, Any]]]
PageOf = Callable[[Mapping[str, Any]], str]


class Asking(Protocol):
    """How the person asks, and writes."""

    def get(self, path: str, **params: Any) -> Answer: ...

    def publish(self, path: str, form: Mapping[str, str]) -> Answer: ...


def send_reply(session: Asking, post_id: str, text: str, *, page_of: PageOf) -> SentReply:
    if not FULLNAME.fullmatch(post_id):
        raise NotSent("This is no id of a post on Reddit.")
    form = {"api_type": "json", "thing_id": post_id, "text": text, "raw_json": "1"}
    try:
        told = as_object(as_object(session.publish("/api/comment", form).body).get("json"))
    except Refused as error:
        if error.answered != 403 or _is_suspended(session):
            raise
        raise refusal(error) from error  # of this thread or community
    things = objects_in(as_object(told.get("data")).get("things"))
    comments = (as_object(thing.get("data")) for thing in things)
    comment = next((each for each in comments if FULLNAME.fullmatch(as_id(each.get("name")))), {})
    if not comment and (errors := _errors_in(told)):
        raise _refused(errors, told)
    return named(as_id(comment.get("name")), url=page_of(comment), platform="Reddit")


def _is_suspended(session: Asking) -> bool:
    return as_object(session.get("/api/v1/me").body).get("is_suspended") is True


def _errors_in(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each as its code and its sentence."""
    rows = [row for row in as_list(told.get("errors")) if isinstance(row, list) and len(row) >= 2]
    return [(as_id(code), " ".join(as_text(said)[:200].split())) for code, said, *_ in rows if as_id(code)]


def _refused(errors: Sequence[tuple[str, str]], told: Mapping[str, Any]) -> ConnectorError:
    by_code = dict(errors)
    if TOO_OFTEN in by_code:
        wait = _wait(told.get("ratelimit"), by_code[TOO_OFTEN])
        return RateLimited(f"Reddit asks to wait: {by_code[TOO_OFTEN]}", retry_after=wait, code=TOO_OFTEN)
    code, said = errors[0]
    kind = Refused if by_code.keys() & OF_THE_ACCOUNT else NotSent
    return kind(f"Reddit does not take this reply ({code}): {said}", code=code, answered=200)


def _wait(told: Any, sentence: str) -> float:
    """Seconds, as a number beside the error or in its sentence."""
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 < told <= 86_400:
        return max(float(told), LEAST_WAIT)
    found = WAIT.search(sentence)
    seconds = float(found[1]) * SECONDS[found[2]] if found else WAIT_WHEN_LIMITED
    return max(min(seconds, 86_400.0), LEAST_WAIT)


def own_comments(session: Asking, *, things_in: Things, page_of: PageOf) -> Iterator[list[OwnPost]]:
    """Pages of the person's comments, newest first. Reddit shows them their own, also what moderators removed."""
    name = as_id(as_object(session.get("/api/v1/me").body).get("name"))
    if not USERNAME.fullmatch(name):
        raise BadAnswer("Reddit's answer does not say whose token this is.")
    after = ""
    while True:
        answer = session.get(f"/user/{name}/comments", sort="new", limit=PAGE_SIZE, after=after)
        yield [
            OwnPost(
                as_id(thing.get("name")),
                as_id(thing.get("parent_id")),
                as_text(thing.get("body")),
                as_epoch(thing.get("created_utc")),
                page_of(thing),
            )
            for thing in things_in(answer.body)
        ]
        following = as_id(as_object(as_object(answer.body).get("data")).get("after"))
        if following in ("", after):
            return
        after = following
