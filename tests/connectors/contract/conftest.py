import pytest

from tests.connectors.fakes import WEB_FAKES, WebFake
from tests.connectors.standin import StandIn


@pytest.fixture(params=sorted(WEB_FAKES))
def fake(request: pytest.FixtureRequest, stand_in: StandIn) -> WebFake:
    """Each platform that is spoken to over HTTP."""
    return WEB_FAKES[request.param](stand_in)
