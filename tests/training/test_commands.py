"""`exporttraining` and `backfillpairs`, as a shell meets them."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from leads.services.review import edit_draft, reject_draft
from leads.services.undoing import undo_decision
from signalops_site.core.models import Project
from training.models import Export, PreferencePair
from training.preferences import remove_pair

from ..factories import DraftFactory

pytestmark = pytest.mark.django_db


def printed(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_pairs_are_exported_and_told(tmp_path: Path, project: Project, reviewer: User) -> None:
    edit_draft(DraftFactory.create(lead__project=project), text="Better.", by=reviewer)
    edit_draft(DraftFactory.create(lead__project=project, lead__post__platform="x"), text="Better.", by=reviewer)
    path = tmp_path / "pairs.jsonl"

    told = printed("exporttraining", type="dpo", output=path)
    assert "1 pairs in" in told
    assert "1 left out: their platform's terms forbid training" in told

    asked = ("--type", "dpo", "--output", str(path), "--include-restricted", "--json")
    answer = json.loads(printed("exporttraining", *asked))
    assert (answer["rows"], answer["left_out"]["restricted"], answer["path"]) == (2, 0, str(path))
    assert Path(answer["card"]).is_file()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--type", "judgments"], "--type judgments is not there yet; --type dpo is."),
        (["--type", "outcomes"], "not there yet"),
        (["--type", "everything"], "--type is dpo"),
        (["--type", "dpo", "--format", "kto"], "trl, trl-conversational, openai-preference"),
        (["--type", "dpo", "--since", "yesterday"], "--since is a date"),
        (["--type", "dpo", "--since", "2999-01-01"], "has not"),
        (["--type", "dpo", "--output", "/nowhere/at/all.jsonl"], "a folder that exists"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_a_sentence(
    tmp_path: Path, project: Project, arguments: list[str], told: str
) -> None:
    with pytest.raises(CommandError, match=told) as caught:
        printed("exporttraining", "--output", str(tmp_path / "a.jsonl"), *arguments)
    assert caught.value.returncode == 2
    assert not Export.objects.exists()


def test_backfill_makes_what_decisions_ask_for_once(project: Project, reviewer: User, operator: User) -> None:
    edited = edit_draft(DraftFactory.create(lead__project=project), text="Better.", by=reviewer)
    rejected = reject_draft(DraftFactory.create(lead__project=project), better_text="Nicer.", by=reviewer)
    reject_draft(DraftFactory.create(lead__project=project), by=reviewer)
    unwanted = edit_draft(DraftFactory.create(lead__project=project), text="Hm.", by=reviewer)
    remove_pair(PreferencePair.objects.select_related("project").get(draft=unwanted), by=operator)
    made = PreferencePair.objects.filter(removed_at=None)
    made.delete()

    assert json.loads(printed("backfillpairs", json=True)) == {"made": 2, "tagged": 0}
    assert set(made.values_list("draft", "source", "chosen_text")) == {
        (edited.pk, "edit", "Better."),
        (rejected.pk, "reject", "Nicer."),
    }
    made.update(licence="unknown")
    assert "0 pairs made, 2 licence tags changed." in printed("backfillpairs")


def test_a_repeat_becomes_a_pair_when_what_it_repeated_is_taken_back(project: Project, reviewer: User) -> None:
    first = reject_draft(DraftFactory.create(lead__project=project), better_text="Better.", by=reviewer)
    second = DraftFactory.create(lead=first.lead)
    reject_draft(second, better_text=" better. ", by=reviewer)
    assert PreferencePair.objects.get().draft == first

    undo_decision(first, by=reviewer)

    assert PreferencePair.objects.get().draft == second
