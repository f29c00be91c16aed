"""Posts as they appear become leads: through cuts, refusals and signals. X is a stand-in on loopback."""

import json
import os
import signal
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pydantic import ValidationError
from pytest_django import Settings

import leads.streaming
from connectors import budgets, services, streaming
from connectors.budgets import Reading, read_months
from connectors.errors import Refused
from connectors.models import Account, AccountState
from leads.models import Lead, LeadQuery, Post
from leads.pipeline.runner import RunOptions
from leads.section import check_leads_sections
from leads.services.runs import run_now
from leads.streaming import NoStream, Streamer, StreamTally
from signalops_site.core.errors import ConfigError
from signalops_site.core.models import AuditEntry, BudgetReservation, Project
from tests.connectors.fakes_x import BASE, XStreamFake
from tests.connectors.standin import Reply, StandIn, reply, running
from tests.factories import ProjectFactory, document

pytestmark = pytest.mark.django_db
RULES = {"enabled": True, "rules": ["invoice lang:en"], "backfill_minutes": 0}


@pytest.fixture
def x(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[XStreamFake]:
    monkeypatch.setattr(streaming, "NETWORK_STEP", 0.001)
    monkeypatch.setattr(streaming, "TROUBLE_FIRST", 0.001)
    monkeypatch.setattr(streaming, "LIMITED_FIRST", 0.001)
    with running() as server:
        settings.PLATFORM_BASE_URLS = {"x": server.url}
        yield fake_at(server)


def fake_at(server: StandIn) -> XStreamFake:
    return XStreamFake(server)


def project_of(
    x: XStreamFake, *, account: bool = True, platforms: dict[str, Any] | None = None, **stream: Any
) -> Project:
    changed = document(stream={**RULES, **stream}, platforms=platforms or {})
    project = ProjectFactory.create(slug="harbour", document=changed)
    if account:
        services.add_account("x", label="main", credentials=x.credentials(), project=project, by="command:test")
    return project


class Watcher:
    """Follows a project's stream until it has told a sentence that holds `until`."""

    def __init__(self, project: Project, *, until: str) -> None:
        self.until, self.told = until, list[str]()
        self.streamer = Streamer(project, by="command:test", tell=self._hear)

    def _hear(self, sentence: str) -> None:
        self.told.append(sentence)
        if self.until in sentence:
            self.streamer.stop()

    def run(self) -> StreamTally:
        return self.streamer.run()


ENDING: list[bytes | float] = [b"\r\n"]
"""A connection that brings nothing and is ended: what tests stop at."""


def stored() -> list[int]:
    return sorted(int(post.platform_post_id) - BASE for post in Post.objects.all())


def test_posts_become_leads_that_the_next_run_judges(x: XStreamFake) -> None:
    x.connections = [[x.sends(1, 2), b"\r\n", x.sends(3)]]
    project = project_of(x)
    assert Watcher(project, until="opened again").run() == StreamTally(read=3, added=3)
    assert stored() == [1, 2, 3]
    assert {label.label for label in LeadQuery.objects.all()} == {"stream"}
    author = Post.objects.all()[0].author
    assert author is not None
    assert (author.handle, author.followers) == ("ada_harbour", 120)
    run_now(project, RunOptions.parse(stages=["normalize", "judge", "score"]), by="command:test")
    assert not Lead.objects.filter(label="", filter_reason="").exists()


def test_over_cuts_nothing_is_lost_and_nothing_is_doubled(x: XStreamFake) -> None:
    """X repeats after a cut what came within the backfill: some of it was there."""
    x.connections = [
        Reply(content=(x.sends(1, 2),), announced=100_000),
        [x.sends(1, 2, 3), x.sends(4)[:40]],
        Reply(drops=True),
        reply({}, 503),
        [x.sends(3, 4, 5)],
    ]
    watcher = Watcher(project_of(x, backfill_minutes=5), until="(nothing stops it)")
    x.connections += [reply({"title": "Unauthorized"}, 401)]
    with pytest.raises(Refused, match="paused"):
        watcher.run()
    assert stored() == [1, 2, 3, 4, 5]
    assert watcher.streamer.tally == StreamTally(read=8, added=5)
    assert {asked.param("backfill_minutes") for asked in x.connected} == {"5"}


def test_an_account_without_backfill_goes_on_without(x: XStreamFake) -> None:
    x.connections = [reply({"title": "Invalid Request"}, 400), [x.sends(1)]]
    watcher = Watcher(project_of(x, backfill_minutes=5), until="opened again")
    watcher.run()
    assert stored() == [1]
    assert [each for each in watcher.told if "no backfill" in each] == [watcher.told[1]]


def test_too_many_connections_are_told_and_waited_for(x: XStreamFake) -> None:
    kind = "https://api.x.com/2/problems/streaming-connection"
    full = {"title": "ConnectionException", "detail": "At the maximum allowed connection limit.", "type": kind}
    x.connections = [reply(full, 429), [x.sends(1)]]
    watcher = Watcher(project_of(x), until="was ended")
    watcher.run()
    assert stored() == [1]
    assert "At the maximum allowed connection limit" in watcher.told[1]


def test_a_refusal_pauses_the_account_with_one_message(x: XStreamFake) -> None:
    project = project_of(x)
    x.revoke()
    with pytest.raises(Refused, match=r"accounts rotate"):
        Watcher(project, until="").run()
    assert Account.objects.get().state == AccountState.REFUSED
    asked = len(x.stand_in.asked)
    with pytest.raises(Refused, match=r"accounts rotate"):
        Watcher(project, until="").run()
    assert len(x.stand_in.asked) == asked


def test_rules_are_the_project_s_with_its_own_tag(
    x: XStreamFake, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("PRODUCT", "tide")
    settings.CONFIG_ENV_ALLOW = frozenset({"PRODUCT"})
    x.connections = [ENDING]
    Watcher(project_of(x, rules=["${PRODUCT} OR sea", "invoice"]), until="opened again").run()
    assert {(each["value"], each["tag"]) for each in x.rules} == {
        ("(tide OR sea) -is:retweet", "signalops:harbour"),
        ("invoice -is:retweet", "signalops:harbour"),
    }


def test_what_is_streamed_is_audited_in_numbers(x: XStreamFake) -> None:
    x.connections = [[x.sends(1, 2)]]
    Watcher(project_of(x), until="opened again").run()
    begun, ended = AuditEntry.objects.filter(action__startswith="stream.").order_by("pk")
    assert (begun.action, begun.fields) == ("stream.begin", {"added": 1, "removed": 0, "kept": 0})
    assert (ended.action, ended.fields) == ("stream.end", {"read": 2, "added": 2})


@pytest.mark.parametrize(
    ("stream", "platforms", "why"),
    [
        ({"enabled": False}, {}, "stream.enabled"),
        ({"rules": []}, {}, "stream.rules"),
        ({}, {"x": {"enabled": False}}, "platforms.x.enabled"),
    ],
)
def test_what_is_switched_off_is_not_followed(
    x: XStreamFake, stream: dict[str, Any], platforms: dict[str, Any], why: str
) -> None:
    project = project_of(x, account=False, platforms=platforms, **stream)
    with pytest.raises(NoStream, match=why):
        Watcher(project, until="").run()
    assert x.stand_in.asked == []
    assert not AuditEntry.objects.filter(action__startswith="stream.").exists()


def test_an_unset_variable_in_a_rule_is_an_error_before_anything_is_asked(x: XStreamFake) -> None:
    with pytest.raises(ConfigError, match="NOBODY"):
        Watcher(project_of(x, account=False, rules=["${NOBODY}"]), until="").run()
    assert x.stand_in.asked == []


# ---------------------------------------------------------------- the account's budget


def limit(posts: int | None) -> Account:
    return services.set_read_budget(Account.objects.get(), posts=posts, usd=None, by="command:test")


def read() -> int:
    account = Account.objects.get()
    return read_months([account])[account.pk].posts


def test_what_is_streamed_counts_also_what_others_asked_for(x: XStreamFake) -> None:
    x.connections = [[x.sends(1, 2), 0.05, x.sends(3, rule="99")]]
    assert Watcher(project_of(x), until="opened again").run() == StreamTally(read=2, added=2)
    assert read() == 3
    assert not BudgetReservation.objects.exists()


def test_a_spent_budget_pauses_the_stream_until_it_is_raised(
    x: XStreamFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leads.streaming, "LOOK_AGAIN", 0.01)
    x.connections = [[x.sends(1, 2), 0.3, x.sends(3)], [x.sends(4)]]
    watcher = Watcher(project_of(x), until="opened again")
    limit(2)
    hear = watcher.streamer.tell

    def raise_it(sentence: str) -> None:
        hear(sentence)
        if "pauses" in sentence:
            assert stored() == [1, 2]
            limit(10)

    watcher.streamer.tell = raise_it
    watcher.run()
    assert (stored(), read(), len(x.connected)) == ([1, 2, 4], 3, 2)
    (why,) = [each for each in watcher.told if "pauses" in each]
    assert "is spent (2 posts)" in why
    assert "until then, or until it is raised" in why
    assert [each for each in watcher.told if "goes on." in each] == [
        "The account may read again: the stream goes on."
    ]


def test_with_a_budget_that_is_spent_nothing_is_connected(x: XStreamFake) -> None:
    project = project_of(x)
    limit(0)
    Watcher(project, until="pauses").run()
    assert (x.connected, stored()) == ([], [])


def test_what_runs_have_reserved_is_waited_for(x: XStreamFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "HELD_FOR", 0.01)
    x.connections = [[x.sends(1)]]
    watcher = Watcher(project_of(x), until="opened again")
    of_a_run = Reading(limit(5), wanted=5)
    hear = watcher.streamer.tell

    def give_back(sentence: str) -> None:
        hear(sentence)
        if "pauses" in sentence:
            of_a_run.end()

    watcher.streamer.tell = give_back
    watcher.run()
    assert (stored(), read()) == ([1], 1)


# ---------------------------------------------------------------- the command


def signalled(sent: bytes, number: int) -> Reply:
    """A connection over which posts come, and a little later a signal to who listens; then it stays open."""

    def pieces() -> Iterator[bytes]:
        yield sent
        time.sleep(0.3)
        os.kill(os.getpid(), number)
        time.sleep(10)

    return Reply(content=pieces())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_and_keeps_what_came(x: XStreamFake, number: int) -> None:
    x.connections = [signalled(x.sends(1, 2), number)]
    project_of(x)
    before, began = signal.getsignal(number), time.monotonic()
    out = StringIO()
    call_command("streamposts", "--project", "harbour", "--json", stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue()) == {"read": 2, "added": 2}
    assert stored() == [1, 2]
    assert signal.getsignal(number) is before
    assert time.monotonic() - began < 8


def test_the_command_says_what_is_switched_off(x: XStreamFake) -> None:
    project_of(x, account=False, enabled=False)
    with pytest.raises(CommandError, match=r"`stream.enabled` is false") as caught:
        call_command("streamposts", "--project", "harbour")
    assert caught.value.returncode == 1


def test_without_an_account_the_command_says_how_to_get_one(x: XStreamFake) -> None:
    project_of(x, account=False)
    with pytest.raises(CommandError, match="accounts add x"):
        call_command("streamposts", "--project", "harbour")


def test_a_person_reads_how_it_went(x: XStreamFake) -> None:
    x.connections = [signalled(x.sends(1), signal.SIGTERM)]
    project_of(x)
    out, err = StringIO(), StringIO()
    call_command("streamposts", "--project", "harbour", stdout=out, stderr=err)
    assert out.getvalue() == "Stopped. 1 posts were read; 1 are new leads of harbour.\n"
    assert "Rules: 1 added, 0 removed, 0 as they were." in err.getvalue()


# ---------------------------------------------------------------- project.yaml


@pytest.mark.parametrize(
    ("stream", "wrong"), [({"enabled": True}, True), ({"enabled": False}, False), (RULES, False)]
)
def test_a_stream_without_rules_is_found_when_the_project_is_checked(stream: dict[str, Any], wrong: bool) -> None:
    problems = check_leads_sections(document(stream=stream))
    assert ("stream.rules" in [problem.path for problem in problems]) is wrong


@pytest.mark.parametrize("minutes", [-1, 6])
def test_x_repeats_five_minutes_at_most(minutes: int) -> None:
    with pytest.raises(ValidationError, match=r"stream\.backfill_minutes"):
        document(stream={**RULES, "backfill_minutes": minutes})
