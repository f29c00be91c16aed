"""Posts are asked for at their platform, with the project's account, as the job of the beat does it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors import services
from connectors.base import SearchQuery
from connectors.budgets import Reading, read_months
from connectors.errors import Expired, Refused
from connectors.models import Account, AccountState, RateWindow
from leads.models import Lead, Post
from leads.pipeline.runner import RunOptions
from leads.services.availability import Checked, check_posts, due_posts
from leads.services.ingest import store_posts
from leads.services.runs import run_now
from signalops_site.core.models import Project, RunEvent
from tests.factories import LeadFactory, PostFactory, ProjectFactory, document

from .fakes import BlueskyFake, MastodonFake
from .fakes_reddit import RedditFake
from .searches import search_platform
from .standin import reply

pytestmark = [pytest.mark.usefixtures("reachable"), pytest.mark.django_db]


def added(fake: Any, project: Project | None = None, *, label: str = "main") -> Account:
    credentials = fake.credentials()
    return services.add_account(
        fake.platform, label=label, credentials=credentials, project=project, by="command:test"
    )


@pytest.fixture
def account(reddit: RedditFake, project: Project) -> Account:
    return added(reddit, project)


@pytest.fixture
def posts(reddit: RedditFake, account: Account, project: Project) -> list[Post]:
    """120 posts of Reddit that were collected the day before yesterday, by their numbers."""
    reddit.fill(120)
    pages = search_platform(
        "reddit", SearchQuery("invoice", max_results=1000), project=project, document=document()
    )
    for page in pages:
        store_posts(project, page.posts, query_label="all")
    Post.objects.update(next_check_at=timezone.now() - timedelta(hours=1))
    return list(Post.objects.order_by("platform_post_id"))


def asked_for_posts(reddit: RedditFake) -> int:
    return sum(asked.path == "/api/info" for asked in reddit.stand_in.asked)


def test_what_was_deleted_there_is_emptied_here(reddit: RedditFake, project: Project, posts: list[Post]) -> None:
    reddit.posts[0] |= {"author": "[deleted]", "selftext": "[deleted]"}
    reddit.posts[1] |= {"removed_by_category": "moderator"}
    reddit.posts[2] |= {"score": 999}
    del reddit.posts[3]

    assert check_posts(project) == Checked(live=117, gone=1, unknown=2)

    assert asked_for_posts(reddit) == 2
    found = {post.pk: post for post in Post.objects.all()}
    deleted, removed, liked, unsaid = (found[post.pk] for post in posts[:4])
    assert (deleted.availability, deleted.text, removed.availability, bool(removed.text)) == (
        "gone",
        "",
        "unknown",
        True,
    )
    assert liked.likes == 999
    assert (unsaid.availability, bool(unsaid.text)) == ("unknown", True)
    assert Lead.objects.filter(stage="gone").count() == 1


def test_a_refused_account_pauses_with_one_message_and_is_not_asked_again(
    reddit: RedditFake, project: Project, posts: list[Post], account: Account
) -> None:
    reddit.revoke()
    assert check_posts(project) == Checked()
    account.refresh_from_db()
    assert account.state == AccountState.REFUSED
    (event,) = RunEvent.objects.filter(type="account_update")
    assert event.detail == {"account": account.pk, "platform": "reddit", "state": "refused"}
    asked = len(reddit.stand_in.asked)

    assert check_posts(project) == Checked()

    assert len(reddit.stand_in.asked) == asked
    assert RunEvent.objects.filter(type="account_update").count() == 1
    assert not Post.objects.exclude(checked_at=None).exists()


def test_look_ups_count_in_the_window_that_searches_have(
    reddit: RedditFake, project: Project, posts: list[Post]
) -> None:
    RateWindow.objects.update(remaining=0, resets_at=timezone.now() + timedelta(minutes=5))
    asked = len(reddit.stand_in.asked)
    assert check_posts(project) == Checked()
    assert len(reddit.stand_in.asked) == asked


def test_a_budget_that_is_spent_keeps_no_deleted_post_here_and_look_ups_count(
    reddit: RedditFake, project: Project, posts: list[Post], account: Account
) -> None:
    del reddit.posts[0]
    reddit.posts[1] |= {"author": "[deleted]", "selftext": "[deleted]"}
    services.set_read_budget(account, posts=0, usd=None, by="command:test")
    assert check_posts(project) == Checked(live=118, gone=1, unknown=1)
    month = read_months([account])[account.pk]
    assert (month.posts, month.posts_limit) == (118, 0)


def test_what_look_ups_have_read_is_spent(
    reddit: RedditFake, project: Project, posts: list[Post], account: Account
) -> None:
    services.set_read_budget(account, posts=130, usd=None, by="command:test")
    check_posts(project)
    account.refresh_from_db()
    assert Reading(account, wanted=100).granted == 10


def test_a_platform_that_is_down_says_nothing_of_its_posts(
    reddit: RedditFake, project: Project, posts: list[Post]
) -> None:
    reddit.stand_in.routes["/api/info"] = lambda _: reply({}, 503)
    assert check_posts(project) == Checked()
    assert set(Post.objects.values_list("availability", flat=True)) == {"live"}


# ---------------------------------------------------------------- whose word counts


@pytest.mark.parametrize(
    ("account", "stage"),
    [
        ("https://bsky.social", "gone"),
        ("https://pds.example", "collected"),
        ("https://pds.example, of all projects", "gone"),
    ],
)
def test_an_address_that_one_project_chose_empties_no_other_project(
    bluesky: BlueskyFake, project: Project, other_project: Project, account: str, stage: str
) -> None:
    bluesky.fill(3)
    base_url, _, is_shared = account.partition(", ")
    ours_or_shared = added(bluesky, None if is_shared else project)
    Account.objects.filter(pk=ours_or_shared.pk).update(base_url=base_url)
    (page,) = search_platform("bluesky", SearchQuery("invoice"), project=project, document=document())
    store_posts(project, page.posts, query_label="all")
    store_posts(other_project, page.posts[:1], query_label="all")
    Post.objects.update(next_check_at=timezone.now() - timedelta(hours=1))
    bluesky.remove(page.posts[0].id)
    bluesky.remove(page.posts[1].id)

    check_posts(project)

    ours = dict(Lead.objects.filter(project=project).values_list("post__platform_post_id", "stage"))
    assert ours == {page.posts[0].id: stage, page.posts[1].id: "gone", page.posts[2].id: "collected"}
    assert Lead.objects.get(project=other_project).stage == stage


@pytest.mark.parametrize(("base_url", "is_taken"), [("https://bsky.social", True), ("https://pds.example", False)])
def test_an_address_that_one_project_chose_changes_no_row_of_another(
    bluesky: BlueskyFake, other_project: Project, base_url: str, is_taken: bool
) -> None:
    bluesky.fill(2)
    asked = {"text": "invoice", "label": "all", "platform": "bluesky"}
    project = ProjectFactory.create(slug="harbour", document=document(queries=[asked]))
    Account.objects.filter(pk=added(bluesky, project).pk).update(base_url=base_url)
    (page,) = search_platform("bluesky", SearchQuery("invoice"), project=project, document=document())
    assert page.posts[0].author is not None
    author = replace(page.posts[0].author, handle="true.example", followers=10)
    store_posts(other_project, [replace(page.posts[0], likes=777, author=author)], query_label="all")

    run_now(project, RunOptions.parse(stages=["collect"]), by="command:test")

    (theirs,) = Post.objects.filter(leads__project=other_project).select_related("author")
    assert theirs.author is not None
    assert ((theirs.likes, theirs.author.handle) == (777, "true.example")) == (not is_taken)
    assert Lead.objects.filter(project=project).count() == 2
    Post.objects.update(next_check_at=timezone.now() - timedelta(hours=1))
    check_posts(project)
    assert due_posts("bluesky", other_project).count() == (0 if is_taken else 1)


def at(instance: str) -> dict[str, object]:
    return {"platform": "mastodon", "community": instance, "next_check_at": timezone.now() - timedelta(hours=1)}


def test_posts_are_asked_for_at_the_instance_where_they_were_read(
    mastodon: MastodonFake, project: Project, other_project: Project
) -> None:
    mastodon.stand_in.routes["/api/v1/statuses/"] = lambda _: reply({"error": "Gone"}, 410)
    for number, instance in (("1", "mastodon.social"), ("2", "other.example"), ("3", "other.example")):
        LeadFactory.create(project=project, post=PostFactory.create(platform_post_id=number, **at(instance)))
    LeadFactory.create(project=other_project, post=Post.objects.get(platform_post_id="3"))

    assert check_posts(project) == Checked(gone=1)

    assert [path for path in mastodon.stand_in.paths() if "statuses" in path] == ["/api/v1/statuses/1"]
    found = {post.platform_post_id: post for post in Post.objects.all()}
    assert [found[number].availability for number in "123"] == ["gone", "live", "live"]
    due = Post.objects.filter(next_check_at__lte=timezone.now()).exclude(availability="gone")
    assert list(due.values_list("platform_post_id", flat=True)) == ["3"]


# ---------------------------------------------------------------- the health of an account, as it is told


def told(project: Project) -> list[str]:
    events = RunEvent.objects.filter(project=project, type="account_update").order_by("seq")
    return [event.detail["state"] for event in events]


def test_dashboards_hear_of_an_account_that_is_refused_and_of_its_recovery(
    reddit: RedditFake, project: Project, account: Account
) -> None:
    services.pause_refused(account, Expired("The key has run out."))
    services.pause_refused(account, Expired("The key has run out."))
    services.check_account(account, by="command:test")
    assert told(project) == ["expired", "ok"]


def test_of_a_shared_account_each_active_project_hears(
    reddit: RedditFake, project: Project, other_project: Project
) -> None:
    asleep = Project.objects.create(slug="asleep", name="Asleep", is_active=False)
    services.pause_refused(added(reddit), Refused("No."))
    assert (told(project), told(other_project), told(asleep)) == (["refused"], ["refused"], [])


def test_the_event_holds_nothing_that_the_platform_said(project: Project, account: Account) -> None:
    services.pause_refused(account, Refused("Reddit says: ada_harbour is banned"))
    assert "banned" not in str(RunEvent.objects.get(type="account_update").detail)


def test_credentials_that_were_entered_meanwhile_are_not_taken_for_the_refused_ones(
    reddit: RedditFake, account: Account
) -> None:
    stale = Account.objects.get()
    services.rotate_account(account, credentials=reddit.credentials(), by="command:test")
    assert not services.pause_refused(stale, Refused("No."))
    account.refresh_from_db()
    assert account.state == AccountState.OK
