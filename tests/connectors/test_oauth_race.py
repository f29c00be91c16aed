"""Several workers need a fresh token at once: one asks for it, and the refresh token is never used twice.

The token server counts, and ends everything when a refresh token comes a second time, as X's does. Its answers
take a while, so that whoever does not wait is found out.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from connectors import http, sessions
from connectors.access import Access
from connectors.errors import ConnectorError, NoAnswer
from connectors.models import Account
from connectors.oauth import OAuthSession
from connectors.sessions import LEASE, LONGEST_WAIT, StoredSession
from signalops_site.core.secrets import seal

from .oauth_fake import HARBOUR, Grant, HarbourCredentials, HarbourFake

ROOT = Path(__file__).resolve().parents[2]
WORKERS, TURNS = 3, 4

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.connectors.test_oauth_race import unconnected
print(unconnected().pk)
"""

ASK = """
import django; django.setup()
import json, sys, time
from connectors.models import Account
from tests.connectors.test_oauth_race import TURNS, flow_of
url, start = sys.argv[1], float(sys.argv[2])
time.sleep(max(0, start - time.time()))
flow, token, tokens = flow_of(Account.objects.get(), url), "", []
for _ in range(TURNS):
    token = flow.token(refused=token)
    tokens.append(token)
print(json.dumps(tokens))
"""

TAKE = """
import django; django.setup()
import sys, time
from django.contrib.auth.models import User
from connectors.connecting import UnknownState, take_attempt
user = User.objects.get()
time.sleep(max(0, float(sys.argv[2]) - time.time()))
try:
    take_attempt(sys.argv[1], by=user, session_key="a")
    print("taken")
except UnknownState:
    print("unknown")
"""

BEGIN = """
import django; django.setup()
from django.contrib.auth.models import User
from connectors.connecting import begin_attempt
from connectors.models import Account
user = User.objects.create(username="ada")
back = "https://leads.example/"
print(begin_attempt(Account.objects.get(), by=user, session_key="a", redirect_uri=back).state)
"""


def unconnected() -> Account:
    return Account.objects.create(
        platform="harbour", label="main", base_url="https://harbour.example", credentials=seal({})
    )


def over(harbour: HarbourFake) -> dict[str, Any]:
    """A session whose access token has ended, as the server knows it."""
    harbour.grants.append(Grant("tweet.read offline.access", access="access-0", refresh="refresh-token-0"))
    ended = timezone.now() - timedelta(seconds=1)
    return {"access_token": "access-0", "refresh_token": "refresh-token-0", "expires_at": ended.isoformat()}


def flow_of(account: Account, url: str) -> OAuthSession:
    credentials = HarbourCredentials.model_validate(
        {"client_id": "harbour-client:7", "client_secret": "a secret/with+signs&more"}
    )
    return OAuthSession("harbour", HARBOUR, Access(url, credentials, session=StoredSession(account)))


def check_what_was_counted(harbour: HarbourFake, told: list[list[str]]) -> None:
    """Every renewal used the token that the one before it brought, and nobody was handed one that is over."""
    assert harbour.reused == 0
    assert not harbour.grants[0].is_over
    assert len(harbour.refreshes) == len(set(harbour.refreshes)) == harbour.issued
    assert TURNS <= harbour.issued <= WORKERS * TURNS
    assert {token for tokens in told for token in tokens} <= {
        f"access-token-{number}" for number in range(1, harbour.issued + 1)
    }


