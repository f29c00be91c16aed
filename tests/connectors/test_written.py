"""What people and exports write, and what it says exactly."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.written import written_count, written_moment, written_truth

SEEN = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (0, 0),
        (7.0, 7),
        ("7", 7),
        (" 1,234 ", 1234),
        ("12,345,678", 12_345_678),
        ("7.0", 7),
        ("1.2K", 1200),
        ("3m", 3_000_000),
        ("1,234 followers", 1234),
        ("500+", None),
        ("500+ connections", None),
    ],
)
def test_a_count(written: Any, count: int | None) -> None:
    assert written_count(written) == count


@pytest.mark.parametrize(
    "written",
    [
        "",
        "many",
        "-1",
        -1,
        1.5,
        "1.5",
        "1,23",
        "1.234.567",
        "12 34",
        True,
        None,
        [3],
        float("nan"),
        1e400,
        "9" * 70,
    ],
)
def test_what_is_no_count(written: Any) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        written_count(written)


def test_a_count_that_no_database_holds_is_none() -> None:
    with pytest.raises(ValueError, match="no whole number"):
        written_count("9" * 30)
    assert written_count(2**63 - 1) == 2**63 - 1


@pytest.mark.parametrize(
    ("written", "truth"), [(True, True), ("Yes", True), (1, True), ("false", False), (0, False), (" no ", False)]
)
def test_a_truth(written: Any, truth: bool) -> None:
    assert written_truth(written) is truth


@pytest.mark.parametrize("written", ["perhaps", 2, None, [], 1.0])
def test_what_is_no_truth(written: Any) -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        written_truth(written)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-05-17T09:30:00Z", datetime(2026, 5, 17, 9, 30, tzinfo=UTC)),
        ("2026-05-17T09:30:00+02:00", datetime(2026, 5, 17, 7, 30, tzinfo=UTC)),
        ("2026-05-17 09:30:00", datetime(2026, 5, 17, 9, 30, tzinfo=UTC)),
        ("2026-05-17 09:30:00 UTC", datetime(2026, 5, 17, 9, 30, tzinfo=UTC)),
        ("20260517", datetime(2026, 5, 17, tzinfo=UTC)),
        (1_779_010_200, datetime(2026, 5, 17, 9, 30, tzinfo=UTC)),
        ("1779010200", datetime(2026, 5, 17, 9, 30, tzinfo=UTC)),
        (1_779_010_200_000, datetime(2026, 5, 17, 9, 30, tzinfo=UTC)),
        ("17/05/2026", datetime(2026, 5, 17, tzinfo=UTC)),
        ("05/17/2026 9:30 PM", datetime(2026, 5, 17, 21, 30, tzinfo=UTC)),
        ("5/17/2026, 12:05 am", datetime(2026, 5, 17, 0, 5, tzinfo=UTC)),
        ("05/05/2026", datetime(2026, 5, 5, tzinfo=UTC)),
        ("May 17, 2026", datetime(2026, 5, 17, tzinfo=UTC)),
        ("17 May 2026", datetime(2026, 5, 17, tzinfo=UTC)),
    ],
)
def test_a_time(written: Any, moment: datetime) -> None:
    found = written_moment(written)
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "ago"),
    [
        ("2w", timedelta(weeks=2)),
        ("2 weeks ago", timedelta(weeks=2)),
        ("3d • Edited", timedelta(days=3)),
        ("5h", timedelta(hours=5)),
        ("10m", timedelta(minutes=10)),
        ("30s", timedelta(seconds=30)),
        ("1mo", timedelta(days=30)),
        ("1 month ago", timedelta(days=30)),
        ("1yr", timedelta(days=365)),
        ("just now", timedelta(0)),
    ],
)
def test_a_distance_counts_from_when_it_was_seen_and_says_nothing_without(written: str, ago: timedelta) -> None:
    assert written_moment(written) is None
    reckoned = written_moment(written, seen_at=SEEN)
    assert reckoned is not None
    assert abs(reckoned - (SEEN - ago)) < timedelta(seconds=1)


def test_a_day_that_may_be_two_is_refused_unless_the_order_is_known() -> None:
    with pytest.raises(ValueError, match="may be two days; write 2026-03-04 or 2026-04-03"):
        written_moment("03/04/2026")
    assert written_moment("03/04/2026", month_first=True) == datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["yesterday", "", "13/32/2026", "2026-13-01", True, [1], -5, float("nan"), 1e300, "9" * 40, "9999y"],
)
def test_what_is_no_time(written: Any) -> None:
    with pytest.raises(ValueError, match=r"is no time|must be in|out of range"):
        written_moment(written, seen_at=SEEN)
