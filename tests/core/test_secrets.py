import logging
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from connectors.models import Account
from signalops_site import settings as settings_module
from signalops_site.core.checks import check_encryption_keys
from signalops_site.core.secrets import Sealed, SecretsUnreadable, check_keys, reseal_everything, seal

SECRET = {"access_token": "a-secret-token"}


def key() -> str:
    return Fernet.generate_key().decode()


def stored_tokens() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM connectors_account ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def account(label: str = "main") -> Account:
    return Account.objects.create(
        platform="mastodon", label=label, base_url="https://a.example", credentials=seal(SECRET)
    )


def test_what_is_sealed_opens_again() -> None:
    assert seal(SECRET).open() == SECRET
    assert seal("a text").open() == "a text"


def test_the_same_value_never_looks_the_same() -> None:
    assert seal(SECRET).token != seal(SECRET).token


def test_a_sealed_value_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    sealed = seal(SECRET)
    logging.getLogger("tests").warning("%s %r", sealed, {"credentials": sealed})
    assert "a-secret-token" not in f"{sealed} {sealed!r} {caplog.text}"
    assert sealed.token not in caplog.text


def test_the_database_holds_no_secret_in_the_clear(db: None) -> None:
    row = account()
    (token,) = stored_tokens()
    assert "a-secret-token" not in token
    row.refresh_from_db()
    assert row.credentials is not None
    assert row.credentials.open() == SECRET


def test_a_bare_value_is_not_stored(db: None) -> None:
    with pytest.raises(TypeError, match="seal"):
        Account.objects.create(platform="x", label="main", credentials=SECRET)  # type: ignore[misc]


def test_a_dump_holds_the_encrypted_form_and_is_read_back(db: None) -> None:
    row = account()
    dump = serializers.serialize("json", [row])
    assert "a-secret-token" not in dump
    row.delete()
    for loaded in serializers.deserialize("json", dump):
        loaded.save()
    credentials = Account.objects.get().credentials
    assert credentials is not None
    assert credentials.open() == SECRET


def test_an_older_key_still_opens(settings: Settings) -> None:
    old, new = key(), key()
    settings.FIELD_ENCRYPTION_KEY = old
    sealed = seal(SECRET)
    settings.FIELD_ENCRYPTION_KEY = f"{new}, {old}"
    assert sealed.open() == SECRET
    settings.FIELD_ENCRYPTION_KEY = new
    with pytest.raises(SecretsUnreadable, match="FIELD_ENCRYPTION_KEY"):
        sealed.open()


def test_resealing_brings_everything_to_the_first_key(db: None, settings: Settings) -> None:
    old, new = key(), key()
    settings.FIELD_ENCRYPTION_KEY = old
    first, second = account("first"), account("second")
    second.session = seal({"access": "x"})
    second.save()
    settings.FIELD_ENCRYPTION_KEY = f"{new},{old}"
    assert reseal_everything() == 3
    settings.FIELD_ENCRYPTION_KEY = new
    for row in (first, second):
        row.refresh_from_db()
        assert row.credentials is not None
        assert row.credentials.open() == SECRET
    assert second.session is not None
    assert second.session.open() == {"access": "x"}


def test_resealing_names_what_no_key_opens(db: None) -> None:
    row = Account.objects.create(platform="mastodon", label="lost", credentials=Sealed("lost"))
    with pytest.raises(SecretsUnreadable, match=rf"connectors.Account {row.pk}, credentials"):
        reseal_everything()


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA", "ключ"])
def test_what_was_never_sealed_does_not_open(token: str) -> None:
    with pytest.raises(SecretsUnreadable):
        Sealed(token).open()


@pytest.mark.parametrize("wrong", ["", " , ", "too-short", "x" * 44, "ключ"])
def test_a_wrong_key_is_said_clearly(settings: Settings, wrong: str) -> None:
    settings.FIELD_ENCRYPTION_KEY = wrong
    with pytest.raises(ImproperlyConfigured, match="Fernet"):
        check_keys()
    (error,) = check_encryption_keys()
    assert error.id == "signalops.E007"
    assert wrong.strip(" ,") == "" or wrong not in str(error)


def test_a_good_key_passes_the_check() -> None:
    assert check_encryption_keys() == []


def test_a_development_install_makes_a_key_that_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "DATA_DIR", tmp_path)
    monkeypatch.delenv("FIELD_ENCRYPTION_KEY", raising=False)
    made = settings_module._secret("FIELD_ENCRYPTION_KEY", make=settings_module._fernet_key)
    Fernet(made)
    assert made == settings_module._secret("FIELD_ENCRYPTION_KEY", make=settings_module._fernet_key)
    assert (tmp_path / "field_encryption_key.txt").stat().st_mode & 0o777 == 0o600
