"""What a message says, read from the database when it is sent: posts that are gone by then are in none.

Values only: how each target writes them is in `payloads`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from ..models import Lead, LeadStage, Notification, NotificationKind

LISTED = 10
"""Leads of which a chat is told one by one."""
MOST_IN_EVENT = 100
"""Leads in one message to a webhook."""


@dataclass(frozen=True, slots=True)
class LeadLine:
    id: int
    score: float
    label: str
    platform: str
    author: str
    """The handle; empty where none is known."""
    text: str
    url: str
    posted_at: datetime | None
    page: str
    """The lead's address in this dashboard; empty without PUBLIC_URL."""


@dataclass(frozen=True, slots=True)
class Message:
    event_id: str
    kind: NotificationKind
    created_at: datetime
    project: str
    name: str
    leads: tuple[LeadLine, ...] = ()
    """The best first, and MOST_IN_EVENT at most."""
    total: int = 0
    subject: str = ""
    sentence: str = ""

    @property
    def headline(self) -> str:
        match self.kind:
            case NotificationKind.ALERT:
                return f"{self.name}: {self.sentence}"
            case NotificationKind.TEST:
                return f"{self.name}: this is a test message. Notifications of SignalOps arrive here."
            case NotificationKind.DIGEST:
                return f"{self.name}: {_counted(self.total)} below the threshold since the last summary"
        return f"{self.name}: {_counted(self.total)}"


def _counted(total: int) -> str:
    return "a new lead" if total == 1 else f"{total:,} new leads"


def message_of(notification: Notification) -> Message | None:
    """None when there is nothing to tell any more: the posts of all its leads are gone."""
    about_leads = notification.kind in (NotificationKind.LEADS, NotificationKind.DIGEST)
    leads = living_leads(notification) if about_leads else Lead.objects.none()
    total = leads.count() if about_leads else 0
    if about_leads and not total:
        return None
    project = notification.project
    best = leads.select_related("post__author").order_by("-score", "pk")[:MOST_IN_EVENT]
    return Message(
        event_id=str(notification.event_id),
        kind=NotificationKind(notification.kind),
        created_at=notification.created_at,
        project=project.slug,
        name=project.name,
        leads=tuple(_line(lead, slug=project.slug) for lead in best),
        total=total,
        subject=notification.subject,
        sentence=notification.sentence,
    )


def living_leads(notification: Notification) -> QuerySet[Lead]:
    return Lead.objects.filter(notifications__notification=notification).exclude(stage=LeadStage.GONE)


def _line(lead: Lead, *, slug: str) -> LeadLine:
    post = lead.post
    return LeadLine(
        id=lead.pk,
        score=round(lead.score, 1),
        label=lead.label,
        platform=post.platform,
        author=post.author.handle if post.author else "",
        text=post.clean_text or post.text,
        url=post.url,
        posted_at=post.posted_at,
        page=f"{settings.PUBLIC_URL}/p/{slug}/leads?lead={lead.pk}" if settings.PUBLIC_URL else "",
    )