class OnAFile:
    """Processes of their own on one SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "SIGNALOPS_DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'race.sqlite3'}",
            "DEVELOPMENT": "1",
            "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
            "PYTHONPATH": str(ROOT),
        }

    def begin(self, code: str, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.Popen(command, env=self.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE)

    def run(self, code: str, *arguments: str) -> str:
        return finish(self.begin(code, *arguments))


def finish(process: "subprocess.Popen[str]") -> str:
    printed = process.communicate(timeout=120)[0]
    assert process.returncode == 0
    return printed.strip()


@pytest.fixture
def on_a_file(tmp_path: Path) -> OnAFile:
    database = OnAFile(tmp_path)
    database.run(PREPARE)
    return database


STORE = """
import django; django.setup()
import json, sys
from connectors.models import Account
from connectors.sessions import StoredSession
StoredSession(Account.objects.get()).save(json.loads(sys.argv[1]))
"""


def test_processes_on_one_file_use_each_refresh_token_once(on_a_file: OnAFile, harbour: HarbourFake) -> None:
    on_a_file.run(STORE, json.dumps(over(harbour)))
    harbour.takes = 0.2
    start = str(time.time() + 6)
    workers = [on_a_file.begin(ASK, harbour.stand_in.url, start) for _ in range(WORKERS)]
    check_what_was_counted(harbour, [json.loads(finish(worker)) for worker in workers])


def test_of_processes_that_bring_one_state_one_gets_it(on_a_file: OnAFile) -> None:
    state = on_a_file.run(BEGIN)
    start = str(time.time() + 5)
    told = [finish(worker) for worker in [on_a_file.begin(TAKE, state, start) for _ in range(WORKERS)]]
    assert sorted(told) == ["taken", "unknown", "unknown"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one connection of a test in memory")
@pytest.mark.django_db(transaction=True)
def test_threads_on_postgresql_use_each_refresh_token_once(harbour: HarbourFake) -> None:
    account = unconnected()
    StoredSession(account).save(over(harbour))
    harbour.takes = 0.1

    def ask(_: int) -> list[str]:
        flow, token, tokens = flow_of(account, harbour.stand_in.url), "", []
        try:
            for _turn in range(TURNS):
                token = flow.token(refused=token)
                tokens.append(token)
        finally:
            connection.close()
        return tokens

    with ThreadPoolExecutor(WORKERS) as pool:
        check_what_was_counted(harbour, list(pool.map(ask, range(WORKERS))))


# ---------------------------------------------------------------- the lease


@pytest.fixture
def account(db: None) -> Account:
    return unconnected()


def renewing(session: dict[str, Any]) -> Callable[[Any], Any]:
    return lambda _: session


def never(_: object) -> bool:
    return False


def test_a_lease_outlasts_the_slowest_answer() -> None:
    assert LEASE.total_seconds() > http.DEADLINE + (http.TIMEOUTS.connect or 0) + 10
    assert http.DEADLINE < LONGEST_WAIT < LEASE.total_seconds()


def test_it_is_given_back_also_when_the_renewal_breaks(account: Account) -> None:
    store = StoredSession(account)
    store.save({"token": "old"})

    def broken(_: object) -> dict[str, Any]:
        account.refresh_from_db()
        assert account.session_lease
        raise NoAnswer("cut")

    with pytest.raises(NoAnswer):
        store.renew(broken, unless=never)
    account.refresh_from_db()
    assert (account.session_lease, account.session_lease_ends_at) == ("", None)
    assert store.renew(renewing({"token": "new"}), unless=never) == {"token": "new"}


def test_one_that_a_killed_process_left_ends_by_itself(account: Account) -> None:
    Account.objects.update(session_lease="dead", session_lease_ends_at=timezone.now())
    assert StoredSession(account).renew(renewing({"token": "new"}), unless=never) == {"token": "new"}


def test_who_waits_too_long_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(sessions, "POLL", 0.01)
    Account.objects.update(session_lease="alive", session_lease_ends_at=timezone.now() + LEASE)
    with pytest.raises(ConnectorError, match="Another process"):
        StoredSession(account).renew(renewing({}), unless=never)


def test_what_another_made_while_one_waited_is_used(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    store = StoredSession(account)
    Account.objects.update(session_lease="alive", session_lease_ends_at=timezone.now() + LEASE)
    monkeypatch.setattr("connectors.sessions.time.sleep", lambda _: store.save({"token": "theirs"}))
    assert store.renew(renewing({"token": "mine"}), unless=bool) == {"token": "theirs"}


def test_what_another_made_just_before_is_used(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking and taking the lease."""
    store, take = StoredSession(account), StoredSession._take

    def taken(mine: StoredSession) -> str:
        mine.save({"token": "theirs"})
        return take(mine)

    monkeypatch.setattr(StoredSession, "_take", taken)
    assert store.renew(renewing({"token": "mine"}), unless=bool) == {"token": "theirs"}


def test_a_renewal_is_dropped_when_the_account_was_connected_anew_meanwhile(account: Account) -> None:
    store = StoredSession(account)

    def connected_meanwhile(_: object) -> dict[str, Any]:
        Account.objects.update(session=seal({"token": "connected"}), **sessions.NO_LEASE)
        return {"token": "of the consent before"}

    assert store.renew(connected_meanwhile, unless=never) == {"token": "connected"}
