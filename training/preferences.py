"""Preference pairs: what a reviewer's decision says of two answers to one prompt.

Those of edits and of rejections with a better text come by themselves, in the transaction of the decision; others
are added by hand. Each belongs to a draft, so that it goes when the post or its author does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from connectors.policies import policy_of
from leads.models import Decision, DecisionKind, Draft, DraftStatus, LeadStage
from signalops_site.core import audit
from signalops_site.core.errors import Conflict, DomainError, NotFound
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role

from .models import Licence, PairSource, PreferencePair

SOURCES = {DecisionKind.EDIT: PairSource.EDIT, DecisionKind.REJECT: PairSource.REJECT}
SOURCE_OF = {DraftStatus.EDITED: PairSource.EDIT, DraftStatus.REJECTED: PairSource.REJECT}
LONGEST = 5_000
"""Characters of a text that is added by hand; no platform takes a longer reply."""
BATCH = 200


def make_pair(decision: Decision) -> None:
    """An edit prefers the final text, a rejection the better text that came with it, if one did."""
    source = SOURCES.get(DecisionKind(decision.kind))
    if decision.draft is not None and source is not None:
        _make(decision.draft, source)


def take_pair_back(decision: Decision) -> None:
    """What another draft of the lead had only repeated is a pair of its own then."""
    draft, source = decision.draft, SOURCES.get(DecisionKind(decision.kind))
    if draft is None or source is None:
        return
    deleted, _ = PreferencePair.objects.filter(draft=draft, source=source).delete()
    if deleted:
        _make_all(_without_pair(Draft.objects.filter(lead=draft.lead_id).exclude(pk=draft.pk)))


@transaction.atomic
def add_pair(draft: Draft, *, chosen: str, rejected: str = "", by: User) -> PreferencePair:
    """A pair by hand: `chosen` is better than `rejected`, or, if that is empty, than what was generated."""
    require_role(by, draft.lead.project, Role.REVIEWER)
    draft = _locked(draft)
    better, worse = _checked(chosen), _checked(rejected) or draft.text_generated
    _require_new(draft, better, worse)
    pair = PreferencePair.objects.create(
        draft=draft, source=PairSource.MANUAL, **_content(draft, chosen=better, rejected=worse)
    )
    fields = {"draft": draft.pk, "lead": draft.lead_id}
    audit.record("pair.add", by=by, project=draft.lead.project, on=pair, fields=fields)
    return pair


@transaction.atomic
def remove_pair(pair: PreferencePair, *, by: User) -> None:
    """Nothing is trained on it from now on. The decision that it came from stays."""
    require_role(by, pair.project, Role.OPERATOR)
    locked = PreferencePair.objects.select_for_update().filter(pk=pair.pk, removed_at=None).first()
    if locked is None:
        raise NotFound("There is no such pair any more.")
    fields = {"draft": locked.draft_id, "source": locked.source}
    if locked.source == PairSource.MANUAL:
        locked.delete()
    else:
        PreferencePair.objects.filter(pk=pair.pk).update(
            prompt="", chosen_text="", rejected_text="", removed_at=timezone.now()
        )
    audit.record("pair.remove", by=by, project=pair.project, on=pair, fields=fields)


@dataclass(frozen=True, slots=True)
class Backfilled:
    """`made`: pairs of decisions that had none. `tagged`: pairs whose licence tag is another one now."""

    made: int
    tagged: int


def backfill_pairs(project: Project, *, by: audit.Actor) -> Backfilled:
    """Make the pairs that the project's decisions ask for and that are not there; safe to repeat.

    Licence tags follow the platforms' rules as they are known now.
    """
    wanted = Draft.objects.filter(lead__project=project).exclude(lead__stage=LeadStage.GONE)
    made, last = 0, 0
    while ids := list(_without_pair(wanted.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            made += _make_all(_without_pair(Draft.objects.filter(pk__in=ids).select_for_update(of=("self",))))
        last = ids[-1]
    with transaction.atomic():
        tagged = _tag_again(project)
        fields = {"made": made, "tagged": tagged}
        audit.record("pair.backfill", by=by, project=project, fields=fields)
    return Backfilled(made, tagged)


def is_trivial(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but white space and case: nothing to learn from."""
    return _folded(one) == _folded(other)


