"""Neither the audit log nor the log lines hold what people wrote: one walk of marked texts through everything."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError
from rest_framework.test import APIClient

from leads.judges.keyword import MODEL_ID
from leads.models import Draft, Lead
from leads.pipeline.runner import RunOptions
from leads.pipeline.stages import draft as draft_stage
from leads.services.imports import check_file, import_posts
from leads.services.labels import label_lead
from leads.services.review import approve_draft, edit_draft, reject_draft
from leads.services.runs import run_now
from leads.services.undoing import undo_decision
from signalops_site.core.audit_chains import check_chains
from signalops_site.core.erasing import ErasureRequest, erase_person
from signalops_site.core.models import AuditEntry, Project, Role, Run, RunStatus
from signalops_site.logs import LineFormatter
from tests.factories import ProjectFactory, document, member

pytestmark = pytest.mark.django_db

POST, HANDLE, WRITTEN, REASON, BETTER = "quokkapost", "quokkahandle", "quokkadraft", "quokkareason", "quokkabetter"
ROUNDS = 3


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a server at LOG_LEVEL=INFO writes, of every logger."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.INFO)
    handler.setFormatter(LineFormatter(as_json=True))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.fixture
def marked(db: None) -> Project:
    chosen = document(
        queries=[{"text": "none", "label": "none", "platform": "sample", "enabled": False}],
        llm={"judge_model": MODEL_ID},
        drafts={"min_score": 0, "top_per_run": 10},
        notifications={"min_score_to_notify": 0},
    )
    return ProjectFactory.create(slug="tidewater", document=chosen)


def import_marked(project: Project, folder: Path, *, first: int = 1) -> None:
    """Three posts, each by another author, that all three ask for the product."""
    path = folder / "posts.jsonl"
    numbers = range(first, first + ROUNDS)
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    "id": f"{number}",
                    "text": f"{POST} number {number}: I am looking for an invoicing tool, any ideas?",
                    "lang": "en",
                    "author": {"id": f"a{number}", "handle": f"{HANDLE}{number}", "followers": 500},
                }
            )
            for number in numbers
        )
    )
    list(import_posts(project, check_file(path), by="command:importposts", query_label="asked"))


def everything_audited() -> str:
    return json.dumps(list(AuditEntry.objects.values()), default=str).lower()


def log_lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def walk(project: Project, folder: Path) -> Run:
    import_marked(project, folder)
    return run_now(project, RunOptions(), by="command:runpipeline")


def review_everything(project: Project) -> None:
    person = member(project, Role.REVIEWER)
    first, second, third = Draft.objects.order_by("pk")
    approve_draft(first, by=person)
    undo_decision(first, by=person)
    edit_draft(second, text=f"{WRITTEN}: have a look at Tidewater.", by=person)
    reject_draft(third, by=person, reason=f"not_relevant: {REASON}", better_text=f"{BETTER} instead")
    label_lead(first.lead, label="maybe", by=person, reason=REASON)


def test_no_text_of_anybody_gets_into_the_audit_log(
    marked: Project, tmp_path: Path, lines: io.StringIO, superuser: User
) -> None:
    assert walk(marked, tmp_path).status == RunStatus.SUCCEEDED
    assert Draft.objects.count() == ROUNDS, "there is something to leak"
    review_everything(marked)
    platform = Lead.objects.values_list("post__platform", flat=True)[0]
    erase_person(ErasureRequest(platform, handle=f"{HANDLE}2"), by=superuser)
    call_command(
        "importproject", Path(__file__).resolve().parents[2] / "projects" / "demo.yaml", stdout=io.StringIO()
    )
    for told in (everything_audited(), lines.getvalue().lower()):
        assert not [mark for mark in (POST, HANDLE, WRITTEN, REASON, BETTER) if mark in told]
    assert all(check.report.is_intact for check in check_chains())


def test_each_act_leaves_its_entry(marked: Project, tmp_path: Path, superuser: User) -> None:
    walk(marked, tmp_path)
    review_everything(marked)
    erase_person(ErasureRequest("file", handle=f"{HANDLE}2"), by=superuser)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions >= {
        "posts.import_begin", "posts.import", "run.create", "run.stage", "run.finish", "draft.approve",
        "draft.undo", "draft.edit", "draft.reject", "lead.label", "person.erase",
    }  # fmt: skip
    staged = AuditEntry.objects.filter(action="run.stage").order_by("sequence").values_list("fields", flat=True)
    assert [fields["stage"] for fields in staged] == ["collect", "normalize", "judge", "score", "notify", "draft"]


def test_an_import_that_breaks_off_has_left_its_entry(
    marked: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leads.services import imports

    monkeypatch.setattr(imports, "BATCH", 2)
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(json.dumps({"id": str(n), "text": f"text {n}"}) for n in range(5)))
    batches = import_posts(marked, check_file(path), by="command:importposts", query_label="asked")
    next(batches)
    del batches  # as when somebody breaks off
    assert Lead.objects.count() == 2
    assert AuditEntry.objects.values_list("action", "fields").get() == ("posts.import_begin", {"posts": 5})


class Diagnostics:
    """What psycopg knows of a refused row."""

    sqlstate, table_name, column_name, constraint_name = "23514", "leads_draft", None, "draft_status_known"


def failing_with(error: Exception) -> object:
    def process(self: object, context: object) -> None:
        raise error

    return process


def refused_row() -> DatabaseError:
    error = DatabaseError(f'violates check constraint\nDETAIL:  Failing row contains (7, "{POST} {HANDLE}1").')
    error.__cause__ = Exception(str(error))
    error.__cause__.diag = Diagnostics()  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    "case",
    [
        (
            refused_row(),
            "DatabaseError: sqlstate 23514, table_name leads_draft, constraint_name draft_status_known",
        ),
        (ValueError(f"cannot read {POST}"), "ValueError in tests/core/test_audit_texts.py, line "),
        (KeyError(HANDLE), "KeyError in tests/core/test_audit_texts.py, line "),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
    ids=lambda case: type(case[0]).__name__,
)
def test_a_run_that_fails_tells_of_the_error_and_not_of_the_data(
    marked: Project,
    tmp_path: Path,
    lines: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[Exception, str],
) -> None:
    error, told = case
    monkeypatch.setattr(draft_stage.DraftStage, "process", failing_with(error))
    run = walk(marked, tmp_path)
    assert run.status == RunStatus.FAILED
    assert run.error.startswith(told)
    failure = next(line for line in log_lines(lines) if line["level"] == "error")
    assert type(error).__name__ in str(failure["exception"])
    assert not [mark for mark in (POST, HANDLE) if mark in lines.getvalue() + run.error + str(run.stages)]


def test_every_line_of_a_run_names_the_run_and_its_project(
    marked: Project, tmp_path: Path, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = draft_stage.DraftStage.process

    def process(self: draft_stage.DraftStage, context: object) -> None:
        logging.getLogger("some.package").warning("in the middle")
        original(self, context)  # type: ignore[arg-type]
        raise RuntimeError

    monkeypatch.setattr(draft_stage.DraftStage, "process", process)
    run = walk(marked, tmp_path)
    told = log_lines(lines)
    assert {line["event"] for line in told} >= {"in the middle", f"run {run.pk} failed"}
    assert {(line.get("run_id"), line.get("project")) for line in told} == {(run.pk, "tidewater")}


def test_a_search_for_words_of_a_post_is_not_logged(lines: io.StringIO, operator_api: APIClient) -> None:
    operator_api.get("/api/leads/", {"q": POST, "author": HANDLE})
    (told,) = log_lines(lines)
    assert (told["route"], told["path"]) == ("lead-list", "/api/leads/")
    assert not [mark for mark in (POST, HANDLE) if mark in lines.getvalue()]
