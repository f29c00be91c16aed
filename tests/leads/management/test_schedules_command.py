"""`schedules`, as an operator and a program use it."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser

from leads.management.commands.schedules import Command
from leads.models import RunSchedule
from signalops_site.core.models import AuditEntry, Project

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("schedules", *words, stdout=out)
    return out.getvalue()


def results(*words: str) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = json.loads(run(*words, "--json"))["results"]
    return answer


def test_one_is_set_listed_paused_resumed_and_removed(project: Project) -> None:
    assert run("list") == "No schedule.\n"
    words = ["--every", "30", "--stages", "score,judge", "--limit", "20", "--batch"]
    (made,) = results("set", *words)
    assert (made["label"], made["every_minutes"], made["cron"]) == ("regular", 30, "")
    assert made["options"] == {"stages": ["judge", "score"], "limit": 20, "batch": True}
    assert results("list") == [made]

    (paused,) = results("pause")
    assert paused["paused_at"] is not None
    assert (paused["paused_by"], paused["next_run_at"]) == (None, None)
    assert "paused" in run("list")
    (resumed,) = results("resume")
    assert resumed["paused_at"] is None
    assert resumed["next_run_at"] > made["next_run_at"]
    assert run("remove") == "The schedule is removed.\n"
    assert results("list") == []
    entries = AuditEntry.objects.filter(actor_name="command:schedules").order_by("pk")
    assert [entry.action.removeprefix("schedule.") for entry in entries] == ["create", "pause", "resume", "remove"]


def test_setting_the_same_label_changes_it_and_another_is_a_second_one(project: Project) -> None:
    run("set", "--every", "30", "--limit", "20")
    (changed,) = results("set", "--cron", "0 7 * * 1-5")
    assert (changed["every_minutes"], changed["cron"], changed["options"]) == (None, "0 7 * * 1-5", {})
    run("set", "--label", "nightly", "--cron", "0 2 * * *")
    assert [schedule["label"] for schedule in results("list")] == ["nightly", "regular"]
    shown = run("list")
    assert "cron 0 2 * * * (UTC)" in " ".join(shown.split())


def test_of_several_one_has_to_be_named(project: Project) -> None:
    with pytest.raises(CommandError, match="`schedules set` makes one"):
        run("pause")
    run("set", "--every", "30")
    run("set", "--label", "nightly", "--every", "60")
    with pytest.raises(CommandError, match=r"several schedules.* with --label: nightly, regular"):
        run("pause")
    with pytest.raises(CommandError, match=r"no such schedule.* with --label"):
        run("pause", "--label", "weekly")
    run("pause", "--label", "nightly")
    assert RunSchedule.objects.get(label="nightly").paused_at is not None
    assert RunSchedule.objects.get(label="regular").paused_at is None


def test_the_list_says_why_no_run_was_started(project: Project) -> None:
    run("set", "--every", "30")
    RunSchedule.objects.update(last_outcome="refused", last_problem="The project is switched off.")
    shown = run("list")
    assert "│ refused" in shown
    assert shown.endswith("regular: The project is switched off.\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--every", "0"], "from 1 to 10,080"),
        (["--cron", "61 * * * *"], "Write five fields"),
        (["--cron", "* * * * *", "--stages", "polish"], "no stage 'polish'"),
        (["--every", "5", "--label", " "], "1 to 64 characters"),
    ],
)
def test_what_does_not_hold_is_said_in_one_sentence(project: Project, words: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        run("set", *words)
    assert RunSchedule.objects.count() == 0


def test_minutes_and_cron_exclude_each_other_and_one_is_needed() -> None:
    for words in (["set"], ["set", "--every", "5", "--cron", "* * * * *"]):
        parser = CommandParser(prog="schedules", called_from_command_line=True)
        Command().add_arguments(parser)
        with pytest.raises(SystemExit) as ended:
            parser.parse_args(words)
        assert ended.value.code == 2
