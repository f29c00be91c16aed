"""What language models have said of leads lies in the ledger, until a lead goes or its post is emptied."""

from collections.abc import Collection

from signalops_site.core.llm.ledger import forget

from ..judges.llm import shared_subject
from ..models import Lead


def forget_answers(lead_ids: Collection[int]) -> int:
    """Empty the ledger's answers about these leads, and those about several posts of their projects, from which no
    single one can be taken. How many rows held any.
    """
    projects = Lead.objects.filter(pk__in=lead_ids).order_by().values_list("project", flat=True).distinct()
    return forget([*(f"lead:{pk}" for pk in lead_ids), *map(shared_subject, projects)])
