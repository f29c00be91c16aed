"""When a digest is due: `hourly`, `daily 08:00` or `weekly monday 08:00`. All times are UTC.

Written by people in `notifications.digest` of project.yaml, so what is wrong with it is said in a sentence.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from signalops_site.core.errors import DomainError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
_TIMES = re.compile(
    rf"(?P<hourly>hourly)|(daily|weekly (?P<day>{'|'.join(DAYS)})) (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
)


class BadTimes(DomainError):
    title = "These are no times of a digest"


@dataclass(frozen=True, slots=True)
class DigestTimes:
    period: timedelta
    at: time = time(0)
    weekday: int = 0
    """0 is Monday; of a weekly one."""

    @classmethod
    def parse(cls, text: str) -> "DigestTimes":
        found = _TIMES.fullmatch(" ".join(text.lower().split()))
        if found is None:
            raise BadTimes(f"{text[:40]!r} is none of `hourly`, `daily 08:00` and `weekly monday 08:00` (UTC).")
        if found["hourly"]:
            return cls(HOUR)
        at = time(int(found["hour"]), int(found["minute"]))
        return cls(WEEK, at, DAYS.index(found["day"])) if found["day"] else cls(DAY, at)

    def last_before(self, moment: datetime) -> datetime:
        """The latest time at which one was due, that moment included."""
        if self.period == HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
        due = datetime.combine(moment.date(), self.at, tzinfo=moment.tzinfo)
        if self.period == WEEK:
            due -= timedelta(days=(moment.weekday() - self.weekday) % 7)
        return due if due <= moment else due - self.period

    def next_after(self, moment: datetime) -> datetime:
        return self.last_before(moment) + self.period
