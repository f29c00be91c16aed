from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from leads.models import Delivery, DeliveryMode, DeliveryStatus, Draft, DraftStatus, MentionCursor
from leads.sending.authors import digest_of
from signalops_site.core.models import Project, Role
from tests.connectors.standin import StandIn, running
from tests.factories import DraftFactory, ProjectFactory, document, member

Sent = Callable[..., Delivery]
WEBHOOK = {"enabled": True, "webhook": {"url": "https://hooks.example/1", "secret": "a-secret-of-some-length"}}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running() as server:
        yield server


@pytest.fixture
def reachable(stand_in: StandIn, settings: Settings) -> None:
    """The stand-in is where these platforms are asked."""
    settings.PLATFORM_BASE_URLS = dict.fromkeys(("mastodon", "bluesky", "x"), stand_in.url)


@pytest.fixture
def project(db: None) -> Project:
    given = {"review": {"undo_seconds": 0}, "notifications": WEBHOOK}
    return ProjectFactory.create(slug="tidewater", document=document(**given))


@pytest.fixture
def remy(project: Project) -> User:
    return member(project, Role.REVIEWER)


@pytest.fixture
def sent(project: Project) -> Sent:
    """A reply that left three hours ago, at a platform where nothing is asked unless the test says which."""

    def send(
        platform: str = "quay", *, post_id: str = "", hours_ago: float = 3, draft: Draft | None = None
    ) -> Delivery:
        draft = draft or DraftFactory.create(
            lead__project=project,
            lead__post__platform=platform,
            status=DraftStatus.APPROVED,
            text_final="Yes.",
        )
        at = timezone.now() - timedelta(hours=hours_ago)
        author = draft.lead.post.author
        return Delivery.objects.create(
            draft=draft,
            project=project,
            platform=platform,
            author_digest=digest_of(author) if author else "",
            mode=DeliveryMode.API,
            status=DeliveryStatus.SENT,
            claimed_at=at,
            sent_at=at,
            platform_post_id=post_id or f"ours-{draft.pk}",
        )

    return send


def later() -> None:
    """So much time that everything is due again."""
    Delivery.objects.update(looked_at=timezone.now() - timedelta(days=3))
    MentionCursor.objects.update(next_look_at=timezone.now())
