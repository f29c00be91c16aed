"""A copy of the project, faults that are put into it and taken out again, and what a test says of each."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from .table import LINTER, Fault

ROOT = Path(__file__).resolve().parents[2]
LINKED = (".venv", "frontend/node_modules")
"""What is not tracked, and needed to run tests."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LONGEST_TEST = 240
"""Seconds."""
SERVERS = ("DATABASE_URL", "REDIS_URL", "TEST_POSTGRES_URL", "TEST_REDIS_URL")


class WrongFault(Exception):
    """A row of the table that no longer fits the project."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`caught`: the test turned red, and for the reason that the table names. `said`: its message."""

    fault: Fault
    caught: bool
    said: str
    seconds: float


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder with the tracked files as they stand in the working tree, to be spoilt."""
    with tempfile.TemporaryDirectory(prefix="signalops-faults-") as folder:
        copy = Path(folder) / "signalops"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        for name in LINKED:
            if (ROOT / name).exists():
                (copy / name).symlink_to((ROOT / name).resolve())
        yield copy


def spoilt(text: str, fault: Fault) -> str:
    """The text of a file with the fault in it. WrongFault unless what it replaces stands there exactly once."""
    count = text.count(fault.before)
    if count != 1:
        raise WrongFault(f"{fault.name}: the text to replace stands {count} times in {fault.file}, not once")
    return text.replace(fault.before, fault.after)


@contextmanager
def planted(fault: Fault, copy: Path) -> Iterator[None]:
    path = copy / fault.file
    path.write_text(spoilt(path.read_text(encoding="utf-8"), fault), encoding="utf-8")
    try:
        yield
    finally:
        shutil.copy2(ROOT / fault.file, path)


def try_fault(fault: Fault, copy: Path) -> Verdict:
    """Plant it, run its test alone, take it out."""
    started = time.monotonic()
    with planted(fault, copy):
        try:
            messages = failures_of(fault.test, copy)
        except subprocess.TimeoutExpired:
            messages = ["the test did not end"]
    fitting = [message for message in messages if re.search(fault.reason, message)]
    said = line_with(fault.reason, (fitting or messages or ["the test passed"])[0])
    return Verdict(fault, bool(fitting), said, time.monotonic() - started)


def line_with(pattern: str, message: str) -> str:
    """The first line that fits, or else the first at all."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return next((line for line in lines if re.search(pattern, line)), next(iter(lines), "(no message)"))


def failures_of(test: str, copy: Path) -> list[str]:
    """The messages of the failures; none when the test passed."""
    if test == LINTER:
        return _failures_of_linter(copy)
    return _failures_of_vitest(test, copy) if test.startswith("frontend/") else _failures_of_pytest(test, copy)


def _failures_of_linter(copy: Path) -> list[str]:
    told = _run([".venv/bin/lint-imports", "--no-cache", "--no-logo"], copy)
    return [] if told.returncode == 0 else [told.stdout + told.stderr]


def _failures_of_pytest(test: str, copy: Path) -> list[str]:
    report = copy / "report.xml"
    command = [".venv/bin/python", "-m", "pytest", test, "-x", "-q", "-p", "no:cacheprovider"]
    told = _run([*command, f"--junitxml={report}"], copy)
    if told.returncode == 0:
        return []
    if told.returncode != 1 or not report.exists():
        raise WrongFault(f"{test} could not be run:\n{(told.stdout + told.stderr)[-2000:]}")
    found = ET.parse(report).getroot().iter("failure")  # noqa: S314 - pytest's own report
    return [failure.get("message", "") for failure in found]


def _failures_of_vitest(test: str, copy: Path) -> list[str]:
    path, _, name = test.partition("::")
    command = ["node_modules/.bin/vitest", "run", path.removeprefix("frontend/"), "-t", name]
    told = _run([*command, "--reporter=verbose", "--no-color"], copy / "frontend")
    if told.returncode == 0:
        return []
    plain = COLOUR.sub("", told.stdout + told.stderr)
    return [line.strip() for line in plain.splitlines() if "Error" in line]


def _run(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Without the servers of this shell: each test has a database of its own, in memory."""
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, text=True, timeout=LONGEST_TEST
    )
