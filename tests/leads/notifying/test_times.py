from datetime import UTC, datetime

import pytest

from leads.notifying.times import BadTimes, DigestTimes


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "now", "last", "following"),
    [
        ("hourly", "2026-11-23T10:59", "2026-11-23T10:00", "2026-11-23T11:00"),
        ("daily 08:00", "2026-11-23T07:59", "2026-11-22T08:00", "2026-11-23T08:00"),
        ("Daily  08:00", "2026-11-23T08:00", "2026-11-23T08:00", "2026-11-24T08:00"),
        ("weekly monday 08:00", "2026-11-23T07:59", "2026-11-16T08:00", "2026-11-23T08:00"),
        ("weekly friday 18:30", "2026-11-23T07:59", "2026-11-20T18:30", "2026-11-27T18:30"),
    ],
)
def test_a_digest_is_due_at_the_times_that_are_written(times: str, now: str, last: str, following: str) -> None:
    parsed = DigestTimes.parse(times)
    assert parsed.last_before(at(now)) == at(last)
    assert parsed.next_after(at(now)) == at(following)


@pytest.mark.parametrize(
    "text", ["", "daily", "daily 8:00", "daily 24:00", "weekly 08:00", "hourly 08:00", "0 8 * * *"]
)
def test_any_other_text_is_refused_with_the_three_that_there_are(text: str) -> None:
    with pytest.raises(BadTimes, match="`hourly`, `daily 08:00` and `weekly monday 08:00`"):
        DigestTimes.parse(text)
