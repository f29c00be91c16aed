"""Erasing a person: everything goes, nobody else's goes, and no name stays behind."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection

from leads.models import Author, Decision, Draft, HumanLabel, Lead, Post, RawPost, Score
from leads.services.erasing import authors_named
from leads.services.review import approve_draft, edit_draft
from signalops_site.core.erasing import ErasureRequest, erase_person, eraser, preview_erasure
from signalops_site.core.errors import DomainError, NotAllowed
from signalops_site.core.models import AuditEntry, LlmCall, LlmCallStatus, Project, RunEvent
from training.models import PreferencePair

from ...factories import (
    AuthorFactory,
    DraftFactory,
    JudgmentFactory,
    LeadFactory,
    LeadQueryFactory,
    RawPostFactory,
    ScoreFactory,
)

pytestmark = pytest.mark.django_db

SECRETS = ("whisperhandle", "Whisper Name", "whispered words", "whispered answer")


@pytest.fixture
def author(project: Project, other_project: Project, reviewer: User) -> Author:
    """A person with two leads in two projects, judged, scored, drafted and decided."""
    author: Author = AuthorFactory.create(handle="WhisperHandle", name="Whisper Name")
    draft = DraftFactory.create(
        lead__project=project, lead__post__author=author, lead__post__text="whispered words"
    )
    JudgmentFactory.create(lead=draft.lead)
    for subject in (f"lead:{draft.lead.pk}", f"project:{draft.lead.project_id}:posts"):
        LlmCall.objects.create(
            project=draft.lead.project,
            purpose="judge",
            model="openai/gpt-4o-mini",
            subject=subject,
            question="abc",
            status=LlmCallStatus.ANSWERED,
            answer="It says: whispered words",
        )
    LeadQueryFactory.create(lead=draft.lead)
    ScoreFactory.create(lead=draft.lead)
    RawPostFactory.create(post=draft.lead.post)
    edit_draft(draft, text="whispered answer", by=reviewer)
    LeadFactory.create(project=other_project, post=draft.lead.post)
    entry = {"content_type": ContentType.objects.get_for_model(Author), "object_id": str(author.pk)}
    LogEntry.objects.create(user=reviewer, action_flag=CHANGE, object_repr=str(author), **entry)
    return author


def everything() -> str:
    """Every stored value of every table, as one text."""
    rows = [row for model in apps.get_models() for row in model._default_manager.values()]
    return json.dumps(rows, default=str).lower()


def test_no_trace_of_the_person_is_left_in_any_table(author: Author) -> None:
    assert all(secret.lower() in everything() for secret in SECRETS)

    certificate = erase_person(ErasureRequest("sample", handle="@whisperHANDLE"), by="command:erase")

    assert not [secret for secret in SECRETS if secret.lower() in everything()]
    for model in (Author, Post, RawPost, Lead, Draft, Decision, HumanLabel, Score, PreferencePair, LogEntry):
        assert not model._default_manager.exists(), model
    assert certificate.counts["training.PreferencePair"] == 1
    assert certificate.counts["leads.Lead"] == 2
    assert certificate.counts["core.RunEvent"] == 1
    assert certificate.counts["core.LlmCall"] == 2
    assert RunEvent.objects.get().detail == {}


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL keeps no deleted words in an index of its own"
)
def test_no_word_of_the_person_is_left_in_the_search_index(author: Author) -> None:
    """Not in what can be asked for, and not in the index's own pages either."""
    assert b"whisper" in index_pages()

    erase_person(ErasureRequest("sample", handle="whisperhandle"), by="command:erase")

    assert b"whisper" not in index_pages()


def index_pages() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM leads_search_data")
        return b"".join(block for (block,) in cursor.fetchall())


def test_other_people_are_left_alone(author: Author, project: Project, reviewer: User) -> None:
    other = DraftFactory.create(lead__project=project)
    approve_draft(other, by=reviewer)
    AuthorFactory.create(platform="bluesky", handle="WhisperHandle")

    erase_person(ErasureRequest("sample", handle="whisperhandle"), by="command:erase")

    assert Draft.objects.get() == other
    assert Author.objects.count() == 2
    assert RunEvent.objects.filter(detail__draft=other.pk).count() == 1


