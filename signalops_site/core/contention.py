"""What to do when the database ends a transaction because two got into each other's way."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

log = logging.getLogger(__name__)

T = TypeVar("T")
TRIES = 5
LONGEST_PAUSE = 0.2
"""Seconds before the first repetition; the next ones wait longer."""
DEADLOCK, NOT_SERIALIZABLE = "40P01", "40001"
"""PostgreSQL's names for what is over when it is done once more. SQLite's writers wait for each other instead."""


def atomically(call: Callable[[], T]) -> T:
    """What `call` gives, in a transaction (or a savepoint of the present one), which is begun again some times
    when the database had to end it for another's sake.
    """
    for attempt in range(1, TRIES):
        try:
            with transaction.atomic():
                return call()
        except OperationalError as error:
            if not is_contention(error):
                raise
            log.info("a transaction was in another's way; once more (try %s)", attempt)
            time.sleep(random.uniform(0, LONGEST_PAUSE * attempt))  # noqa: S311
    with transaction.atomic():
        return call()


def is_contention(error: Exception) -> bool:
    return getattr(error.__cause__, "sqlstate", "") in (DEADLOCK, NOT_SERIALIZABLE)
