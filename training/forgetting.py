"""Training's part of forgetting posts: the pairs go, and the files in which such posts stand."""

from collections.abc import Sequence

from django.db.models import QuerySet

from leads.models import Lead
from leads.services.erasing import authors_named
from signalops_site.core.erasing import ErasureRequest

from .exports import withdraw_exports
from .models import PreferencePair


def forget_posts(lead_ids: Sequence[int]) -> dict[str, int]:
    """Rows removed, by table. A pair's prompt holds the post."""
    files = withdraw_exports(lead_ids, reason="A post that stood in it is gone, or is kept no longer.")
    return {**_pairs_of(lead_ids).delete()[1], "training.Export": files}


def erase_training(request: ErasureRequest) -> dict[str, int]:
    """Rows removed, by table; an export counts when its file goes."""
    leads = Lead.objects.filter(post__author__in=authors_named(request))
    lead_ids = list(leads.values_list("pk", flat=True))
    files = withdraw_exports(lead_ids, reason="Somebody whose post stood in it was erased.")
    return {**_pairs_of(lead_ids).delete()[1], "training.Export": files}


def _pairs_of(lead_ids: Sequence[int]) -> QuerySet[PreferencePair]:
    return PreferencePair.objects.filter(draft__lead__in=lead_ids)
