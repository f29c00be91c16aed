"""`correct --review`: posts one after the other in a terminal, through the services that the dashboard uses."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from experiments.models import AbResult
from leads.models import HumanLabel, LabelTask, Lead
from leads.services.labels import label_lead
from signalops_site.core.models import Project, Role
from tests.experiments.builders import experiment_in, pair
from tests.factories import JudgmentFactory, LabelTaskFactory, LeadFactory, ModelVersionFactory, member

pytestmark = pytest.mark.django_db

Type = Callable[..., str]


@pytest.fixture
def typing(operator: User, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Run the command with these keys typed, then the end of the input; what it printed."""

    def run(keys: str, *words: str) -> str:
        lines = iter(keys.split())

        def read(_question: str) -> str:
            try:
                return next(lines)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", read)
        out = StringIO()
        call_command("correct", "--review", *words, stdout=out)
        return out.getvalue()

    return run


def lead_in(project: Project, text: str = "Which tool?", **values: object) -> Lead:
    return LeadFactory.create(project=project, post__text=text, **values)


def labels() -> dict[str, str]:
    return dict(HumanLabel.objects.values_list("lead__post__text", "label"))


def test_without_a_strategy_it_is_the_blind_review(project: Project, typing: Type) -> None:
    leads = [lead_in(project, f"Post {number}", score=42.5, confidence=0.77) for number in range(4)]
    for place, lead in enumerate(leads):
        LabelTaskFactory.create(lead=lead, place=place)
    experiment = experiment_in(project)
    pair(experiment, f"lead:{leads[0].pk}", "relevant", "irrelevant")

    told = typing("r m s i")

    assert labels() == {"Post 0": "relevant", "Post 1": "maybe", "Post 3": "irrelevant"}
    assert set(HumanLabel.objects.values_list("source", flat=True)) == {"blind_audit"}
    assert LabelTask.objects.filter(answered_at=None).get().lead == leads[2]
    assert set(AbResult.objects.values_list("blind_label", flat=True)) == {"relevant"}
    assert "3 labelled, 1 skipped." in told
    for betrayed in ("42.5", "0.77", "random", "Relevant"):
        assert betrayed not in told


def test_it_asks_again_until_it_understands_and_quits_when_told(project: Project, typing: Type) -> None:
    for number in range(2):
        LabelTaskFactory.create(lead=lead_in(project, f"Post {number}"), place=number)

    typing("what? relevant q")

    assert labels() == {"Post 0": "relevant"}


def test_it_ends_after_as_many_as_were_asked_for(project: Project, typing: Type) -> None:
    for number in range(3):
        LabelTaskFactory.create(lead=lead_in(project, f"Post {number}"), place=number)

    assert json.loads(typing("r r r", "--n", "2", "--json").splitlines()[-1]) == {"labelled": 2, "skipped": 0}
    assert len(labels()) == 2


def test_low_confidence_begins_where_the_judge_is_least_sure(project: Project, typing: Type) -> None:
    for text, confidence in (("sure", 0.99), ("unsure", 0.4), ("between", 0.7)):
        lead_in(project, text, confidence=confidence)

    typing("i m", "--strategy", "low_confidence")

    assert labels() == {"unsure": "irrelevant", "between": "maybe"}
    assert set(HumanLabel.objects.values_list("source", flat=True)) == {"correction"}


def test_recent_begins_with_the_newest_and_leaves_out_what_a_person_labelled(
    project: Project, typing: Type, reviewer: User
) -> None:
    leads = [lead_in(project, text) for text in ("old", "new", "labelled")]
    label_lead(leads[2], label="maybe", by=reviewer)

    typing("r", "--strategy", "recent")

    assert labels() == {"labelled": "maybe", "new": "relevant"}


def test_random_asks_about_all_of_them_in_any_order(project: Project, typing: Type) -> None:
    for number in range(3):
        lead_in(project, f"Post {number}")
    lead_in(project, "not judged", label="", stage="normalized")

    typing("r r r r", "--strategy", "random")

    assert labels().keys() == {"Post 0", "Post 1", "Post 2"}


def test_disagreement_finds_other_models_arms_and_people(project: Project, typing: Type, reviewer: User) -> None:
    agreed, models, arms, people = (lead_in(project, text) for text in ("agreed", "models", "arms", "people"))
    for lead in (agreed, models, arms, people):
        JudgmentFactory.create(lead=lead, label="relevant")
    other = ModelVersionFactory.create(model_id="local/keyword")
    JudgmentFactory.create(lead=models, model_version=other, label="irrelevant")
    JudgmentFactory.create(lead=agreed, model_version=other, label="relevant")
    pair(experiment_in(project), f"lead:{arms.pk}", "relevant", "maybe")
    label_lead(people, label="irrelevant", by=reviewer)

    typing("m m m m", "--strategy", "disagreement")

    mine = HumanLabel.objects.exclude(user=reviewer).values_list("lead__post__text", flat=True)
    assert set(mine) == {"models", "arms", "people"}


def test_control_characters_of_a_post_do_not_reach_the_terminal(project: Project, typing: Type) -> None:
    lead_in(project, "Look\x1b[2J at\x9b31m\u202e this\nplease")

    told = typing("q", "--strategy", "recent")

    assert "Look[2J at31m this\nplease" in told


def test_when_nothing_waits_it_says_so(project: Project, typing: Type) -> None:
    assert typing("r") == "0 labelled, 0 skipped.\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--review", "7"],
        ["--review", "--label", "maybe"],
        ["--review", "--n", "0"],
        ["7"],
        ["--label", "maybe"],
        ["7", "--label", "maybe", "--strategy", "random"],
    ],
)
def test_what_makes_no_sense_together_is_refused_as_usage(project: Project, words: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("correct", *words)
    assert refused.value.returncode == 2


def test_a_viewer_labels_nothing(project: Project, typing: Type) -> None:
    member(project, Role.VIEWER)
    LabelTaskFactory.create(lead=lead_in(project))
    with pytest.raises(CommandError, match="takes the role of reviewer"):
        typing("r", "--user", "vera")
    assert labels() == {}
