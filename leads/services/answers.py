"""What models said of leads lies in the ledger and in traces, until a lead goes or its post is emptied."""

from collections.abc import Collection

from signalops_site.core.llm.ledger import forget
from signalops_site.core.llm.tracing import forget_traces
from signalops_site.core.models import Project

from ..judges.ab_test import subject_of
from ..judges.llm import shared_subject
from ..models import Lead, LeadStage


def forget_answers(lead_ids: Collection[int]) -> int:
    """Empty the ledger's answers about these leads, and those about several posts of their projects, from which no
    single one can be taken; and have their traces deleted. How many rows of the ledger held any.
    """
    projects = Lead.objects.filter(pk__in=lead_ids).order_by().values_list("project", flat=True).distinct()
    subjects = [*map(subject_of, lead_ids), *map(shared_subject, projects)]
    forget_traces(subjects)
    return forget(subjects)


def lock_living(project: Project, lead_ids: Collection[int]) -> set[int]:
    """Those of the project's leads that are still there, held until the present transaction ends.

    The others were erased or emptied while a model was asked about them: what it said is forgotten here.
    """
    there = Lead.objects.filter(pk__in=lead_ids).exclude(stage=LeadStage.GONE)
    living = set(there.select_for_update().order_by("pk").values_list("pk", flat=True))
    if lost := set(lead_ids) - living:
        forget_answers(lost)
        forget([shared_subject(project.pk)])
    return living
