from collections.abc import Iterator

import httpx
import pytest
from pytest_django import Settings

from connectors import http, x_pages

from .fakes import FAKES, BlueskyFake, Fake, MastodonFake
from .fakes_x import XFake
from .standin import StandIn, running


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tries and limits, in a hundredth of the time."""
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(http, "TIMEOUTS", httpx.Timeout(5.0))
    monkeypatch.setattr(x_pages, "sleep", lambda _seconds: None)


@pytest.fixture
def reachable(stand_in: StandIn, settings: Settings) -> str:
    """The stand-in is where every platform's API is asked."""
    settings.PLATFORM_BASE_URLS = dict.fromkeys(FAKES, stand_in.url)
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


@pytest.fixture(params=sorted(FAKES))
def fake(request: pytest.FixtureRequest, stand_in: StandIn) -> Fake:
    """Each platform that is spoken to over HTTP."""
    return FAKES[request.param](stand_in)
