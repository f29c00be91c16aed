from collections.abc import Iterator

import httpx
import pytest
from pytest_django import Settings

from connectors import http, refusals, x_pages
from connectors.base import connectors

from .fakes import FAKES, WEB_FAKES, BlueskyFake, Fake, MastodonFake
from .fakes_hackernews import HackerNewsFake
from .fakes_reddit import RedditFake
from .fakes_x import XFake
from .oauth_fake import HarbourConnector, HarbourFake
from .standin import StandIn, running
from .toll import Toll, TollConnector


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tries and limits, in a hundredth of the time."""
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(refusals, "LEAST_WAIT", 0.01)
    monkeypatch.setattr(http, "TIMEOUTS", httpx.Timeout(5.0))
    monkeypatch.setattr(x_pages, "sleep", lambda _seconds: None)


@pytest.fixture
def reachable(stand_in: StandIn, settings: Settings) -> str:
    """The stand-in is where every platform's API is asked."""
    settings.PLATFORM_BASE_URLS = dict.fromkeys(WEB_FAKES, stand_in.url)
    return stand_in.url


@pytest.fixture
def mastodon(stand_in: StandIn) -> MastodonFake:
    return MastodonFake(stand_in)


@pytest.fixture
def bluesky(stand_in: StandIn) -> BlueskyFake:
    return BlueskyFake(stand_in)


@pytest.fixture
def x(stand_in: StandIn) -> XFake:
    return XFake(stand_in)


@pytest.fixture
def reddit(stand_in: StandIn) -> RedditFake:
    return RedditFake(stand_in)


@pytest.fixture
def hackernews(stand_in: StandIn) -> HackerNewsFake:
    return HackerNewsFake(stand_in)


@pytest.fixture
def harbour(stand_in: StandIn, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> HarbourFake:
    """A platform whose accounts people connect. It is registered for this test alone."""
    connectors.load()
    monkeypatch.setitem(connectors._items, "harbour", HarbourConnector)
    settings.PLATFORM_BASE_URLS = {**settings.PLATFORM_BASE_URLS, "harbour": stand_in.url}
    return HarbourFake(stand_in)


@pytest.fixture
def toll(monkeypatch: pytest.MonkeyPatch) -> Toll:
    """A platform that takes money for each post. It is registered for this test alone."""
    connectors.load()
    monkeypatch.setitem(connectors._items, "toll", TollConnector)
    monkeypatch.setattr(TollConnector, "toll", Toll(), raising=False)
    return TollConnector.toll


@pytest.fixture(params=sorted(FAKES))
def fake(request: pytest.FixtureRequest, stand_in: StandIn) -> Fake:
    """Each platform that has accounts."""
    return FAKES[request.param](stand_in)
