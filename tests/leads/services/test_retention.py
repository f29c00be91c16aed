"""Retention: what a project keeps no longer goes with all that hangs on it, and nothing else does."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ

from leads import tasks
from leads.identities import identity_of
from leads.models import Author, Draft, Lead, Post, Suppression
from leads.services import retention
from leads.services.retention import apply_retention, enqueue_retention, what_is_due
from leads.services.review import edit_draft
from leads.services.suppressions import suppress
from signalops_site.core.config.reading import read_project
from signalops_site.core.models import AuditEntry, LlmCall, LlmCallStatus, Project
from tests.factories import (
    AuthorFactory,
    DraftFactory,
    JudgmentFactory,
    LeadFactory,
    ProjectFactory,
    RawPostFactory,
    ScoreFactory,
    document,
)

pytestmark = pytest.mark.django_db
WORDS = "whispered words"


@pytest.fixture
def keeping(db: None) -> Project:
    """A project that keeps what is of the bundled posts for thirty days."""
    given = document(project_id="keeping", retention={"sample": 30})
    return ProjectFactory.create(slug="keeping", document=given)


def aged(lead: Lead, *, days: float) -> Lead:
    Lead.objects.filter(pk=lead.pk).update(created_at=timezone.now() - timedelta(days=days))
    return lead


def everything() -> str:
    rows = [row for model in apps.get_models() for row in model._default_manager.values()]
    return json.dumps(rows, default=str).lower()


def test_what_is_too_old_leaves_no_trace(keeping: Project, superuser: User) -> None:
    draft = DraftFactory.create(
        lead__project=keeping, lead__post__text=WORDS, lead__post__author__handle="whisperhandle", prompt=WORDS
    )
    RawPostFactory.create(post=draft.lead.post)
    JudgmentFactory.create(lead=draft.lead, reasoning=WORDS)
    ScoreFactory.create(lead=draft.lead)
    edit_draft(draft, text=f"{WORDS}? Yes.", by=superuser)
    LlmCall.objects.create(
        project=keeping,
        purpose="judge",
        model="m",
        subject=f"lead:{draft.lead_id}",
        question="q",
        answer=WORDS,
        status=LlmCallStatus.ANSWERED,
    )
    assert "whisper" in everything()

    deleted = apply_retention(aged(draft.lead, days=31).project)

    assert "whisper" not in everything()
    assert deleted.counts["leads.Lead"] == deleted.counts["leads.Post"] == deleted.counts["leads.Author"] == 1
    assert deleted.counts["training.PreferencePair"] == deleted.counts["core.LlmCall"] == 1


def test_what_is_younger_or_of_another_platform_stays(keeping: Project) -> None:
    young = aged(LeadFactory.create(project=keeping), days=29)
    elsewhere = aged(LeadFactory.create(project=keeping, post__platform="bluesky"), days=400)
    old = [aged(LeadFactory.create(project=keeping), days=31 + n).pk for n in range(3)]
    assert [(due.rule.platform, due.leads) for due in what_is_due(keeping)] == [("sample", 3)]
    apply_retention(keeping)
    assert set(Lead.objects.all()) == {young, elsewhere}
    assert not Lead.objects.filter(pk__in=old).exists()


def test_a_post_stays_while_another_project_keeps_it(keeping: Project, other_project: Project) -> None:
    mine = aged(LeadFactory.create(project=keeping), days=31)
    theirs = aged(LeadFactory.create(project=other_project, post=mine.post), days=31)
    apply_retention(keeping)
    assert list(Lead.objects.all()) == [theirs]
    assert (Post.objects.count(), Author.objects.count()) == (1, 1)


def test_it_goes_on_in_batches_each_with_its_certificate(
    keeping: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    author = AuthorFactory.create()
    for n in range(5):
        aged(LeadFactory.create(project=keeping, post__author=author), days=40 + n)
    aged(LeadFactory.create(project=keeping, post__platform="bluesky"), days=42.5)

    deleted = apply_retention(keeping, by="command:test")

    entries = AuditEntry.objects.filter(action="retention.delete").order_by("pk")
    assert deleted.certificates == [entry.pk for entry in entries]
    assert [entry.fields["counts"]["leads.Lead"] for entry in entries] == [2, 2, 1]
    assert entries[0].fields["platform"] == "sample"
    assert entries[0].project == keeping
    assert Lead.objects.count() == 1


def test_a_turn_that_is_over_hands_on_what_is_left(keeping: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    aged(LeadFactory.create(project=keeping), days=31)
    monkeypatch.setattr(retention, "TURN", 0.0)
    assert tasks.apply_retention(keeping.pk) == "0 leads deleted"
    assert [job.task["func"] for job in OrmQ.objects.all()] == [retention.TASK]
    monkeypatch.setattr(retention, "TURN", 20.0)
    assert tasks.apply_retention(keeping.pk) == "1 leads deleted"


def test_the_beat_gives_a_job_to_those_who_have_something_due(keeping: Project, project: Project) -> None:
    aged(LeadFactory.create(project=project), days=400)
    assert enqueue_retention() == 0
    aged(LeadFactory.create(project=keeping), days=31)
    assert enqueue_retention() == 1
    assert OrmQ.objects.get().task["kwargs"]["project_id"] == keeping.pk


def test_the_do_not_contact_list_stays(keeping: Project) -> None:
    lead = aged(LeadFactory.create(project=keeping), days=31)
    handle = lead.post.author.handle if lead.post.author else ""
    suppress(identity_of("handle", platform="sample", value=handle), project=keeping, by="command:test")
    apply_retention(keeping)
    assert Suppression.objects.get(follows=None).kind == "handle"
    assert Suppression.objects.get(follows__isnull=False).kind == "account"


def test_the_command_shows_and_with_apply_deletes(keeping: Project) -> None:
    aged(DraftFactory.create(lead__project=keeping).lead, days=31)

    def retained(*options: str) -> str:
        out = StringIO()
        call_command("retention", *options, stdout=out, stderr=out)
        return out.getvalue()

    assert "Nothing was deleted" in retained()
    told = json.loads(retained("--json"))
    assert [(each["project"], each["days"], each["leads"]) for each in told["results"]] == [("keeping", 30, 1)]
    assert Draft.objects.exists()
    assert "keeping: 1 leads deleted" in retained("--apply")
    assert not Draft.objects.exists()


def test_an_unknown_platform_in_the_configuration_is_a_problem() -> None:
    given = document(retention={"smaple": 30})
    from_yaml = read_project(json.dumps(given.model_dump(mode="json")))
    problem = next(each for each in from_yaml.problems if each.path == "retention.smaple")
    assert "did you mean 'sample'" in problem.message
