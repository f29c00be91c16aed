"""From a platform's stand-in to leads, through the pipeline as `runpipeline` walks it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from connectors import services
from connectors.budgets import read_months
from connectors.models import Account, AccountState, QueryCursor
from leads.models import Author, Lead, Post, RawPost
from leads.pipeline.runner import RunOptions, plan_run
from leads.services.runs import run_now
from signalops_site.core.models import Project, Run, RunStatus
from tests.factories import ProjectFactory, document

from .fakes import BlueskyFake, Fake, MastodonFake
from .fakes_hackernews import HackerNewsFake
from .fakes_x import PROBLEMS, XFake
from .standin import Asked, Reply, StandIn, reply

pytestmark = [pytest.mark.usefixtures("reachable"), pytest.mark.django_db]


def query(fake: Fake, text: str = "", *, most: int = 1000) -> dict[str, Any]:
    return {
        "text": text or fake.query,
        "label": text or "all",
        "platform": fake.platform,
        "max_results_per_run": most,
    }


def project_of(fake: Fake, *queries: dict[str, Any], account: bool = True) -> Project:
    """A project with these queries (one that finds everything, without any) and an account."""
    project = ProjectFactory.create(slug="harbour", document=document(queries=list(queries) or [query(fake)]))
    if account:
        services.add_account(
            fake.platform, label="main", credentials=fake.credentials(), project=project, by="command:test"
        )
    return project


def collect(project: Project, **options: Any) -> Run:
    return run_now(project, RunOptions.parse(stages=["collect"], **options), by="command:test")


def counts(run: Run) -> tuple[int, int, int]:
    stage = run.stages["collect"]
    return stage["done"], stage["failed"], stage["skipped"]


def problems(run: Run) -> list[str]:
    found: list[str] = run.stages["collect"].get("problems", [])
    return found


def test_posts_become_leads_with_all_that_the_platform_tells(fake: Fake) -> None:
    fake.fill(120)
    run = collect(project_of(fake))
    assert (run.status, counts(run)) == (RunStatus.SUCCEEDED, (120, 0, 0))
    assert Lead.objects.count() == Post.objects.count() == RawPost.objects.count() == 120
    author = Author.objects.get()
    told = (None, "") if fake.platform == "reddit" else (120, "Freelance editor")
    assert (author.followers, author.bio) == told
    assert (author.account_created_at is None) == (fake.platform == "reddit")
    post = Post.objects.order_by("-posted_at")[0]
    assert (post.likes, post.replies, post.reposts) == (120, 1, 2)
    assert post.views == (1120 if fake.platform == "x" else None)
    assert "number 120." in post.text


def test_the_second_run_adds_nothing_and_the_third_only_what_is_new(fake: Fake) -> None:
    fake.fill(70)
    project = project_of(fake)
    collect(project)
    assert counts(collect(project)) == (0, 0, 0)
    fake.fill(5)
    assert counts(collect(project)) == (5, 0, 0)


def test_a_hashtag_needs_no_account(mastodon: MastodonFake) -> None:
    mastodon.fill(50)
    project = project_of(mastodon, query(mastodon, "#freelance"), account=False)
    assert counts(collect(project)) == (50, 0, 0)
    assert counts(collect(project)) == (0, 0, 0)


def test_hacker_news_needs_no_account_and_is_read_on_from_where_it_was(stand_in: StandIn) -> None:
    fake = HackerNewsFake(stand_in)
    fake.fill(130)
    asked = {"text": "invoice", "label": "all", "platform": "hackernews", "max_results_per_run": 1000}
    project = ProjectFactory.create(slug="harbour", document=document(queries=[asked]))
    assert counts(collect(project)) == (130, 0, 0)
    assert counts(collect(project)) == (0, 0, 0)
    fake.fill(5)
    assert counts(collect(project)) == (5, 0, 0)
    assert {author.followers for author in Author.objects.all()} == {None}


def test_a_walk_that_breaks_off_goes_on_where_it_was(mastodon: MastodonFake) -> None:
    mastodon.fill(100)
    good = mastodon.stand_in.routes["/api/v2/search"]
    mastodon.stand_in.routes["/api/v2/search"] = lambda asked: (
        good(asked) if asked.param("offset", "0") < "8" else reply({}, 503)
    )
    project = project_of(mastodon)
    run = collect(project)
    assert (run.status, counts(run)) == (RunStatus.PARTIAL, (80, 1, 0))
    mastodon.stand_in.routes["/api/v2/search"] = good
    assert counts(collect(project)) == (20, 0, 0)
    assert QueryCursor.objects.get().last_error == ""
    assert counts(collect(project)) == (0, 0, 0)


def test_a_refused_key_pauses_all_its_queries_with_one_message(fake: Fake) -> None:
    fake.fill(3)
    project = project_of(fake, *(query(fake, f"invoice {number}") for number in range(4)))
    fake.revoke()
    run = collect(project)
    assert run.status == RunStatus.PARTIAL
    (message,) = problems(run)
    account = Account.objects.get()
    assert f"accounts rotate {account.pk}" in message
    assert account.state == AccountState.REFUSED
    assert QueryCursor.objects.exclude(last_error="").count() == 4
    asked = len(fake.stand_in.asked)

    again = collect(project)
    assert (again.status, len(problems(again))) == (RunStatus.PARTIAL, 1)
    assert len(fake.stand_in.asked) == asked


def test_a_new_key_lets_its_queries_go_on(mastodon: MastodonFake) -> None:
    mastodon.fill(3)
    project = project_of(mastodon)
    mastodon.revoke()
    collect(project)
    services.rotate_account(
        Account.objects.get(), credentials={"access_token": "another-token"}, by="command:test"
    )
    assert counts(collect(project)) == (3, 0, 0)
    assert QueryCursor.objects.get().last_error == ""


def test_a_missing_account_is_told_once_and_stops_nothing_else(mastodon: MastodonFake) -> None:
    mastodon.fill(3)
    project = project_of(
        mastodon, query(mastodon, "one"), query(mastodon, "two"), query(mastodon, "#three"), account=False
    )
    run = collect(project)
    assert counts(run) == (3, 2, 0)
    (message,) = problems(run)
    assert "accounts add mastodon" in message


def test_a_platform_that_asks_to_wait_is_not_asked_before(fake: Fake) -> None:
    project = project_of(fake, query(fake, "one"), query(fake, "two"))
    good = fake.stand_in.routes[fake.searched]
    fake.stand_in.routes[fake.searched] = lambda _: reply({"error": "Slow down"}, 429, Retry_After="600")
    run = collect(project)
    assert (len(problems(run)), counts(run)) == (1, (0, 2, 0))
    waits = {cursor.retry_at for cursor in QueryCursor.objects.all()}
    assert all(wait and timedelta(minutes=9) < wait - timezone.now() < timedelta(minutes=11) for wait in waits)

    fake.stand_in.routes[fake.searched] = good
    asked = len(fake.stand_in.asked)
    again = collect(project)
    assert (again.status, len(problems(again))) == (RunStatus.PARTIAL, 1)
    assert len(fake.stand_in.asked) == asked


@pytest.mark.parametrize("mended", ["rotated", "another"])
def test_a_new_key_does_not_wait_for_the_limit_of_the_old_one(fake: Fake, mended: str) -> None:
    fake.fill(2)
    project, elsewhere = project_of(fake), ProjectFactory.create(slug="elsewhere")
    answering_first(fake, reply({"error": "Slow down"}, 429, Retry_After="80000"))
    assert counts(collect(project)) == (0, 1, 0)
    wait = QueryCursor.objects.get().retry_at
    QueryCursor.objects.create(project=elsewhere, platform=fake.platform, query="*", retry_at=wait)
    credentials, account = fake.credentials(), Account.objects.get()
    if mended == "rotated":
        services.rotate_account(account, credentials=credentials, by="command:test")
    else:
        services.remove_account(account, by="command:test")
        services.add_account(
            fake.platform, label="main", credentials=credentials, project=project, by="command:test"
        )
    assert counts(collect(project)) == (2, 0, 0)
    assert QueryCursor.objects.get(project=elsewhere).retry_at == wait


@pytest.mark.parametrize("seconds", [-1, 365 * 86_400], ids=["over", "longer than any: a clock was ahead"])
def test_when_the_wait_is_over_the_query_goes_on(fake: Fake, seconds: int) -> None:
    fake.fill(2)
    project = project_of(fake)
    until = timezone.now() + timedelta(seconds=seconds)
    QueryCursor.objects.create(
        project=project, platform=fake.platform, query=fake.query, retry_at=until, last_error="Slow down"
    )
    assert counts(collect(project)) == (2, 0, 0)
    cursor = QueryCursor.objects.get()
    assert (cursor.retry_at, cursor.last_error) == (None, "")


@pytest.mark.parametrize("most", [4, 1000])
def test_posts_below_pictures_without_words_are_read(mastodon: MastodonFake, most: int) -> None:
    """Three posts, ten pictures, and what lies below them: however few posts the first run may take."""
    mastodon.fill(55)
    for picture in mastodon.statuses[-13:-3]:
        picture["content"] = ""
    project = project_of(mastodon)
    assert counts(collect(project, limit=most))[0] in (3, 45)
    for _ in range(5):
        collect(project)
    assert Lead.objects.count() == 45
    cursor = QueryCursor.objects.get()
    assert (cursor.newest_id, cursor.page_token, cursor.walk_count) == ("155@mastodon.social", "", 0)


def answering_first(fake: Fake, *answers: Reply | None) -> None:
    """The search answers so in turn (None: as it should), and then as it should."""
    good, left = fake.stand_in.routes[fake.searched], list(answers)

    def answer(asked: Asked) -> Reply:
        return (left.pop(0) if left else None) or good(asked)

    fake.stand_in.routes[fake.searched] = answer


REFUSED = reply({"error": "InvalidRequest", "message": "invalid cursor"}, 400)


def test_a_refused_page_token_begins_anew_at_the_newest_post(fake: Fake) -> None:
    fake.fill(150)
    project = project_of(fake)
    answering_first(fake, None, *[reply({}, 503)] * 3)
    assert 0 < counts(collect(project))[0] < 150
    fake.fill(5)
    answering_first(fake, REFUSED)
    run = collect(project)
    assert (run.status, counts(run)[1], Lead.objects.count()) == (RunStatus.SUCCEEDED, 0, 155)
    asked = len(fake.stand_in.asked)
    assert counts(collect(project)) == (0, 0, 0)
    assert len(fake.stand_in.asked) <= asked + 2


def test_a_platform_that_refuses_every_page_token_is_still_asked_for_what_is_new(fake: Fake) -> None:
    """Once in each run, and the run says that the query failed."""
    fake.fill(150)
    project = project_of(fake)
    answering_first(fake, None, REFUSED, None, REFUSED)
    run = collect(project)
    assert (run.status, counts(run)[1]) == (RunStatus.PARTIAL, 1)
    fake.fill(5)
    answering_first(fake, REFUSED, None, REFUSED)
    before = fake.stand_in.paths().count(fake.searched)
    assert counts(collect(project))[:2] == (5, 1)
    assert fake.stand_in.paths().count(fake.searched) == before + 3


def test_a_query_that_is_refused_for_another_reason_keeps_its_place(fake: Fake) -> None:
    fake.fill(150)
    project = project_of(fake)
    answering_first(fake, None, *[reply({}, 503)] * 3)
    collect(project)
    kept = QueryCursor.objects.values("page_token", "pending_newest_id", "walk_count").get()
    answering_first(fake, REFUSED, REFUSED)
    assert counts(collect(project)) == (0, 1, 0)
    assert QueryCursor.objects.values("page_token", "pending_newest_id", "walk_count").get() == kept
    collect(project)
    assert Lead.objects.count() == 150


def test_one_platforms_trouble_is_not_anothers(mastodon: MastodonFake, bluesky: BlueskyFake) -> None:
    mastodon.fill(4)
    project = project_of(mastodon, query(bluesky), query(mastodon))
    services.add_account(
        "bluesky", label="main", credentials=bluesky.credentials(), project=project, by="command:test"
    )
    bluesky.stand_in.routes[bluesky.searched] = lambda _: reply({}, 500)
    run = collect(project)
    assert (run.status, counts(run)) == (RunStatus.PARTIAL, (4, 1, 0))


def test_a_query_that_the_platform_does_not_take_stops_no_other(mastodon: MastodonFake) -> None:
    mastodon.fill(2)
    good = mastodon.stand_in.routes["/api/v2/search"]
    mastodon.stand_in.routes["/api/v2/search"] = lambda asked: (
        reply({"error": "Bad syntax"}, 422) if asked.param("q") == "bad" else good(asked)
    )
    run = collect(project_of(mastodon, query(mastodon, "bad"), query(mastodon, "good")))
    assert counts(run) == (2, 1, 0)
    assert problems(run) == ["bad: Mastodon does not take this request (422): Bad syntax."]


def made_strange(fake: Fake, post: dict[str, Any], wild: str) -> dict[str, Any]:
    """The post with something that no database takes wherever its platform tells a text."""
    strange = {**post, "language": wild, "odd": {wild[:50]: [wild]}}
    if fake.platform == "mastodon":
        account = {**post["account"], "display_name": wild, "note": wild, "followers_count": 10**30}
        changes = {"content": wild, "account": account, "tags": [{"name": wild}], "url": "https://x.example/\0"}
    elif fake.platform == "bluesky":
        record = {"text": wild, "langs": [wild], "tags": [wild], "createdAt": "9999-12-31T23:59:59-14:00"}
        changes = {"record": record, "author": {**post["author"], "displayName": wild}}
    elif fake.platform == "reddit":
        changes = {"selftext": wild, "author_flair_text": wild, "url": "/\0", "permalink": "/\0"}
    else:
        entities = {"hashtags": [{"tag": wild}], "mentions": [{"username": wild}], "urls": [{"url": wild}]}
        changes = {"text": wild, "lang": wild, "username": wild, "conversation_id": wild, "entities": entities}
    return {**strange, **changes}


def test_hostile_posts_are_stored_or_left_out_and_end_no_run(fake: Fake) -> None:
    """What a database refuses is taken out of texts; a post whose id it would refuse is none."""
    wild = "invoice \0 half \ud83d " + "x" * 300_000
    strange = [made_strange(fake, fake.with_changes(number), wild) for number in range(3)]
    strange[0] = {**strange[0], fake.id_key: "at://\0"}
    fake.stand_in.routes[fake.searched] = lambda asked: reply(
        fake.page_of([] if asked.param("offset") else strange)
    )
    run = collect(project_of(fake))
    assert (run.status, counts(run)) == (RunStatus.SUCCEEDED, (2, 0, 0))
    assert {len(post.text) for post in Post.objects.all()} <= set(range(99_000, 100_001))
    assert "\0" not in Post.objects.all()[0].text
    assert all(len(str(raw.payload)) < 1_000_000 for raw in RawPost.objects.all())


def test_a_dry_run_asks_no_platform(fake: Fake) -> None:
    project = project_of(fake)
    asked = len(fake.stand_in.asked)
    assert plan_run(project, RunOptions.parse()).stages["collect"] == 1
    assert len(fake.stand_in.asked) == asked


def test_a_platform_that_is_switched_off_is_not_asked(mastodon: MastodonFake, settings: Settings) -> None:
    mastodon.fill(1)
    off = document(queries=[query(mastodon, "#freelance")], platforms={"mastodon": {"enabled": False}})
    project = ProjectFactory.create(slug="harbour", document=off)
    assert counts(collect(project)) == (0, 0, 0)
    assert mastodon.stand_in.asked == []


def project_of_x(x: XFake, *, text: str = "invoice", reposts: bool = False, most: int = 1000) -> Project:
    """A project that reads X, with an account."""
    platforms, queries = {"x": {"include_retweets": reposts}}, [{**query(x, most=most), "text": text}]
    project = ProjectFactory.create(slug="harbour", document=document(queries=queries, platforms=platforms))
    services.add_account("x", label="main", credentials=x.credentials(), project=project, by="command:test")
    return project


def test_a_query_with_reposts_reads_on_from_the_repost(x: XFake) -> None:
    """What it reposts is older: from there the same would be read, and paid for, with every run."""
    original = x.with_changes(1)
    reference = [{"type": "retweeted", "id": original["id"]}]
    x.included = [original]
    x.use(*(x.with_changes(number, referenced_posts=reference) for number in (50, 60)))
    project = project_of_x(x, reposts=True)
    assert counts(collect(project)) == (1, 0, 0)
    assert Post.objects.get().platform_post_id == original["id"]
    assert QueryCursor.objects.get().newest_id == x.with_changes(60)["id"]
    assert counts(collect(project)) == (0, 0, 0)
    assert x.stand_in.asked[-1].param("since_id") == x.with_changes(60)["id"]


def test_a_page_of_x_that_tells_errors_in_place_of_posts_ends_no_walk(x: XFake) -> None:
    x.fill(150)
    good = x.stand_in.routes[x.searched]
    trouble = {"errors": [{"title": "Service Unavailable", "type": f"{PROBLEMS}operational-problem"}]}
    x.stand_in.routes[x.searched] = lambda asked: reply(trouble) if asked.param("next_token") else good(asked)
    project = project_of_x(x)
    run = collect(project)
    assert (run.status, counts(run)) == (RunStatus.PARTIAL, (100, 1, 0))
    assert "operational-problem" in problems(run)[0]
    assert QueryCursor.objects.get().newest_id == ""
    x.stand_in.routes[x.searched] = good
    assert counts(collect(project)) == (50, 0, 0)
    assert QueryCursor.objects.get().newest_id == x.with_changes(150)["id"]


def handed_out(x: XFake) -> list[int]:
    """How many entries each answer of the search has: what X asks money for."""
    good, given = x.stand_in.routes[x.searched], list[int]()

    def counted(asked: Asked) -> Reply:
        answer = good(asked)
        given.append(len(json.loads(b"".join(answer.content)).get("data", [])))
        return answer

    x.stand_in.routes[x.searched] = counted
    return given


def fill_with_cut_reposts(x: XFake, count: int) -> None:
    """Every second post is a repost of what X does not tell."""
    reference = [{"type": "retweeted", "id": "5"}]
    changes = ({"referenced_posts": reference} if number % 2 else {} for number in range(1, count + 1))
    x.use(*(x.with_changes(number, **change) for number, change in enumerate(changes, start=1)))


def test_what_x_hands_out_counts_in_the_budget_also_what_is_left_out(x: XFake) -> None:
    fill_with_cut_reposts(x, 240)
    given, project = handed_out(x), project_of_x(x, reposts=True)
    assert counts(collect(project)) == (120, 0, 0)
    account = Account.objects.get()
    assert read_months([account])[account.pk].posts == sum(given) == 240


def test_a_budget_ends_the_reading_of_what_is_left_out(x: XFake) -> None:
    fill_with_cut_reposts(x, 240)
    given, project = handed_out(x), project_of_x(x, reposts=True)
    account = Account.objects.get()
    services.set_read_budget(account, posts=30, usd=None, by="command:test")
    run = collect(project)
    assert (counts(run)[0], sum(given)) == (15, 30)
    assert "is spent (30 posts)" in problems(run)[0]
    services.set_read_budget(account, posts=None, usd=None, by="command:test")
    collect(project)
    assert Lead.objects.count() == 120
    assert sum(given) == 240


def test_one_post_that_everybody_reposts_ends_a_run_and_hides_nothing_below_it(x: XFake) -> None:
    """Of a thousand entries that are all the same post a run reads three pages, and the next one goes on below."""
    original = x.with_changes(1)
    x.included = [original]
    reference = [{"type": "retweeted", "id": original["id"]}]
    x.use(
        *(x.with_changes(number) for number in range(2, 5)),
        *(x.with_changes(number, referenced_posts=reference) for number in range(5, 1000)),
    )
    given, project = handed_out(x), project_of_x(x, reposts=True, most=100)
    for _ in range(6):
        collect(project)
        assert sum(given) <= 300
        given.clear()
    assert Lead.objects.count() == 4


def test_reposts_that_make_no_post_are_paid_for_once(x: XFake) -> None:
    """A search that finds nothing to read is read on from its newest entry all the same."""
    fill_with_cut_reposts(x, 240)
    x.use(*x.posts[::2])
    given, project = handed_out(x), project_of_x(x, reposts=True)
    for _ in range(3):
        assert counts(collect(project)) == (0, 0, 0)
    assert sum(given) == 120


def test_a_query_of_x_outlives_its_window(x: XFake) -> None:
    """Longer than seven days without a run: what the window has is read, and the query is well."""
    x.fill(5)
    project = project_of_x(x)
    assert counts(collect(project)) == (5, 0, 0)
    x.oldest_since = int(x.with_changes(20)["id"])
    x.use(*(x.with_changes(number) for number in range(20, 30)))
    assert counts(collect(project)) == (10, 0, 0)
    cursor = QueryCursor.objects.get()
    assert (cursor.last_error, cursor.newest_id) == ("", x.with_changes(29)["id"])
    assert counts(collect(project)) == (0, 0, 0)


def test_a_query_that_is_too_long_for_x_fails_alone_and_says_why(x: XFake) -> None:
    run = collect(project_of_x(x, text="x" * 600))
    assert (run.status, counts(run)) == (RunStatus.PARTIAL, (0, 1, 0))
    assert "612 characters" in problems(run)[0]
    assert "takes 512" in problems(run)[0]
