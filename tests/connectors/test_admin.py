import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from connectors import services
from connectors.models import Account

from .fakes import APP_PASSWORD, TOKEN, Fake, MastodonFake
from .fakes_reddit import SECRET
from .oauth_fake import HARBOUR, HarbourFake

pytestmark = pytest.mark.usefixtures("reachable")

ADD = "admin:connectors_account_add"


@pytest.fixture
def browser(superuser: User) -> Client:
    client = Client()
    client.force_login(superuser)
    return client


@pytest.fixture
def account(mastodon: MastodonFake, db: None) -> Account:
    return services.add_account("mastodon", label="main", credentials=mastodon.credentials(), by="command:test")


def act(name: str, account: Account) -> str:
    return reverse("admin:connectors_account_act", args=[account.pk, name])


def test_no_page_shows_a_secret(browser: Client, account: Account) -> None:
    for address in (
        reverse("admin:connectors_account_changelist"),
        reverse("admin:connectors_account_change", args=[account.pk]),
        reverse(ADD),
    ):
        page = browser.get(address).content.decode()
        assert TOKEN not in page
        assert account.credentials is not None
        assert account.credentials.token not in page


def test_an_account_is_added_once_its_platform_has_accepted_it(browser: Client, fake: Fake) -> None:
    form = {"platform": fake.platform, "label": "main", **fake.credentials()}
    fake_secret = {TOKEN, APP_PASSWORD, SECRET} & set(fake.credentials().values())
    answer = browser.post(reverse(ADD), form, follow=True)
    assert Account.objects.get().state == "ok"
    assert not [secret for secret in fake_secret if secret in answer.content.decode()]


def test_a_refused_one_is_not_and_its_secret_is_not_repeated(browser: Client, fake: Fake) -> None:
    fake.revoke()
    answer = browser.post(reverse(ADD), {"platform": fake.platform, "label": "main", **fake.credentials()})
    assert "Nothing was stored" in answer.content.decode()
    assert not [secret for secret in (TOKEN, APP_PASSWORD, SECRET) if secret in answer.content.decode()]
    assert not Account.objects.exists()


def test_it_is_tested_rotated_and_forgotten_by_buttons(
    browser: Client, account: Account, mastodon: MastodonFake
) -> None:
    mastodon.revoke()
    assert "refused" in browser.post(act("test", account), follow=True).content.decode()
    browser.post(act("rotate", account), {"access_token": mastodon.token})
    account.refresh_from_db()
    assert account.state == "ok"
    browser.post(act("remove", account))
    assert not Account.objects.exists()


def test_a_button_leads_to_the_platform_that_asks_for_consent(browser: Client, harbour: HarbourFake) -> None:
    browser.post(reverse(ADD), {"platform": "harbour", "label": "main", **harbour.credentials()})
    account = Account.objects.get()
    assert act("connect", account) in browser.get(page_of(account)).content.decode()
    answer = browser.post(act("connect", account))
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{harbour.stand_in.url}{HARBOUR.authorize_url}?")
    back = harbour.agree(answer["Location"])
    assert browser.get("/api/connectors/accounts/callback/", back)["Location"] == (
        f"/settings/accounts?connected={account.pk}"
    )


def test_a_refusal_to_start_stays_on_the_page(browser: Client, harbour: HarbourFake) -> None:
    account = services.add_account(
        "harbour", label="main", credentials={"bearer_token": "app-only-token"}, by="command:test"
    )
    answer = browser.post(act("connect", account), follow=True)
    assert answer.redirect_chain == [(page_of(account), 302)]
    assert "needs a client_id" in answer.content.decode()


def test_accounts_with_a_key_have_no_such_button(browser: Client, account: Account) -> None:
    assert act("connect", account) not in browser.get(page_of(account)).content.decode()


def page_of(account: Account) -> str:
    return reverse("admin:connectors_account_change", args=[account.pk])


def test_its_tier_is_recorded_by_a_button_and_one_that_it_has_not_is_refused(
    browser: Client, account: Account
) -> None:
    Account.objects.filter(pk=account.pk).update(platform="reddit")
    assert (
        "counts as approved"
        in browser.post(act("tier", account), {"tier": "approved"}, follow=True).content.decode()
    )
    refused = browser.post(act("tier", account), {"tier": "enterprise"}, follow=True)
    assert "reddit has no tier" in refused.content.decode()
    account.refresh_from_db()
    assert account.tier == "approved"
