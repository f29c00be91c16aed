"""The WebSocket: replay what the client has missed, then follow.

`RunEvent` rows are the truth. One loop reads those after the last that was sent; without Redis it looks
four times a second, with Redis it sleeps until a hint arrives (and looks every few seconds anyway).

A stranger, a foreign project or an unreadable `after` is refused at the handshake (HTTP 403). Later:

    4400  the client sent something that is not {"after": SEQ}
    4401  the session or key has ended, the account was closed or its password changed, or an hour has passed
          since a ticket opened the socket: come back with a new ticket, and `after`
    4404  the project is gone, or no longer yours to see
    1011  events could not be read; connect again
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from typing import Any, cast
from urllib.parse import parse_qs

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from .access.tickets import Ticket, redeem_ticket, user_behind
from .api.runs import MAX_SEQ, read_seq
from .metrics import open_sockets
from .models import EventSequence, Project, RunEvent
from .permissions import Person, visible_projects
from .runs import follower_group
from .serializers import RunEventSerializer

log = logging.getLogger(__name__)

BATCH = 200
"""Events read at once: what one socket holds in memory."""
PAUSE_BETWEEN_BATCHES = 0.02
"""Seconds that a long replay leaves to the client's connection and to other sockets."""
POLL_SECONDS = 0.2
POLL_SECONDS_WITH_HINTS = 3.0
RECHECK_SECONDS = 15.0
"""How long a removed member can go on reading."""
TICKET_SECONDS = 3600.0
"""How long a ticket's socket lives: the session or token that asked for the ticket may have ended meanwhile."""
MAX_MESSAGE = 256

MALFORMED, SIGNED_OUT, NOT_VISIBLE, BROKEN = 4400, 4401, 4404, 1011


class PipelineConsumer(AsyncWebsocketConsumer):
    """`/ws/pipeline?project=SLUG[&after=SEQ]`"""

    project: Project
    after: int
    ticket: Ticket | None = None
    opened_at: float
    restart: int | None = None
    follower: "asyncio.Task[None] | None" = None
    joined = False

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin1"), keep_blank_values=True)
        project = await _project_for(await self._first_user(), query.get("project", [""])[0])
        after = read_seq(query["after"][0]) if "after" in query else MAX_SEQ
        if project is None or after is None:
            await self.close()
            return
        self.project, self.opened_at = project, time.monotonic()
        self.wake = asyncio.Event()
        await self._join()
        self.after = await _within_reach(project.pk, after)
        await self.accept()
        self.follower = asyncio.create_task(self._follow())
        open_sockets.inc()

    async def disconnect(self, code: int) -> None:
        if self.follower is not None:
            open_sockets.dec()
            self.follower.cancel()
            with suppress(asyncio.CancelledError):
                await self.follower
        if self.joined:
            await self.channel_layer.group_discard(follower_group(self.project.pk), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        after = _read_message(text_data)
        if after is None:
            await self.close(MALFORMED)
            return
        self.restart = after
        self.wake.set()

    async def events_arrived(self, message: dict[str, Any]) -> None:
        """The hint that `runs.publish` sends through Redis when its transaction has committed."""
        self.wake.set()

    async def _join(self) -> None:
        if settings.REDIS_URL:
            await self.channel_layer.group_add(follower_group(self.project.pk), self.channel_name)
            self.joined = True

    async def _follow(self) -> None:
        """Until cancelled: send what is there, check that the client may still see it, wait."""
        try:
            checked = time.monotonic()
            while True:
                self.wake.clear()
                more = await self._send_batch()
                if time.monotonic() - checked > RECHECK_SECONDS:
                    if not await self._may_stay():
                        return
                    checked = time.monotonic()
                await self._wait(more=more)
        except Exception:
            log.exception("a socket of project %s could not go on", self.project.pk)
            await self.close(BROKEN)

    async def _send_batch(self) -> bool:
        """Send the next events in order; whether there may be more of them already."""
        if self.restart is not None:
            wanted, self.restart = self.restart, None
            self.after = await _within_reach(self.project.pk, wanted)
        messages = await _messages_after(self.project.pk, self.after)
        for message in messages:
            if self.restart is not None:
                return True
            await self.send(text_data=json.dumps(message))
            self.after = message["seq"]
        return len(messages) == BATCH

    async def _first_user(self) -> Person:
        """A ticket is sent on purpose, so it counts before a cookie; one that does not hold is a stranger's."""
        scope: Any = self.scope
        if scope["ticket"] is None:
            return cast("Person", scope["user"])
        self.ticket = await database_sync_to_async(redeem_ticket)(scope["ticket"])
        return await _user_behind(self.ticket)

    async def _user_now(self) -> Person:
        if self.ticket is None:
            stored = {"session": _reloaded(self.scope["session"])}
            return cast("Person", await get_user(cast("Any", stored)))
        if time.monotonic() - self.opened_at > TICKET_SECONDS:
            return AnonymousUser()
        return await _user_behind(self.ticket)

    async def _may_stay(self) -> bool:
        user = await self._user_now()
        if not isinstance(user, User) or not user.is_active:
            await self.close(SIGNED_OUT)
            return False
        if await _project_for(user, self.project.slug) is None:
            await self.close(NOT_VISIBLE)
            return False
        return True

    async def _wait(self, *, more: bool) -> None:
        if more:
            await asyncio.sleep(PAUSE_BETWEEN_BATCHES)
            return
        seconds = POLL_SECONDS_WITH_HINTS if self.joined else POLL_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), timeout=seconds)


def _reloaded(session: Any) -> Any:
    """The session as it is stored now; the one in the scope was read when the socket opened."""
    return type(getattr(session, "_wrapped", session))(session.session_key)


def _read_message(text: str | None) -> int | None:
    """SEQ of {"after": SEQ}; None for anything else."""
    if text is None or len(text) > MAX_MESSAGE:
        return None
    try:
        content = json.loads(text)
    except ValueError:
        return None
    after = content.get("after") if isinstance(content, dict) and len(content) == 1 else None
    if not isinstance(after, int) or isinstance(after, bool):
        return None
    return after if 0 <= after <= MAX_SEQ else None


@database_sync_to_async
def _user_behind(ticket: Ticket | None) -> Person:
    return (ticket and user_behind(ticket)) or AnonymousUser()


@database_sync_to_async
def _project_for(user: Any, slug: str) -> Project | None:
    if isinstance(user, AnonymousUser) or not user.is_active or "\0" in slug:
        return None
    return visible_projects(user).filter(slug=slug).first()


@database_sync_to_async
def _within_reach(project_id: int, after: int) -> int:
    """`after`, or the newest number when that is smaller: a number from another database must not deafen."""
    last = EventSequence.objects.filter(project_id=project_id).values_list("last", flat=True).first()
    return min(after, last or 0)


@database_sync_to_async
def _messages_after(project_id: int, after: int) -> list[dict[str, Any]]:
    events = RunEvent.objects.filter(project_id=project_id, seq__gt=after).order_by("seq")[:BATCH]
    return [dict(data) for data in RunEventSerializer(events, many=True).data]
