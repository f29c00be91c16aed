import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings as SettingsWrapper


@pytest.fixture
def built(tmp_path: Path, settings: SettingsWrapper) -> Path:
    (tmp_path / "index.html").write_text("<!doctype html><div id=root></div>")
    settings.FRONTEND_DIST = tmp_path
    return tmp_path


@pytest.mark.parametrize("path", ["/", "/queue", "/leads/17", "/apiary", "/settings/a.b"])
def test_every_deep_link_gets_the_page(built: Path, client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert b"id=root" in response.content


def test_the_page_is_never_kept_and_sets_the_csrf_cookie(built: Path, client: Client) -> None:
    response = client.get("/")
    assert response["Cache-Control"] == "no-cache"
    assert "csrftoken" in response.cookies


def test_the_page_may_only_run_our_own_scripts(built: Path, client: Client) -> None:
    policy = client.get("/", headers={"host": "localhost:8000"})["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'self'"
    assert "script-src" not in rules
    assert rules["connect-src"] == "'self' ws://localhost:8000 wss://localhost:8000"
    assert rules["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", ["/api/nowhere", "/static/assets/gone.js", "/ws/pipeline"])
def test_what_is_not_the_dashboards_stays_not_found(built: Path, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_page_is_only_read(built: Path, client: Client) -> None:
    assert client.post("/queue").status_code == 405


def test_without_a_build_the_page_says_what_to_run(
    tmp_path: Path, settings: SettingsWrapper, client: Client
) -> None:
    settings.FRONTEND_DIST = tmp_path / "nothing"
    response = client.get("/")
    assert response.status_code == 503
    assert b"make build" in response.content
    assert not re.search(rb"<script", response.content)
