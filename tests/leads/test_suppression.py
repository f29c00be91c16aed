"""The do-not-contact list: who is meant, who may write it, what it keeps, and that nobody on it is answered."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings as SettingsWrapper
from rest_framework.test import APIClient

from connectors.base import FetchedAuthor, FetchedPost
from leads.identities import Identity, identity_of, matches
from leads.models import Author, Lead, Suppression, SuppressionSource
from leads.services.emptying import empty_posts
from leads.services.ingest import store_posts
from leads.services.suppressions import import_entries, lift, suppress
from leads.suppression import reason_against, suppressed_leads, suppression_of
from leads.suppression_files import read_lines, write_rows
from signalops_site.core.erasing import ErasureRequest, erase_person
from signalops_site.core.errors import DomainError, NotAllowed
from signalops_site.core.models import AuditEntry, Project
from tests.factories import AuthorFactory, DraftFactory, LeadFactory

pytestmark = pytest.mark.django_db
BY = "command:test"


def handle(name: str, platform: str = "sample") -> Identity:
    return identity_of("handle", value=name, platform=platform)


def lead_of(project: Project, **author: object) -> Lead:
    lead: Lead = LeadFactory.create(project=project, post__author=AuthorFactory.create(**author))
    return lead


@pytest.mark.parametrize(
    ("kind", "platform", "value"),
    [
        ("handle", "sample", "@ADA_H"),
        ("account", "sample", "u-77"),
        ("domain", "", "https://WWW.harbour.example/about?x=1"),
        ("domain", "", "harbour.example"),
        ("pattern", "sample", "ada_*"),
        ("pattern", "", "?da_h"),
    ],
)
def test_an_author_is_meant_by(project: Project, kind: str, platform: str, value: str) -> None:
    lead = lead_of(
        project, handle="Ada_H", platform_user_id="u-77", bio="I write. https://shop.harbour.example/ada"
    )
    assert suppression_of(lead) is None
    suppress(identity_of(kind, value=value, platform=platform), project=project, by=BY)
    assert suppression_of(lead) == Suppression.objects.get()


@pytest.mark.parametrize(
    ("kind", "platform", "value"),
    [
        ("handle", "bluesky", "ada_h"),
        ("handle", "sample", "ada_hh"),
        ("domain", "", "arbour.example"),
        ("domain", "", "shop.harbour.example.org"),
        ("pattern", "bluesky", "ada_*"),
        ("pattern", "", "ada_??"),
    ],
)
def test_an_author_is_not_meant_by(project: Project, kind: str, platform: str, value: str) -> None:
    lead = lead_of(project, handle="Ada_H", bio="https://shop.harbour.example/ada")
    suppress(identity_of(kind, value=value, platform=platform), project=project, by=BY)
    assert reason_against(lead) == ""


def test_a_handle_that_is_a_domain_is_meant_by_it(project: Project) -> None:
    lead = lead_of(project, platform="mastodon", handle="ada@social.example", bio="")
    suppress(identity_of("domain", value="social.example"), project=project, by=BY)
    assert suppression_of(lead) is not None


def test_what_is_for_one_project_leaves_the_others_alone(project: Project, other_project: Project) -> None:
    mine = lead_of(project, handle="ada")
    theirs = LeadFactory.create(project=other_project, post=mine.post)
    suppress(handle("ada"), project=project, by=BY)
    assert set(suppressed_leads([mine, theirs])) == {mine.pk}
    suppress(handle("ada"), project=None, reason="asked by mail.", by=BY)
    assert set(suppressed_leads([mine, theirs])) == {mine.pk, theirs.pk}
    assert reason_against(theirs) == "The author is on the do-not-contact list of all projects: asked by mail."


def test_it_ends_when_it_expires(project: Project) -> None:
    lead = lead_of(project, handle="ada")
    row, _ = suppress(handle("ada"), project=project, expires_at=timezone.now() + timedelta(days=3), by=BY)
    assert f"until {row.expires_at:%Y-%m-%d}" in reason_against(lead)
    Suppression.objects.update(expires_at=timezone.now())
    assert reason_against(lead) == ""


def test_many_leads_are_asked_about_in_one_query(project: Project) -> None:
    made = [lead_of(project, handle=f"author{n}") for n in range(20)]
    suppress(handle("author7"), project=project, by=BY)
    leads = list(Lead.objects.select_related("post__author").order_by("pk"))
    with CaptureQueriesContext(connection) as asked:
        assert set(suppressed_leads(leads)) == {made[7].pk}
    assert len(asked) == 1


def test_an_earlier_secret_key_still_finds_people(project: Project, settings: SettingsWrapper) -> None:
    lead = lead_of(project, handle="ada")
    suppress(handle("ada"), project=project, by=BY)
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    assert suppression_of(lead) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert suppression_of(lead) is not None
    assert suppress(handle("ada"), project=project, by=BY)[1] is False


def test_neither_the_list_nor_the_audit_log_has_a_name(project: Project, operator: User) -> None:
    row, _ = suppress(handle("whisperhandle"), project=project, reason="asked", by=operator)
    lift(row, by=operator)
    suppress(identity_of("account", value="whisper-id", platform="sample"), project=project, by=operator)
    kept = json.dumps([*Suppression.objects.values(), *AuditEntry.objects.values()], default=str)
    assert "whisper" not in kept.lower()
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "suppression.add",
        "suppression.remove",
        "suppression.add",
    ]


def test_adding_again_replaces_the_reason(project: Project) -> None:
    suppress(handle("ada"), project=project, reason="one", by=BY)
    row, is_new = suppress(handle("@Ada"), project=project, reason="two", by=BY)
    assert (is_new, row.reason, Suppression.objects.count()) == (False, "two", 1)


def test_all_projects_take_a_superuser(project: Project, operator: User, superuser: User, reviewer: User) -> None:
    with pytest.raises(NotAllowed):
        suppress(handle("ada"), project=None, by=operator)
    with pytest.raises(NotAllowed):
        suppress(handle("ada"), project=project, by=reviewer)
    row, _ = suppress(handle("ada"), project=None, by=superuser)
    with pytest.raises(NotAllowed):
        lift(row, by=operator)
    lift(row, by=superuser)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("kind", "platform", "value", "says"),
    [
        ("handle", "", "ada", "at which platform"),
        ("handle", "blueski", "ada", "did you mean 'bluesky'"),
        ("handle", "sample", " @ ", "Write a handle"),
        ("domain", "", "nonsense", "is no domain"),
        ("pattern", "", "**", "at least 3 characters"),
        ("pattern", "", "whole", "it is a handle"),
        ("name", "", "ada", "no kind"),
    ],
)
def test_what_means_nobody_or_everybody_is_refused(kind: str, platform: str, value: str, says: str) -> None:
    with pytest.raises(DomainError, match=says):
        identity_of(kind, value=value, platform=platform)


def test_a_pattern_is_compared_in_bounded_time() -> None:
    began = timezone.now()
    assert not matches("*a" * 60 + "b", "a" * 200)
    assert matches("*a*b?", "xxaxxby")
    assert timezone.now() - began < timedelta(seconds=1)


# ---------------------------------------------------------------- erasing


def test_an_erased_person_is_neither_answered_nor_collected_again(
    project: Project, other_project: Project
) -> None:
    author: Author = AuthorFactory.create(handle="Ada", platform_user_id="u-ada")
    LeadFactory.create(project=project, post__author=author)
    suppress(handle("ada"), project=project, reason="Ada wrote to us", by=BY)
    suppress(identity_of("pattern", value="ada*"), project=project, by=BY)

    erase_person(ErasureRequest("sample", handle="@ada"), by=BY)

    left = Suppression.objects.filter(project=None)
    assert {(row.kind, row.source, row.reason) for row in left} == {
        ("handle", SuppressionSource.ERASURE, ""),
        ("account", SuppressionSource.ERASURE, ""),
    }
    assert list(Suppression.objects.filter(project=project).values_list("kind", "reason")) == [("handle", "")]
    renamed = FetchedPost(platform="sample", id="p1", text="Hi", author=FetchedAuthor(id="u-ada", handle="ada2"))
    other = FetchedPost(platform="sample", id="p2", text="Ho", author=FetchedAuthor(id="u-bea", handle="bea"))
    assert store_posts(other_project, [renamed, other], query_label="all") == 1
    assert list(Author.objects.values_list("handle", flat=True)) == ["bea"]


# ---------------------------------------------------------------- files


def test_an_export_can_be_imported_and_says_the_same(project: Project, other_project: Project) -> None:
    suppress(handle("ada"), project=project, reason='=HYPERLINK("x")', by=BY)
    suppress(identity_of("domain", value="harbour.example"), project=project, reason="'quoted', twice", by=BY)
    suppress(identity_of("pattern", value="-bot*"), project=project, reason="two\nlines", by=BY)
    text = "".join(write_rows(Suppression.objects.select_related("project").order_by("pk")))
    assert '"\'=HYPERLINK(""x"")"' in text
    assert '"\'-bot*"' in text

    told = import_entries(read_lines(StringIO(text, newline="")), project=other_project, by=BY)

    assert (told.added, told.refused) == (3, 0)
    facts = ("kind", "platform", "digest", "value", "reason", "expires_at")
    before, after = (
        list(Suppression.objects.filter(project=each).order_by("pk").values_list(*facts))
        for each in (project, other_project)
    )
    assert before == after
    assert suppression_of(lead_of(other_project, handle="ada")) is not None


def test_lines_that_are_no_entry_are_told_and_the_others_count(project: Project) -> None:
    good, bad = "sample,@Ada,\n", "nowhere,bea,\nsample,,\nsample,cleo,1999-01-01\n"
    text = f"platform,handle,expires_at\n{good}{bad}sample,dora,2990-01-31\n"
    told = import_entries(read_lines(StringIO(text)), project=project, by=BY)
    assert (told.added, told.refused) == (2, 3)
    assert [each.line for each in told.problems] == [3, 4, 5]
    assert AuditEntry.objects.get().fields == {"added": 2, "changed": 0, "refused": 3}
    again = import_entries(read_lines(StringIO(text)), project=project, by=BY)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


def test_an_import_never_weakens_an_entry(project: Project) -> None:
    suppress(handle("ada"), project=project, by=BY)
    text = "platform,handle,expires_at,reason\nsample,ada,2990-01-31,later\n"
    assert import_entries(read_lines(StringIO(text)), project=project, by=BY).changed == 1
    row = Suppression.objects.get()
    assert (row.expires_at, row.reason) == (None, "later")


@pytest.mark.parametrize("text", ["", "name,mail\nada,x\n", "\x00\n"])
def test_a_file_without_the_columns_is_refused(project: Project, text: str) -> None:
    with pytest.raises(DomainError, match="names the columns"):
        import_entries(read_lines(StringIO(text)), project=project, by=BY)


# ---------------------------------------------------------------- commands and the API


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("suppress", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_adds_lists_exports_imports_and_removes(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    name = ("--platform", "sample", "--handle", "whisperhandle")
    assert "It is on the list" in run("add", *name, "--reason", "asked")
    run("add", "--all", "--domain", "harbour.example", "--expires", "2990-01-31")
    rows = json.loads(run("list", "--json"))["results"]
    assert [(row["kind"], row["value"], row["project"]) for row in rows] == [
        ("handle", "", "tidewater"),
        ("domain", "harbour.example", None),
    ]
    run("export", "--output", str(file))
    assert "whisper" not in file.read_text()
    run("remove", *name)
    assert "1 added, 0 changed" in run("import", "--all", str(file))
    with pytest.raises(CommandError, match="no such entry"):
        run("remove", "--domain", "nowhere.example")
    with pytest.raises(CommandError, match="Say who"):
        run("add")


def test_the_api_adds_checks_imports_exports_and_removes(operator_api: APIClient, project: Project) -> None:
    wanted = {"project": "tidewater", "kind": "handle", "platform": "sample", "value": "@Ada", "reason": "asked"}
    made = operator_api.post("/api/suppressions/", wanted, format="json")
    assert (made.status_code, made.data["value"], made.data["by"]) == (201, "", "otto")
    assert operator_api.post("/api/suppressions/", wanted, format="json").status_code == 200

    def found(value: str) -> list[int]:
        body = {"project": "tidewater", "value": value}
        answer = operator_api.post("/api/suppressions/check/", body, format="json")
        assert answer.status_code == 200, answer.data
        return [row["id"] for row in answer.data["results"]]

    assert found("ada") == [made.data["id"]]
    assert found("bea") == []
    body = {"project": "tidewater", "csv": "platform,handle\nsample,bea\nsample,\n"}
    told = operator_api.post("/api/suppressions/import/", body, format="json").data
    assert (told["added"], told["problems"]) == (1, [{"line": 3, "problem": "It names nobody."}])
    listed = operator_api.get("/api/suppressions/", {"project": "tidewater", "source": "import"}).data["results"]
    assert [row["id"] for row in listed] == found("bea")
    export = operator_api.get("/api/suppressions/export.csv", {"project": "tidewater"})
    content = b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]
    assert content.startswith('"kind","platform"')
    assert content.count("\r\n") == 3
    assert operator_api.delete(f"/api/suppressions/{made.data['id']}/").status_code == 204
    assert found("ada") == []


def test_a_superuser_previews_erases_and_fetches_the_certificate_again(
    superuser_api: APIClient, project: Project
) -> None:
    DraftFactory.create(lead=lead_of(project, handle="ada"))
    wanted = {"platform": "sample", "handle": "ada"}
    preview = superuser_api.post("/api/erasures/preview/", wanted, format="json").data
    assert (preview["erased"], preview["id"], preview["counts"]["leads.Draft"]) == (False, None, 1)
    assert Lead.objects.exists()
    made = superuser_api.post("/api/erasures/", wanted, format="json")
    assert (made.status_code, made.data["counts"]) == (201, preview["counts"])
    assert not Lead.objects.exists()
    again = superuser_api.get(f"/api/erasures/{made.data['id']}/")
    assert again.data == made.data
    assert superuser_api.get("/api/erasures/").data["results"] == [made.data]


def test_somebody_is_erased_only_as_a_named_person(superuser_api: APIClient) -> None:
    answer = superuser_api.post("/api/erasures/", {"platform": "sample"}, format="json")
    assert answer.status_code == 400
    assert "Say whom" in answer.json()["detail"]


# ---------------------------------------------------------------- after a renaming


def seen(project: Project, *, handle: str = "ada_h", bio: str = "", post: str = "1") -> Lead:
    author = FetchedAuthor("u-77", handle=handle, bio=bio)
    store_posts(project, [FetchedPost("sample", post, "An invoice", author)], query_label="all")
    lead: Lead = Lead.objects.select_related("post__author").get(project=project, post__platform_post_id=post)
    return lead


@pytest.mark.parametrize(
    ("kind", "platform", "value"),
    [("handle", "sample", "ada_h"), ("domain", "", "harbour.example"), ("pattern", "", "ada_?")],
)
def test_whoever_is_meant_stays_so_after_a_renaming(
    project: Project, other_project: Project, kind: str, platform: str, value: str
) -> None:
    entry, _ = suppress(
        identity_of(kind, value=value, platform=platform), project=project, reason="asked by mail", by=BY
    )
    seen(project, bio="harbour.example")
    assert Suppression.objects.count() == 1
    seen(other_project, handle="someone_else", bio="Nothing")

    lead = seen(project, handle="someone_else", bio="Nothing")
    by_id = suppression_of(lead)
    assert by_id is not None
    assert (by_id.kind, by_id.reason, by_id.follows) == ("account", "asked by mail", entry)
    assert suppression_of(seen(other_project, handle="someone_else", bio="Nothing")) is None

    until = timezone.now() + timedelta(days=3)
    suppress(
        identity_of(kind, value=value, platform=platform), project=project, reason="", expires_at=until, by=BY
    )
    assert set(Suppression.objects.values_list("reason", "expires_at")) == {("", until)}
    lift(by_id, by=BY)
    assert not Suppression.objects.exists()


def test_whoever_is_meant_stays_so_when_nothing_of_them_was_kept(project: Project) -> None:
    suppress(handle("ada_h"), project=project, by=BY)
    empty_posts([seen(project).post_id])
    assert not Author.objects.filter(posts__text__gt="").exists()
    assert suppression_of(seen(project, handle="someone_else", post="2")) is not None


def test_an_entry_by_id_that_somebody_wrote_is_its_own(project: Project) -> None:
    entry, _ = suppress(handle("ada_h"), project=project, by=BY)
    seen(project)
    lead = seen(project, handle="someone_else")
    suppress(identity_of("account", value="u-77", platform="sample"), project=project, by=BY)
    lift(entry, by=BY)
    assert suppression_of(lead) is not None
