"""Connecting an account through the API: the browser goes to the platform, comes back, and goes on to its page."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings
from rest_framework.test import APIClient

from connectors import services
from connectors.links import accounts_page
from connectors.models import Account, AccountState, ConnectAttempt
from signalops_site.core.models import Project
from signalops_site.core.secrets import seal
from tests.conftest import signed_in

from .oauth_fake import CLIENT_SECRET, HARBOUR, HarbourFake

ACCOUNTS = "/api/connectors/accounts/"
CALLBACK = f"{ACCOUNTS}callback/"
PAGE = "/p/tidewater/settings/accounts"


@pytest.fixture
def account(harbour: HarbourFake, project: Project) -> Account:
    return services.add_account(
        "harbour", label="main", credentials=harbour.credentials(), project=project, by="command:test"
    )


def start(api: APIClient, account: Account) -> str:
    answer = api.post(f"{ACCOUNTS}{account.pk}/connect/")
    assert answer.status_code == 200, answer.content
    url: str = answer.json()["url"]
    return url


def test_the_dashboard_is_told_which_accounts_are_connected_so(
    account: Account, operator_api: APIClient, viewer_api: APIClient
) -> None:
    shown = operator_api.get(f"{ACCOUNTS}{account.pk}/").json()
    assert (shown["oauth"], shown["state"]) == (True, "unconnected")
    platforms = {each["name"]: each for each in viewer_api.get("/api/connectors/").json()}
    fields = {
        field["name"]: (field["is_secret"], field["is_required"]) for field in platforms["harbour"]["credentials"]
    }
    assert fields == {"bearer_token": (True, False), "client_id": (False, False), "client_secret": (True, False)}
    assert (platforms["harbour"]["oauth"], platforms["bluesky"]["oauth"]) == (True, False)
    assert all(field["is_required"] for field in platforms["bluesky"]["credentials"])


def test_who_has_only_an_application_s_token_has_nothing_to_agree_to(
    harbour: HarbourFake, project: Project, operator_api: APIClient
) -> None:
    bare = Account.objects.create(
        platform="harbour",
        label="app",
        project=project,
        base_url=harbour.stand_in.url,
        credentials=seal({"bearer_token": "t"}),
    )
    assert operator_api.get(f"{ACCOUNTS}{bare.pk}/").json()["oauth"] is False


def test_an_account_is_connected_by_going_there_and_coming_back(
    account: Account, harbour: HarbourFake, operator_api: APIClient
) -> None:
    back = harbour.agree(start(operator_api, account))
    answer = operator_api.get(CALLBACK, back)
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?connected={account.pk}")
    assert answer["Cache-Control"] == "no-store"
    shown = operator_api.get(f"{ACCOUNTS}{account.pk}/")
    assert (shown.json()["state"], shown.json()["handle"], shown.json()["scopes"]) == (
        "ok",
        "ada",
        [*HARBOUR.scopes],
    )


def test_no_answer_tells_a_token_or_a_secret(
    account: Account, harbour: HarbourFake, operator_api: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    begun = operator_api.post(f"{ACCOUNTS}{account.pk}/connect/")
    back = harbour.agree(begun.json()["url"])
    caplog.clear()  # the person's own browser is no part of SignalOps
    answers = [begun, operator_api.get(CALLBACK, back), operator_api.get(f"{ACCOUNTS}{account.pk}/")]
    told = caplog.text + "".join(f"{answer.content.decode()} {answer.headers}" for answer in answers)
    for secret in ("access-token-1", "refresh-token-1", CLIENT_SECRET, back["code"]):
        assert secret not in told


def test_who_denies_comes_back_with_the_reason(
    account: Account, harbour: HarbourFake, operator_api: APIClient
) -> None:
    answer = operator_api.get(CALLBACK, harbour.deny(start(operator_api, account)))
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?problem=denied")
    assert "did not agree" in operator_api.get(f"{ACCOUNTS}{account.pk}/").json()["last_error"]


def test_a_refused_code_says_so(account: Account, operator_api: APIClient) -> None:
    state = parse_qs(urlsplit(start(operator_api, account)).query)["state"][0]
    answer = operator_api.get(CALLBACK, {"state": state, "code": "made-up"})
    assert answer["Location"] == f"{PAGE}?problem=refused"


@pytest.mark.parametrize(
    "query", [{}, {"state": "made-up", "code": "c"}, {"code": "c"}, {"state": "a\0"}], ids=str
)
def test_what_was_not_begun_here_leads_to_no_project(operator_api: APIClient, query: dict[str, str]) -> None:
    assert operator_api.get(CALLBACK, query)["Location"] == "/settings/accounts?problem=unknown"


def test_another_persons_state_is_no_better_than_a_made_up_one(
    account: Account, harbour: HarbourFake, operator_api: APIClient, superuser_api: APIClient
) -> None:
    back = harbour.agree(start(operator_api, account))
    assert superuser_api.get(CALLBACK, back)["Location"] == "/settings/accounts?problem=unknown"
    account.refresh_from_db()
    assert account.state == AccountState.UNCONNECTED


def test_coming_back_takes_the_session_that_was_left_with(
    account: Account, harbour: HarbourFake, operator_api: APIClient, anonymous_api: APIClient
) -> None:
    back = harbour.agree(start(operator_api, account))
    assert anonymous_api.get(CALLBACK, back).status_code == 401
    assert ConnectAttempt.objects.count() == 1


def test_the_same_person_elsewhere_has_another_session(
    account: Account, harbour: HarbourFake, operator: User
) -> None:
    here, elsewhere = signed_in(operator), signed_in(operator)
    back = harbour.agree(start(here, account))
    assert elsewhere.get(CALLBACK, back)["Location"] == "/settings/accounts?problem=unknown"
    assert here.get(CALLBACK, back)["Location"] == f"{PAGE}?connected={account.pk}"


def test_who_has_left_the_project_is_told_no_more(
    account: Account, harbour: HarbourFake, operator: User, project: Project
) -> None:
    api = signed_in(operator)
    back = harbour.agree(start(api, account))
    project.memberships.all().delete()
    assert api.get(CALLBACK, back)["Location"] == "/settings/accounts?problem=failed"


def test_an_account_of_all_projects_leads_to_the_page_without_one(
    harbour: HarbourFake, superuser_api: APIClient, operator_api: APIClient
) -> None:
    shared = services.add_account("harbour", label="all", credentials=harbour.credentials(), by="command:test")
    assert operator_api.post(f"{ACCOUNTS}{shared.pk}/connect/").status_code == 403
    answer = superuser_api.get(CALLBACK, harbour.agree(start(superuser_api, shared)))
    assert answer["Location"] == f"/settings/accounts?connected={shared.pk}" == accounts_page(connected=shared.pk)


# ---------------------------------------------------------------- where people come back to


def returning_to(url: str) -> str:
    return parse_qs(urlsplit(url).query)["redirect_uri"][0]


def test_people_come_back_to_the_address_that_they_left_from(account: Account, operator_api: APIClient) -> None:
    assert returning_to(start(operator_api, account)) == f"http://testserver{CALLBACK}"


def test_or_to_the_one_that_the_operator_has_set(
    account: Account, operator_api: APIClient, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://leads.example"
    assert returning_to(start(operator_api, account)) == f"https://leads.example{CALLBACK}"


def test_never_to_one_that_somebody_made_up(account: Account, operator_api: APIClient, settings: Settings) -> None:
    address = f"{ACCOUNTS}{account.pk}/connect/"
    assert operator_api.post(address, headers={"Host": "forged.example"}).status_code == 400
    settings.ALLOWED_HOSTS = ["*"]
    answer = operator_api.post(address, headers={"Host": "forged.example"})
    assert (answer.status_code, "Set PUBLIC_URL" in answer.json()["detail"]) == (400, True)
    assert not ConnectAttempt.objects.exists()
