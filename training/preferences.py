"""Preference pairs: what a reviewer's decision says of two answers to one prompt."""

from collections.abc import Sequence

from leads.models import Decision, DecisionKind, Draft
from leads.services.erasing import authors_named
from signalops_site.core.erasing import ErasureRequest

from .models import PairSource, PreferencePair

SOURCES = {DecisionKind.EDIT: PairSource.EDIT, DecisionKind.REJECT: PairSource.REJECT}


def make_pair(decision: Decision) -> None:
    """An edit prefers the final text, a rejection the better text that came with it, if one did."""
    draft = decision.draft
    source = SOURCES.get(DecisionKind(decision.kind))
    if draft is None or source is None:
        return
    chosen = draft.text_final if source == PairSource.EDIT else draft.better_text
    if not chosen or is_trivial(chosen, draft.text_generated):
        return
    PreferencePair.objects.update_or_create(draft=draft, source=source, defaults=_content(draft, chosen))


def take_pair_back(decision: Decision) -> None:
    source = SOURCES.get(DecisionKind(decision.kind))
    if decision.draft is not None and source is not None:
        PreferencePair.objects.filter(draft=decision.draft, source=source).delete()


def drop_pairs(lead_ids: Sequence[int]) -> None:
    """A pair's prompt holds the post, which is gone at its platform."""
    PreferencePair.objects.filter(draft__lead__in=lead_ids).delete()


def erase_pairs(request: ErasureRequest) -> dict[str, int]:
    pairs = PreferencePair.objects.filter(draft__lead__post__author__in=authors_named(request))
    return dict(pairs.delete()[1])


def is_trivial(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but white space and case: nothing to learn from."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _content(draft: Draft, chosen: str) -> dict[str, object]:
    return {
        "project_id": draft.lead.project_id,
        "prompt": draft.prompt,
        "chosen_text": chosen,
        "rejected_text": draft.text_generated,
        "platform": draft.lead.post.platform,
    }
