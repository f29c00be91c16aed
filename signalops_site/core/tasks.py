"""What workers run for core. Tasks may be delivered twice."""

from .beat import beat as every_minute


def beat() -> dict[str, bool]:
    """Once a minute, on the cluster for short jobs: everything that is due."""
    return every_minute.run()
