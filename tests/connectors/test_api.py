import pytest
from rest_framework.test import APIClient

from connectors import services
from connectors.access import Allowance
from connectors.models import Account, RateWindow
from connectors.ratelimits import SharedLimits
from signalops_site.core.models import Project
from tests.factories import POSTED_AT

from .fakes import APP_PASSWORD, TOKEN, Fake, MastodonFake
from .fakes_reddit import SECRET

pytestmark = pytest.mark.usefixtures("reachable")

ACCOUNTS = "/api/connectors/accounts/"


@pytest.fixture
def account(mastodon: MastodonFake, project: Project) -> Account:
    return services.add_account(
        "mastodon", label="main", credentials=mastodon.credentials(), project=project, by="command:test"
    )


@pytest.fixture
def shared(mastodon: MastodonFake, db: None) -> Account:
    return services.add_account("mastodon", label="all", credentials=mastodon.credentials(), by="command:test")


def test_platforms_say_what_they_can_do_and_what_an_account_is(viewer_api: APIClient) -> None:
    platforms = {each["name"]: each for each in viewer_api.get("/api/connectors/").json()}
    assert list(platforms) == sorted(platforms)
    assert {name: each["account"] for name, each in platforms.items()} == {
        "bluesky": "required",
        "file": "none",
        "hackernews": "none",
        "linkedin": "none",
        "mastodon": "optional",
        "reddit": "required",
        "sample": "none",
        "x": "required",
    }
    assert platforms["file"]["capabilities"] == ["import"]
    assert platforms["hackernews"]["capabilities"] == ["lookup", "search"]
    assert platforms["hackernews"]["default_base_url"] == "https://hn.algolia.com"
    assert platforms["mastodon"]["default_base_url"] == "https://mastodon.social"
    fields = platforms["bluesky"]["credentials"]
    assert [(field["name"], field["is_secret"]) for field in fields] == [("handle", False), ("app_password", True)]
    assert all(field["description"] for field in fields)
    optional = {field["name"]: field["is_secret"] for field in platforms["x"]["credentials"]}
    assert optional == {"bearer_token": True, "client_id": False, "client_secret": True}


def test_an_operator_adds_an_account_and_sees_no_secret_again(
    fake: Fake, project: Project, operator_api: APIClient
) -> None:
    body = {"project": project.slug, "platform": fake.platform, "credentials": fake.credentials()}
    answer = operator_api.post(ACCOUNTS, body, format="json")
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["label"]) == ("ok", "main")
    listed = operator_api.get(ACCOUNTS)
    one = operator_api.get(f"{ACCOUNTS}{answer.json()['id']}/")
    tested = operator_api.post(f"{ACCOUNTS}{answer.json()['id']}/test/")
    for each in (answer, listed, one, tested):
        assert not [
            secret for secret in (TOKEN, APP_PASSWORD, SECRET, "token-1") if secret in each.content.decode()
        ]


def test_an_account_answers_nothing_that_is_kept_secret_not_even_sealed(
    fake: Fake, project: Project, operator_api: APIClient
) -> None:
    body = {"project": project.slug, "platform": fake.platform, "credentials": fake.credentials()}
    operator_api.post(ACCOUNTS, body, format="json")
    (row,) = operator_api.get(ACCOUNTS).json()["results"]
    assert set(row) == {
        *("id", "project", "platform", "label", "base_url", "handle", "scopes", "tier", "state", "oauth"),
        *("last_checked_at", "last_error", "windows", "budget", "created_at"),
    }


def test_a_key_that_is_refused_is_a_400_and_stored_nowhere(
    fake: Fake, project: Project, operator_api: APIClient
) -> None:
    fake.revoke()
    body = {"project": project.slug, "platform": fake.platform, "credentials": fake.credentials()}
    answer = operator_api.post(ACCOUNTS, body, format="json")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:signalops:problem:credentials-refused")
    assert not [secret for secret in (TOKEN, APP_PASSWORD, SECRET) if secret in answer.content.decode()]
    assert not Account.objects.exists()


def test_a_platform_that_is_down_is_a_503(
    mastodon: MastodonFake, project: Project, operator_api: APIClient
) -> None:
    mastodon.stand_in.routes.clear()
    body = {"project": project.slug, "platform": "mastodon", "credentials": mastodon.credentials()}
    assert operator_api.post(ACCOUNTS, body, format="json").status_code == 503


@pytest.mark.parametrize(
    "changes",
    [
        {"credentials": {}},
        {"credentials": {"access_token": "x", "more": "y"}},
        {"credentials": {"access_token": {"a": 1}}},
        {"credentials": "text"},
        {"platform": "nowhere"},
        {"platform": "sample"},
        {"label": "a\0b"},
        {"base_url": "http://127.0.0.1"},
    ],
    ids=str,
)
def test_what_does_not_hold_is_a_400(
    mastodon: MastodonFake, project: Project, operator_api: APIClient, changes: dict[str, object]
) -> None:
    body = {"project": project.slug, "platform": "mastodon", "credentials": mastodon.credentials(), **changes}
    answer = operator_api.post(ACCOUNTS, body, format="json")
    assert answer.status_code == 400, answer.content
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["https://[::1", "https://harbour.example:port", "https://harbour .example", "a\0.example", "x" * 301, 7],
)
def test_an_address_that_is_none_is_a_400_that_names_it(
    fake: Fake, project: Project, operator_api: APIClient, address: object
) -> None:
    body = {"project": project.slug, "platform": fake.platform, "credentials": fake.credentials()}
    answer = operator_api.post(ACCOUNTS, {**body, "base_url": address}, format="json")
    assert (answer.status_code, "base_url: " in answer.json()["detail"]) == (400, True), answer.content
    assert fake.stand_in.asked == []


