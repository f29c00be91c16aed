from collections.abc import Iterator
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

PASSWORD = "a long walk by the harbour"


@pytest.fixture(autouse=True)
def no_throttle_memory() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def mara(db: None) -> User:
    return User.objects.create_user("mara", password=PASSWORD, first_name="Mara", last_name="Quay")


def test_a_stranger_is_told_how_to_sign_in(anonymous_api: APIClient, db: None) -> None:
    response = anonymous_api.get("/api/me/")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert [scheme.split()[0] for scheme in response["WWW-Authenticate"].split(", ")] == [
        "Session",
        "Bearer",
        "ApiKey",
    ]


@pytest.fixture
def strict() -> APIClient:
    """A client that checks CSRF, as browsers meet it."""
    return APIClient(enforce_csrf_checks=True)


def sign_in(client: APIClient, **given: str) -> tuple[int, dict[str, object]]:
    token = client.get("/api/auth/csrf/").json()["csrf_token"]
    response = client.post("/api/auth/sign-in/", given, format="json", headers={"X-CSRFToken": token})
    return response.status_code, response.json()


def test_signing_in_opens_a_session_and_says_who_one_is(strict: APIClient, mara: User) -> None:
    assert sign_in(strict, username="mara", password=PASSWORD) == (
        200,
        {"id": mara.pk, "username": "mara", "name": "Mara Quay", "is_superuser": False, "projects": []},
    )
    assert strict.get("/api/me/").json()["username"] == "mara"


def test_the_session_gets_a_new_key_at_sign_in(client: APIClient, mara: User) -> None:
    api = APIClient()
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["planted"] = True
    store.save()
    api.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    assert sign_in(api, username="mara", password=PASSWORD)[0] == 200
    assert api.cookies[settings.SESSION_COOKIE_NAME].value != store.session_key


def test_wrong_unknown_and_closed_get_the_same_answer(strict: APIClient, mara: User) -> None:
    wrong = sign_in(strict, username="mara", password="a short walk")
    unknown = sign_in(strict, username="nobody", password=PASSWORD)
    User.objects.update(is_active=False)
    closed = sign_in(strict, username="mara", password=PASSWORD)
    assert wrong == unknown == closed
    assert wrong[0] == 400


def test_signing_in_needs_a_csrf_token(strict: APIClient, mara: User) -> None:
    given = {"username": "mara", "password": PASSWORD}
    assert strict.post("/api/auth/sign-in/", given, format="json").status_code == 403
    assert strict.get("/api/me/").status_code == 401


def test_writes_of_the_signed_in_need_a_csrf_token(strict: APIClient, mara: User) -> None:
    sign_in(strict, username="mara", password=PASSWORD)
    refused = strict.post("/api/auth/sign-out/")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    token = strict.cookies["csrftoken"].value
    assert strict.post("/api/auth/sign-out/", headers={"X-CSRFToken": token}).status_code == 204
    assert strict.get("/api/me/").status_code == 401


def test_too_many_attempts_are_told_to_wait(
    strict: APIClient, mara: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"sign_in": "2/min"})
    for _ in range(2):
        assert sign_in(strict, username="mara", password="no")[0] == 400
    token = strict.get("/api/auth/csrf/").json()["csrf_token"]
    given = {"username": "mara", "password": PASSWORD}
    response = strict.post("/api/auth/sign-in/", given, format="json", headers={"X-CSRFToken": token})
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["Content-Type"] == "application/problem+json"


def test_an_address_counts_with_and_without_its_last_slash(anonymous_api: APIClient, mara: User) -> None:
    assert anonymous_api.get("/api/health/live").json() == {"status": "live"}
    assert anonymous_api.post("/api/auth/sign-in", {"username": "mara", "password": PASSWORD}).status_code == 415
    given = {"username": "mara", "password": PASSWORD}
    assert anonymous_api.post("/api/auth/sign-in", given, format="json").status_code == 200
    assert anonymous_api.get("/api/me").status_code == 200


def test_ready_says_what_is_missing(anonymous_api: APIClient, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    MigrationRecorder(connection).migration_qs.filter(app="leads").delete()
    response = anonymous_api.get("/api/health/ready/")
    assert response.status_code == 503
    assert "run `manage.py migrate`" in response.json()["detail"]

    def fail(_: object) -> None:
        raise DatabaseError("host db.internal refused")

    monkeypatch.setattr(type(connection.introspection), "table_names", fail)
    response = anonymous_api.get("/api/health/ready/")
    assert response.status_code == 503
    assert "db.internal" not in response.json()["detail"]


def test_the_documentation_needs_nothing_from_elsewhere(anonymous_api: APIClient) -> None:
    response = anonymous_api.get("/api/docs/")
    page = response.content.decode()
    assert "/api/runs/{id}/cancel/" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
