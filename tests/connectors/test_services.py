import pytest
from django.contrib.auth.models import User

from connectors import services
from connectors.base import SearchQuery
from connectors.errors import AccountNeeded, NoAnswer, Refused
from connectors.models import Account, AccountState
from connectors.opening import choose_account
from connectors.services import BadCredentials, CredentialsRefused
from signalops_site.core.errors import Conflict, DomainError, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Project
from signalops_site.core.secrets import Sealed
from tests.factories import document

from .fakes import APP_PASSWORD, TOKEN, BlueskyFake, Fake, MastodonFake
from .searches import search_platform
from .standin import reply

pytestmark = pytest.mark.usefixtures("reachable")


def added(fake: Fake, project: Project | None = None, *, label: str = "main", **changes: str) -> Account:
    credentials = {**fake.credentials(), **changes}
    return services.add_account(
        fake.platform, label=label, credentials=credentials, project=project, by="command:test"
    )


def collected(fake: Fake, project: Project, text: str = "") -> list[str]:
    search = search_platform(
        fake.platform, SearchQuery(text or fake.query), project=project, document=document(project_id=project.slug)
    )
    return [post.id for page in search for post in page.posts]


# ---------------------------------------------------------------- adding


def test_an_account_that_is_accepted_is_stored(fake: Fake, project: Project, operator: User) -> None:
    account = services.add_account(
        fake.platform, label=" main ", credentials=fake.credentials(), project=project, by=operator
    )
    account.refresh_from_db()
    assert (account.label, account.state, account.project) == ("main", AccountState.OK, project)
    assert account.handle.startswith(fake.handle)
    assert account.last_checked_at is not None
    assert account.credentials is not None
    assert account.credentials.open() == fake.credentials()


def test_one_that_is_refused_is_not(fake: Fake, project: Project) -> None:
    fake.revoke()
    with pytest.raises(CredentialsRefused, match="Nothing was stored"):
        added(fake, project)
    assert not Account.objects.exists()


def test_nor_one_that_could_not_be_tested(fake: Fake, project: Project) -> None:
    fake.stand_in.routes.clear()
    with pytest.raises(DomainError):
        added(fake, project)
    assert not Account.objects.exists()


def test_it_keeps_the_official_address_not_the_stand_ins(mastodon: MastodonFake, project: Project) -> None:
    assert added(mastodon, project).base_url == "https://mastodon.social"
    account = services.add_account(
        "mastodon", label="other", credentials=mastodon.credentials(), base_url="Fosstodon.org", by="command:test"
    )
    assert account.base_url == "https://fosstodon.org"


def test_no_secret_is_in_the_audit_log_or_in_an_error(fake: Fake, project: Project, operator: User) -> None:
    with pytest.raises(BadCredentials) as caught:
        added(fake, project, nonsense="a-secret-value")
    fake.revoke()
    with pytest.raises(CredentialsRefused) as refused:
        added(fake, project)
    told = f"{caught.value} {caught.value.__cause__!r} {refused.value}"
    assert "nonsense" in told
    assert not [secret for secret in ("a-secret-value", TOKEN, APP_PASSWORD) if secret in told]


def test_what_was_done_is_audited_by_name_only(fake: Fake, project: Project, operator: User) -> None:
    account = services.add_account(
        fake.platform, label="main", credentials=fake.credentials(), project=project, by=operator
    )
    services.check_account(account, by=operator)
    services.rotate_account(account, credentials=fake.credentials(), by=operator)
    services.remove_account(account, by=operator)
    entries = AuditEntry.objects.filter(action__startswith="account.").order_by("sequence")
    assert [entry.action for entry in entries] == [
        "account.add",
        "account.test",
        "account.rotate",
        "account.remove",
    ]
    assert {entry.actor for entry in entries} == {operator}
    assert {entry.target_id for entry in entries} == {entries[0].target_id} != {""}
    text = " ".join(str(entry.fields) for entry in entries)
    assert not [secret for secret in (TOKEN, APP_PASSWORD) if secret in text]


