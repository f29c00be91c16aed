"""Three processes with one key ask a platform that counts, and answers 429 to what is beyond its window.

Whether its answers say how many requests are left, or only its documentation does: together they stay within the
window, and no 429 is provoked. Windows last a second or two here, so what tells two of them apart is shorter too.
"""

import threading
import time
from pathlib import Path

import pytest

from .standin import Asked, Reply, StandIn, reply
from .test_oauth_race import OnAFile, finish

WORKERS, EACH, LIMIT, SECONDS = 3, 20, 12, 3

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from connectors.models import Account
from signalops_site.core.secrets import seal
Account.objects.create(platform="mastodon", label="main", base_url="https://a.example", credentials=seal({}))
"""

WORK = """
import django; django.setup()
import sys, time
from datetime import timedelta
from connectors import ratelimits
from connectors.access import Window
from connectors.errors import RateLimited
from connectors.http import PlatformClient
from connectors.models import Account
ratelimits.SAME_WINDOW = timedelta(seconds=0.3)
url, start, documented, wanted = sys.argv[1], float(sys.argv[2]), sys.argv[3], int(sys.argv[4])
windows = {"search": Window(*map(int, documented.split("/")))} if documented else {}
limits = ratelimits.SharedLimits(
    "mastodon", account=Account.objects.get(), base_url="https://a.example", documented=windows
)
time.sleep(max(0, start - time.time()))
done = 0
with PlatformClient("mastodon", url, limits=limits) as client:
    while done < wanted:
        try:
            client.get("/search", endpoint="search")
            done += 1
        except RateLimited as error:
            time.sleep(min(error.retry_after, 1))
print(done)
"""


class CountingServer:
    """Windows that begin at the first request after the last has ended, as platforms' do."""

    def __init__(self, stand_in: StandIn, *, tells: bool) -> None:
        self.tells = tells
        self.counts: list[int] = []
        self.refused = 0
        self._ends_at = 0.0
        self._lock = threading.Lock()
        stand_in.routes["/search"] = self.answer

    def answer(self, _asked: Asked) -> Reply:
        with self._lock:
            now = time.time()
            if now >= self._ends_at:
                self._ends_at = now + SECONDS
                self.counts.append(0)
            self.counts[-1] += 1
            left = LIMIT - self.counts[-1]
            self.refused += left < 0
            return reply({}, 429 if left < 0 else 200, **self._headers(left, self._ends_at - now))

    def _headers(self, left: int, seconds: float) -> dict[str, str]:
        told = {"X_RateLimit_Limit": LIMIT, "X_RateLimit_Remaining": max(left, 0), "X_RateLimit_Reset": seconds}
        return {name: str(value) for name, value in told.items()} if self.tells else {}


@pytest.fixture
def on_a_file(tmp_path: Path) -> OnAFile:
    database = OnAFile(tmp_path)
    database.run(PREPARE)
    return database


def work(on_a_file: OnAFile, stand_in: StandIn, *, documented: str) -> int:
    """Sixty requests by three workers at once: how many were answered."""
    start = str(time.time() + 6)
    workers = [on_a_file.begin(WORK, stand_in.url, start, documented, str(EACH)) for _ in range(WORKERS)]
    return sum(int(finish(worker)) for worker in workers)


@pytest.mark.parametrize(
    ("tells", "documented"),
    [(True, ""), (True, f"{LIMIT}/{SECONDS}"), (False, f"{LIMIT}/{SECONDS + 1}")],
    ids=["its answers say it", "both say it", "only its documentation says it"],
)
def test_three_workers_on_one_key_stay_within_the_window(
    on_a_file: OnAFile, stand_in: StandIn, tells: bool, documented: str
) -> None:
    server = CountingServer(stand_in, tells=tells)
    finish(on_a_file.begin(WORK, stand_in.url, "0", documented, "1"))
    answered = work(on_a_file, stand_in, documented=documented)
    assert answered == WORKERS * EACH == sum(server.counts) - 1
    assert (server.refused, max(server.counts) <= LIMIT) == (0, True)
    assert len(server.counts) >= WORKERS * EACH / LIMIT
