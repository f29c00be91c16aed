"""Exports: what is in a file and what is not, and that it goes when a post does."""

import hashlib
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from leads.identities import identity_of
from leads.models import Draft, Lead, LeadStage
from leads.services.emptying import empty_post
from leads.services.retention import apply_retention
from leads.services.review import edit_draft
from leads.services.suppressions import suppress
from signalops_site.core.erasing import ErasureRequest, erase_person, preview_erasure
from signalops_site.core.errors import Conflict, DomainError, NotAllowed
from signalops_site.core.models import AuditEntry, Project
from training import exports
from training.exports import ExportWish, export_to, remove_export, start_export, tidy_exports, write_export
from training.files import card_path, folder
from training.models import Export, ExportedLead, ExportFormat, ExportState, ExportType, PreferencePair
from training.tasks import run_export

from ..factories import DraftFactory, document

pytestmark = pytest.mark.django_db
DPO = ExportType.DPO
TRL = ExportFormat.TRL


def pair_of(project: Project, reviewer: User, *, platform: str = "sample", text: str = "Better.") -> Draft:
    draft = DraftFactory.create(
        lead__project=project,
        lead__post__platform=platform,
        lead__post__author__platform=platform,
        prompt="Answer: which tool?",
    )
    return edit_draft(draft, text=text, by=reviewer)


def written(path: Path, project: Project, **wish: Any) -> tuple[Export, list[dict[str, Any]]]:
    export = export_to(path, project, ExportWish(DPO, wish.pop("format", TRL), **wish), by="command:test")
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    return export, [json.loads(line) for line in lines]


def test_a_pair_is_written_in_each_format_exactly(tmp_path: Path, project: Project, reviewer: User) -> None:
    draft = pair_of(project, reviewer, text="Grüße\u2028from us.")
    worse, better, prompt = draft.text_generated, "Grüße\u2028from us.", "Answer: which tool?"
    asked = [{"role": "user", "content": prompt}]
    good, bad = [{"role": "assistant", "content": better}], [{"role": "assistant", "content": worse}]
    expected: dict[ExportFormat, dict[str, Any]] = {
        ExportFormat.TRL: {"prompt": prompt, "chosen": better, "rejected": worse},
        ExportFormat.TRL_CONVERSATIONAL: {"prompt": asked, "chosen": good, "rejected": bad},
        ExportFormat.OPENAI_PREFERENCE: {
            "input": {"messages": asked, "tools": [], "parallel_tool_calls": True},
            "preferred_output": good,
            "non_preferred_output": bad,
        },
    }
    for shape in ExportFormat:
        path = tmp_path / f"{shape}.jsonl"
        _, rows = written(path, project, format=shape)
        assert rows == [expected[shape]]
        assert list(rows[0]) == list(expected[shape])
        assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_restricted_platforms_are_left_out_and_counted(tmp_path: Path, project: Project, reviewer: User) -> None:
    for platform in ("sample", "x", "x", "reddit", "mastodon"):
        pair_of(project, reviewer, platform=platform)

    export, rows = written(tmp_path / "a.jsonl", project)
    assert len(rows) == export.rows == 2
    assert export.counts["platforms"] == {"mastodon": 1, "sample": 1}
    assert export.counts["licences"] == {"permitted": 1, "unknown": 1}
    assert export.counts["left_out"] == {"do_not_contact": 0, "gone": 0, "restricted": 3, "without_prompt": 0}
    assert export.counts["restricted_platforms"] == {"reddit": 1, "x": 2}

    export, rows = written(tmp_path / "b.jsonl", project, include_restricted=True)
    assert len(rows) == 5
    assert export.counts["left_out"]["restricted"] == 0


def test_a_pair_stays_restricted_though_its_tag_is_older_than_the_rule(
    tmp_path: Path, project: Project, reviewer: User
) -> None:
    pair_of(project, reviewer, platform="x")
    PreferencePair.objects.update(licence="unknown")

    assert written(tmp_path / "a.jsonl", project)[1] == []


