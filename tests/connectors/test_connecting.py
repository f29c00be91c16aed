"""Connecting an account by agreeing at its platform: services, what is kept, and what a run makes of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.utils import timezone

from connectors import services
from connectors.base import SearchQuery
from connectors.connecting import (
    LIFETIME,
    AccountChanged,
    ConnectFailed,
    ConsentDenied,
    ExchangeRefused,
    PlatformSilent,
    TooLate,
    UnknownState,
)
from connectors.errors import AccountNeeded, Refused
from connectors.models import Account, AccountState, ConnectAttempt
from connectors.searching import open_search
from signalops_site.core.errors import DomainError, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Project, Role
from tests.factories import UserFactory, document, member

from .fakes import MastodonFake
from .oauth_fake import CLIENT_ID, CLIENT_SECRET, HARBOUR, HarbourConnector, HarbourFake
from .searches import search_platform
from .standin import reply

BACK = "https://leads.example/api/connectors/accounts/callback/"
SESSION = "the-session-in-a-browser"


@pytest.fixture
def account(harbour: HarbourFake, project: Project) -> Account:
    return added(harbour, project)


def added(harbour: HarbourFake, project: Project | None, **more: str) -> Account:
    credentials = {**harbour.credentials(), **more}
    return services.add_account(
        "harbour", label="main", credentials=credentials, project=project, by="command:test"
    )


def start(account: Account, user: User) -> str:
    return services.start_connect(account, by=user, session_key=SESSION, redirect_uri=BACK)


def connect(harbour: HarbourFake, account: Account, user: User) -> Account:
    connected = services.finish_connect(**harbour.agree(start(account, user)), by=user, session_key=SESSION)
    account.refresh_from_db()
    return connected


def collected(project: Project) -> list[str]:
    search = search_platform(
        "harbour", SearchQuery("invoice"), project=project, document=document(project_id=project.slug)
    )
    return [post.id for page in search for post in page.posts]


def untouched(account: Account) -> bool:
    """Nothing but the sentence has changed."""
    before = {name: getattr(account, name) for name in ("state", "session", "handle", "scopes", "credentials")}
    account.refresh_from_db()
    return before == {name: getattr(account, name) for name in before}


# ---------------------------------------------------------------- before


def test_an_application_alone_is_stored_without_asking_anybody(account: Account, harbour: HarbourFake) -> None:
    account.refresh_from_db()
    assert (account.state, account.session, account.last_checked_at) == (AccountState.UNCONNECTED, None, None)
    assert harbour.stand_in.asked == []


def test_its_queries_pause_and_say_what_to_do(account: Account, project: Project) -> None:
    with pytest.raises(Refused, match=r"nobody has agreed to it yet; connect .* under Settings > Accounts"):
        collected(project)


def test_testing_it_says_so_and_changes_no_state(account: Account) -> None:
    tested = services.check_account(account, by="command:test")
    assert (tested.state, "Nobody has agreed" in tested.last_error) == (AccountState.UNCONNECTED, True)


def test_one_with_a_key_of_its_own_is_tested_as_others_are(harbour: HarbourFake, project: Project) -> None:
    with pytest.raises(DomainError, match="Nothing was stored"):
        added(harbour, project, bearer_token="not-a-good-one")
    assert added(harbour, project, bearer_token="app-only-token").state == AccountState.OK


# ---------------------------------------------------------------- agreeing


def test_whoever_agrees_connects_the_account(account: Account, harbour: HarbourFake, operator: User) -> None:
    connected = connect(harbour, account, operator)
    assert connected == account
    assert (account.state, account.handle, account.last_error) == (AccountState.OK, "ada", "")
    assert account.scopes == list(HARBOUR.scopes)
    assert account.last_checked_at is not None
    assert account.session is not None
    kept = account.session.open()
    assert (kept["access_token"], kept["refresh_token"]) == ("access-token-1", "refresh-token-1")


def test_then_its_queries_go_on(account: Account, harbour: HarbourFake, operator: User, project: Project) -> None:
    connect(harbour, account, operator)
    assert collected(project) == ["1"]


def test_a_test_keeps_what_was_agreed_to(account: Account, harbour: HarbourFake, operator: User) -> None:
    connect(harbour, account, operator)
    tested = services.check_account(account, by=operator)
    assert (tested.state, tested.scopes) == (AccountState.OK, list(HARBOUR.scopes))


def test_no_token_and_no_state_is_kept_in_the_clear(
    account: Account, harbour: HarbourFake, operator: User
) -> None:
    url = start(account, operator)
    assert ConnectAttempt.objects.count() == 1
    back = harbour.agree(url)
    under_way = everything()
    services.finish_connect(**back, by=operator, session_key=SESSION)
    stored = under_way + everything()
    for secret in (back["state"], back["code"], "access-token-1", "refresh-token-1", CLIENT_SECRET):
        assert secret not in stored
    assert not ConnectAttempt.objects.exists()


def everything() -> str:
    """All rows that this writes, the audit log included. Sealed values are encrypted there."""
    models = (Account, ConnectAttempt, AuditEntry)
    return str(serializers.serialize("json", [row for model in models for row in model._default_manager.all()]))


def test_every_step_is_audited_by_name_only(account: Account, harbour: HarbourFake, operator: User) -> None:
    connect(harbour, account, operator)
    with pytest.raises(ConsentDenied):
        services.finish_connect(**harbour.deny(start(account, operator)), by=operator, session_key=SESSION)
    entries = AuditEntry.objects.filter(action__startswith="account.connect").order_by("sequence")
    assert [entry.action for entry in entries] == [
        "account.connect.begin",
        "account.connect",
        "account.connect.begin",
        "account.connect.fail",
    ]
    assert {entry.actor for entry in entries} == {operator}
    assert {entry.target_id for entry in entries} == {str(account.pk)}
    assert "ada" not in str([entry.fields for entry in entries])


def test_another_consent_takes_the_place_of_the_last(
    account: Account, harbour: HarbourFake, operator: User
) -> None:
    connect(harbour, account, operator)
    harbour.handle = "grace"
    connect(harbour, account, operator)
    assert account.handle == "grace"
    assert account.session is not None
    assert account.session.open()["access_token"] == "access-token-2"


# ---------------------------------------------------------------- not agreeing


def test_who_does_not_agree_changes_nothing(account: Account, harbour: HarbourFake, operator: User) -> None:
    back = harbour.deny(start(account, operator))
    with pytest.raises(ConsentDenied, match="did not agree") as caught:
        services.finish_connect(**back, by=operator, session_key=SESSION)
    assert caught.value.account == account
    assert untouched(account)
    assert account.last_error == "Whoever was asked at Harbour did not agree."
    with pytest.raises(UnknownState):
        services.finish_connect(**back, by=operator, session_key=SESSION)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        ("invalid_scope", ExchangeRefused, "(invalid_scope). Compare the callback address"),
        ("<script>", ExchangeRefused, "(it does not say why)"),
        ("temporarily_unavailable", PlatformSilent, "in trouble"),
        ("", ExchangeRefused, "(it does not say why)"),
    ],
)
def test_a_platform_that_asks_nobody_is_told_apart(
    account: Account, operator: User, error: str, kind: type[ConnectFailed], said: str
) -> None:
    with pytest.raises(kind) as caught:
        services.finish_connect(state_of(start(account, operator)), error=error, by=operator, session_key=SESSION)
    assert said in caught.value.detail
    assert "script" not in caught.value.detail
    assert untouched(account)


def state_of(url: str) -> str:
    return url.partition("&state=")[2].partition("&")[0]


def test_a_refused_code_changes_nothing(account: Account, operator: User) -> None:
    with pytest.raises(ExchangeRefused, match="code was invalid") as caught:
        services.finish_connect(
            state_of(start(account, operator)), code="made-up", by=operator, session_key=SESSION
        )
    assert "made-up" not in caught.value.detail
    assert untouched(account)
    assert "Nothing was stored" in account.last_error


def test_nor_does_a_platform_that_breaks_off(account: Account, harbour: HarbourFake, operator: User) -> None:
    back = harbour.agree(start(account, operator))
    harbour.stand_in.routes[HARBOUR.token_url] = lambda _: reply({}, 503)
    with pytest.raises(PlatformSilent):
        services.finish_connect(**back, by=operator, session_key=SESSION)
    assert untouched(account)


def test_nor_one_that_does_not_say_whose_account_it_is(
    account: Account, harbour: HarbourFake, operator: User
) -> None:
    back = harbour.agree(start(account, operator))
    harbour.stand_in.routes["/2/users/me"] = lambda _: reply({}, 403)
    with pytest.raises(ExchangeRefused):
        services.finish_connect(**back, by=operator, session_key=SESSION)
    assert untouched(account)
    assert account.state == AccountState.UNCONNECTED


def test_an_account_that_works_goes_on_working_when_another_consent_fails(
    account: Account, harbour: HarbourFake, operator: User, project: Project
) -> None:
    connect(harbour, account, operator)
    with pytest.raises(ConsentDenied):
        services.finish_connect(**harbour.deny(start(account, operator)), by=operator, session_key=SESSION)
    assert untouched(account)
    assert collected(project) == ["1"]


# ---------------------------------------------------------------- whose state


@pytest.mark.parametrize("state", ["", "made-up", "x" * 10_000, "nul\0"])
def test_a_state_that_was_never_handed_out_is_unknown(
    account: Account, harbour: HarbourFake, operator: User, state: str
) -> None:
    with pytest.raises(UnknownState) as caught:
        services.finish_connect(state, code="c", by=operator, session_key=SESSION)
    assert caught.value.account is None
    assert harbour.stand_in.asked == []


def test_a_state_holds_once(account: Account, harbour: HarbourFake, operator: User) -> None:
    back = harbour.agree(start(account, operator))
    services.finish_connect(**back, by=operator, session_key=SESSION)
    with pytest.raises(UnknownState, match="used already"):
        services.finish_connect(**back, by=operator, session_key=SESSION)
    account.refresh_from_db()
    assert account.state == AccountState.OK


def test_another_persons_state_is_theirs(
    account: Account, harbour: HarbourFake, operator: User, project: Project
) -> None:
    """Else somebody could have an operator's account connected to their own, by sending them a link."""
    colleague = member(project, Role.OPERATOR, username="olga")
    back = harbour.agree(start(account, operator))
    with pytest.raises(UnknownState):
        services.finish_connect(**back, by=colleague, session_key=SESSION)
    assert untouched(account)
    assert services.finish_connect(**back, by=operator, session_key=SESSION).state == AccountState.OK


