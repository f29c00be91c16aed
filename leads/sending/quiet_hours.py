"""Hours of the day (UTC) in which nothing is sent, such as `20:00-08:00`; they may go over midnight."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

SHAPE = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")
EXAMPLE = "such as `20:00-08:00`: from and to, in UTC"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until just before `end`."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """ValueError says what would hold."""
        match = SHAPE.fullmatch(text)
        if match is None:
            raise ValueError(f"{text[:40]!r} names no hours: write them {EXAMPLE}")
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        if max(from_hour, to_hour) > 23 or max(from_minute, to_minute) > 59:
            raise ValueError(f"{text[:40]!r} is no time of a day: write it {EXAMPLE}")
        hours = cls(time(from_hour, from_minute), time(to_hour, to_minute))
        if hours.start == hours.end:
            raise ValueError("quiet hours that end when they begin would never or always hold")
        return hours

    def end_after(self, moment: datetime) -> datetime | None:
        """When the quiet is over that holds at a moment; None when none does."""
        moment = moment.astimezone(UTC)
        now = moment.time()
        goes_over_midnight = self.end < self.start
        is_quiet = (now >= self.start or now < self.end) if goes_over_midnight else self.start <= now < self.end
        if not is_quiet:
            return None
        end = datetime.combine(moment.date(), self.end, UTC)
        return end if end > moment else end + timedelta(days=1)
