"""The flow as a platform sees it, and the tokens that come of it."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from connectors.access import Access, ForgetfulSession
from connectors.errors import AccountNeeded, BadAnswer, BadQuery, ConnectorError, Expired, NoAnswer, Refused
from connectors.http import PlatformClient
from connectors.masking import HIDDEN
from connectors.oauth import (
    EARLY,
    OAuthProvider,
    OAuthSession,
    challenge_of,
    client_in,
    is_only_a_client,
    new_verifier,
)

from .oauth_fake import CLIENT_ID, CLIENT_SECRET, HARBOUR, HarbourCredentials, HarbourFake
from .standin import StandIn, reply

BACK = "https://leads.example/api/connectors/accounts/callback/"


def consent(harbour: HarbourFake, session: Mapping[str, Any] | None = None, **changes: Any) -> OAuthSession:
    credentials = HarbourCredentials.model_validate(harbour.credentials())
    values: dict[str, Any] = {"base_url": harbour.stand_in.url, "credentials": credentials, **changes}
    return OAuthSession("harbour", HARBOUR, Access(session=ForgetfulSession(session), **values))


def connected(harbour: HarbourFake, **changes: Any) -> OAuthSession:
    """Somebody agreed, and the tokens are kept."""
    flow, verifier = consent(harbour, **changes), new_verifier()
    back = harbour.agree(flow.agreement_url(state="s", verifier=verifier, redirect_uri=BACK))
    flow.access.session.save(flow.exchange(back["code"], verifier=verifier, redirect_uri=BACK).as_session())
    return flow


def kept(flow: OAuthSession, **changes: Any) -> None:
    """Change what is kept, as time or somebody else would."""
    flow.access.session.save({**flow.access.session.load(), **changes})


def soon(seconds: float) -> str:
    return (timezone.now() + timedelta(seconds=seconds)).isoformat()


# ---------------------------------------------------------------- a person agrees


def test_a_verifier_and_its_challenge_are_those_of_the_rfc() -> None:
    assert (
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )
    verifier = new_verifier()
    assert 43 <= len(verifier) <= 128
    assert verifier != new_verifier()


def test_the_address_asks_for_everything_and_tells_no_secret(harbour: HarbourFake) -> None:
    url = consent(harbour).agreement_url(state="a-state", verifier="v" * 43, redirect_uri=BACK)
    given = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path == HARBOUR.authorize_url
    digest = urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
    assert given == {
        "response_type": ["code"],
        "client_id": [CLIENT_ID],
        "redirect_uri": [BACK],
        "scope": ["tweet.read users.read offline.access"],
        "state": ["a-state"],
        "code_challenge": [digest],
        "code_challenge_method": ["S256"],
    }
    assert "v" * 43 not in url
    assert "secret" not in url


@pytest.mark.parametrize(
    ("base_url", "home", "url"),
    [
        ("https://api.example", "https://api.example", "https://www.example/agree?client=web"),
        ("http://127.0.0.1:9", "https://api.example", "http://127.0.0.1:9/agree?client=web"),
    ],
    ids=["at its own address", "all of it at a stand-in"],
)
def test_a_stand_in_stands_for_every_address(harbour: HarbourFake, base_url: str, home: str, url: str) -> None:
    provider = OAuthProvider("https://www.example/agree?client=web", "/token", ("read",))
    access = Access(base_url, HarbourCredentials(client_id="c"), home=home)
    made = OAuthSession("harbour", provider, access).agreement_url(state="s", verifier="v", redirect_uri=BACK)
    assert made.startswith(f"{url}&response_type=code&")


def test_a_code_becomes_tokens(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    assert flow.is_connected
    assert flow.token() == "access-token-1"
    assert flow.scopes == HARBOUR.scopes
    assert harbour.refreshes == []


def test_an_application_without_a_secret_names_itself_in_the_body(stand_in: StandIn) -> None:
    flow = connected(HarbourFake(stand_in, secret=""))
    assert flow.token() == "access-token-1"
    asked = next(each for each in stand_in.asked if each.path == HARBOUR.token_url)
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("spoilt", ["code", "verifier", "redirect_uri"])
def test_a_code_holds_only_with_what_it_was_asked_for_with(harbour: HarbourFake, spoilt: str) -> None:
    flow, verifier = consent(harbour), new_verifier()
    back = harbour.agree(flow.agreement_url(state="s", verifier=verifier, redirect_uri=BACK))
    given = {"code": back["code"], "verifier": verifier, "redirect_uri": BACK}
    given[spoilt] += "x"
    with pytest.raises(BadQuery, match="authorization code was invalid"):
        flow.exchange(given.pop("code"), **given)
    assert not flow.is_connected


def test_a_code_holds_once(harbour: HarbourFake) -> None:
    flow, verifier = consent(harbour), new_verifier()
    back = harbour.agree(flow.agreement_url(state="s", verifier=verifier, redirect_uri=BACK))
    flow.exchange(back["code"], verifier=verifier, redirect_uri=BACK)
    with pytest.raises(BadQuery):
        flow.exchange(back["code"], verifier=verifier, redirect_uri=BACK)


def test_a_wrong_secret_is_refused_and_not_repeated(harbour: HarbourFake) -> None:
    credentials = HarbourCredentials.model_validate({"client_id": CLIENT_ID, "client_secret": "wrong-secret"})
    with pytest.raises(Refused, match="Missing valid authorization header") as caught:
        consent(harbour, credentials=credentials).exchange("code-x", verifier="v" * 43, redirect_uri=BACK)
    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "two\nlines"},
        {"access_token": "кл\u044eч"},
        {"access_token": "x" * 9000},
        {"access_token": "token-of-a-mac", "token_type": "mac"},
        [],
    ],
    ids=str,
)
def test_an_answer_without_a_token_is_none(harbour: HarbourFake, answer: Any) -> None:
    harbour.stand_in.routes[HARBOUR.token_url] = lambda _: reply(answer)
    with pytest.raises(BadAnswer, match="without an access token"):
        consent(harbour).exchange("code", verifier="v" * 43, redirect_uri=BACK)


def test_what_is_not_said_is_taken_to_be_as_asked(harbour: HarbourFake) -> None:
    harbour.stand_in.routes[HARBOUR.token_url] = lambda _: reply({"access_token": "a-token"})
    tokens = consent(harbour).exchange("code", verifier="v" * 43, redirect_uri=BACK)
    assert (tokens.scopes, tokens.refresh, tokens.expires_at) == (HARBOUR.scopes, "", None)


@pytest.mark.parametrize("lifetime", ["600", 600, 10**15, "9" * 5000, True, -3, 1.5, [], None])
def test_a_lifetime_may_be_anything(harbour: HarbourFake, lifetime: object) -> None:
    harbour.lifetime = lifetime
    assert connected(harbour).token() == "access-token-1"


def test_secrets_that_a_platform_repeats_are_masked(harbour: HarbourFake) -> None:
    told = {"error": "invalid_grant", "error_description": f"code-77 for {CLIENT_SECRET} by {'v' * 43}"}
    harbour.stand_in.routes[HARBOUR.token_url] = lambda _: reply(told, 400)
    with pytest.raises(BadQuery) as caught:
        consent(harbour).exchange("code-77", verifier="v" * 43, redirect_uri=BACK)
    assert f"{HIDDEN} for {HIDDEN} by {HIDDEN}" in caught.value.detail


# ---------------------------------------------------------------- tokens to use


def test_before_anybody_agreed_there_is_none(harbour: HarbourFake) -> None:
    flow = consent(harbour)
    assert not flow.is_connected
    with pytest.raises(AccountNeeded, match="Settings > Accounts"):
        flow.token()
    assert harbour.stand_in.asked == []


def test_a_token_is_renewed_before_it_ends_and_the_new_pair_is_kept(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    kept(flow, expires_at=soon(EARLY.total_seconds() - 5))
    assert [flow.token(), flow.token()] == ["access-token-2"] * 2
    assert harbour.refreshes == ["refresh-token-1"]
    assert flow.access.session.load()["refresh_token"] == "refresh-token-2"


def test_not_much_earlier(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    kept(flow, expires_at=soon(EARLY.total_seconds() + 5))
    assert flow.token() == "access-token-1"


def test_one_that_cannot_be_renewed_is_used_to_its_end(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    kept(flow, refresh_token="", expires_at=soon(5))
    assert flow.token() == "access-token-1"
    kept(flow, expires_at=soon(-1))
    with pytest.raises(Expired, match="connected again"):
        flow.token()
    assert harbour.refreshes == []


def test_one_that_lives_shorter_than_the_margin_is_used_all_the_same(harbour: HarbourFake) -> None:
    harbour.lifetime = 1
    assert connected(harbour).token() == "access-token-2"


def test_a_platform_that_keeps_its_refresh_token_needs_no_new_one(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    harbour.stand_in.routes[HARBOUR.token_url] = lambda _: reply({"access_token": "another-token"})
    kept(flow, expires_at=soon(-1))
    assert flow.token() == "another-token"
    assert flow.access.session.load()["refresh_token"] == "refresh-token-1"
    assert flow.scopes == HARBOUR.scopes


def test_a_consent_that_is_over_asks_for_another_and_is_not_tried_twice(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    harbour.revoke()
    kept(flow, expires_at=soon(-1))
    for _ in range(2):
        with pytest.raises(Expired, match="it has to be connected again"):
            flow.token()
    assert harbour.refreshes == ["refresh-token-1"]
    assert not flow.is_connected


def test_an_application_that_is_refused_costs_nobody_their_consent(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    kept(flow, expires_at=soon(-1))
    harbour.secret = "another"
    with pytest.raises(Refused, match="Missing valid authorization header") as caught:
        flow.token()
    assert type(caught.value) is Refused
    harbour.secret = CLIENT_SECRET
    assert flow.token() == "access-token-2"


@pytest.mark.parametrize("code", [429, 500, 503])
def test_trouble_of_the_platform_ends_nothing(harbour: HarbourFake, code: int) -> None:
    flow = connected(harbour)
    kept(flow, expires_at=soon(-1))
    good = harbour.stand_in.routes[HARBOUR.token_url]
    harbour.stand_in.routes[HARBOUR.token_url] = lambda _: reply({}, code)
    with pytest.raises(ConnectorError) as caught:
        flow.token()
    assert not isinstance(caught.value, Refused)
    harbour.stand_in.routes[HARBOUR.token_url] = good
    assert flow.token() == "access-token-2"


# ---------------------------------------------------------------- asking with one


def get_me(flow: OAuthSession) -> Any:
    with PlatformClient("harbour", flow.access.base_url) as client:
        return flow.asked(client, lambda headers: client.get("/2/users/me", headers=headers)).body


def test_a_token_that_is_refused_is_renewed_once(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    harbour.grants[0].access = "rotated-by-the-platform"
    assert get_me(flow) == {"username": "ada"}
    assert harbour.refreshes == ["refresh-token-1"]


def test_and_not_again(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    harbour.stand_in.routes["/2/users/me"] = lambda _: reply({}, 401)
    with pytest.raises(Refused):
        get_me(flow)
    assert harbour.refreshes == ["refresh-token-1"]


def test_what_a_token_may_not_do_is_no_reason_to_renew_it(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    harbour.stand_in.routes["/2/users/me"] = lambda _: reply({}, 403)
    with pytest.raises(Refused):
        get_me(flow)
    assert harbour.refreshes == []


def test_a_refused_token_without_a_way_to_renew_it_is_over(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    kept(flow, refresh_token="")
    harbour.revoke()
    with pytest.raises(Expired):
        get_me(flow)


def test_both_tokens_are_masked_in_what_comes_back(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    harbour.stand_in.routes["/2/users/me"] = lambda _: reply({"username": "refresh-token-1 and access-token-1"})
    assert get_me(flow) == {"username": f"{HIDDEN} and {HIDDEN}"}


def test_no_answer_is_passed_on(harbour: HarbourFake) -> None:
    flow = connected(harbour)
    harbour.stand_in.routes["/2/users/me"] = lambda _: reply({}, 500)
    with pytest.raises(NoAnswer):
        get_me(flow)
    assert harbour.refreshes == []


# ---------------------------------------------------------------- whose client


@pytest.mark.parametrize(
    ("given", "only"),
    [
        ({"client_id": "c"}, True),
        ({"client_id": "c", "client_secret": "secret"}, True),
        ({"client_id": "c", "bearer_token": "bearer"}, False),
        ({"bearer_token": "bearer"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_an_application_alone_can_do_nothing_yet(given: dict[str, str], only: bool) -> None:
    credentials = HarbourCredentials.model_validate(given)
    assert is_only_a_client(credentials) is only
    assert (client_in(credentials) is not None) is ("client_id" in given)


def test_without_an_application_nobody_is_asked(harbour: HarbourFake) -> None:
    flow = consent(harbour, credentials=HarbourCredentials())
    with pytest.raises(AccountNeeded, match="client_id"):
        flow.agreement_url(state="s", verifier="v", redirect_uri=BACK)
