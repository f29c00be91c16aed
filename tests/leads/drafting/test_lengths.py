"""A text is as long as its platform counts it. The dashboard is held to the same file."""

import json
from pathlib import Path

import pytest

from leads.drafting.lengths import length_on
from leads.drafting.limits import cut_at_word

ROOT = Path(__file__).resolve().parents[3]
KNOWN = json.loads((ROOT / "frontend" / "src" / "lib" / "lengths.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("platform", "text", "length"), KNOWN)
def test_a_text_is_as_long_as_the_platform_counts_it(platform: str, text: str, length: int) -> None:
    assert length_on(platform, text) == length


@pytest.mark.parametrize("platform", ["x", "mastodon", "bluesky", "reddit"])
@pytest.mark.parametrize("limit", [30, 57])
def test_a_cut_fits_by_the_platforms_count(platform: str, limit: int) -> None:
    text = "請求書 を送る 👨‍👩‍👧 see https://example.com/a/very/long/path/that/goes/on too, @ada@harbour.example"
    text = f"{text} ask me again tomorrow, when the day is over"
    assert length_on(platform, text) > limit
    cut = cut_at_word(text, limit=limit, platform=platform)
    assert 10 < length_on(platform, cut) <= limit
    assert cut.endswith("…")
