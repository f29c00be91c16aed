"""Two processes take requests from one window, on one real database file."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT = 60

PREPARE = f"""
import django; django.setup()
import sys
KEPT = sys.argv[1] == "kept"
from datetime import timedelta
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from connectors.models import RateWindow
KEPT and RateWindow.objects.create(
    base_url="https://a.example", endpoint="api", limit=300, remaining={LEFT},
    resets_at=timezone.now() + timedelta(hours=1),
)
"""

TAKE = f"""
import django; django.setup()
import sys, time
from connectors.access import Window
from connectors.errors import RateLimited
from connectors.ratelimits import SharedLimits
limits = SharedLimits(
    "mastodon", account=None, base_url="https://a.example", documented={{"api": Window({LEFT}, 3600)}}
)
time.sleep(max(0, float(sys.argv[1]) - time.time()))
taken = 0
try:
    while True:
        limits.reserve("api")
        taken += 1
except RateLimited:
    print(taken)
"""


@pytest.mark.parametrize("before", ["kept", "none"])
def test_no_request_is_given_to_both(tmp_path: Path, before: str) -> None:
    """Whether there is a window already, or both begin the documented one at the same moment."""
    environment = {
        **os.environ,
        "SIGNALOPS_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "DEVELOPMENT": "1",
        "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
    }

    def python(code: str, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE)

    python(PREPARE, before).communicate(timeout=120)
    start = str(time.time() + 6)
    both = [python(TAKE, start), python(TAKE, start)]
    taken = [int(process.communicate(timeout=120)[0]) for process in both]
    assert sum(taken) == LEFT
