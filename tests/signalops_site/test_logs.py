"""Log lines: one shape for all loggers, with the ids of requests, and without secrets."""

import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings as SettingsWrapper
from rest_framework.test import APIClient

from signalops_site.core.log_context import bound, bound_values
from signalops_site.core.models import AuditEntry, Project
from signalops_site.logs import FIELDS, MASK, LineFormatter, known_secrets, logging_config, wants_json

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"


def attached(*, as_json: bool = True, with_data: bool = False) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(as_json=as_json, with_data=with_data))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    yield from attached()


@pytest.fixture
def log() -> logging.Logger:
    return logging.getLogger("test.logs")


def read(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_when_how_grave_and_where_from(lines: io.StringIO, log: logging.Logger) -> None:
    log.warning("%s of %s", 3, 4)
    (line,) = read(lines)
    assert (line["event"], line["level"], line["logger"]) == ("3 of 4", "warning", "test.logs")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", str(line["at"]))


def test_a_line_is_one_line_whatever_is_in_it(lines: io.StringIO, log: logging.Logger) -> None:
    log.warning("first\nsecond")
    assert len(lines.getvalue().splitlines()) == 1


def test_what_is_bound_is_on_the_lines_of_the_block_and_on_no_other(
    lines: io.StringIO, log: logging.Logger
) -> None:
    with bound(run_id=7, user_id=lambda: None):
        with bound(project="tidewater"):
            log.warning("inner")
        log.warning("outer")
    log.warning("outside")
    inner, outer, outside = read(lines)
    assert (inner["run_id"], inner["project"]) == (7, "tidewater")
    assert outer["run_id"] == 7
    assert not {"project", "user_id"} & outer.keys()
    assert "run_id" not in outside
    assert bound_values() == {}


def test_at_a_terminal_a_person_reads_the_same(log: logging.Logger) -> None:
    for stream in attached(as_json=False):
        log.warning("something", extra={"status": 200})
        assert re.search(r"something.*status=200", re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue()))


@pytest.mark.parametrize(
    "text",
    [
        "GET /ws/pipeline?project=demo&ticket=opensesame",
        "/api/x?access_token=opensesame&page=2",
        "Authorization: Bearer opensesame",
        "{'Cookie': 'sessionid=opensesame; other=1'}",
        "sent with bearer opensesame.opensesame",
        'body {"password": "opensesame"}',
        "api_key=opensesame",
        "postgres://signalops:opensesame@db.internal:5432/signalops",
        "redis://:opensesame@cache.internal/0",
        "null value\nDETAIL:  Failing row contains (1, opensesame\nof two lines).",
    ],
)
def test_what_looks_like_a_secret_is_masked(lines: io.StringIO, log: logging.Logger, text: str) -> None:
    log.warning("%s", text)
    assert "opensesame" not in lines.getvalue()
    assert MASK in lines.getvalue()


def test_ordinary_sentences_stay_as_they_are(lines: io.StringIO, log: logging.Logger) -> None:
    said = [
        "Run 7 of 'demo' is live: process host:12:ab holds it.",
        "https://platform.example/search?page=2&q=tool",
        "CSRF token missing.",
        "3 tokens used, 2 secrets kept",
    ]
    for sentence in said:
        log.warning("%s", sentence)
    assert [line["event"] for line in read(lines)] == said


def test_the_values_of_known_secrets_are_masked_wherever_they_stand(
    settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch, log: logging.Logger
) -> None:
    settings.SECRET_KEY = "keykeykeykey"
    settings.METRICS_TOKEN = "metricsmetrics"
    settings.FIELD_ENCRYPTION_KEY = "fieldfieldone,fieldfieldtwo"
    monkeypatch.setenv("PLATFORM_APP_PASSWORD", "appappappapp")
    secrets = ("keykeykeykey", "metricsmetrics", "fieldfieldone", "fieldfieldtwo", "appappappapp")
    assert set(secrets) <= set(known_secrets())
    for stream in attached():
        try:
            raise NameError("x keykeykeykey y")
        except NameError:
            log.exception("it was %s", " ".join(secrets))
        assert not [secret for secret in secrets if secret in stream.getvalue()]


def test_names_and_short_values_of_the_environment_are_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "true")
    monkeypatch.setenv("SOME_PLACE", "a-long-enough-value")
    assert not {"true", "a-long-enough-value", "sessionid", "csrftoken"} & set(known_secrets())


def test_an_error_is_told_with_its_place_and_cause_and_without_data(
    lines: io.StringIO, log: logging.Logger
) -> None:
    try:
        try:
            int("whispered words")
        except ValueError as cause:
            raise RuntimeError("about whispered words") from cause
    except RuntimeError:
        log.exception("it failed")
    (line,) = read(lines)
    told = str(line["exception"])
    assert "whispered words" not in told.replace('int("whispered words")', "").replace("about whispered words", "")
    assert told.index("ValueError") < told.index("... which led to") < told.index("RuntimeError")
    assert 'test_logs.py", line' in told
    assert told.rstrip().endswith("RuntimeError")


def test_at_debug_an_error_is_told_in_full(log: logging.Logger) -> None:
    for stream in attached(with_data=True):
        try:
            int("whispered" + " words")
        except ValueError:
            log.exception("it failed")
        assert "invalid literal for int() with base 10: 'whispered words'" in stream.getvalue()


