from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.access import Allowance, Window
from connectors.base import SearchQuery
from connectors.errors import AccountNeeded, RateLimited
from connectors.models import Account, RateWindow
from connectors.ratelimits import SharedLimits
from signalops_site.core.secrets import seal

from .fakes import Fake, account_connector
from .standin import reply

ADDRESS = "https://harbour.example"


@pytest.fixture
def account(db: None) -> Account:
    return Account.objects.create(platform="mastodon", label="main", base_url=ADDRESS, credentials=seal({}))


@pytest.fixture
def limits(account: Account) -> SharedLimits:
    return SharedLimits("mastodon", account=account, base_url=ADDRESS)


def left(remaining: int, *, limit: int | None = 300, seconds: float = 60) -> Allowance:
    return Allowance(limit, remaining, timezone.now() + timedelta(seconds=seconds))


def test_what_was_never_told_holds_nothing_back(limits: SharedLimits) -> None:
    limits.reserve("api")
    assert RateWindow.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_removed_meanwhile_needs_no_window(account: Account, limits: SharedLimits) -> None:
    Account.objects.filter(pk=account.pk).delete()
    with pytest.raises(AccountNeeded, match="removed meanwhile"):
        limits.observe("api", left(2))
    assert RateWindow.objects.count() == 0


def test_a_window_that_a_clock_ahead_began_is_over(limits: SharedLimits) -> None:
    limits.observe("api", left(0, seconds=365 * 86_400))
    limits.reserve("api")
    assert RateWindow.objects.get().resets_at < timezone.now() + timedelta(days=1)


def test_each_request_takes_one_and_none_is_taken_twice(limits: SharedLimits) -> None:
    limits.observe("api", left(2))
    limits.reserve("api")
    limits.reserve("api")
    with pytest.raises(RateLimited) as caught:
        limits.reserve("api")
    assert caught.value.retry_after == pytest.approx(60, abs=2)
    assert RateWindow.objects.get().remaining == 0


def test_endpoints_and_accounts_count_apart(limits: SharedLimits, account: Account) -> None:
    limits.observe("api", left(0))
    limits.reserve("search")
    SharedLimits("mastodon", account=None, base_url=ADDRESS).reserve("api")


def test_those_without_an_account_share_an_address(db: None) -> None:
    one, other = (SharedLimits("mastodon", account=None, base_url=ADDRESS) for _ in range(2))
    one.observe("api", left(0))
    with pytest.raises(RateLimited):
        other.reserve("api")
    SharedLimits("mastodon", account=None, base_url="https://other.example").reserve("api")


def test_a_new_window_begins_when_the_old_one_is_over(limits: SharedLimits) -> None:
    limits.observe("api", left(0, limit=3, seconds=-1))
    for _ in range(3):
        limits.reserve("api")
    with pytest.raises(RateLimited):
        limits.reserve("api")


def test_a_mere_wait_leaves_nothing_behind(limits: SharedLimits) -> None:
    limits.observe("api", left(0, limit=None, seconds=-1))
    for _ in range(5):
        limits.reserve("api")
    assert RateWindow.objects.count() == 0


def test_within_a_window_the_lowest_count_holds(limits: SharedLimits) -> None:
    limits.observe("api", left(40))
    limits.observe("api", left(45, seconds=61))
    assert RateWindow.objects.get().remaining == 40
    limits.observe("api", left(299, seconds=360))
    assert RateWindow.objects.get().remaining == 299


def test_the_first_answer_of_a_window_does_not_raise_its_count(limits: SharedLimits) -> None:
    """Three asked at once; the answer to the first knows nothing of the two that are under way."""
    limits.observe("api", left(0, seconds=-1))
    for _ in range(3):
        limits.reserve("api")
    limits.observe("api", left(299, seconds=900))
    assert RateWindow.objects.get().remaining == 297
    assert RateWindow.objects.get().resets_at < timezone.now() + timedelta(seconds=901)


def test_a_late_answer_of_a_window_that_is_over_ends_no_other(limits: SharedLimits) -> None:
    limits.observe("api", left(200))
    limits.observe("api", left(0, seconds=-1))
    assert RateWindow.objects.get().remaining == 200


def test_a_limit_of_nothing_is_no_error(limits: SharedLimits) -> None:
    limits.observe("api", left(0, limit=0, seconds=-1))
    limits.reserve("api")
    with pytest.raises(RateLimited):
        limits.reserve("api")


@pytest.fixture
def documented(account: Account) -> SharedLimits:
    """Of a platform that says nothing in its answers."""
    return SharedLimits("mastodon", account=account, base_url=ADDRESS, documented={"api": Window(3, 3600)})


def test_what_is_documented_counts_where_the_platform_says_nothing(documented: SharedLimits) -> None:
    for _ in range(3):
        documented.reserve("api")
    with pytest.raises(RateLimited) as caught:
        documented.reserve("api")
    assert caught.value.retry_after == pytest.approx(3600, abs=5)
    documented.reserve("something else")
    assert RateWindow.objects.count() == 1


def test_the_next_documented_window_is_as_long_as_the_first(documented: SharedLimits) -> None:
    documented.reserve("api")
    RateWindow.objects.update(resets_at=timezone.now() - timedelta(seconds=1), remaining=0)
    documented.reserve("api")
    window = RateWindow.objects.get()
    assert (window.limit, window.remaining) == (3, 2)
    assert window.resets_at > timezone.now() + timedelta(seconds=3500)


def test_what_the_platform_says_goes_before_what_is_documented(documented: SharedLimits) -> None:
    documented.reserve("api")
    documented.observe("api", left(40, limit=50))
    documented.reserve("api")
    window = RateWindow.objects.get()
    assert (window.limit, window.remaining) == (50, 39)


def test_after_a_mere_wait_the_documented_window_counts_again(documented: SharedLimits) -> None:
    documented.observe("api", left(0, limit=None, seconds=-1))
    for _ in range(3):
        documented.reserve("api")
    with pytest.raises(RateLimited):
        documented.reserve("api")


def test_after_a_refusal_nobody_asks_until_it_is_over(fake: Fake, limits: SharedLimits) -> None:
    """A 429 without any header about what is left closes the window all the same."""
    fake.stand_in.routes[fake.searched] = lambda _: reply({}, 429, Retry_After="60")
    for _ in range(2):
        with pytest.raises(RateLimited):
            list(account_connector(fake, limits=limits).search(SearchQuery(fake.query)))
    assert fake.stand_in.paths().count(fake.searched) == 1
    (window,) = RateWindow.objects.filter(remaining=0)
    assert timezone.now() < window.resets_at <= timezone.now() + timedelta(seconds=60)


def test_the_platforms_count_is_taken_over_and_counted_on(fake: Fake, limits: SharedLimits) -> None:
    """The stand-in says the same after each request. X and Reddit need one; of two, we count the second."""
    fake.fill(1)
    list(account_connector(fake, limits=limits).search(SearchQuery(fake.query)))
    window = RateWindow.objects.exclude(endpoint="createSession").get()
    assert window.remaining == {"mastodon": 249, "bluesky": 2989, "reddit": 590, "x": 440}[fake.platform]
