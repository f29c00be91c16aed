"""Sending by hand: a person posts in the platform's own reply box, and says that they did.

The same gates hold as by API, but for the hour: caps and the cool-down count it from the moment in which the
person took the text. It stays theirs until they say what became of it. A reply of which it is unknown whether it
left by API is settled in the same way: a person looks at the platform, and says what is so.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from signalops_site.core import audit
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role, role_in

from ..models import Delivery, DeliveryKind, DeliveryMode, DeliveryStatus, Draft, Post
from .enqueue import NotSendable, follow_up_after, fresh_delivery, locked_draft, tell
from .gates import BY_HAND, Case, first_refusal

LOOK_AFTER = timedelta(minutes=5)
RELEASED_AFTER = timedelta(days=1)
"""From then on an operator may say what became of it, and `doctor` asks for that."""
RELEASE = "An operator may say so a day after it was taken."
X_REPLY_BOX = "https://x.com/intent/tweet"
X_MESSAGE_BOX = "https://x.com/messages/compose"
REDDIT_MESSAGE_BOX = "https://www.reddit.com/message/compose/"
MOST_URL = 1000


@dataclass(frozen=True, slots=True)
class Assist:
    """Where the platform's reply box is, and what to post there."""

    delivery: Delivery
    url: str
    text: str


@transaction.atomic
def start_assist(draft: Draft, *, by: User, override: str = "", sequence: str | None = None) -> Assist:
    """Hand a person the text of an approved draft, to post it themselves. NotSendable when a gate is closed.
    `sequence`: by which plan the lead is followed up (`enrol_at_send`).

    Whoever has it already gets it again; Conflict when somebody else has it.
    """
    project = _locked_project(draft)
    require_role(by, project, Role.REVIEWER)
    draft = locked_draft(draft.pk)
    delivery = _their_own(draft, by=by)
    if delivery is None:
        delivery = fresh_delivery(draft, mode=DeliveryMode.ASSISTED, by=by, override=override)
        case = Case(draft, delivery, project, active_document(project), timezone.now())
        if refusal := first_refusal(case, BY_HAND):
            raise NotSendable(refusal)
        _hand_over(delivery, draft, by=by)
        follow_up_after(delivery, draft, by=by, sequence=sequence)
    box = message_box if delivery.kind == DeliveryKind.DM else reply_box
    return Assist(delivery, box(draft.lead.post, draft.text_final), draft.text_final)


@transaction.atomic
def mark_posted(draft: Draft, *, by: User, url: str = "") -> Delivery:
    """Say that a reply is there: one that was posted by hand, or one of which it was unknown."""
    delivery, draft = _to_settle(draft, by=by)
    delivery.status, delivery.sent_at = DeliveryStatus.SENT, timezone.now()
    delivery.url, delivery.error = _checked(url), ""
    delivery.save(update_fields=["status", "sent_at", "url", "error"])
    return _told("delivery.posted", delivery, draft, by=by)


@transaction.atomic
def mark_not_posted(draft: Draft, *, by: User) -> Delivery:
    """Say that a reply is not there, and will not be by this attempt. It may be sent again."""
    delivery, draft = _to_settle(draft, by=by)
    delivery.status, delivery.error = DeliveryStatus.CANCELLED, f"{by.get_username()} says that it was not posted."
    delivery.save(update_fields=["status", "error"])
    return _told("delivery.not_posted", delivery, draft, by=by)


def reply_box(post: Post, text: str) -> str:
    """X's own takes the text along; elsewhere the post itself is opened, and the text is pasted."""
    if post.platform == "x":
        return f"{X_REPLY_BOX}?{urlencode({'in_reply_to': post.platform_post_id, 'text': text})}"
    return post.url


def message_box(post: Post, text: str) -> str:
    """X's own and Reddit's take the text along; elsewhere the post is opened, and its author found from there."""
    author = post.author
    if post.platform == "x" and author is not None:
        return f"{X_MESSAGE_BOX}?{urlencode({'recipient_id': author.platform_user_id, 'text': text})}"
    if post.platform == "reddit" and author is not None:
        return f"{REDDIT_MESSAGE_BOX}?{urlencode({'to': author.handle, 'message': text})}"
    return post.url


def _locked_project(draft: Draft) -> Project:
    """Caps are counted behind this lock, as in a claim."""
    projects = Project.objects.select_related("active_config").select_for_update(of=("self",), no_key=True)
    return projects.get(pk=draft.lead.project_id)


def _their_own(draft: Draft, *, by: User) -> Delivery | None:
    delivery = Delivery.objects.filter(
        draft=draft, mode=DeliveryMode.ASSISTED, status=DeliveryStatus.CLAIMED
    ).first()
    if delivery is not None and delivery.queued_by_id != by.pk:
        raise Conflict(_whose(delivery, draft))
    return delivery


def _whose(delivery: Delivery, draft: Draft) -> str:
    who = delivery.queued_by.get_username() if delivery.queued_by else "Somebody"
    return f"{who} has draft {draft.pk} in hand, and has not said whether it was posted."


def _may_release(delivery: Delivery, *, by: User) -> bool:
    """Whether somebody else may settle what a person has in hand: they look at the platform in their stead."""
    if by.is_superuser:
        return True
    is_old = delivery.claimed_at is not None and delivery.claimed_at <= timezone.now() - RELEASED_AFTER
    return is_old and role_in(by, delivery.project) == Role.OPERATOR


def _hand_over(delivery: Delivery, draft: Draft, *, by: User) -> None:
    now = timezone.now()
    delivery.status, delivery.claimed_at, delivery.due_at = DeliveryStatus.CLAIMED, now, now + LOOK_AFTER
    delivery.claimed_by = f"person:{by.pk}:{os.getpid()}:{uuid4().hex[:12]}"
    delivery.account = None
    delivery.save()
    _told("delivery.assist", delivery, draft, by=by)


def _to_settle(draft: Draft, *, by: User) -> tuple[Delivery, Draft]:
    draft = locked_draft(draft.pk)
    require_role(by, draft.lead.project, Role.REVIEWER)
    delivery = Delivery.objects.select_for_update(of=("self",)).filter(draft=draft).first()
    if delivery is not None and delivery.status == DeliveryStatus.UNKNOWN:
        return delivery, draft
    if delivery is None or (delivery.mode, delivery.status) != (DeliveryMode.ASSISTED, DeliveryStatus.CLAIMED):
        raise Conflict(f"Draft {draft.pk} is not in anybody's hands: start with `assist`.")
    if delivery.queued_by_id != by.pk and not _may_release(delivery, by=by):
        raise Conflict(f"{_whose(delivery, draft)} {RELEASE}")
    return delivery, draft


def _told(action: str, delivery: Delivery, draft: Draft, *, by: User) -> Delivery:
    tell(delivery, draft)
    fields = {"draft": draft.pk, "lead": draft.lead_id}
    audit.record(action, by=by, project=draft.lead.project, on=delivery, fields=fields)
    return delivery


def _checked(url: str) -> str:
    url = url.strip()
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or len(url) > MOST_URL:
        raise DomainError("The reply's address is one of the web: https://...")
    return url