def test_a_job_that_failed_is_told_without_its_traceback(lines: io.StringIO) -> None:
    message = "Failed 'leads.tasks.run_pipeline' (four-word-task-name) - whispered words : Traceback (most recent"
    logging.getLogger("django-q").error(message)
    (line,) = read(lines)
    assert (
        line["event"]
        == "Failed 'leads.tasks.run_pipeline' (four-word-task-name). The job's result has its traceback."
    )


def test_every_line_of_a_request_carries_its_id_and_who_asked(
    lines: io.StringIO, operator_api: APIClient, operator: User, project: Project
) -> None:
    response = operator_api.post("/api/runs/", {"project": "nowhere"}, format="json")
    told = read(lines)
    assert {line["request_id"] for line in told} == {response["X-Request-ID"]}
    assert {line["user_id"] for line in told} == {operator.pk}
    request = told[-1]
    assert (request["event"], request["method"], request["route"]) == ("request", "POST", "runs")
    assert request["status"] == response.status_code


def test_an_unexpected_error_is_logged_once_with_the_id_that_the_answer_names(
    lines: io.StringIO, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signalops_site.core.api.sign_in import MeView

    def fail(*_: object) -> None:
        raise ValueError("whispered " + "words")

    monkeypatch.setattr(MeView, "get", fail)
    operator_api.raise_request_exception = False
    response = operator_api.get("/api/me/")
    failure, request = read(lines)
    assert response.json()["detail"].endswith(f"{failure['request_id']}.")
    assert failure["level"] == "error"
    assert request["status"] == 500
    assert "whispered words" not in lines.getvalue()


def test_a_strangers_line_names_nobody(lines: io.StringIO, anonymous_api: APIClient, db: None) -> None:
    anonymous_api.get("/api/leads/")
    (line,) = read(lines)
    assert line["status"] == 401
    assert "user_id" not in line


def test_neither_password_nor_token_of_a_sign_in_is_logged(
    lines: io.StringIO, anonymous_api: APIClient, db: None
) -> None:
    User.objects.create_user("mara", password=PASSWORD)
    given = {"username": "mara", "password": "wrong " + PASSWORD}
    anonymous_api.post("/api/auth/sign-in/", given, format="json")
    anonymous_api.post("/api/auth/sign-in/", given | {"password": PASSWORD}, format="json")
    anonymous_api.get("/api/leads/?ticket=opensesame", headers={"Authorization": "Bearer opensesame"})
    assert len(read(lines)) >= 3
    assert not [secret for secret in (PASSWORD, "opensesame", "sessionid=") if secret in lines.getvalue()]


@pytest.mark.parametrize("given", ["0123456789abcdef", "proxy.made-this_one"])
def test_the_id_of_a_proxy_is_taken_and_given_back(anonymous_api: APIClient, db: None, given: str) -> None:
    assert anonymous_api.get("/api/auth/csrf/", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space in it", 'quote"quote"', "línea-larga"])
def test_an_id_that_is_not_well_formed_is_replaced(anonymous_api: APIClient, db: None, given: str) -> None:
    answered = anonymous_api.get("/api/auth/csrf/", HTTP_X_REQUEST_ID=given)["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", answered)


def test_the_audit_log_has_the_same_id(operator_api: APIClient, project: Project) -> None:
    response = operator_api.post("/api/runs/", {"project": project.slug}, format="json")
    assert AuditEntry.objects.get(action="run.create").request_id == response["X-Request-ID"]


def test_a_line_break_in_an_address_makes_no_line_of_its_own(anonymous_api: APIClient, db: None) -> None:
    for stream in attached(as_json=False):
        anonymous_api.get("/api/leads%0Aforged")
        assert len(stream.getvalue().splitlines()) == 1


def test_addresses_that_machines_ask_all_day_are_for_debug_only(
    lines: io.StringIO, anonymous_api: APIClient, db: None
) -> None:
    anonymous_api.get("/api/health/live/")
    assert lines.getvalue() == ""


def test_a_wrong_level_or_format_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL is one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'"):
        logging_config("LOUD", as_json=True)
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT is one of auto, json, console, not 'xml'"):
        wants_json("xml")


@pytest.mark.parametrize(
    ("asked", "at_a_terminal", "as_json"),
    [("auto", True, False), ("auto", False, True), ("json", True, True), ("console", False, False)],
)
def test_people_at_a_terminal_and_programs_get_what_they_read_best(
    monkeypatch: pytest.MonkeyPatch, asked: str, at_a_terminal: bool, as_json: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: at_a_terminal, raising=False)
    assert wants_json(asked) is as_json


def test_all_loggers_go_through_the_one_handler() -> None:
    config = logging_config("INFO", as_json=True)
    assert list(config["handlers"]) == config["root"]["handlers"] == ["console"]
    assert not [name for name, logger in config["loggers"].items() if logger.get("handlers")]


def test_no_command_pays_for_the_formatter_before_it_writes_a_line() -> None:
    code = "import django, sys; django.setup(); print('structlog' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "signalops_site.settings", "DEVELOPMENT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_every_field_is_documented() -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    names = (*FIELDS, "at", "level", "logger", "event", "exception", "request_id", "user_id", "run_id", "project")
    assert [name for name in names if f"`{name}`" not in page] == []
