"""What a preview says of drafts that would be sent together."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.models import Account, AccountState
from leads.models import Draft
from leads.sending.enqueue import enqueue_draft, enqueue_many
from leads.sending.preview import preview_sending
from leads.sending.worker import send_due
from signalops_site.core.models import Project
from signalops_site.core.secrets import seal
from tests.factories import AuthorFactory, PostFactory

from .conftest import Approve, configure
from .harbour import Quay


def verdicts(project: Project) -> list[tuple[str, str]]:
    return [(row.verdict, row.sentence) for row in preview_sending(project).rows]


def test_no_more_are_ready_than_the_caps_let_leave(
    project: Project, remy: User, approved: Approve, quay: Quay
) -> None:
    configure(project, rate_limits={"max_replies_per_hour": 4, "max_replies_per_day": 10})
    enqueue_draft(approved(), by=remy)
    assert send_due(project).counts == {"sent": 1}
    enqueue_draft(approved(), by=remy)
    for _ in range(4):
        approved()
    beyond = "The project's caps let fewer leave at once: it leaves when there is a place again."
    assert verdicts(project) == [("ready", "")] * 2 + [("waits", beyond)] * 2
    enqueue_many(project, [row.draft.pk for row in preview_sending(project).rows], by=remy)
    assert send_due(project).counts == {"sent": 3, "waiting": 1}


def test_of_two_to_one_author_the_second_is_refused(project: Project, remy: User, approved: Approve) -> None:
    author = AuthorFactory.create(platform="quay")
    for _ in range(2):
        approved(lead__post=PostFactory.create(platform="quay", author=author))
    first, second = preview_sending(project).rows
    assert (first.verdict, second.verdict) == ("ready", "refused")
    assert second.sentence == "The author gets another of these drafts, and is left alone then."
    assert second.until is not None, "a person may overrule it, as any cool-down"
    enqueue_many(project, [first.draft.pk, second.draft.pk], by=remy)
    assert send_due(project).counts == {"sent": 1, "cancelled": 1}
    configure(project, sending={"cooldown_days": 0})
    assert [verdict for verdict, _ in verdicts(project)] == ["ready"]


def test_what_can_still_be_taken_back_waits(project: Project, approved: Approve) -> None:
    configure(project, review={"undo_seconds": 60})
    older, newer = approved(), approved()
    Draft.objects.filter(pk=older.pk).update(decided_at=timezone.now() - timedelta(minutes=2))
    told = {row.draft.pk: (row.verdict, row.sentence[:32]) for row in preview_sending(project).rows}
    assert told == {older.pk: ("ready", ""), newer.pk: ("waits", "Its approval can still be taken ")}


@pytest.mark.usefixtures("quay")
def test_a_refused_account_and_a_missing_one_are_told_without_a_query_for_each_draft(
    project: Project, approved: Approve
) -> None:
    account = Account.objects.create(
        project=project,
        platform="mastodon",
        label="main",
        base_url="https://harbour.example",
        handle="we@harbour.example",
        credentials=seal({"access_token": "x"}),
        state=AccountState.REFUSED,
        last_error="Mastodon refused the account (401).",
    )

    def to_mastodon() -> None:
        post = PostFactory.create(
            platform="mastodon",
            community="harbour.example",
            mentions=["we@harbour.example"],
            posted_at=timezone.now(),
        )
        approved(lead__post=post)

    to_mastodon()
    approved()
    ((verdict, sentence), other) = sorted(verdicts(project), reverse=True)
    assert (verdict, sentence[:66]) == (
        "waits",
        "mastodon: main is paused: Mastodon refused the account (401). Give",
    )
    assert other == ("ready", "")
    with CaptureQueriesContext(connection) as few:
        preview_sending(project)
    for _ in range(3):
        to_mastodon()
    with CaptureQueriesContext(connection) as more:
        assert len(preview_sending(project).rows) == 5
    assert len(few) == len(more)
    account.delete()
    assert {row.sentence.partition(":")[0] for row in preview_sending(project).rows if row.verdict == "waits"} <= {
        "No account of harbour.example can answer at Mastodon",
        "No account can answer at Mastodon",
    }