def test_gone_posts_lost_prompts_removed_pairs_and_other_projects_are_left_out(
    tmp_path: Path, project: Project, other_project: Project, reviewer: User, superuser: User
) -> None:
    gone, bare, removed, left_alone = (pair_of(project, reviewer) for _ in range(4))
    author = left_alone.lead.post.author
    assert author is not None
    suppress(identity_of("handle", value=author.handle, platform="sample"), project=project, by="command:test")
    pair_of(other_project, superuser)
    type(gone.lead).objects.filter(pk=gone.lead_id).update(stage=LeadStage.GONE)
    PreferencePair.objects.filter(draft=bare).update(prompt=" ")
    PreferencePair.objects.filter(draft=removed).update(removed_at=datetime(2026, 11, 1, tzinfo=UTC))

    export, rows = written(tmp_path / "a.jsonl", project)
    assert rows == []
    assert export.counts["left_out"] == {"do_not_contact": 1, "gone": 1, "restricted": 0, "without_prompt": 1}


def test_since_takes_the_pairs_of_that_day_or_later(tmp_path: Path, project: Project, reviewer: User) -> None:
    for moment in (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)):
        draft = pair_of(project, reviewer)
        PreferencePair.objects.filter(draft=draft).update(created_at=moment)

    _, rows = written(tmp_path / "a.jsonl", project, since=date(2026, 3, 2), include_metadata=True)
    assert [row["metadata"]["created_at"] for row in rows] == ["2026-03-02T00:00:00+00:00"]
    assert (rows[0]["metadata"]["source"], rows[0]["metadata"]["licence"]) == ("edit", "permitted")