@pytest.mark.parametrize("label", ["", "  ", "x" * 101, "a\0b"])
def test_a_label_is_a_name(mastodon: MastodonFake, project: Project, label: str) -> None:
    with pytest.raises(DomainError, match="label"):
        added(mastodon, project, label=label)


def test_a_label_is_given_once(mastodon: MastodonFake, project: Project, other_project: Project) -> None:
    for where in (project, other_project, None):
        added(mastodon, where)
        with pytest.raises(Conflict):
            added(mastodon, where)
    assert Account.objects.count() == 3


def test_incomplete_credentials_are_named_field_by_field(bluesky: BlueskyFake, project: Project) -> None:
    with pytest.raises(BadCredentials, match="app_password: is missing"):
        services.add_account(
            "bluesky", label="main", credentials={"handle": "x"}, project=project, by="command:test"
        )
    assert bluesky.stand_in.asked == []


def test_what_was_pasted_around_a_key_is_taken_off(mastodon: MastodonFake, project: Project) -> None:
    assert added(mastodon, project, access_token=f"  {TOKEN}\n").state == AccountState.OK


@pytest.mark.parametrize("wrong", ["", " ", "кл\u044eч", "two\nlines", "half\ud83d", "nul\0"])
def test_a_key_that_cannot_be_one_is_not_tried(fake: Fake, project: Project, wrong: str) -> None:
    for field in fake.credentials():
        with pytest.raises(BadCredentials, match=f"{field}: ") as caught:
            added(fake, project, **{field: wrong})
        assert not wrong.strip() or wrong not in str(caught.value)
    assert fake.stand_in.asked == []


def test_a_token_that_may_not_search_is_not_stored(mastodon: MastodonFake, project: Project) -> None:
    refusal = reply({"error": "This action is outside the authorized scopes"}, 403)
    mastodon.stand_in.routes["/api/v2/search"] = lambda _: refusal
    with pytest.raises(CredentialsRefused, match="outside the authorized scopes"):
        added(mastodon, project)


@pytest.mark.parametrize("platform", ["sample", "file", "hackernews", "nowhere"])
def test_a_platform_without_accounts_names_those_that_have_them(db: None, platform: str) -> None:
    with pytest.raises(DomainError, match="bluesky, mastodon, reddit"):
        services.add_account(platform, label="main", credentials={}, by="command:test")


def test_reviewers_and_strangers_look_after_no_account(
    mastodon: MastodonFake, project: Project, reviewer: User, outsider: User, operator: User
) -> None:
    account, shared = added(mastodon, project), added(mastodon)
    for user, refusal in ((reviewer, NotAllowed), (outsider, NotFound)):
        with pytest.raises(refusal):
            services.check_account(account, by=user)
        with pytest.raises(refusal):
            services.remove_account(account, by=user)
    for user in (reviewer, outsider, operator):
        with pytest.raises(NotAllowed):
            services.rotate_account(shared, credentials=mastodon.credentials(), by=user)


# ---------------------------------------------------------------- testing and rotating


def test_a_refused_key_is_seen_and_mended(fake: Fake, project: Project) -> None:
    account = added(fake, project)
    fake.revoke()
    assert services.check_account(account, by="command:test").state == AccountState.REFUSED
    assert account.last_error
    with pytest.raises(CredentialsRefused):
        services.rotate_account(account, credentials=fake.credentials(), by="command:test")
    new = {**fake.credentials(), fake.secret: "another-token" if fake.platform in ("mastodon", "x") else "another"}
    services.rotate_account(account, credentials=new, by="command:test")
    account.refresh_from_db()
    assert (account.state, account.last_error) == (AccountState.OK, "")
    assert account.credentials is not None
    assert account.credentials.open() == new


def test_a_platform_that_does_not_answer_changes_no_state(fake: Fake, project: Project) -> None:
    account = added(fake, project)
    fake.stand_in.routes.clear()
    services.check_account(account, by="command:test")
    account.refresh_from_db()
    assert account.state == AccountState.OK
    assert "404" in account.last_error


