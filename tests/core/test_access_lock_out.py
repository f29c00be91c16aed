from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import F
from django.test import Client, RequestFactory
from pytest_django import Settings
from rest_framework.test import APIClient

from signalops_site.core.access.lock_out import client_address
from signalops_site.core.models import AuditEntry

PASSWORD = "a long walk by the harbour"
SESSION, TOKEN = "/api/auth/sign-in/", "/api/auth/token/"


WRONG = "a short walk"


@pytest.fixture(autouse=True)
def no_throttle_memory(settings: Settings) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of attempts
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def mara(db: None) -> User:
    return User.objects.create_user("mara", password=PASSWORD, is_staff=True, is_superuser=True)


def attempt(address: str, *, name: str = "mara", password: str = WRONG, **environ: Any) -> Any:
    given = {"username": name, "password": password}
    return APIClient().post(address, given, format="json", **environ)


def lock(name: str = "mara", **environ: str) -> None:
    for _ in range(5):
        attempt(TOKEN, name=name, **environ)


@pytest.mark.parametrize("address", [SESSION, TOKEN])
def test_the_fifth_wrong_password_locks_and_the_right_one_does_not_open(mara: User, address: str) -> None:
    assert [attempt(address).status_code for _ in range(5)] == [400, 400, 400, 400, 429]
    response = attempt(address, password=PASSWORD)
    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:signalops:problem:locked-out"
    assert 14 * 60 < int(response["Retry-After"]) <= 15 * 60
    assert not response.cookies


def test_every_way_to_sign_in_is_locked_at_once(mara: User) -> None:
    lock()
    assert attempt(SESSION, password=PASSWORD).status_code == 429
    page = Client().post("/admin/login/", {"username": "mara", "password": PASSWORD})
    assert page.status_code == 429
    assert page["Content-Type"].startswith("text/plain")
    assert int(page["Retry-After"]) > 0
    assert "sessionid" not in page.cookies


def test_the_admins_sign_in_counts_too(mara: User) -> None:
    for _ in range(5):
        Client().post("/admin/login/", {"username": "mara", "password": "wrong"})
    assert attempt(TOKEN, password=PASSWORD).status_code == 429


def test_a_name_that_does_not_exist_is_locked_with_the_same_words(mara: User) -> None:
    def told(name: str) -> list[tuple[int, object]]:
        answers = [attempt(SESSION, name=name) for _ in range(7)]
        return [(answer.status_code, answer.json()) for answer in answers]

    assert told("mara") == told("nobody")


def test_attempts_on_a_locked_name_do_not_lengthen_the_lock(mara: User) -> None:
    lock()
    before = AccessAttempt.objects.values_list("attempt_time", "failures_since_start").get()
    for _ in range(3):
        attempt(TOKEN)
    assert AccessAttempt.objects.values_list("attempt_time", "failures_since_start").get() == before


def test_a_lock_opens_by_itself_after_its_time(mara: User) -> None:
    lock()
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=15, seconds=1))
    assert attempt(TOKEN, password=PASSWORD).status_code == 200


def test_an_administrator_can_open_a_lock_at_once(mara: User) -> None:
    lock()
    call_command("axes_reset_username", "mara", verbosity=0)
    assert attempt(TOKEN, password=PASSWORD).status_code == 200


@pytest.mark.parametrize("address", [SESSION, TOKEN])
def test_a_right_password_forgets_the_wrong_ones_before_it(mara: User, address: str) -> None:
    for _ in range(2):
        for _ in range(4):
            assert attempt(address).status_code == 400
        assert attempt(address, password=PASSWORD).status_code == 200


def test_nobody_locks_another_out_from_elsewhere(mara: User) -> None:
    lock(REMOTE_ADDR="203.0.113.9")
    assert attempt(TOKEN, password=PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert attempt(TOKEN, password=PASSWORD, REMOTE_ADDR="203.0.113.10").status_code == 200


def test_another_browser_on_the_same_address_is_no_way_round(mara: User) -> None:
    for number in range(5):
        attempt(TOKEN, HTTP_USER_AGENT=f"browser {number}")
    assert attempt(TOKEN, password=PASSWORD).status_code == 429


def test_a_forged_forwarding_header_is_no_way_round(mara: User) -> None:
    for number in range(5):
        attempt(TOKEN, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert attempt(TOKEN, password=PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.77").status_code == 429


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", None),
        ("a socket", None),
    ],
)
def test_an_ipv6_line_counts_as_one_address(given: str, counted: str | None) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=given)) == counted


def test_behind_a_proxy_the_last_address_that_it_saw_counts(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9")
    assert client_address(request) == "203.0.113.9"


def test_a_lock_is_one_entry_of_the_audit_log(mara: User) -> None:
    lock()
    attempt(TOKEN)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_name, entry.target_type, entry.target_id) == (
        "sign_in.lock_out",
        "job:sign_in",
        "auth.user",
        str(mara.pk),
    )
    assert entry.fields == {"failures": 5}


def test_the_audit_log_does_not_keep_a_name_that_nobody_has(mara: User) -> None:
    lock("a-password-by-mistake")
    entry = AuditEntry.objects.get()
    assert (entry.target_type, entry.target_id, entry.fields) == ("", "", {"failures": 5})


def test_passwords_are_kept_nowhere(mara: User) -> None:
    Client().post("/admin/login/", {"username": "mara", "password": "wrong-by-a-letter"})
    attempt(TOKEN, password="wrong-by-a-letter")
    assert "wrong-by-a-letter" not in str(list(AccessAttempt.objects.values()))