def test_the_row_the_card_and_the_audit_say_what_was_written(
    tmp_path: Path, project: Project, reviewer: User
) -> None:
    pair_of(project, reviewer)
    pair_of(project, reviewer, platform="x")
    path = tmp_path / "pairs.jsonl"
    export, _ = written(path, project)

    content = path.read_bytes()
    assert (export.sha256, export.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    card = card_path(path).read_text(encoding="utf-8")
    for told in (export.sha256, "1 pairs in `pairs.jsonl`", "free for any use", "(x: 1) | 1 |"):
        assert told in card
    assert "which tool" not in card
    entry = AuditEntry.objects.get(action="export.finish")
    assert (entry.actor_name, entry.fields["rows"]) == ("command:test", 1)
    assert entry.fields["left_out"]["restricted"] == 1
    assert "which tool" not in json.dumps(entry.fields)


def test_batches_are_read_one_after_the_other(
    tmp_path: Path,
    project: Project,
    reviewer: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(7):
        pair_of(project, reviewer)
    whole = written(tmp_path / "whole.jsonl", project)[1]
    monkeypatch.setattr(exports, "BATCH", 3)
    assert written(tmp_path / "parts.jsonl", project)[1] == whole
    monkeypatch.setattr(exports, "BATCH", 500)
    with django_assert_max_num_queries(40):
        written(tmp_path / "again.jsonl", project)
    assert len(whole) == 7


def test_a_failure_leaves_what_was_there_and_nothing_half_written(
    tmp_path: Path, project: Project, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair_of(project, reviewer)
    path = tmp_path / "pairs.jsonl"
    path.write_text("of last month\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DomainError, match="No space left"):
        written(path, project)

    assert [found.name for found in tmp_path.iterdir()] == ["pairs.jsonl"]
    assert path.read_text() == "of last month\n"
    export = Export.objects.get()
    assert (export.state, export.path) == ("failed", "")
    assert "No space left" in export.problem


def test_a_worker_writes_what_was_started_once(
    project: Project, operator: User, reviewer: User, viewer: User
) -> None:
    pair_of(project, reviewer)
    with pytest.raises(NotAllowed):
        start_export(project, ExportWish(DPO, TRL), by=reviewer)
    export = start_export(project, ExportWish(DPO, TRL), by=operator)
    with pytest.raises(Conflict, match="under way"):
        start_export(project, ExportWish(DPO, TRL), by=operator)

    assert run_export(export.pk) == "1 rows"
    assert run_export(export.pk) == "nothing to do"
    path = folder() / f"tidewater-dpo-trl-{export.pk}.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    assert Export.objects.get().state == "done"


def test_an_export_that_is_removed_while_it_is_written_is_not_put_there(
    project: Project, operator: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair_of(project, reviewer)
    export = start_export(project, ExportWish(DPO, TRL), by=operator)
    before = exports._finish

    def late(*args: Any, **kwargs: Any) -> Export:
        remove_export(export, by=operator)
        return before(*args, **kwargs)

    monkeypatch.setattr(exports, "_finish", late)
    assert "Start it again" in run_export(export.pk)
    assert list(folder().iterdir()) == []
    assert Export.objects.get().state == "removed"


@pytest.fixture
def made(tmp_path: Path, project: Project, reviewer: User, operator: User) -> tuple[Draft, Path, Path]:
    """A draft, and the two files in which its post stands: ours, and one that a command wrote elsewhere."""
    draft = pair_of(project, reviewer)
    export = start_export(project, ExportWish(DPO, TRL), by=operator)
    run_export(export.pk)
    elsewhere = tmp_path / "elsewhere.jsonl"
    written(elsewhere, project)
    return draft, folder() / export.filename, elsewhere


def test_erasing_a_person_takes_the_files_away_when_it_is_committed(
    made: tuple[Draft, Path, Path],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    draft, ours, elsewhere = made
    author = draft.lead.post.author
    assert author is not None
    request = ErasureRequest("sample", handle=author.handle)
    with django_capture_on_commit_callbacks(execute=True):
        preview_erasure(request, by="command:test")
    assert ours.exists()

    with django_capture_on_commit_callbacks(execute=True):
        certificate = erase_person(request, by="command:test")

    assert (certificate.counts["training.Export"], certificate.counts["training.PreferencePair"]) == (2, 1)
    assert not [path for path in (ours, card_path(ours), elsewhere, card_path(elsewhere)) if path.exists()]
    assert set(Export.objects.values_list("state", "path")) == {("removed", "")}
    assert not ExportedLead.objects.exists()


def test_a_post_that_is_gone_takes_the_file_away(
    made: tuple[Draft, Path, Path], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft, ours, _ = made
    with django_capture_on_commit_callbacks(execute=True):
        empty_post(draft.lead.post)

    assert not ours.exists()
    assert not PreferencePair.objects.exists()


def test_retention_takes_the_files_away(
    made: tuple[Draft, Path, Path],
    project: Project,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    draft, ours, elsewhere = made
    Lead.objects.update(created_at=timezone.now() - timedelta(days=31))
    config = project.active_config
    assert config is not None
    config.document = document(retention={"sample": 30}).model_dump(mode="json")
    config.save()
    with django_capture_on_commit_callbacks(execute=True):
        apply_retention(Project.objects.get(pk=project.pk), by="command:test")

    assert not Lead.objects.filter(pk=draft.lead_id).exists()
    assert not [path for path in (ours, card_path(ours), elsewhere, card_path(elsewhere)) if path.exists()]


def test_a_file_that_somebody_changed_is_theirs(
    made: tuple[Draft, Path, Path], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    draft, _, elsewhere = made
    elsewhere.write_text("my own notes")
    with django_capture_on_commit_callbacks(execute=True):
        empty_post(draft.lead.post)

    assert elsewhere.read_text() == "my own notes"


def test_the_beat_removes_what_a_crash_left(made: tuple[Draft, Path, Path]) -> None:
    draft, ours, _ = made
    empty_post(draft.lead.post)  # and the process ends before its files are removed
    old, new = folder() / ".a.jsonl.1.part", folder() / ".a.jsonl.2.part"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (0, 0))

    tidy_exports()

    assert not ours.exists()
    assert [path.name for path in folder().iterdir()] == [new.name]


def test_a_second_delivery_that_comes_late_changes_nothing(made: tuple[Draft, Path, Path]) -> None:
    _, ours, _ = made
    export = Export.objects.get(state=ExportState.DONE, requested_by__isnull=False)
    before = ours.stat().st_ino
    Export.objects.filter(pk=export.pk).update(state=ExportState.RUNNING)
    assert write_export(export, path=ours).sha256 == export.sha256
    assert ours.stat().st_ino != before
    assert ExportedLead.objects.filter(export=export).count() == 1
