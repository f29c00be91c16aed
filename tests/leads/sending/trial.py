"""A trial of sending: workers that are killed at every step, until everything is settled.

    python -m tests.leads.sending.trial ADDRESS DRAFTS WORKERS CAP

Sets up a project with an account at the stand-in, so many approved drafts in the queue, and some that no person
approved. Then rounds of so many workers at once, each a process of its own that dies by SIGKILL at
one of the steps after a few replies; between two rounds, five minutes pass in the database. Prints how it ended.
Uses the database that DATABASE_URL names.
"""

import json
import os
import random
import select
import signal
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

STEPS = (
    "before the commit",
    "after the commit",
    "during the call",
    "before the answer is read",
    "before recording",
)
MANNERS = ("", "", "", "", "", "", "silent", "deaf", "broken", "full", "busy")
DEADLY_ROUNDS, MOST_ROUNDS = 10, 40
PATIENCE = 600.0
"""Seconds for a turn that should take a few, on a machine that is busy."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Killer:
    """Kills its process at one step, once so many claims have been made."""

    def __init__(self, step: str, *, spared: int) -> None:
        self.step = step
        self.left = spared

    def at(self, step: str) -> None:
        if step == self.step and self.left <= 0:
            die()


KILLER = Killer("", spared=0)


def ask(address: str, method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
    """One request over a socket of our own: the process can die between two bytes of it. Status 0: cut."""
    parts = urlsplit(address)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as line:
        if body:
            line.sendall(head + body[:10])
            KILLER.at("during the call")
            line.sendall(body[10:])
            if KILLER.step == "before the answer is read":
                select.select([line], [], [], 10)
            KILLER.at("before the answer is read")
        else:
            line.sendall(head)
        said = b"".join(iter(lambda: line.recv(65536), b""))
    if not said:
        return 0, {}
    top, _, content = said.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(content)


def define_platform() -> None:
    from connectors.access import Credentials, Identity
    from connectors.base import (
        AccountConnector,
        Capability,
        FetchedPage,
        Replying,
        SearchQuery,
        SentReply,
        connectors,
    )
    from connectors.errors import InTrouble, NotSent, NotSure, RateLimited
    from connectors.rules import Mode, PlatformPolicy, Rule

    @connectors.register("pier")
    class Pier(AccountConnector, Replying):
        platform = "pier"
        capabilities = frozenset({Capability.REPLY})
        credentials = Credentials
        default_base_url = "http://pier.example"
        policy = PlatformPolicy(rules=(Rule(Mode.API, "Replies are welcome.", "", date(2026, 11, 23)),))

        def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
            yield FetchedPage(())

        def verify(self) -> Identity:
            return Identity("ada")

        def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
            body = json.dumps({"post": post_id, "text": text, "key": key}).encode()
            status, answer = ask(sys.argv[1], "POST", "/replies", body)
            KILLER.at("before recording")
            match status:
                case 200:
                    return SentReply(answer["id"])
                case 422:
                    raise NotSent("It is full.")
                case 429:
                    raise RateLimited("It is busy.", retry_after=60)
                case 500:
                    raise InTrouble("It is in trouble.")
            raise NotSure("The line was cut.")

        def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
            _, answer = ask(sys.argv[1], "GET", f"/replies?post={quote(post_id)}")
            found = [each for each in answer["replies"] if each["text"] == text]
            return SentReply(found[0]["id"]) if found else None

    connectors.load()  # before the processes part


def set_up(drafts: int, cap: int) -> None:
    """Rows as a person's approvals and sends leave them; and two that nobody approved, queued all the same."""
    from connectors.models import Account
    from leads.models import DraftStatus, Lead
    from signalops_site.core.models import Role
    from signalops_site.core.secrets import seal
    from tests.factories import ModelVersionFactory, ProjectFactory, document, member

    limits = {"max_replies_per_hour": cap, "max_replies_per_day": 10_000}
    given = document(review={"undo_seconds": 0}, rate_limits=limits)
    project = ProjectFactory.create(slug="tidewater", document=given)
    by = member(project, Role.REVIEWER)
    Account.objects.create(platform="pier", label="ours", handle="ada", credentials=seal({}), base_url="x")
    chance = random.Random(7)  # noqa: S311 - no secret
    ids = [f"{number}-{chance.choice(MANNERS)}" for number in range(drafts)]
    model = ModelVersionFactory.create(model_id="local/template")
    for post_ids, status in (
        (ids, DraftStatus.APPROVED),
        (["never-pending"], "pending"),
        (["never-no"], "rejected"),
    ):
        posts = made_posts(post_ids)
        leads = Lead.objects.bulk_create([Lead(project=project, post=post, stage="reviewed") for post in posts])
        queue(leads, status=status, model=model, reviewer=by)


