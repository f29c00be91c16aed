"""The database's own index finds leads by their words, on every database the same."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from connectors.base import FetchedAuthor, FetchedPost
from leads import search
from leads.models import Lead
from leads.services.ingest import store_posts
from leads.services.notes import write_note
from signalops_site.core.models import AuditEntry, Project
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def found(project: Project, asked: str) -> set[int]:
    return set(matching(project, asked).values_list("pk", flat=True))


def matching(project: Project, asked: str) -> "QuerySet[Lead]":
    return search.matching(
        Lead.objects.filter(project=project), asked, projects=Project.objects.filter(pk=project.pk)
    )


@pytest.mark.parametrize(
    "asked",
    [
        "invoice", "INVOICES", "invoic*", '"late again"', "Zoë", "zoe", "late -hiring", "請求書", "求", "🎉",
        "100%", "snake_case", '"', "50",
    ],
)  # fmt: skip
def test_words_find_a_lead_however_they_are_asked_for(project: Project, asked: str) -> None:
    text = "Invoices paid late again 🎉 請求書のアプリ 100% of snake_case, 50"
    lead = LeadFactory.create(project=project, post__text=text, post__author__name="Zoë Quill")
    LeadFactory.create(project=project, post__text="hiring now", post__author=None)

    assert found(project, asked) == ({lead.pk} if asked != '"' else set())


@pytest.mark.parametrize(
    "asked", ["invoice -late", '"again late"', "nvoice", "書請", "lat OR late AND zzz", "zzz"]
)
def test_what_is_not_there_is_not_found(project: Project, asked: str) -> None:
    LeadFactory.create(project=project, post__text="Invoices paid late again 請求書")

    assert found(project, asked) == set()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(max_size=60) | st.text(alphabet="ab\"'*-%_()&|!:^{}\\<> \u8acb\U0001f389", max_size=30))
def test_nothing_that_is_asked_breaks_the_index(project: Project, asked: str) -> None:
    found(project, asked)


def test_every_word_has_to_occur_and_a_text_and_its_author_are_apart(project: Project) -> None:
    lead = LeadFactory.create(project=project, post__text="I need an app", post__author__handle="quiet_otter")

    assert found(project, "app otter") == {lead.pk}
    assert found(project, '"app quiet"') == set()


def test_common_and_rare_words_are_looked_up_differently_with_the_same_answer(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = LeadFactory.create_batch(3, project=project, post__text="paid late")
    rare = found(project, "late")
    monkeypatch.setattr(search, "COMMON", 2)

    assert "EXISTS" in str(matching(project, "late").query)
    assert found(project, "late") == rare == {lead.pk for lead in leads}


def test_a_note_is_found_until_it_is_changed(project: Project, reviewer: User) -> None:
    lead = LeadFactory.create(project=project)
    write_note(lead, text="met at the fair", by=reviewer)
    assert found(project, "fair") == {lead.pk}

    write_note(lead, text="", by=reviewer)
    assert found(project, "fair") == set()
    assert "fair" not in str(list(AuditEntry.objects.values_list("fields", flat=True)))


def test_a_post_is_found_as_soon_as_it_is_stored_and_by_its_authors_new_name(project: Project) -> None:
    store_posts(project, [_post("Ann Oldname")], query_label="q")
    assert len(found(project, "oldname broken")) == 1

    store_posts(project, [_post("Ann Newname")], query_label="q")
    assert found(project, "oldname") == set()
    assert len(found(project, "newname")) == 1


def _post(name: str) -> FetchedPost:
    return FetchedPost("sample", "1", "my ledger is broken", FetchedAuthor("7", handle="ann", name=name))


def test_a_deleted_lead_leaves_no_document(project: Project) -> None:
    lead = LeadFactory.create(project=project, post__text="forget me")
    lead.post.delete()

    assert _documents() == 0


def test_the_trigger_comes_back_after_a_migration_that_made_the_table_anew(project: Project) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER leads_search_forget")
    search.keep_trigger()
    LeadFactory.create(project=project).delete()

    assert _documents() == 0


@pytest.mark.django_db(transaction=True)
def test_a_flush_leaves_no_document(project: Project) -> None:
    LeadFactory.create(project=project, post__text="forget me")
    call_command("flush", interactive=False, verbosity=0)

    assert _documents() == 0


def _documents() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM leads_search")
        return int(cursor.fetchone()[0])


def test_the_list_narrows_to_one_projects_matches(
    reviewer_api: APIClient, project: Project, other_project: Project
) -> None:
    mine = LeadFactory.create(project=project, post__text="paid late")
    LeadFactory.create(project=other_project, post__text="paid late")

    answer = reviewer_api.get("/api/leads/", {"q": "late"}).json()

    assert [lead["id"] for lead in answer["results"]] == [mine.pk]


def test_a_note_is_written_through_the_api_by_reviewers_alone(
    reviewer_api: APIClient, viewer_api: APIClient, project: Project
) -> None:
    lead = LeadFactory.create(project=project)

    assert viewer_api.post(f"/api/leads/{lead.pk}/note/", {"text": "x"}, format="json").status_code == 403
    answer = reviewer_api.post(f"/api/leads/{lead.pk}/note/", {"text": "call in May"}, format="json")

    assert answer.json()["note"] == "call in May"
    assert found(project, "call may") == {lead.pk}
