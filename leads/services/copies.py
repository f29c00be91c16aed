"""What becomes of copies when their original goes."""

from collections.abc import Collection

from ..models import Lead, LeadStage
from ..pipeline.base import CLEARED


def release_copies(originals: Collection[int]) -> int:
    """Before these leads are removed: their copies wait for the next run, and the first that fits is the original.

    How many were released. A rejected original keeps its copies: people have decided on what all of them say.
    """
    copies = Lead.objects.filter(copy_of__in=originals).exclude(pk__in=originals)
    return copies.update(stage=LeadStage.COLLECTED, filter_reason="", copy_of=None, **CLEARED)
