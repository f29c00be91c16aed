"""Posting as a project: which account answers, and what becomes of one that is refused."""

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from connectors import services
from connectors.base import SearchQuery
from connectors.errors import AccountNeeded, NotSent, NotSure, Refused
from connectors.models import Account, AccountState
from connectors.opening import access_of
from connectors.platforms.reddit import RedditConnector
from connectors.posting import account_to_post, may_write, open_posting
from signalops_site.core.models import AuditEntry, Project
from signalops_site.core.secrets import seal

from .fakes_reddit import RedditFake
from .fakes_x import PERSON
from .standin import Asked, Reply, StandIn, reply
from .writers import MastodonWriter, RedditWriter, ago

pytestmark = [pytest.mark.usefixtures("reachable"), pytest.mark.django_db]

KEY = "0b54b2d6-6c7e-4c5e-9d5a-1f5f6a2f9c11"
HOME = "https://harbour.example"


def account(
    project: Project | None, label: str = "main", *, platform: str = "mastodon", **changes: object
) -> Account:
    fields: dict[str, object] = {
        "base_url": HOME,
        "credentials": seal({"access_token": "a-good-token"}),
        "scopes": ["profile", "write:statuses"],
        **changes,
    }
    return Account.objects.create(project=project, platform="mastodon", label=label, **fields)


def test_a_project_answers_with_its_account_and_finds_its_reply(stand_in: StandIn, project: Project) -> None:
    writer, own = MastodonWriter(stand_in), account(project)
    account(None, "shared")
    posting = open_posting("mastodon", project=project, community="harbour.example")
    sent = posting.reply(writer.post_id, "Yes.", key=KEY)
    assert (posting.account, len(writer.posted)) == (own, 1)
    assert posting.find_reply(writer.post_id, "Yes.", since=ago(minutes=5)) == sent


def test_the_sample_needs_no_account(project: Project, settings: Settings, tmp_path: object) -> None:
    settings.DATA_DIR = tmp_path
    posting = open_posting("sample", project=project)
    assert posting.account is None
    sent = posting.reply("s-001", "Yes.", key=KEY)
    assert posting.find_reply("s-001", "Yes.", since=ago(minutes=5)) == sent


@pytest.mark.parametrize("platform", ["hackernews", "linkedin", "file", "nowhere"])
def test_where_nothing_can_be_answered_that_is_said(project: Project, platform: str) -> None:
    with pytest.raises(NotSent, match="takes no replies"):
        open_posting(platform, project=project)


def test_without_an_account_nobody_answers(project: Project) -> None:
    with pytest.raises(AccountNeeded, match="accounts add mastodon"):
        open_posting("mastodon", project=project)


def test_an_account_that_may_only_read_does_not_answer(project: Project) -> None:
    reader = account(project, scopes=["profile", "read:search"])
    assert not may_write(reader)
    with pytest.raises(AccountNeeded, match="lacks write or write:statuses"):
        open_posting("mastodon", project=project)
    shared = account(None, "shared")
    assert account_to_post("mastodon", project=project) == shared


def test_an_account_whose_platform_does_not_say_what_it_may_is_tried(project: Project) -> None:
    assert may_write(account(project, scopes=[]))


def test_only_an_account_of_the_post_s_instance_means_the_same_post(project: Project) -> None:
    account(project)
    elsewhere = account(None, "elsewhere", base_url="https://sea.example")
    assert account_to_post("mastodon", project=project, community="sea.example") == elsewhere
    with pytest.raises(AccountNeeded, match="No account of lake"):
        open_posting("mastodon", project=project, community="lake.example")


def test_an_account_that_is_refused_pauses_once(stand_in: StandIn, project: Project) -> None:
    writer, own = MastodonWriter(stand_in), account(project)
    writer.answering = lambda _: writer.refuses_account()
    posting = open_posting("mastodon", project=project)
    with pytest.raises(Refused, match="accounts rotate"):
        posting.reply(writer.post_id, "Yes.", key=KEY)
    own.refresh_from_db()
    assert own.state == AccountState.REFUSED
    assert AuditEntry.objects.filter(action="account.refused").count() == 1
    with pytest.raises(Refused, match="paused"):
        open_posting("mastodon", project=project)
    assert len(writer.asked) == 1


@pytest.mark.parametrize(("status", "error"), [(422, NotSent), (500, NotSure)])
def test_what_is_not_the_account_s_fault_pauses_nothing(
    stand_in: StandIn, project: Project, status: int, error: type[Exception]
) -> None:
    writer, own = MastodonWriter(stand_in), account(project)
    writer.answering = lambda _: reply({"error": "No"}, status)
    with pytest.raises(error):
        open_posting("mastodon", project=project).reply(writer.post_id, "Yes.", key=KEY)
    own.refresh_from_db()
    assert own.state == AccountState.OK


# ---------------------------------------------------------------- Reddit, which a person connects


def test_reddit_s_account_answers_once_a_person_has_connected_it(
    stand_in: StandIn, project: Project, operator: User
) -> None:
    writer = RedditWriter(stand_in)
    assert isinstance(writer.fake, RedditFake)
    credentials = writer.fake.credentials()
    own = services.add_account("reddit", label="main", credentials=credentials, project=project, by="command:test")
    assert (own.handle, own.scopes) == ("ada_harbour", ["*"])
    with pytest.raises(AccountNeeded, match="lacks submit"):
        open_posting("reddit", project=project)
    session = "the-session-in-a-browser"
    back = "https://leads.example/api/connectors/accounts/callback/"
    url = services.start_connect(own, by=operator, session_key=session, redirect_uri=back)
    assert "duration=permanent" in url
    assert "scope=identity%20read%20history%20submit" in url
    state = url.partition("state=")[2].partition("&")[0]

    def exchanged(asked: Asked) -> Reply:
        assert asked.headers["user-agent"].endswith("(by /u/ada_harbour)")
        granted = {"access_token": PERSON, "token_type": "bearer", "expires_in": 86_400, "refresh_token": "keep"}
        return reply({**granted, "scope": "identity read history submit"})

    stand_in.routes["/api/v1/access_token"] = exchanged
    services.finish_connect(state, by=operator, session_key=session, code="a-code")
    own.refresh_from_db()
    assert (own.state, own.handle, own.scopes) == ("ok", "we", ["identity", "read", "history", "submit"])
    sent = open_posting("reddit", project=project).reply(writer.post_id, "Yes.", key=KEY)
    assert sent.id == writer.posted[0]["name"]
    writer.fake.token = PERSON
    reader = RedditConnector(access_of(own))
    assert [post.id for page in reader.search(SearchQuery("invoice")) for post in page.posts] == [writer.post_id]
    assert {asked.bearer for asked in stand_in.asked if asked.path == "/search"} >= {PERSON}
