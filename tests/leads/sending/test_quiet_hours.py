from datetime import UTC, datetime

import pytest

from leads.sending.quiet_hours import QuietHours


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


NIGHT, NOON = QuietHours.parse("20:00-08:00"), QuietHours.parse(" 12:30 - 13:15 ")


@pytest.mark.parametrize(
    ("hours", "moment", "until"),
    [
        (NIGHT, at(3, 19, 59), None),
        (NIGHT, at(3, 20), at(4, 8)),
        (NIGHT, at(3, 23, 59), at(4, 8)),
        (NIGHT, at(4, 0), at(4, 8)),
        (NIGHT, at(4, 7, 59), at(4, 8)),
        (NIGHT, at(4, 8), None),
        (NOON, at(4, 12, 29), None),
        (NOON, at(4, 12, 30), at(4, 13, 15)),
        (NOON, at(4, 13, 15), None),
    ],
)
def test_quiet_hours_may_go_over_midnight(hours: QuietHours, moment: datetime, until: datetime | None) -> None:
    assert hours.end_after(moment) == until


@pytest.mark.parametrize("text", ["night", "20:00", "25:00-08:00", "20:60-08:00", "08:00-08:00", "20-08"])
def test_what_names_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours|time"):
        QuietHours.parse(text)
