"""A reply's afterlife, against platforms' stand-ins: how it stands, who answers, and what that sets off."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ

from connectors.base import FetchedPost
from connectors.budgets import read_months
from connectors.models import Account
from connectors.oauth import Tokens
from leads.hooks import outcome_recorded
from leads.models import (
    Delivery,
    DraftStatus,
    Interaction,
    InteractionKind,
    MentionCursor,
    Notification,
    Outcome,
    Suppression,
    SuppressionSource,
)
from leads.outcomes.looking import due_looks
from leads.outcomes.schedule import enqueue_tracking, forget_interactions, overdue_looks, track
from leads.outcomes.speaking import kind_of
from leads.replying import ReplyPolicies
from leads.sending.authors import digest_of
from leads.sending.enqueue import enqueue_draft
from leads.sending.gates import Case, policy_of
from leads.sending.worker import send_due
from leads.suppression import suppression_of
from leads.tasks import look_at_outcomes, read_mentions
from signalops_site.core.config.versions import active_document
from signalops_site.core.models import Project
from signalops_site.core.pauses import pause_of
from signalops_site.core.secrets import seal
from tests.connectors.fakes_x import BASE, BEARER, PERSON, XFake
from tests.connectors.fakes_x import post as x_post
from tests.connectors.standin import StandIn, reply
from tests.factories import AuthorFactory, DraftFactory, LeadFactory, PostFactory

from .conftest import Sent, later
from .harbour import ADA, BEA, WE, Harbour, account

pytestmark = [pytest.mark.usefixtures("reachable"), pytest.mark.django_db]


def found(draft_id: int) -> list[tuple[str, int]]:
    rows = Outcome.objects.filter(draft=draft_id).order_by("pk")
    return list(rows.values_list("type", "count"))


def test_what_comes_of_a_reply_is_told_once_and_a_no_stops_everything(
    stand_in: StandIn, project: Project, remy: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setitem(outcome_recorded._handlers, "test", lambda outcome: heard.append(outcome.type))
    harbour = Harbour(stand_in)
    account(project)
    author = AuthorFactory.create(platform="mastodon", platform_user_id=ADA, handle=ADA)
    post = PostFactory.create(
        platform="mastodon",
        platform_post_id="101@harbour.example",
        author=author,
        mentions=[WE],
        posted_at=timezone.now(),
    )
    draft = DraftFactory.create(
        lead__project=project,
        lead__post=post,
        status=DraftStatus.APPROVED,
        text_final="Try a reminder.",
        decided_at=timezone.now() - timedelta(hours=1),
    )
    enqueue_draft(draft, by=remy)
    assert send_due(project).counts == {"sent": 1}
    assert Delivery.objects.get().platform_post_id == "900@harbour.example"

    assert track([project], seconds=30).looks == {}, "it is too young to be looked at"
    Delivery.objects.update(sent_at=timezone.now() - timedelta(hours=3))
    MentionCursor.objects.update(next_look_at=timezone.now())
    harbour.ours(favourites_count=2, replies_count=1)
    harbour.hears(ADA, "Thanks, will do!")
    assert track([project], seconds=30).looks == {"live": 1}
    assert found(draft.pk) == [("reply_received", 1), ("like_received", 2)]
    answer = Outcome.objects.get(type="reply_received")
    assert (answer.reference, answer.details["by_author"]) == ("1100@harbour.example", True)
    assert "Thanks" not in str(answer.details)

    later()
    harbour.ours(favourites_count=1)
    track([project], seconds=30)
    later()
    harbour.ours(favourites_count=5)
    harbour.is_followed_by(ADA)
    track([project], seconds=30)
    assert found(draft.pk)[2:] == [("follow_received", 1), ("like_received", 3)]
    assert pause_of(project) is None

    later()
    harbour.hears(BEA, "Please stop messaging people!")
    assert track([project], seconds=30).heard["mastodon: main"].outcomes == 2
    assert found(draft.pk)[4:] == [("reply_received", 1), ("negative", 1)]
    assert heard[-2:] == ["reply_received", "negative"]
    pause = pause_of(project)
    assert pause is not None
    assert pause.until is not None
    assert timedelta(hours=23) < pause.until - timezone.now() <= timedelta(hours=24)
    _bea_is_left_alone(project)
    assert suppression_of(draft.lead) is None, "Ada has asked for nothing"

    later()
    stand_in.routes["/api/v1/statuses/"] = lambda _: reply({"error": "Gone"}, 410)
    assert track([project], seconds=30).looks == {"gone": 1}
    later()
    assert track([project], seconds=30).looks == {}


def _bea_is_left_alone(project: Project) -> None:
    (alert,) = Notification.objects.filter(kind="alert")
    assert alert.sentence.endswith("answered badly. Sending of tidewater is paused for a day.")
    author = AuthorFactory.create(platform="mastodon", platform_user_id=BEA)
    entry = suppression_of(LeadFactory.create(project=project, post__platform="mastodon", post__author=author))
    assert entry is not None
    assert entry.source == SuppressionSource.REPLY
    assert Suppression.objects.count() == 1


def test_where_answers_are_not_told_by_name_their_number_counts(
    stand_in: StandIn, project: Project, sent: Sent
) -> None:
    """And one that is told by name afterwards is not counted again."""
    harbour = Harbour(stand_in)
    own = account(project)
    delivery = sent("mastodon", post_id="900@harbour.example")
    Delivery.objects.update(account=own)
    harbour.writer.post("Yes.", at=datetime.now(tz=UTC), answers="101")
    harbour.ours(replies_count=1)
    assert look_at_outcomes(project.pk) == "1 live"
    assert found(delivery.draft_id or 0) == [("reply_received", 1)]
    harbour.hears(ADA, "Thanks!")
    assert read_mentions(own.pk) == "1 posts, 1 interactions, 1 outcomes"
    harbour.hears(BEA, "Thanks, too!")
    later()
    read_mentions(own.pk)
    assert found(delivery.draft_id or 0) == [("reply_received", 1), ("reply_received", 0), ("reply_received", 1)]


def test_on_x_looks_are_paid_from_the_account_s_budget_and_end_with_it(
    stand_in: StandIn, project: Project, sent: Sent
) -> None:
    x = XFake(stand_in)
    ids = x.fill(3)
    reader = account(
        project,
        "x",
        base_url="https://api.x.com",
        handle="we_invoice",
        credentials=seal({"bearer_token": BEARER}),
        monthly_posts_limit=2,
    )
    for identity in ids:
        sent("x", post_id=identity, hours_ago=7)
    Delivery.objects.update(account=reader)
    assert track([project], seconds=30).looks == {"live": 2, "put off": 1}
    month = read_months([reader])[reader.pk]
    assert (month.posts, month.usd) == (2, Decimal("0.010"))
    asked = len(stand_in.asked)
    assert track([project], seconds=30).looks == {"put off": 1}
    assert len(stand_in.asked) == asked
    cursor = MentionCursor.objects.get(account=reader)
    assert "client_id" in cursor.last_error
    assert cursor.next_look_at > timezone.now() + timedelta(hours=23)


def test_whoever_mentions_the_account_may_be_answered_by_api_once(
    stand_in: StandIn, project: Project, sent: Sent
) -> None:
    x = XFake(stand_in)
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    named = {"entities": {"mentions": [{"username": "we_invoice"}]}, "created_at": now}
    x.use({**x_post(1), **named})
    own = account(
        project,
        "x",
        base_url="https://api.x.com",
        handle="we_invoice",
        credentials=seal({"bearer_token": BEARER, "client_id": "abc"}),
        session=seal(Tokens(access=PERSON).as_session()),
    )
    author = AuthorFactory.create(platform="x", platform_user_id=x_post(1)["author_id"])
    draft = DraftFactory.create(lead__project=project, lead__post__platform="x", lead__post__author=author)
    assert ReplyPolicies().of(draft.lead).mode == "assisted"

    assert track([project], seconds=30).heard["x: main"].problem == ""
    assert (Interaction.objects.get().kind, Interaction.objects.get().author_digest) == (
        "mention",
        digest_of(author),
    )
    assert ReplyPolicies().of(draft.lead).mode == "api"
    case = Case(draft, Delivery(), project, active_document(project), timezone.now(), own)
    assert policy_of(case).mode == "api"
    assert MentionCursor.objects.get().newest_id == str(BASE + 1)

    delivery = sent("x", draft=draft, hours_ago=-1)
    Delivery.objects.filter(pk=delivery.pk).update(account=own)
    assert ReplyPolicies().of(draft.lead).mode == "assisted", "one reply for each time"
    Delivery.objects.all().delete()
    Interaction.objects.update(happened_at=timezone.now() - timedelta(days=31))
    assert ReplyPolicies().of(draft.lead).mode == "assisted", "it was too long ago"
    assert forget_interactions() == 0
    Interaction.objects.update(happened_at=timezone.now() - timedelta(days=91))
    assert forget_interactions() == 1


@pytest.mark.parametrize(
    ("mentions", "answers", "kind"),
    [(("we.example",), "", "mention"), (("we.example",), "p", "mention"), ((), "p", "reply"), ((), "", "quote")],
)
def test_what_a_post_to_us_is(mentions: tuple[str, ...], answers: str, kind: str) -> None:
    post = FetchedPost("bluesky", "1", "Hello", mentions=mentions, reply_to_id=answers)
    assert kind_of(post, Account(handle="we.example")) == InteractionKind(kind)


def test_a_young_reply_is_looked_at_often_and_an_old_one_no_more(project: Project, sent: Sent) -> None:
    """Where reading is free: each 2 hours on the first day, each 12 in the first week, then each 2 days."""
    ages = {"young": 20.0, "a week": 100.0, "a month": 24 * 20.0, "old": 24 * 31.0}
    ids = {sent("bluesky", hours_ago=hours).pk: name for name, hours in ages.items()}

    def due(looked_hours_ago: float) -> set[str]:
        Delivery.objects.update(looked_at=timezone.now() - timedelta(hours=looked_hours_ago))
        return {ids[pk] for pk in due_looks("bluesky").values_list("pk", flat=True)}

    assert due(1) == set()
    assert due(3) == {"young"}
    assert due(13) == {"young", "a week"}
    assert due(49) == {"young", "a week", "a month"}
    assert overdue_looks(late=timedelta(days=1)) == {"bluesky": 2}


def test_the_beat_gives_each_its_job_once(project: Project, sent: Sent) -> None:
    account(project)
    sent("bluesky")
    assert enqueue_tracking() == 2
    assert enqueue_tracking() == 0, "its jobs wait"
    assert {job.task["func"] for job in OrmQ.objects.all()} == {
        "leads.tasks.look_at_outcomes",
        "leads.tasks.read_mentions",
    }
