"""The receiver on the page of notifications, run against what the product really sends."""

import re
import runpy
import time
from pathlib import Path
from typing import Any

from leads.notifying.signing import sign, signed_headers

from .pages import PAGES

PAGE = PAGES["docs/notifications.md"]
BODY = b'{"id":"1"}'


def receiver(folder: Path) -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    (folder / "receiver.py").write_text(code)
    return runpy.run_path(str(folder / "receiver.py"))["is_ours"]


def test_the_receiver_takes_what_is_ours_and_nothing_else(tmp_path: Path) -> None:
    is_ours = receiver(tmp_path)
    headers = signed_headers("tidewater", event="1", timestamp=int(time.time()), body=BODY)
    assert is_ours("tidewater", headers, BODY)
    assert not is_ours("another", headers, BODY)
    assert not is_ours("tidewater", headers, BODY + b" ")
    assert not is_ours("tidewater", headers | {"SignalOps-Timestamp": str(int(time.time()) - 1)}, BODY)
    old = signed_headers("tidewater", event="1", timestamp=int(time.time()) - 3600, body=BODY)
    assert not is_ours("tidewater", old, BODY)


def test_the_example_is_what_is_computed() -> None:
    ((secret, timestamp, body),) = re.findall(
        r"secret `(\w+)`, the timestamp `(\d+)` and the body `([^`]+)`", PAGE
    )
    (signature,) = re.findall(r"`(v1=[0-9a-f]{64})`", PAGE)
    assert sign(secret, timestamp=int(timestamp), body=body.encode()) == signature