def made_posts(post_ids: list[str]) -> list[Any]:
    from leads.models import Author, Post

    authors = Author.objects.bulk_create(
        [Author(platform="pier", platform_user_id=f"by-{id_}") for id_ in post_ids]
    )
    return Post.objects.bulk_create(
        [
            Post(platform="pier", platform_post_id=id_, author=author, text="Which tool?")
            for id_, author in zip(post_ids, authors, strict=True)
        ]
    )


def queue(leads: list[Any], *, status: str, model: Any, reviewer: Any) -> None:
    from django.utils import timezone

    from leads.models import Delivery, DeliveryMode, Draft
    from leads.sending.authors import digest_of

    decided = {"status": status, "reviewer": reviewer, "decided_at": timezone.now(), "model_version": model}
    drafts = Draft.objects.bulk_create(
        [Draft(lead=lead, text_final=f"Reply to {lead.post.platform_post_id}.", **decided) for lead in leads]
    )
    fixed = {"platform": "pier", "mode": DeliveryMode.API, "queued_by": reviewer}
    Delivery.objects.bulk_create(
        [
            Delivery(draft=draft, project=lead.project, author_digest=digest_of(lead.post.author), **fixed)
            for draft, lead in zip(drafts, leads, strict=True)
        ]
    )


def work(step: str, *, spared: int) -> None:
    """A worker's turn, with death at a step."""
    from leads.sending import claim, worker
    from leads.sending.reconcile import reconcile
    from signalops_site.core import audit
    from signalops_site.core.models import Project

    KILLER.step, KILLER.left = step, spared
    claimed, recorded = claim.claim_delivery, audit.record

    def claim_delivery(*args: Any, **kwargs: Any) -> Any:
        KILLER.left -= 1
        found = claimed(*args, **kwargs)
        if isinstance(found, claim.Claim):
            KILLER.at("after the commit")
        return found

    def record(action: str, **kwargs: Any) -> Any:
        entry = recorded(action, **kwargs)
        if action == "delivery.claim":
            KILLER.at("before the commit")
        return entry

    setattr(worker, "claim_delivery", claim_delivery)  # noqa: B010 - a name that the module imports
    setattr(audit, "record", record)  # noqa: B010
    project = Project.objects.get(slug="tidewater")
    reconcile(project, seconds=PATIENCE)
    worker.send_due(project, seconds=PATIENCE)


def in_a_process(call: Callable[[], None]) -> int:
    """The pid of a child that makes the call and ends."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        call()
        code = 0
    finally:
        os._exit(code)


def wait_for(pids: list[int]) -> list[int]:
    """Exit codes; -9 of those that were killed."""
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def let_time_pass() -> None:
    """What was due within five minutes is due."""
    from django.db.models import F

    from leads.models import Delivery
    from leads.sending.schedule import UNDER_WAY

    Delivery.objects.filter(status__in=UNDER_WAY).update(due_at=F("due_at") - timedelta(minutes=5))


def main(drafts: int, workers: int, cap: int) -> None:
    """Rounds of workers that die, and then of such that do not, until nobody has to look for anything."""
    from leads.models import Delivery

    define_platform()
    assert wait_for([in_a_process(partial(set_up, drafts, cap))]) == [0]
    chance, ends = random.Random(11), Counter[str]()  # noqa: S311 - no secret
    for number in range(MOST_ROUNDS):
        deadly = number < DEADLY_ROUNDS
        steps = [STEPS[(number + n) % len(STEPS)] if deadly else "" for n in range(workers)]
        pids = [in_a_process(partial(work, step, spared=chance.randint(0, most(drafts)))) for step in steps]
        for step, code in zip(steps, wait_for(pids), strict=True):
            ends[step if code == -signal.SIGKILL else f"exit {code}"] += 1
        let_time_pass()
        left = Counter(Delivery.objects.values_list("status", flat=True))
        if not deadly and not left["claimed"] + left["unknown"] and (not left["queued"] or cap < drafts):
            break
    print(json.dumps({"statuses": left, "ends": ends}))  # noqa: T201


def most(drafts: int) -> int:
    """How many a worker may send before it dies: few enough that there is work for all of them."""
    return max(drafts // 40, 1)


if __name__ == "__main__":
    import django

    django.setup()
    main(*map(int, sys.argv[2:]))