# ---------------------------------------------------------------- which account is used


def test_a_projects_own_account_goes_before_a_shared_one(mastodon: MastodonFake, project: Project) -> None:
    shared, own = added(mastodon), added(mastodon, project)
    assert choose_account("mastodon", project=project) == own
    Account.objects.filter(pk=own.pk).update(state=AccountState.REFUSED)
    assert choose_account("mastodon", project=project) == shared


def test_another_projects_account_is_never_used(
    mastodon: MastodonFake, project: Project, other_project: Project
) -> None:
    added(mastodon, other_project)
    assert choose_account("mastodon", project=project) is None


def test_an_account_is_only_used_at_its_own_instance(mastodon: MastodonFake, project: Project) -> None:
    """A token must not be shown to another instance than its own."""
    added(mastodon, project)
    assert choose_account("mastodon", project=project, address="https://fosstodon.org") is None
    elsewhere = document(platforms={"mastodon": {"instance": "fosstodon.org"}})
    mastodon.fill(1)
    search = search_platform("mastodon", SearchQuery("#freelance"), project=project, document=elsewhere)
    assert len([post for page in search for post in page.posts]) == 1
    assert mastodon.stand_in.asked[-1].bearer == ""


# ---------------------------------------------------------------- searching


def test_a_search_uses_the_account_and_its_kept_session(bluesky: BlueskyFake, project: Project) -> None:
    added(bluesky, project)
    bluesky.fill(2)
    assert len(collected(bluesky, project)) == len(collected(bluesky, project)) == 2
    assert bluesky.sign_ins == 1  # when it was added


def test_a_session_that_was_lost_is_signed_in_anew(bluesky: BlueskyFake, project: Project) -> None:
    account = added(bluesky, project)
    Account.objects.filter(pk=account.pk).update(session=None)
    bluesky.fill(2)
    assert len(collected(bluesky, project)) == 2
    account.refresh_from_db()
    assert account.session is not None
    assert account.session.open()["access"] == bluesky.access_token


def test_a_refusal_while_searching_pauses_the_account(fake: Fake, project: Project) -> None:
    account = added(fake, project)
    fake.fill(2)
    fake.revoke()
    with pytest.raises(Refused, match=r"paused.*accounts rotate"):
        collected(fake, project)
    account.refresh_from_db()
    assert account.state == AccountState.REFUSED
    asked = len(fake.stand_in.asked)
    with pytest.raises(Refused, match="paused"):
        collected(fake, project)
    assert len(fake.stand_in.asked) == asked


def test_trouble_of_the_platform_is_not_the_accounts_fault(fake: Fake, project: Project) -> None:
    account = added(fake, project)
    fake.stand_in.routes[fake.searched] = lambda _: reply({}, 503)
    with pytest.raises(NoAnswer):
        collected(fake, project)
    account.refresh_from_db()
    assert account.state == AccountState.OK


def test_an_instance_that_shows_nothing_to_strangers_asks_for_an_account(
    mastodon: MastodonFake, project: Project
) -> None:
    refusal = reply({"error": "This method requires an authenticated user"}, 401)
    mastodon.stand_in.routes["/api/v1/timelines/tag/"] = lambda _: refusal
    with pytest.raises(AccountNeeded, match="accounts add mastodon"):
        collected(mastodon, project, "#freelance")


def test_credentials_that_cannot_be_read_pause_and_say_so(mastodon: MastodonFake, project: Project) -> None:
    account = added(mastodon, project)
    Account.objects.filter(pk=account.pk).update(credentials=Sealed("sealed with a key that is lost"))
    with pytest.raises(Refused, match="cannot be read"):
        collected(mastodon, project)
    asked = len(mastodon.stand_in.asked)
    account.refresh_from_db()
    assert services.check_account(account, by="command:test").state == AccountState.REFUSED
    assert len(mastodon.stand_in.asked) == asked
