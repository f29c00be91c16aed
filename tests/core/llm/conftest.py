from collections.abc import Iterator

import pytest

from tests.llm_stand_in import StandIn, serving


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """OpenAI, as a stand-in on this machine. It greets whoever asks; `provider.script` says otherwise."""
    with serving() as stand_in:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-nobody")
        monkeypatch.setenv("OPENAI_BASE_URL", stand_in.url)
        yield stand_in
