"""queue, stats and correct, as an operator and a program use them."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from leads.models import Draft, Lead
from leads.services.labels import label_lead
from signalops_site.core.models import Project

from ...factories import DraftFactory, LeadFactory

pytestmark = pytest.mark.django_db


def run(*words: object) -> str:
    out = StringIO()
    call_command(*(str(word) for word in words), stdout=out)
    return out.getvalue()


def results(*words: object) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = json.loads(run("queue", *words, "--json"))["results"]
    return answer


@pytest.fixture
def draft(project: Project) -> Draft:
    return DraftFactory.create(lead__project=project)


def test_the_list_has_the_best_leads_first(draft: Draft, project: Project) -> None:
    best = DraftFactory.create(lead__project=project, lead__score=91.26)
    DraftFactory.create(lead__project=project, status="rejected")

    listed = results("list", "--project", "tidewater")

    assert [item["id"] for item in listed] == [best.pk, draft.pk]
    assert {"id", "lead", "score", "text", "status"} <= set(listed[0])
    assert (listed[0]["score"], listed[0]["status"]) == (91.3, "pending")
    assert len(results("list", "--status", "all")) == 3
    assert len(results("list", "--limit", "1")) == 1
    for wrong in ("-5", "0", "many"):
        with pytest.raises(CommandError, match="is no whole number from 1 to 10000"):
            run("queue", "list", f"--limit={wrong}")


def test_the_list_for_a_person_is_a_table_in_which_markup_is_text(project: Project) -> None:
    DraftFactory.create(lead__project=project, text_generated="[red]hello[/red]")

    assert "[red]hello[/red]" in run("queue", "list")


def test_an_empty_queue_says_so(project: Project) -> None:
    assert run("queue", "list") == "Nothing here.\n"


def test_decisions_can_be_made_and_taken_back(draft: Draft, operator: User, tmp_path: Path) -> None:
    assert results("approve", draft.pk)[0]["status"] == "approved"
    assert results("undo")[0]["status"] == "pending"
    text = tmp_path / "reply.txt"
    text.write_text("From a file, with an ü.\n", encoding="utf-8")
    assert results("edit", draft.pk, "--file", text)[0]["text"] == "From a file, with an ü."
    assert results("undo", draft.pk)[0]["status"] == "pending"
    run("queue", "reject", draft.pk, "--reason", "wrong_tone", "--better", "Kinder.")

    decided = Draft.objects.get()
    assert (decided.status, decided.better_text, decided.reviewer) == ("rejected", "Kinder.", operator)


def test_drafts_are_put_off_assigned_and_found_again(
    draft: Draft, project: Project, operator: User, reviewer: User
) -> None:
    as_otto = ("--user", "otto")
    assert "put off until 20" in run("queue", "snooze", draft.pk, "--days", "2", *as_otto)
    assert results("list") == []
    assert [item["id"] for item in results("list", "--snoozed")] == [draft.pk]
    assert results("wake", draft.pk, *as_otto)[0]["snoozed_until"] is None
    assert run("queue", "assign", draft.pk, "--to", "remy", *as_otto) == f"Draft {draft.pk} is pending, remy's.\n"
    assert [item["assignee"] for item in results("list", "--assignee", "remy")] == ["remy"]
    assert results("list", "--assignee", "none") == []

    took_back = run("queue", "undo", *as_otto)
    assert took_back == f"Took back 'assign': draft {draft.pk} is pending.\n"
    label_lead(draft.lead, label="maybe", by=operator)
    assert run("queue", "undo", *as_otto) == f"Took back 'label' of lead {draft.lead_id}.\n"
    undone = json.loads(run("queue", "undo", *as_otto, "--json"))
    assert (undone["undone"]["kind"], undone["results"][0]["snoozed_until"] is None) == ("wake", False)
    at_night = ("--until", "2999-01-01T22:00")
    for wrong in (("--days", "0"), ("--days", "9" * 12), ("--until", "tomorrow"), at_night):
        with pytest.raises(CommandError):
            run("queue", "snooze", draft.pk, *wrong, *as_otto)


def test_the_act_is_the_named_persons(draft: Draft, operator: User, reviewer: User) -> None:
    run("queue", "edit", draft.pk, "--text", "Mine.", "--user", "remy")

    assert Draft.objects.get().reviewer == reviewer


def test_somebody_must_be_chosen_when_several_could_be_meant(
    draft: Draft, operator: User, superuser: User
) -> None:
    with pytest.raises(CommandError, match=r"--user NAME. It could be: otto, suri"):
        run("queue", "approve", draft.pk)


def test_a_shell_without_any_operator_is_told_how_to_make_one(draft: Draft, reviewer: User) -> None:
    with pytest.raises(CommandError, match="createsuperuser"):
        run("queue", "approve", draft.pk)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["approve", "999"], "no draft 999"),
        (["approve", "{draft}", "--user", "ghost"], "no active user 'ghost'"),
        (["approve", "{draft}", "--user", "vera"], "role of reviewer"),
        (["undo", "{draft}"], "nothing to undo"),
        (["edit", "{draft}", "--text", " "], "blank"),
        (["edit", "{draft}", "--file", "/nowhere/reply.txt"], "cannot be read"),
        (["approve", "{draft}", "--project", "elsewhere"], "no draft"),
    ],
)
@pytest.mark.usefixtures("operator", "viewer", "other_project")
def test_what_cannot_be_done_is_said_in_a_sentence(draft: Draft, words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("queue", *(word.format(draft=draft.pk) for word in words))


def test_stats_gives_the_public_keys(draft: Draft) -> None:
    counts = json.loads(run("stats", "--json"))

    assert (counts["collected"], counts["pending"], counts["sent"]) == (1, 1, 0)
    assert "pending" in run("stats")


def test_correct_labels_a_lead(project: Project, operator: User) -> None:
    lead = LeadFactory.create(project=project)

    answer = json.loads(run("correct", lead.pk, "--label", "maybe", "--reason", "hm", "--json"))

    assert answer == {"lead": lead.pk, "label": "maybe", "stage": "judged"}
    assert Lead.objects.get().labelled_by_human
    assert "is irrelevant" in run("correct", lead.pk, "--label", "irrelevant")


def test_correcting_an_unknown_lead_is_refused(project: Project, operator: User) -> None:
    with pytest.raises(CommandError, match="no lead 999 in 'tidewater'"):
        run("correct", "999", "--label", "maybe", "--project", "tidewater")
