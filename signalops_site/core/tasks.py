"""What workers run for core. Tasks may be delivered twice."""

from . import scrubbing
from .beat import beat as every_minute


def beat() -> dict[str, bool]:
    """Once a minute, on the cluster for short jobs: everything that is due."""
    return every_minute.run()


def scrub() -> str:
    """Leave nothing of deleted rows in the database's files. While others are at work it fails and is repeated."""
    scrubbing.scrub()
    return "scrubbed"
