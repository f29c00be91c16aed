"""X as a person: an account that is connected by agreeing at X, and who asks for what from then on."""

from datetime import timedelta

import httpx
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from connectors import services
from connectors.access import ForgetfulSession
from connectors.base import SearchQuery
from connectors.errors import AccountNeeded, Expired, Refused
from connectors.models import Account, AccountState
from connectors.opening import access_of
from connectors.platforms.x import X_OAUTH, XConnector
from signalops_site.core.config.schema import XPlatform
from signalops_site.core.models import Project
from signalops_site.core.secrets import seal
from tests.factories import document

from .fakes_x import BEARER, XFake
from .oauth_fake import CLIENT_ID, HarbourFake
from .searches import search_platform
from .standin import StandIn

pytestmark = [pytest.mark.usefixtures("reachable"), pytest.mark.django_db]

BACK = "https://leads.example/api/connectors/accounts/callback/"
SESSION = "the-session-in-a-browser"


@pytest.fixture
def server(stand_in: StandIn) -> HarbourFake:
    """X's authorisation server."""
    return HarbourFake(stand_in)


@pytest.fixture
def x(server: HarbourFake) -> XFake:
    """X itself, which takes the app's token, and those that its authorisation server gave out."""
    fake = XFake(server.stand_in)
    fake.is_person = server.knows
    return fake


def added(server: HarbourFake, project: Project, **more: str) -> Account:
    credentials = {**server.credentials(), **more}
    return services.add_account("x", label="main", credentials=credentials, project=project, by="command:test")


def connect(server: HarbourFake, account: Account, user: User) -> None:
    url = services.start_connect(account, by=user, session_key=SESSION, redirect_uri=BACK)
    services.finish_connect(**server.agree(url), by=user, session_key=SESSION)
    account.refresh_from_db()


def found(project: Project, *, archive: bool = False) -> list[str]:
    """What a run finds."""
    platforms = {"x": {"search_type": "all" if archive else "recent"}}
    config = document(project_id=project.slug, platforms=platforms)
    search = search_platform("x", SearchQuery("invoice"), project=project, document=config)
    return [post.id for page in search for post in page.posts]


def mentioned(account: Account) -> list[str]:
    pages = XConnector(access_of(account)).mentions()
    return [post.id for page in pages for post in page.posts]


def bearers(x: XFake, path: str) -> list[str]:
    """With which tokens a path was asked for."""
    return [asked.bearer for asked in x.stand_in.asked if asked.path == path]


def test_a_client_alone_waits_for_a_person(server: HarbourFake, x: XFake, project: Project) -> None:
    account = added(server, project)
    assert (account.state, x.stand_in.asked) == (AccountState.UNCONNECTED, [])
    with pytest.raises(Refused, match="nobody has agreed to it yet"):
        found(project)


def test_whoever_agrees_is_who_the_account_is(
    server: HarbourFake, x: XFake, project: Project, operator: User
) -> None:
    account = added(server, project)
    connect(server, account, operator)
    assert (account.state, account.handle) == (AccountState.OK, "we_invoice")
    assert account.scopes == ["tweet.read", "users.read", "tweet.write", "offline.access"]
    assert bearers(x, "/2/users/me") == ["access-token-1"]


def test_x_is_asked_at_its_own_addresses(project: Project, operator: User, server: HarbourFake) -> None:
    account = added(server, project)
    url = httpx.URL(services.start_connect(account, by=operator, session_key=SESSION, redirect_uri=BACK))
    assert url.path == httpx.URL(X_OAUTH.authorize_url).path
    assert (url.params["client_id"], url.params["scope"]) == (CLIENT_ID, " ".join(X_OAUTH.scopes))
    assert httpx.URL(X_OAUTH.token_url).host == httpx.URL(XConnector.default_base_url).host


def test_a_search_renews_the_token_that_is_about_to_end(
    server: HarbourFake, x: XFake, project: Project, operator: User
) -> None:
    account = added(server, project)
    connect(server, account, operator)
    assert account.session is not None
    ends = (timezone.now() + timedelta(seconds=30)).isoformat()
    Account.objects.update(session=seal({**account.session.open(), "expires_at": ends}))
    ids = x.fill(150)
    assert found(project) == ids[:100]
    assert server.refreshes == ["refresh-token-1"]
    assert set(bearers(x, "/2/tweets/search/recent")) == {"access-token-2"}


def test_a_token_that_x_refuses_is_renewed_once_on_the_way(
    server: HarbourFake, x: XFake, project: Project, operator: User
) -> None:
    account = added(server, project)
    connect(server, account, operator)
    ids = x.fill(3)
    server.grants[0].access = "ended-before-its-time"
    assert found(project) == ids
    assert bearers(x, "/2/tweets/search/recent") == ["access-token-1", "access-token-2"]


def test_mentions_are_asked_for_as_the_person(
    server: HarbourFake, x: XFake, project: Project, operator: User
) -> None:
    account = added(server, project, bearer_token=BEARER)
    ids = x.fill(3)
    with pytest.raises(AccountNeeded, match="connect the account in the dashboard"):
        mentioned(account)
    connect(server, account, operator)
    assert mentioned(account) == ids
    assert bearers(x, "/2/users/77/mentions") == ["access-token-1"]


def test_what_x_tells_to_apps_alone_the_app_asks_for(
    server: HarbourFake, x: XFake, project: Project, operator: User
) -> None:
    account = added(server, project, bearer_token=BEARER)
    assert (account.handle, account.scopes) == (x.handle, ["app-only"])
    connect(server, account, operator)
    ids = x.fill(3)
    assert found(project, archive=True) == found(project) == ids
    assert bearers(x, "/2/tweets/search/all") == [BEARER]
    assert bearers(x, "/2/tweets/search/recent") == ["access-token-1"]


def test_when_the_consent_is_over_its_queries_pause_and_the_app_can_go_on(
    server: HarbourFake, x: XFake, project: Project, operator: User
) -> None:
    account = added(server, project, bearer_token=BEARER)
    connect(server, account, operator)
    ids = x.fill(3)
    server.revoke()
    with pytest.raises(Expired, match="connect the account in the dashboard"):
        found(project)
    account.refresh_from_db()
    assert account.state == AccountState.EXPIRED
    services.check_account(account, by="command:test")
    assert (account.state, account.handle) == (AccountState.OK, x.handle)
    assert found(project) == ids
    assert set(bearers(x, "/2/tweets/search/recent")) == {"access-token-1", BEARER}


def test_nothing_that_x_repeats_shows_a_token(
    server: HarbourFake, x: XFake, project: Project, operator: User
) -> None:
    account = added(server, project)
    connect(server, account, operator)
    x.use(x.with_changes(1, text="invoice access-token-1 refresh-token-1"))
    access = access_of(account, options=XPlatform())
    assert not isinstance(access.session, ForgetfulSession)
    (page,) = XConnector(access).search(SearchQuery("invoice"))
    assert "token-1" not in page.posts[0].text
    assert "token-1" not in str(page.posts[0].raw)
