"""Which posts are asked for, how the answers are taken, and what ends a turn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from connectors import base as connectors_base
from connectors.base import Availability, Capability, Connector, FetchedPage, FetchedPost, LookedUp, SearchQuery
from connectors.errors import AccountNeeded, BadAnswer, BadQuery, ConnectorError, NoAnswer, NotThere, RateLimited
from leads.models import Lead, LeadStage, Post, PostAvailability
from leads.models.posts import CHECKED_EVERY
from leads.services import availability
from leads.services.availability import (
    UNKNOWN_EVERY,
    Checked,
    check_posts,
    due_posts,
    enqueue_checks,
    lookup_platforms,
    projects_to_check,
)
from leads.services.emptying import empty_posts
from leads.tasks import check_availability
from signalops_site.core.beat import beat
from signalops_site.core.models import Project

from ...factories import DraftFactory, LeadFactory, PostFactory

pytestmark = pytest.mark.django_db

LIVE, GONE = LookedUp(Availability.LIVE), LookedUp(Availability.GONE)


@dataclass
class Platform:
    """Says `answers` of posts and nothing of others; `fails` is raised in place of the first answers."""

    answers: dict[str, LookedUp] = field(default_factory=dict)
    fails: list[ConnectorError] = field(default_factory=list)
    refused_id: str = ""
    asked: list[list[str]] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    def look_up(self, ids: Sequence[str]) -> Mapping[str, LookedUp]:
        self.asked.append(list(ids))
        self.before()
        if self.fails:
            raise self.fails.pop(0)
        if self.refused_id in ids:
            raise BadQuery("What is that?")
        return {identity: self.answers[identity] for identity in ids if identity in self.answers}

    @property
    def all_asked(self) -> list[str]:
        return [identity for batch in self.asked for identity in batch]


def registered(name: str, scripted: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    class Scripted(Connector):
        platform = name
        capabilities = frozenset({Capability.SEARCH, Capability.LOOKUP})
        looked_up_at_once = 3

        def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
            return iter(())

        def look_up(self, ids: Sequence[str]) -> Mapping[str, LookedUp]:
            return scripted.look_up(ids)

    connectors_base.connectors.load()
    monkeypatch.setitem(connectors_base.connectors._items, name, Scripted)
    return scripted


@pytest.fixture
def harbour(monkeypatch: pytest.MonkeyPatch) -> Platform:
    return registered("harbour", Platform(), monkeypatch)


def lead(
    project: Project, number: int, *, platform: str = "harbour", overdue: float = 1.0, **post: object
) -> Lead:
    """A lead whose post has been due for `overdue` hours."""
    due = timezone.now() - timedelta(hours=overdue)
    made: Lead = LeadFactory.create(
        project=project,
        post=PostFactory.create(platform=platform, platform_post_id=str(number), next_check_at=due, **post),
    )
    return made


def post_of(number: int) -> Post:
    return Post.objects.get(platform_post_id=str(number))


def test_gone_is_told_apart_from_what_the_platform_says_nothing_of(harbour: Platform, project: Project) -> None:
    for number in (1, 2, 3):
        lead(project, number)
    harbour.answers = {"1": LIVE, "2": GONE}
    before = timezone.now()

    assert check_posts(project) == Checked(live=1, gone=1, unknown=1)

    live, gone, unknown = post_of(1), post_of(2), post_of(3)
    assert [post.availability for post in (live, gone, unknown)] == ["live", "gone", "unknown"]
    assert all(post.checked_at and post.checked_at >= before for post in (live, gone, unknown))
    assert live.text == unknown.text != ""
    assert gone.text == ""
    waits = [
        round((post.next_check_at - before) / timedelta(hours=1)) for post in (live, unknown) if post.next_check_at
    ]
    assert waits == [CHECKED_EVERY / timedelta(hours=1), UNKNOWN_EVERY / timedelta(hours=1)]


def test_each_post_is_asked_for_again_well_within_a_day() -> None:
    asked_again_within = CHECKED_EVERY + availability.LOOKED_FOR_EVERY
    assert asked_again_within + timedelta(hours=3) < timedelta(hours=24)
    assert UNKNOWN_EVERY < CHECKED_EVERY


def test_a_post_that_was_just_collected_is_not_asked_for(harbour: Platform, project: Project) -> None:
    LeadFactory.create(project=project, post__platform="harbour")
    assert check_posts(project) == Checked()
    assert harbour.asked == []


def test_a_post_that_stays_unknown_keeps_its_words(harbour: Platform, project: Project) -> None:
    lead(project, 1)
    for _ in range(5):
        check_posts(project)
        Post.objects.update(next_check_at=timezone.now())
    assert len(harbour.asked) == 5
    assert (post_of(1).availability, bool(post_of(1).text)) == (PostAvailability.UNKNOWN, True)
    harbour.answers = {"1": LIVE}
    check_posts(project)
    assert post_of(1).availability == PostAvailability.LIVE


def test_counts_are_brought_up_to_date_and_an_edited_text_stays_as_it_was_judged(
    harbour: Platform, project: Project
) -> None:
    text = lead(project, 1, likes=3, replies=4).post.text
    now = FetchedPost(platform="harbour", id="1", text="Edited since", likes=30)
    harbour.answers = {"1": LookedUp(Availability.LIVE, now)}
    check_posts(project)
    post = post_of(1)
    assert (post.likes, post.replies, post.text) == (30, 4, text)


def test_a_post_that_is_gone_is_asked_for_no_more(harbour: Platform, project: Project) -> None:
    lead(project, 1)
    harbour.answers = {"1": GONE}
    for _ in range(3):
        check_posts(project)
        Post.objects.update(next_check_at=timezone.now())
    assert harbour.all_asked == ["1"]


def test_an_answer_that_comes_late_makes_no_empty_post_live_again(harbour: Platform, project: Project) -> None:
    made = lead(project, 1)
    harbour.answers = {"1": LIVE}
    harbour.before = lambda: empty_posts([made.post_id])
    check_posts(project)
    assert post_of(1).availability == PostAvailability.GONE


def test_posts_with_a_waiting_draft_come_first_and_then_the_oldest(harbour: Platform, project: Project) -> None:
    for number, hours in ((1, 1), (2, 9), (3, 5), (4, 7)):
        lead(project, number, overdue=hours)
    DraftFactory.create(lead=Lead.objects.get(post=post_of(1)))
    check_posts(project)
    assert harbour.asked == [["1", "2", "4"], ["3"]]


def test_only_posts_of_the_project_are_asked_for_with_its_account(
    harbour: Platform, project: Project, other_project: Project
) -> None:
    lead(project, 1)
    lead(other_project, 2)
    check_posts(project)
    assert harbour.all_asked == ["1"]


def test_a_post_of_two_projects_is_asked_for_once(
    harbour: Platform, project: Project, other_project: Project
) -> None:
    shared = lead(project, 1)
    LeadFactory.create(project=other_project, post=shared.post)
    check_posts(project)
    check_posts(other_project)
    assert harbour.all_asked == ["1"]


def test_a_platform_that_cannot_look_up_is_not_asked(project: Project) -> None:
    made = lead(project, 1, platform="sample")
    assert "sample" not in lookup_platforms()
    assert not projects_to_check().exists()
    assert check_posts(project) == Checked()
    made.post.refresh_from_db()
    assert made.post.availability == PostAvailability.LIVE


@pytest.mark.parametrize(
    "error",
    [RateLimited("Wait."), NoAnswer("Nobody there."), AccountNeeded("Who asks?")],
    ids=lambda e: type(e).__name__,
)
def test_what_a_platform_refuses_ends_its_turn_and_no_others(
    error: ConnectorError, harbour: Platform, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    quay = registered("quay", Platform(answers={"9": GONE}), monkeypatch)
    for number in range(1, 6):
        lead(project, number)
    lead(project, 9, platform="quay")
    harbour.fails = [error]

    assert check_posts(project) == Checked(gone=1)

    assert len(harbour.asked) == 1
    assert quay.all_asked == ["9"]
    assert due_posts("harbour", project).count() == 5


@pytest.mark.parametrize(
    "error", [BadQuery("No such id."), NotThere("Nothing here.")], ids=lambda e: type(e).__name__
)
def test_an_id_that_the_platform_does_not_take_spoils_no_other(
    error: ConnectorError, harbour: Platform, project: Project
) -> None:
    for number in (1, 2, 3):
        lead(project, number, overdue=10 - number)
    harbour.answers = {"1": LIVE, "3": GONE}
    harbour.refused_id = "2"
    assert check_posts(project) == Checked(live=1, gone=1, unknown=1)
    assert post_of(2).availability == PostAvailability.UNKNOWN


def test_an_answer_that_cannot_be_read_says_nothing(harbour: Platform, project: Project) -> None:
    for number in range(1, 5):
        lead(project, number, overdue=10 - number)
    harbour.answers = dict.fromkeys("1234", GONE)
    harbour.fails = [BadAnswer("A page about cookies.")]
    assert check_posts(project) == Checked(gone=1, unknown=3)


def test_a_turn_that_is_over_says_that_there_is_more(harbour: Platform, project: Project) -> None:
    for number in range(1, 8):
        lead(project, number)
    assert check_posts(project, seconds=0) == Checked(is_cut=True)
    assert harbour.asked == []


def test_an_operator_can_bound_how_many_are_asked_for_in_a_day(
    harbour: Platform, project: Project, settings: Settings
) -> None:
    settings.LOOKUPS_PER_DAY = {"harbour": 4}
    for number in range(1, 8):
        lead(project, number)
    harbour.answers = dict.fromkeys("1234567", LIVE)
    assert check_posts(project) == Checked(live=4)
    assert check_posts(project) == Checked()
    Post.objects.update(checked_at=timezone.now() - timedelta(hours=25))
    assert check_posts(project) == Checked(live=3)


def test_a_project_without_a_configuration_waits_for_one(harbour: Platform, project: Project) -> None:
    lead(project, 1)
    project.active_config = None
    project.save()
    assert check_posts(project) == Checked()
    assert harbour.asked == []


def test_the_beat_gives_each_project_with_posts_to_check_one_job(
    harbour: Platform, project: Project, other_project: Project
) -> None:
    lead(project, 1)
    LeadFactory.create(project=other_project, post__platform="harbour")
    assert beat._jobs["availability"].call is enqueue_checks
    assert enqueue_checks() == 1
    assert enqueue_checks() == 0
    (job,) = OrmQ.objects.all()
    assert (job.key, job.task["func"], job.task["kwargs"]) == (
        "short",
        "leads.tasks.check_availability",
        {"project_id": project.pk},
    )


def test_without_posts_to_check_there_is_no_job(harbour: Platform, project: Project) -> None:
    lead(project, 1, platform="sample")
    assert enqueue_checks() == 0
    assert not OrmQ.objects.exists()


def test_the_job_hands_the_rest_on(harbour: Platform, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    lead(project, 1)
    monkeypatch.setattr(availability, "check_posts", lambda _project: Checked(live=3, is_cut=True))
    assert check_availability(project.pk) == "3 live, 0 gone, 0 unknown"
    assert OrmQ.objects.count() == 1
    monkeypatch.setattr(availability, "check_posts", lambda _project: Checked(live=1))
    check_availability(project.pk)
    assert OrmQ.objects.count() == 1


def test_the_job_does_its_work_and_ends_when_nothing_is_due(harbour: Platform, project: Project) -> None:
    lead(project, 1)
    harbour.answers = {"1": GONE}
    assert check_availability(project.pk) == "0 live, 1 gone, 0 unknown"
    assert Lead.objects.get().stage == LeadStage.GONE
    assert not OrmQ.objects.exists()
    assert check_availability(project.pk + 1000) == "no such project"