def test_a_preview_counts_the_same_and_removes_nothing(author: Author) -> None:
    before = everything()
    request = ErasureRequest("sample", handle="whisperhandle")

    preview = preview_erasure(request, by="command:erase")

    assert everything() == before
    assert not preview.erased
    assert preview.counts == erase_person(request, by="command:erase").counts


def test_the_audit_log_keeps_a_keyed_digest_and_no_name(author: Author) -> None:
    request = ErasureRequest("sample", platform_user_id=author.platform_user_id)
    certificate = erase_person(request, by="command:erase")

    entry = AuditEntry.objects.get(action="person.erase")
    assert entry.fields == {"digest": certificate.digest, "counts": certificate.counts}
    assert ErasureRequest("Sample", platform_user_id=author.platform_user_id).digest() == certificate.digest
    assert ErasureRequest("sample", platform_user_id="somebody").digest() != certificate.digest


def test_erasing_takes_a_superuser(author: Author, operator: User, superuser: User) -> None:
    request = ErasureRequest("sample", handle="whisperhandle")
    with pytest.raises(NotAllowed):
        erase_person(request, by=operator)
    with pytest.raises(NotAllowed):
        preview_erasure(request, by=operator)

    assert erase_person(request, by=superuser).erased


def test_an_error_in_one_part_removes_nothing(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_request: ErasureRequest) -> dict[str, int]:
        raise RuntimeError

    monkeypatch.setitem(eraser._handlers, "9-broken", break_down)
    with pytest.raises(RuntimeError):
        erase_person(ErasureRequest("sample", handle="whisperhandle"), by="command:erase")

    assert Author.objects.filter(pk=author.pk).exists()
    assert PreferencePair.objects.exists()


def test_a_platform_that_there_is_not_is_certified_nothing(project: Project) -> None:
    with pytest.raises(DomainError, match="no platform 'blusky'"):
        erase_person(ErasureRequest("blusky", handle="ada"), by="command:erase")


def test_an_unknown_person_is_erased_by_doing_nothing(project: Project) -> None:
    assert erase_person(ErasureRequest("sample", handle="nobody"), by="command:erase").counts == {}


@pytest.mark.parametrize(("platform", "handle"), [("", "x"), ("sample", ""), ("sample", " @ ")])
def test_a_request_must_name_somebody(platform: str, handle: str) -> None:
    with pytest.raises(DomainError, match="Say whom"):
        ErasureRequest(platform, handle=handle)


def test_the_command_previews_then_erases_and_names_nobody(author: Author) -> None:
    def erase(*options: str) -> str:
        out = StringIO()
        call_command("erase", "--platform", "sample", "--handle", "whisperhandle", *options, stdout=out)
        return out.getvalue()

    preview = erase()
    assert "nothing was removed" in preview
    assert Author.objects.exists()

    certificate = json.loads(erase("--confirm", "--json"))

    assert not Author.objects.exists()
    assert certificate["erased"] is True
    assert certificate["counts"]["leads.Author"] == 1
    assert "whisper" not in (preview + json.dumps(certificate)).lower()


def test_the_command_needs_somebody_to_erase() -> None:
    with pytest.raises(CommandError, match="Say whom"):
        call_command("erase", "--platform", "sample")


def test_an_author_of_files_is_erased_by_the_id_that_stands_in_them(
    project: Project, other_project: Project
) -> None:
    for slug in (project.slug, other_project.slug):
        AuthorFactory.create(platform="file", platform_user_id=f"{slug}:ada")
    kept = AuthorFactory.create(platform="file", platform_user_id="tidewater:bea")
    authors = authors_named(ErasureRequest("file", platform_user_id="ada"))
    assert (authors.count(), kept in authors) == (2, False)
