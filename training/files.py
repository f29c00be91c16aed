"""Where exports lie, and how they are taken away again."""

import hashlib
import logging
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

CARD = ".card.md"


def folder() -> Path:
    """For those that were started in the dashboard: for its owner only, as the rest of the data folder is."""
    path: Path = settings.DATA_DIR / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def card_path(path: Path) -> Path:
    """The dataset card beside a file."""
    return path.with_name(path.name + CARD)


def is_ours(path: Path) -> bool:
    """Whether it lies in our own folder, and not where somebody told a command to write."""
    return path.parent == folder()


def remove_file(path: Path, *, sha256: str) -> bool:
    """Whether it and its card are gone. A file elsewhere is removed only while it is what was written there."""
    try:
        if path.is_file() and (is_ours(path) or _digest_of(path) == sha256):
            path.unlink(missing_ok=True)
            card_path(path).unlink(missing_ok=True)
    except OSError as error:
        log.warning("the file of an export could not be removed: %s", error.strerror)
        return False
    return True


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