def test_a_state_holds_in_the_session_in_which_it_was_begun(
    account: Account, harbour: HarbourFake, operator: User
) -> None:
    back = harbour.agree(start(account, operator))
    with pytest.raises(UnknownState, match="in this browser"):
        services.finish_connect(**back, by=operator, session_key="of-another-browser")
    assert untouched(account)
    assert services.finish_connect(**back, by=operator, session_key=SESSION).state == AccountState.OK


def test_it_ends_after_ten_minutes(account: Account, harbour: HarbourFake, operator: User) -> None:
    assert timedelta(minutes=10) == LIFETIME
    back = harbour.agree(start(account, operator))
    ConnectAttempt.objects.update(expires_at=timezone.now())
    with pytest.raises(TooLate, match="10 minutes") as caught:
        services.finish_connect(**back, by=operator, session_key=SESSION)
    assert caught.value.account == account
    assert untouched(account)


def test_what_nobody_came_back_from_is_forgotten_in_the_end(account: Account, operator: User) -> None:
    start(account, operator)
    ConnectAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    start(account, operator)
    assert ConnectAttempt.objects.count() == 1


# ---------------------------------------------------------------- who may


def test_operators_connect_their_projects_accounts_and_superusers_the_shared_ones(
    account: Account, harbour: HarbourFake, project: Project, operator: User, superuser: User
) -> None:
    shared = added(harbour, None)
    for wanted, user, refusal in (
        (account, member(project, Role.REVIEWER, username="rita"), NotAllowed),
        (account, UserFactory.create(username="nils"), NotFound),
        (shared, operator, NotAllowed),
    ):
        with pytest.raises(refusal):
            start(wanted, user)
    assert connect(harbour, shared, superuser).state == AccountState.OK


