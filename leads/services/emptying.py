"""A post that is gone at its platform is emptied here: what it said goes, and whatever repeats it.

What stays are the ids, so that it is never collected again, the lead with its label and its points, so that
counts hold, and what people wrote of it in their own words. A note or a reason goes when it quotes: when it has
five words of the post in a row.

A batch of a run that had read the words a moment before may write some of them back. So every emptied post is
looked at once more an hour later (`empty_again`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.models import Project
from signalops_site.core.runs import publish

from .. import search
from ..hooks import post_emptied
from ..models import (
    Author,
    Decision,
    Draft,
    DraftStatus,
    Fingerprint,
    HumanLabel,
    Judgment,
    LabelTask,
    Lead,
    LeadStage,
    Post,
    PostAvailability,
    RawPost,
    ScoringPluginResult,
)
from ..pipeline.base import CLEARED
from ..search.words import words_of
from .answers import forget_answers
from .copies import release_copies
from .suppressed_ids import keep_by_id

BY = "job:availability"
AGAIN_AFTER = timedelta(hours=1)
QUOTED_WORDS = 5

EMPTY: Mapping[str, Any] = {
    "author": None,
    "text": "",
    "clean_text": "",
    "language": "",
    "url": "",
    "conversation_id": "",
    "reply_to_id": "",
    "community": "",
    "likes": None,
    "replies": None,
    "reposts": None,
    "views": None,
    "hashtags": [],
    "mentions": [],
    "urls": [],
    "near_duplicate_key": "",
}
NO_TEXTS = {"text_generated": "", "text_final": "", "better_text": "", "prompt": ""}


def empty_post(post: Post, *, by: audit.Actor = BY) -> None:
    """Empty one post that its platform says is gone. One that is empty already stays as it is."""
    empty_posts([post.pk], by=by)


@transaction.atomic
def empty_posts(post_ids: Collection[int], *, by: audit.Actor = BY) -> int:
    """Empty the posts of these keys in all projects, and everything that repeats them; how many were not yet gone.

    Posts are locked before drafts, and drafts before leads, as a run and the review desk do it.
    """
    posts = list(_with_something_left(post_ids).select_for_update(of=("self",)).order_by("pk"))
    if not posts:
        return 0
    drafts = list(
        Draft.objects.filter(lead__post__in=posts)
        .select_related("lead")
        .select_for_update(of=("self", "lead"))
        .order_by("pk")
    )
    leads = _locked_leads(posts)
    said = {post.pk: Quoted(post.text or post.clean_text) for post in posts}
    quotes = {lead.pk: said[lead.post_id] for lead in leads}
    _empty_drafts(drafts, quotes)
    _empty_decisions(quotes)
    _empty_leads(leads, quotes)
    forget_answers(quotes)
    post_emptied.call(list(quotes))
    new = _empty_rows(posts)
    if leads:
        search.index_leads(quotes)
        search.forget_words()
    _tell(posts, leads, drafts, by=by)
    return new


def empty_again(platform: str, *, by: audit.Actor = BY) -> int:
    """Look once more at the platform's posts that were emptied an hour ago; how many there were."""
    gone = Post.objects.filter(
        platform=platform, availability=PostAvailability.GONE, next_check_at__lte=timezone.now()
    )
    ids = list(gone.order_by("next_check_at").values_list("pk", flat=True)[:500])
    with transaction.atomic():
        empty_posts(ids, by=by)
        Post.objects.filter(pk__in=ids).update(next_check_at=None)
    return len(ids)


