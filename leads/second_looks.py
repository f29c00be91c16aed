"""Which leads are worth a person's look, when somebody sits down to correct labels."""

from enum import StrEnum

from django.contrib.auth.models import User
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from experiments.models import AbResult
from signalops_site.core.models import Project

from .judges.ab_test import PREFIX
from .models import HumanLabel, Judgment, Lead
from .selectors import leads_of, with_posts_there


class Strategy(StrEnum):
    LOW_CONFIDENCE = "low_confidence"
    RANDOM = "random"
    RECENT = "recent"
    DISAGREEMENT = "disagreement"


def leads_worth_a_look(project: Project, strategy: Strategy, *, by: User) -> QuerySet[Lead]:
    """Judged leads that this person has not labelled, the best first.

    Only where somebody disagrees are those of interest that other people have labelled.
    """
    mine = HumanLabel.objects.filter(lead=OuterRef("pk"), user=by)
    judged = with_posts_there(leads_of(project)).exclude(label="").filter(~Exists(mine), copy_of=None)
    judged = judged.select_related("project", "post__author")
    match strategy:
        case Strategy.LOW_CONFIDENCE:
            return judged.filter(labelled_by_human=False).order_by("confidence", "-pk")
        case Strategy.RANDOM:
            return judged.filter(labelled_by_human=False).order_by("?")
        case Strategy.RECENT:
            return judged.filter(labelled_by_human=False).order_by("-pk")
        case Strategy.DISAGREEMENT:
            return _disputed(judged).order_by("-pk")


def _disputed(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Where another model, an arm of an experiment or a person says something else than the newest judgment."""
    newest = Judgment.objects.filter(lead=OuterRef("pk")).order_by("-pk").values("label")[:1]
    judgments = Judgment.objects.filter(lead=OuterRef("pk")).exclude(label=OuterRef("newest"))
    people = HumanLabel.objects.filter(lead=OuterRef("pk")).exclude(label=OuterRef("newest"))
    arms = AbResult.objects.filter(subject=OuterRef("subject"), failure="").exclude(label=OuterRef("newest"))
    named = leads.annotate(
        newest=Subquery(newest),
        subject=Concat(Value(PREFIX), Cast(F("pk"), CharField()), output_field=CharField()),
    )
    return named.filter(Q(newest__isnull=False) & (Exists(judgments) | Exists(people) | Exists(arms)))