def test_who_may_no_longer_does_not_finish(
    account: Account, harbour: HarbourFake, operator: User, project: Project
) -> None:
    back = harbour.agree(start(account, operator))
    project.memberships.all().delete()
    asked = len(harbour.stand_in.asked)
    with pytest.raises(NotFound):
        services.finish_connect(**back, by=operator, session_key=SESSION)
    assert untouched(account)
    assert len(harbour.stand_in.asked) == asked


def test_an_account_that_has_a_key_is_not_connected(
    mastodon: MastodonFake, project: Project, operator: User, reachable: str
) -> None:
    account = services.add_account(
        "mastodon", label="main", credentials=mastodon.credentials(), project=project, by="command:test"
    )
    with pytest.raises(DomainError, match="accounts have credentials"):
        start(account, operator)
    assert not ConnectAttempt.objects.exists()


def test_an_account_without_an_application_says_what_it_lacks(
    harbour: HarbourFake, project: Project, operator: User
) -> None:
    account = services.add_account(
        "harbour", label="a", credentials={"bearer_token": "app-only-token"}, project=project, by="command:test"
    )
    with pytest.raises(AccountNeeded, match="client_id"):
        start(account, operator)
    assert not ConnectAttempt.objects.exists()


# ---------------------------------------------------------------- meanwhile


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something happen while the platform is asked whose the tokens are."""

    def happen(act: Callable[[], object]) -> None:
        verify = HarbourConnector.verify
        monkeypatch.setattr(HarbourConnector, "verify", lambda connector: (act(), verify(connector))[1])

    return happen


def test_credentials_that_changed_meanwhile_are_not_mixed_with_the_tokens_of_the_old(
    account: Account, harbour: HarbourFake, operator: User, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    back = harbour.agree(start(account, operator))
    others = {"client_id": "another"}
    meanwhile(lambda: services.rotate_account(account, credentials=others, by=operator))
    with pytest.raises(AccountChanged):
        services.finish_connect(**back, by=operator, session_key=SESSION)
    account.refresh_from_db()
    assert (account.state, account.session) == (AccountState.UNCONNECTED, None)


def test_an_account_that_was_removed_meanwhile_is_gone(
    account: Account, harbour: HarbourFake, operator: User, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    back = harbour.agree(start(account, operator))
    meanwhile(lambda: Account.objects.all().delete())
    with pytest.raises(AccountChanged):
        services.finish_connect(**back, by=operator, session_key=SESSION)
    assert not Account.objects.exists()


def test_new_credentials_have_to_be_agreed_to_anew(account: Account, harbour: HarbourFake, operator: User) -> None:
    connect(harbour, account, operator)
    under_way = harbour.agree(start(account, operator))
    services.rotate_account(account, credentials={"client_id": CLIENT_ID}, by=operator)
    account.refresh_from_db()
    assert (account.state, account.session, account.handle) == (AccountState.UNCONNECTED, None, "")
    with pytest.raises(UnknownState):
        services.finish_connect(**under_way, by=operator, session_key=SESSION)


# ---------------------------------------------------------------- when it is over


def test_a_consent_that_is_withdrawn_pauses_the_account_until_it_is_connected_again(
    account: Account, harbour: HarbourFake, operator: User, project: Project
) -> None:
    connect(harbour, account, operator)
    harbour.revoke()
    with pytest.raises(Refused, match=r"paused: .* To go on, connect the account in the dashboard"):
        collected(project)
    account.refresh_from_db()
    assert account.state == AccountState.EXPIRED
    assert account.last_error == "Harbour has ended what the account was allowed: it has to be connected again."
    connect(harbour, account, operator)
    assert (account.state, account.last_error) == (AccountState.OK, "")
    assert collected(project) == ["1"]


@pytest.mark.parametrize("is_connected_anew", [True, False])
def test_what_is_refused_of_a_session_says_nothing_of_the_one_after_it(
    account: Account,
    harbour: HarbourFake,
    operator: User,
    project: Project,
    is_connected_anew: bool,
) -> None:
    connect(harbour, account, operator)
    search = open_search("harbour", project=project, document=document(project_id=project.slug))
    harbour.stand_in.routes["/2/posts"] = lambda _: reply({"title": "Forbidden"}, 403)
    with pytest.raises(Refused) as caught:
        list(search.pages(SearchQuery("invoice")))
    if is_connected_anew:
        connect(harbour, account, operator)
    told = search.explained(caught.value)
    account.refresh_from_db()
    assert (account.state == AccountState.OK, "paused" in told.detail) == (
        is_connected_anew,
        not is_connected_anew,
    )
