"""docs/api.md: its examples run in a shell against a server, and what it says of messages and errors is so."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from leads.models import Draft, DraftStatus, HumanLabel
from signalops_site.core import consumers
from signalops_site.core.models import ApiKey, Project, Role, Run, RunStatus
from signalops_site.core.problems import TITLES
from signalops_site.core.serializers import RunEventSerializer
from signalops_site.documentation import endpoints
from tests.factories import DraftFactory, LeadFactory, ProjectFactory, member

from .pages import PAGES, ROOT, blocks_of

PAGE = PAGES["docs/api.md"]
SCRIPT = "\n".join(block.text for block in blocks_of("docs/api.md") if block.language == "sh")
MESSAGES: list[dict[str, Any]] = [
    json.loads(block.text) for block in blocks_of("docs/api.md") if block.language == "json"
]
PASSWORD = "a-password-for-this-test-alone"


@pytest.fixture
def demo(transactional_db: None) -> Project:
    """The demo project with an operator, two good leads, and a draft that waits."""
    project = ProjectFactory.create(slug="demo")
    operator = member(project, Role.OPERATOR, username="operator")
    operator.set_password(PASSWORD)
    operator.save()
    DraftFactory.create(lead=LeadFactory.create(project=project, score=90))
    LeadFactory.create(project=project, score=80)
    return project


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_examples_run(demo: Project, live_server: LiveServer, tmp_path: Path) -> None:
    given = {"SIGNALOPS_URL": live_server.url, "USERNAME": "operator", "PASSWORD": PASSWORD}
    done = subprocess.run(
        ["sh", "-eu"],
        input=SCRIPT,
        env={**os.environ, **given, "NO_PROXY": "*", "no_proxy": "*"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    key = ApiKey.objects.get()
    assert (key.name, key.role, key.all_projects) == ("nightly report", Role.REVIEWER, False)
    assert key.last_used_at is not None
    assert HumanLabel.objects.filter(reason="Asks for exactly this.").count() == 1
    assert list(Draft.objects.values_list("status", flat=True)) == [DraftStatus.PENDING]
    run = Run.objects.get()
    assert (run.status, run.options["stages"]) == (RunStatus.QUEUED, ["score"])
    assert '"username":"operator"' in done.stdout.replace(" ", "")
    refused, _ = json.JSONDecoder().raw_decode(done.stdout, done.stdout.index('{"type": "urn:signalops:problem'))
    assert refused == MESSAGES[0]


def test_every_kind_of_request_has_an_example() -> None:
    shown = set(re.findall(r"\$SIGNALOPS_URL(/api/[a-z-]+/)", SCRIPT))
    assert {"/api/auth/", "/api/keys/", "/api/leads/", "/api/queue/", "/api/runs/", "/api/me/"} <= shown
    for way in ("X-API-Key: ", "Authorization: Bearer ", "X-CSRFToken: "):
        assert way in SCRIPT


def test_a_message_of_the_socket_has_these_keys() -> None:
    assert list(MESSAGES[1]) == list(RunEventSerializer().fields)


def test_every_type_of_message_is_told() -> None:
    (table,) = re.findall(r"^\| type \| says \|\n\|[ -|]+\n((?:\|.*\n)+)", PAGE, flags=re.MULTILINE)
    types: Any = RunEventSerializer().fields["type"]
    assert set(re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE)) == set(types.choices)


def test_every_close_code_is_told() -> None:
    codes = {consumers.MALFORMED, consumers.SIGNED_OUT, consumers.NOT_VISIBLE, consumers.BROKEN}
    assert {code for code in codes if str(code) in PAGE} == codes


def test_every_status_that_is_told_is_one_of_ours() -> None:
    told = {int(status) for status in re.findall(r"^\| (\d{3}) \|", PAGE, flags=re.MULTILINE)}
    assert told <= set(TITLES)
    assert told >= {400, 401, 403, 404, 409, 422, 429, 503}


def test_every_endpoint_of_the_schema_is_in_the_table() -> None:
    assert endpoints.api_page() == PAGE, "run `make docs`"
    schema = json.loads((ROOT / "frontend" / "openapi.json").read_text(encoding="utf-8"))
    offered = {(method.upper(), path) for path, methods in schema["paths"].items() for method in methods}
    told = set(re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `([^`]+)` \|", PAGE, flags=re.MULTILINE))
    assert told == offered
    assert len(told) > 20
