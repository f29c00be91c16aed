from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from signalops_site.core.access.tokens import TokenPair, issue_tokens
from signalops_site.core.models import TokenFamily

PASSWORD = "a long walk by the harbour"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def mara(db: None) -> User:
    return User.objects.create_user("mara", password=PASSWORD)


def asking_with(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def status_with(token: str) -> int:
    return asking_with(token).get("/api/me/").status_code


def renew(token: str) -> tuple[int, dict[str, str]]:
    response = APIClient(enforce_csrf_checks=True).post(
        "/api/auth/token/refresh/", {"refresh": token}, format="json"
    )
    return response.status_code, response.json()


def test_a_program_signs_in_with_a_password_and_acts_with_a_token(mara: User) -> None:
    strict = APIClient(enforce_csrf_checks=True)
    response = strict.post("/api/auth/token/", {"username": "mara", "password": PASSWORD}, format="json")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert set(response.json()) == {"access", "refresh"}
    assert "sessionid" not in response.cookies
    strict.credentials(HTTP_AUTHORIZATION=f"Bearer {response.json()['access']}")
    assert strict.get("/api/me/").json()["username"] == "mara"
    assert strict.post("/api/auth/ws-ticket/").status_code == 200
    mara.refresh_from_db()
    assert mara.last_login is not None


def test_wrong_unknown_and_closed_get_the_answer_of_the_other_sign_in(mara: User) -> None:
    def told(address: str, **given: str) -> object:
        response = APIClient().post(address, given, format="json")
        return response.status_code, response.json()

    User.objects.create_user("cleo", password=PASSWORD, is_active=False)
    answers = [
        told(address, username=name, password=password)
        for address in ("/api/auth/token/", "/api/auth/sign-in/")
        for name, password in (("mara", "a short walk"), ("nobody", PASSWORD), ("cleo", PASSWORD))
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 400  # type: ignore[index]


def test_a_refresh_token_is_good_for_one_new_pair(mara: User) -> None:
    first = issue_tokens(mara)
    status, second = renew(first.refresh)
    assert status == 200
    assert status_with(second["access"]) == 200
    assert renew(second["refresh"])[0] == 200


def test_a_copied_refresh_token_ends_its_whole_family_and_no_other(mara: User) -> None:
    other, first = issue_tokens(mara), issue_tokens(mara)
    _, second = renew(first.refresh)
    status, problem = renew(first.refresh)
    assert (status, problem["type"]) == (401, "urn:signalops:problem:authentication-failed")
    assert renew(second["refresh"])[0] == 401
    assert renew(other.refresh)[0] == 200


def test_a_closed_account_and_a_new_password_end_all_tokens(mara: User) -> None:
    pair = issue_tokens(mara)
    assert status_with(pair.access) == 200
    User.objects.update(is_active=False)
    assert (status_with(pair.access), renew(pair.refresh)[0]) == (401, 401)
    User.objects.update(is_active=True)
    assert status_with(pair.access) == 200
    mara.set_password("a short swim")
    mara.save()
    assert (status_with(pair.access), renew(pair.refresh)[0]) == (401, 401)


def test_a_deleted_user_is_a_stranger(mara: User) -> None:
    pair = issue_tokens(mara)
    mara.delete()
    assert (status_with(pair.access), renew(pair.refresh)[0]) == (401, 401)


def expired_access(pair: TokenPair) -> str:
    token = AccessToken(pair.access)  # type: ignore[arg-type]
    token.set_exp(from_time=timezone.now() - timedelta(minutes=16))
    return str(token)


def test_tokens_are_refused_that_ran_out_were_forged_or_are_of_the_other_kind(mara: User) -> None:
    pair = issue_tokens(mara)
    head, body, _ = pair.access.split(".")
    for text in (expired_access(pair), pair.refresh, f"{head}.{body}.AAAA", f"{head}.{body}.", "x", "", "ü"):
        response = asking_with(text).get("/api/me/")
        assert response.status_code == 401, text
        assert response["Content-Type"] == "application/problem+json"
        assert "Bearer" in response["WWW-Authenticate"]
    for text in (pair.access, "x", str(RefreshToken())):
        assert renew(text)[0] == 401, text


def test_a_bad_token_is_refused_beside_a_good_session(mara: User) -> None:
    client = asking_with("x")
    client.force_login(mara)
    assert client.get("/api/me/").status_code == 401


def test_families_that_ran_out_are_forgotten_at_the_next_sign_in(mara: User) -> None:
    issue_tokens(mara)
    TokenFamily.objects.update(expires_at=timezone.now())
    issue_tokens(mara)
    assert TokenFamily.objects.count() == 1


def test_an_access_token_lives_a_quarter_of_an_hour(mara: User) -> None:
    token = AccessToken(issue_tokens(mara).access)  # type: ignore[arg-type]
    assert token["exp"] - token["iat"] <= 15 * 60
