"""A transaction that the database ends for another's sake is begun again, and not for ever."""

import pytest
from django.db import OperationalError

from signalops_site.core import contention
from signalops_site.core.contention import TRIES, atomically

pytestmark = pytest.mark.django_db


class Ended(Exception):
    """As a driver tells of it."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def ended(sqlstate: str) -> OperationalError:
    error = OperationalError("no")
    error.__cause__ = Ended(sqlstate)
    return error


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contention, "LONGEST_PAUSE", 0.0)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_what_was_ended_for_another_is_done_once_more(sqlstate: str) -> None:
    errors = [ended(sqlstate)] * (TRIES - 1)

    def call() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert atomically(call) == "done"


@pytest.mark.parametrize(("sqlstate", "tries"), [("40P01", TRIES), ("53100", 1)])
def test_not_for_ever_and_nothing_else(sqlstate: str, tries: int) -> None:
    calls = []

    def call() -> None:
        calls.append(1)
        raise ended(sqlstate)

    with pytest.raises(OperationalError):
        atomically(call)
    assert len(calls) == tries