class Quoted:
    """The words of a post, to be found again in what people wrote of it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _words(self) -> list[str]:
        return words_of(self.text)

    @cached_property
    def _runs(self) -> set[tuple[str, ...]]:
        return set(_runs_of(self._words, self._length))

    @property
    def _length(self) -> int:
        return min(QUOTED_WORDS, len(self._words))

    def stands_in(self, text: str) -> bool:
        """Whether a text holds five words of the post in a row; of a shorter post, all of them."""
        if not text or not self._words:
            return False
        return any(run in self._runs for run in _runs_of(words_of(text), self._length))

    def out_of(self, text: str) -> str:
        """The text, or nothing when the post stands in it."""
        return "" if self.stands_in(text) else text


def _runs_of(words: Sequence[str], length: int) -> Iterable[tuple[str, ...]]:
    return (tuple(words[start : start + length]) for start in range(len(words) - length + 1))


def _with_something_left(post_ids: Collection[int]) -> QuerySet[Post]:
    """Those that are not gone yet, or to which a run has written since."""
    at_work = Lead.objects.filter(post=OuterRef("pk")).exclude(stage=LeadStage.GONE)
    left = ~Q(availability=PostAvailability.GONE) | ~Q(clean_text="") | Q(Exists(at_work))
    return Post.objects.filter(left, pk__in=post_ids)


def _locked_leads(posts: Sequence[Post]) -> list[Lead]:
    leads = Lead.objects.filter(post__in=posts).select_related("project")
    return list(leads.select_for_update(of=("self",)).order_by("pk"))


def _empty_drafts(drafts: Sequence[Draft], quotes: Mapping[int, Quoted]) -> None:
    """All texts of all drafts: an answer says what the question was. Those that waited are withdrawn."""
    of_these = Draft.objects.filter(pk__in=[draft.pk for draft in drafts])
    of_these.update(**NO_TEXTS)
    of_these.filter(status=DraftStatus.PENDING).update(status=DraftStatus.SUPERSEDED)
    for draft in drafts:
        if quotes[draft.lead_id].stands_in(draft.reject_reason):
            Draft.objects.filter(pk=draft.pk).update(reject_reason="")


def _empty_decisions(quotes: Mapping[int, Quoted]) -> None:
    """What undo would bring back."""
    for decision in Decision.objects.filter(lead__in=quotes):
        for state in (decision.before, decision.after):
            _empty_snapshot(state, quotes[decision.lead_id])
        decision.save(update_fields=["before", "after"])


def _empty_snapshot(state: dict[str, Any], quoted: Quoted) -> None:
    """In the shape of `snapshots.Snapshot`, as JSON."""
    if draft := state.get("draft"):
        draft |= {"text_final": "", "better_text": "", "reject_reason": quoted.out_of(draft["reject_reason"])}
    if label := state.get("label"):
        label["reason"] = quoted.out_of(label["reason"])


def _empty_leads(leads: Sequence[Lead], quotes: Mapping[int, Quoted]) -> None:
    """Labels and points stay; why they were given goes, as it may repeat the post. Its copies are leads again."""
    release_copies(list(quotes))
    Fingerprint.objects.filter(lead__in=quotes).delete()
    LabelTask.objects.filter(lead__in=quotes, answered_at__isnull=True).delete()
    Lead.objects.filter(pk__in=quotes).update(stage=LeadStage.GONE, copy_of=None, **CLEARED)
    Judgment.objects.filter(lead__in=quotes).update(reasoning="")
    ScoringPluginResult.objects.filter(score__lead__in=quotes).update(reason="", error="", details={})
    for lead in leads:
        if quotes[lead.pk].stands_in(lead.note):
            Lead.objects.filter(pk=lead.pk).update(note="")
    for label in HumanLabel.objects.filter(lead__in=quotes).exclude(reason=""):
        if quotes[label.lead_id].stands_in(label.reason):
            HumanLabel.objects.filter(pk=label.pk).update(reason="")


def _empty_rows(posts: Sequence[Post]) -> int:
    """The posts themselves, what was received of them, and authors of whom nothing else is kept."""
    now = timezone.now()
    ids = [post.pk for post in posts]
    new = [post.pk for post in posts if post.availability != PostAvailability.GONE]
    RawPost.objects.filter(post__in=ids).delete()
    Post.objects.filter(pk__in=ids).update(**EMPTY)
    Post.objects.filter(pk__in=new).update(
        availability=PostAvailability.GONE, gone_at=now, checked_at=now, next_check_at=now + AGAIN_AFTER
    )
    authors = Author.objects.filter(pk__in={post.author_id for post in posts if post.author_id})
    alone = authors.filter(~Exists(Post.objects.filter(author=OuterRef("pk"))))
    keep_by_id(alone)
    alone.delete()
    return len(new)


def _tell(posts: Sequence[Post], leads: Sequence[Lead], drafts: Sequence[Draft], *, by: audit.Actor) -> None:
    """Dashboards drop the drafts that were withdrawn; each project's audit log has the ids."""
    projects = {lead.project_id: lead.project for lead in leads}
    project_of = {lead.pk: lead.project for lead in leads}
    for draft in drafts:
        if draft.status == DraftStatus.PENDING:
            detail = {"draft": draft.pk, "lead": draft.lead_id, "status": DraftStatus.SUPERSEDED.value}
            publish(project_of[draft.lead_id], "queue_update", detail=detail)
    by_project: dict[int, list[Lead]] = defaultdict(list)
    for lead in leads:
        by_project[lead.project_id].append(lead)
    for project_id in sorted(by_project):
        _record(projects[project_id], by_project[project_id], by=by)
    if alone := sorted({post.pk for post in posts} - {lead.post_id for lead in leads}):
        audit.record("post.empty", by=by, fields={"posts": alone})


def _record(project: Project, leads: Sequence[Lead], *, by: audit.Actor) -> None:
    fields = {"posts": [lead.post_id for lead in leads], "leads": [lead.pk for lead in leads]}
    audit.record("post.empty", by=by, project=project, fields=fields)
