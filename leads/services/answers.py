"""What models said of leads lies in the ledger and in traces, until a lead goes or its post is emptied."""

from collections.abc import Collection

from signalops_site.core.llm.ledger import forget
from signalops_site.core.llm.tracing import forget_traces

from ..judges.ab_test import subject_of
from ..judges.llm import shared_subject
from ..models import Lead


def forget_answers(lead_ids: Collection[int]) -> int:
    """Empty the ledger's answers about these leads, and those about several posts of their projects, from which no
    single one can be taken; and have their traces deleted. How many rows of the ledger held any.
    """
    projects = Lead.objects.filter(pk__in=lead_ids).order_by().values_list("project", flat=True).distinct()
    subjects = [*map(subject_of, lead_ids), *map(shared_subject, projects)]
    forget_traces(subjects)
    return forget(subjects)
