import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from connectors import services
from connectors.management.commands import accounts as command
from connectors.models import Account
from signalops_site.core.models import Project

from .fakes import APP_PASSWORD, TOKEN, BlueskyFake, Fake, MastodonFake
from .oauth_fake import CLIENT_ID, HarbourFake

pytestmark = pytest.mark.usefixtures("reachable", "project")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("accounts", *arguments, stdout=out)
    return out.getvalue()


def results(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(*arguments, "--json"))["results"]
    return found


@pytest.fixture
def account(mastodon: MastodonFake, project: Project) -> Account:
    return services.add_account(
        "mastodon", label="main", credentials=mastodon.credentials(), project=project, by="command:test"
    )


def test_credentials_come_from_the_environment(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    for field, value in fake.credentials().items():
        monkeypatch.setenv(f"{fake.platform}_{field}".upper(), value)
    (added,) = results("add", fake.platform, "--from-env")
    assert (added["state"], added["label"], added["project"]) == ("ok", "main", "tidewater")
    assert Account.objects.get().handle.startswith(fake.handle)


def test_what_is_not_in_the_environment_is_named(bluesky: BlueskyFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BLUESKY_HANDLE", raising=False)
    monkeypatch.delenv("BLUESKY_APP_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="BLUESKY_HANDLE, BLUESKY_APP_PASSWORD"):
        run("add", "bluesky", "--from-env")


def test_credentials_come_from_a_file(fake: Fake, tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps(fake.credentials()))
    (added,) = results("add", fake.platform, "--from-file", str(file), "--label", "second", "--shared")
    assert (added["label"], added["project"]) == ("second", None)


def test_credentials_come_from_standard_input(mastodon: MastodonFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(mastodon.credentials())))
    assert results("add", "mastodon", "--from-file", "-")[0]["state"] == "ok"


def test_a_person_is_asked_and_secrets_are_typed_unseen(
    bluesky: BlueskyFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def typed(answer: str, how: str) -> Callable[[str], str]:
        def answering(words: str) -> str:
            asked.append(how + words)
            return answer

        return answering

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", typed("ada.example", ""))
    monkeypatch.setattr(command, "getpass", typed(APP_PASSWORD, "unseen "))
    run("add", "bluesky")
    assert asked == ["Handle: ", "unseen App password: "]


def test_without_a_terminal_nobody_is_asked(mastodon: MastodonFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="--from-env"):
        run("add", "mastodon")


@pytest.mark.parametrize("content", ["{", "[1]", "\xff"])
def test_a_file_that_is_no_json_object_is_refused_without_showing_it(content: str, tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(CommandError, match="JSON"):
        run("add", "mastodon", "--from-file", str(file))


def test_the_list_shows_health_and_no_secret(account: Account) -> None:
    shown = run("list")
    assert {"mastodon", "main", "ok"} <= set(shown.split())
    assert TOKEN not in shown + json.dumps(results("list", "--project", "tidewater"))


def test_a_test_of_all_fails_when_one_is_refused(account: Account, mastodon: MastodonFake) -> None:
    assert results("test")[0]["state"] == "ok"
    mastodon.revoke()
    with pytest.raises(CommandError, match="Not every account"):
        run("test", str(account.pk))
    account.refresh_from_db()
    assert account.state == "refused"


def test_rotating_replaces_what_is_refused(
    account: Account, mastodon: MastodonFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    mastodon.token = "new"
    monkeypatch.setenv("MASTODON_ACCESS_TOKEN", "still-wrong")
    with pytest.raises(CommandError, match="Nothing was stored"):
        run("rotate", str(account.pk), "--from-env")
    monkeypatch.setenv("MASTODON_ACCESS_TOKEN", "new")
    assert results("rotate", str(account.pk), "--from-env")[0]["state"] == "ok"


def test_an_account_is_forgotten(account: Account) -> None:
    assert "forgotten" in run("remove", str(account.pk))
    assert not Account.objects.exists()


def test_an_account_to_connect_says_where(
    harbour: HarbourFake, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """What may be left out is asked for by nobody."""
    settings.PUBLIC_URL = "https://leads.example"
    monkeypatch.setenv("HARBOUR_CLIENT_ID", CLIENT_ID)
    monkeypatch.delenv("HARBOUR_CLIENT_SECRET", raising=False)
    told = run("add", "harbour", "--from-env")
    assert "press Connect at https://leads.example/p/tidewater/settings/accounts." in told
    assert "https://leads.example/api/connectors/accounts/callback/" in told
    (listed,) = results("list")
    page = "https://leads.example/p/tidewater/settings/accounts"
    assert (listed["state"], listed["connect_at"]) == ("unconnected", page)
    settings.PUBLIC_URL = ""
    assert "https://NAME-OF-THIS-SITE/p/tidewater" in run("list")


def test_one_that_is_connected_does_not(account: Account) -> None:
    assert "Connect" not in run("list")
    assert results("list")[0]["connect_at"] is None


def test_what_may_be_left_out_is_left_out(harbour: HarbourFake, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, str] = {"Client id (may be left out): ": CLIENT_ID}
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda words: asked.get(words, ""))
    monkeypatch.setattr(command, "getpass", lambda words: asked.get(words, ""))
    run("add", "harbour")
    credentials = Account.objects.get().credentials
    assert credentials is not None
    assert credentials.open() == {"client_id": CLIENT_ID}


def test_an_unknown_account_is_said_to_be_unknown(db: None) -> None:
    with pytest.raises(CommandError, match="no account 77"):
        run("test", "77")


def test_a_new_key_takes_over_everything(account: Account, settings: Settings) -> None:
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEY = f"{new},{settings.FIELD_ENCRYPTION_KEY}"
    assert json.loads(run("reseal", "--json")) == {"resealed": 1}
    settings.FIELD_ENCRYPTION_KEY = new
    account.refresh_from_db()
    assert account.credentials is not None
    assert account.credentials.open() == {"access_token": TOKEN}


def test_a_tier_is_recorded_and_listed(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(platform="reddit")
    (recorded,) = results("tier", str(account.pk), "approved")
    assert recorded["tier"] == "approved"
    assert "approved" in run("list")
    with pytest.raises(CommandError, match="has no tier 'gold'"):
        run("tier", str(account.pk), "gold")
