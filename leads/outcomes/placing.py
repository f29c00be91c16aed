"""To which reply of ours does an answer belong, and what does it set off there?

A reply that a person posted, or of which nobody knows whether it left, has no id until it is found at its place.
What is said to it meanwhile waits in its interaction, without its text: what it answers, where it is, and what it
says to us. It is taken once the reply is found; a wish to stop holds at once.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from connectors.base import FetchedAuthor, FetchedPost
from connectors.listening import is_simulated
from connectors.models import Account
from signalops_site.core.models import Project

from ..identities import Identity, IdentityKind
from ..models import Delivery, DeliveryStatus, Interaction, Outcome, OutcomeType, SuppressionSource
from ..sending.authors import digests_of_person
from ..services.suppressions import suppress
from .looking import BY_NUMBER
from .recording import BY, hold, record_outcome
from .verdicts import Verdict, verdict_on

CLOCKS_DIFFER = timedelta(minutes=10)
MAY_BE_FOUND_FOR = timedelta(days=3)
"""Longer than a reply that has no id yet is looked for."""
MOST_URL = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept of an answer to a reply: no text. `digests`: of who wrote it, the present key's first."""

    platform: str
    id: str
    url: str
    digests: tuple[str, ...]
    verdict: Verdict | None


def answer_of(post: FetchedPost, author: FetchedAuthor) -> Answer:
    digests = tuple(digests_of_person(post.platform, author.id))
    return Answer(post.platform, post.id, post.url[:MOST_URL], digests, verdict_on(post.text))


def take_or_keep(post: FetchedPost, author: FetchedAuthor, interaction: Interaction) -> int:
    """What somebody says to a reply of ours; how many outcomes are new. Kept for later when it may be to one that
    is not found yet.
    """
    if not post.reply_to_id:
        return 0
    answer = answer_of(post, author)
    if delivery := _answered(post.platform, post.reply_to_id):
        return _take(delivery, answer, author=author)
    projects = _projects_waiting(post, interaction.account)
    if projects:
        _keep(interaction, answer, to=post.reply_to_id)
    if answer.verdict == Verdict.STOP:
        for project in projects:
            _leave_alone(author, post.platform, project)
    return 0


def place_kept(platform: str, account: Account | None) -> int:
    """Take what waits for replies that are found by now; how many outcomes are new."""
    kept = Interaction.objects.filter(platform=platform, account=account).exclude(answers_id="")
    found = 0
    for interaction in kept.order_by("pk"):
        delivery = _answered(platform, interaction.answers_id)
        if delivery is None:
            continue
        verdict = Verdict(interaction.verdict) if interaction.verdict else None
        digests = (interaction.author_digest,)
        answer = Answer(platform, interaction.platform_post_id, interaction.url, digests, verdict)
        with transaction.atomic():
            found += _take(delivery, answer, author=None)
            _forget(Interaction.objects.filter(pk=interaction.pk))
    _forget(kept.filter(happened_at__lt=timezone.now() - MAY_BE_FOUND_FOR))
    return found


def _forget(kept: QuerySet[Interaction]) -> None:
    kept.update(answers_id="", url="", verdict="")


def _answered(platform: str, post_id: str) -> Delivery | None:
    sent = Delivery.objects.filter(platform=platform, platform_post_id=post_id, draft__isnull=False)
    return sent.filter(status=DeliveryStatus.SENT).select_related("draft__lead__project").order_by("pk").first()


def _projects_waiting(post: FetchedPost, account: Account | None) -> list[Project]:
    """Those with a reply there that was to be found, and may be what this answers."""
    said_at = (post.created_at or timezone.now()) + CLOCKS_DIFFER
    under_way = (DeliveryStatus.CLAIMED, DeliveryStatus.UNKNOWN, DeliveryStatus.SENT)
    lately = Q(claimed_at__gt=timezone.now() - MAY_BE_FOUND_FOR, claimed_at__lte=said_at)
    waiting = Delivery.objects.filter(
        lately, platform=post.platform, status__in=under_way, platform_post_id="", draft__isnull=False
    ).filter(Q(account=None) | Q(account=account))
    projects = Project.objects.filter(pk__in=waiting.values("project"))
    if account is not None and account.project_id:
        projects = projects.filter(pk=account.project_id)
    return list(projects.order_by("pk"))


def _keep(interaction: Interaction, answer: Answer, *, to: str) -> None:
    interaction.answers_id, interaction.url = to[:200], answer.url
    interaction.verdict = answer.verdict.value if answer.verdict else ""
    interaction.save(update_fields=["answers_id", "url", "verdict"])


@transaction.atomic
def _take(delivery: Delivery, answer: Answer, *, author: FetchedAuthor | None) -> int:
    """The answer, what it says to us, and what that sets off; how many outcomes are new. `author` None: whoever
    asked to stop is left alone already.
    """
    draft = delivery.draft
    if draft is None:
        return 0
    hold(draft)
    marks = {"simulated": True} if is_simulated(answer.platform) else {}
    details = {"url": answer.url, "by_author": delivery.author_digest in answer.digests, **marks}
    record = partial(record_outcome, draft, reference=answer.id, author_digest=answer.digests[0])
    reply = record(kind=OutcomeType.REPLY_RECEIVED, count=_counts(delivery), details=details)
    if answer.verdict is None or reply is None:
        return int(reply is not None)
    record(kind=OutcomeType.NEGATIVE, details={**details, "rule": answer.verdict.value})
    if answer.verdict == Verdict.STOP and author is not None:
        _leave_alone(author, answer.platform, delivery.project)
    return 2


def _counts(delivery: Delivery) -> int:
    """0 for one that was counted before answers were told by name: its number is known already."""
    replies = Outcome.objects.filter(draft=delivery.draft_id, type=OutcomeType.REPLY_RECEIVED)
    by_number = replies.filter(reference__startswith=BY_NUMBER).aggregate(number=Sum("count"))["number"] or 0
    return 0 if by_number > replies.filter(count=0).count() else 1


def _leave_alone(author: FetchedAuthor, platform: str, project: Project) -> None:
    suppress(
        Identity(IdentityKind.ACCOUNT, platform, author.id),
        project=project,
        reason="They asked for it in a reply.",
        source=SuppressionSource.REPLY,
        by=BY,
    )