def licence_of(platform: str) -> Licence:
    """What is known of training on that platform's posts."""
    content = policy_of(platform).content
    return Licence(content.training.value) if content else Licence.UNKNOWN


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _make(draft: Draft, source: PairSource) -> bool:
    chosen = draft.text_final if source == PairSource.EDIT else draft.better_text
    if not chosen or is_trivial(chosen, draft.text_generated):
        return False
    content = _content(draft, chosen=chosen, rejected=draft.text_generated)
    if _is_repeat(draft, source, chosen=chosen, rejected=draft.text_generated):
        return False
    PreferencePair.objects.update_or_create(draft=draft, source=source, defaults={**content, "removed_at": None})
    return True


def _make_all(drafts: Iterable[Draft]) -> int:
    return sum(_make(draft, SOURCE_OF[DraftStatus(draft.status)]) for draft in drafts)


def _without_pair(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    """The decided ones that may have something to teach and have no pair, not even one that was removed."""
    of_decision = PreferencePair.objects.filter(draft=OuterRef("pk")).exclude(source=PairSource.MANUAL)
    teaches = Q(status=DraftStatus.EDITED) | Q(status=DraftStatus.REJECTED) & ~Q(better_text="")
    return drafts.filter(teaches, ~Exists(of_decision)).select_related("lead__post").order_by("pk")


def _is_repeat(draft: Draft, source: PairSource, *, chosen: str, rejected: str) -> bool:
    """Whether another pair of the lead says the same of the same prompt."""
    others = PreferencePair.objects.filter(draft__lead=draft.lead_id, removed_at=None, prompt=draft.prompt)
    return any(
        is_trivial(pair.chosen_text, chosen) and is_trivial(pair.rejected_text, rejected)
        for pair in others.exclude(draft=draft, source=source)
    )


def _content(draft: Draft, *, chosen: str, rejected: str) -> dict[str, object]:
    platform = draft.lead.post.platform
    return {
        "project_id": draft.lead.project_id,
        "prompt": draft.prompt,
        "chosen_text": chosen,
        "rejected_text": rejected,
        "platform": platform,
        "licence": licence_of(platform),
    }


def _locked(draft: Draft) -> Draft:
    drafts = Draft.objects.select_related("lead__project", "lead__post")
    locked = drafts.select_for_update(of=("self", "lead")).filter(pk=draft.pk).first()
    if locked is None:
        raise NotFound(f"There is no draft {draft.pk} any more.")
    if locked.lead.stage == LeadStage.GONE:
        raise Conflict(f"The post is gone at {locked.lead.post.platform}, and draft {draft.pk} with it.")
    return locked


def _checked(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise DomainError(f"A text of a pair has at most {LONGEST} characters; this one has {len(text)}.")
    return text


def _require_new(draft: Draft, chosen: str, rejected: str) -> None:
    if not chosen:
        raise DomainError("Say what the better text is.")
    if is_trivial(chosen, rejected):
        raise DomainError("The two texts differ in nothing but white space and case: nothing to learn from.")
    if PreferencePair.objects.filter(draft=draft, source=PairSource.MANUAL).exists():
        raise Conflict(f"Draft {draft.pk} has a pair that was added by hand; remove that one first.")
    if _is_repeat(draft, PairSource.MANUAL, chosen=chosen, rejected=rejected):
        raise Conflict("There is a pair already that says the same.")


def _tag_again(project: Project) -> int:
    pairs = PreferencePair.objects.filter(project=project)
    platforms = list(pairs.order_by().values_list("platform", flat=True).distinct())
    return sum(
        pairs.filter(platform=platform).exclude(licence=licence_of(platform)).update(licence=licence_of(platform))
        for platform in platforms
    )