@pytest.mark.parametrize("name", ["base-url", "lable", "access_token"])
def test_a_field_that_does_not_exist_is_a_400_that_names_it(
    account: Account, mastodon: MastodonFake, operator_api: APIClient, name: str
) -> None:
    asked = len(mastodon.stand_in.asked)
    given = {"credentials": mastodon.credentials(), name: "a-value-of-it"}
    project = account.project.slug if account.project else ""
    add = operator_api.post(ACCOUNTS, {"project": project, "platform": "mastodon", **given}, format="json")
    rotate = operator_api.patch(f"{ACCOUNTS}{account.pk}/", given, format="json")
    for answer in (add, rotate):
        assert (answer.status_code, [item["path"] for item in answer.json()["errors"]]) == (400, [name])
        assert "a-value-of-it" not in answer.content.decode()
    assert len(mastodon.stand_in.asked) == asked


def test_credentials_are_replaced_by_better_ones(
    account: Account, mastodon: MastodonFake, operator_api: APIClient
) -> None:
    refused = operator_api.patch(
        f"{ACCOUNTS}{account.pk}/", {"credentials": {"access_token": "no"}}, format="json"
    )
    assert refused.status_code == 400
    mastodon.token = "new"
    rotated = operator_api.patch(
        f"{ACCOUNTS}{account.pk}/", {"credentials": {"access_token": "new"}}, format="json"
    )
    assert (rotated.status_code, rotated.json()["state"]) == (200, "ok")
    account.refresh_from_db()
    assert account.credentials is not None
    assert account.credentials.open() == {"access_token": "new"}


def test_a_test_tells_the_state(account: Account, mastodon: MastodonFake, operator_api: APIClient) -> None:
    mastodon.revoke()
    answer = operator_api.post(f"{ACCOUNTS}{account.pk}/test/")
    assert (answer.status_code, answer.json()["state"]) == (200, "refused")
    assert "invalid" in answer.json()["last_error"]


def test_an_account_is_forgotten(account: Account, operator_api: APIClient) -> None:
    assert operator_api.delete(f"{ACCOUNTS}{account.pk}/").status_code == 204
    assert not Account.objects.exists()


def test_health_shows_what_is_left_of_the_limits(account: Account, operator_api: APIClient) -> None:
    limits = SharedLimits("mastodon", account=account, base_url=account.base_url)
    limits.observe("api", Allowance(300, 12, POSTED_AT))
    assert RateWindow.objects.filter(account=account).count() == 1
    (window,) = operator_api.get(f"{ACCOUNTS}{account.pk}/").json()["windows"]
    assert (window["limit"], window["remaining"]) == (300, 12)


def test_operators_see_their_own_and_the_shared_ones(
    account: Account, shared: Account, other_project: Project, mastodon: MastodonFake, operator_api: APIClient
) -> None:
    foreign = services.add_account(
        "mastodon", label="x", credentials=mastodon.credentials(), project=other_project, by="command:test"
    )
    seen = [row["id"] for row in operator_api.get(ACCOUNTS).json()["results"]]
    assert seen == [shared.pk, account.pk]
    assert operator_api.get(f"{ACCOUNTS}{foreign.pk}/").status_code == 404
    assert operator_api.delete(f"{ACCOUNTS}{shared.pk}/").status_code == 403
    within = operator_api.get(ACCOUNTS, {"project": account.project.slug if account.project else ""}).json()
    assert [row["id"] for row in within["results"]] == seen
    assert operator_api.get(ACCOUNTS, {"project": other_project.slug}).status_code == 404


def test_reviewers_and_strangers_see_no_account(
    account: Account, shared: Account, reviewer_api: APIClient, outsider_api: APIClient, anonymous_api: APIClient
) -> None:
    for api in (reviewer_api, outsider_api):
        assert api.get(ACCOUNTS).json()["results"] == []
        assert api.get(f"{ACCOUNTS}{account.pk}/").status_code == 404
        assert api.post(f"{ACCOUNTS}{shared.pk}/test/").status_code == 404
    assert anonymous_api.get(ACCOUNTS).status_code == 401
    assert anonymous_api.get("/api/connectors/").status_code == 401


def test_an_account_for_all_projects_takes_a_superuser(
    mastodon: MastodonFake, operator_api: APIClient, superuser_api: APIClient
) -> None:
    body = {"platform": "mastodon", "credentials": mastodon.credentials()}
    assert operator_api.post(ACCOUNTS, body, format="json").status_code == 403
    assert superuser_api.post(ACCOUNTS, body, format="json").status_code == 201
    assert superuser_api.post(ACCOUNTS, body, format="json").status_code == 409
