"""Posts that a person has in a file become leads of a project: all of them, or none with the reasons why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from connectors.base import FetchedPost
from connectors.platforms.file import Format, guess_format, read_posts
from connectors.records import BadRecord
from signalops_site.core import audit
from signalops_site.core.bulk import fewer_collections
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from .ingest import store_posts

BATCH = 500
SHOWN_PROBLEMS = 20


class BadFile(DomainError):
    title = "The file cannot be imported"


@dataclass(frozen=True, slots=True)
class ImportResult:
    read: int
    added: int


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was read once through: how many posts it has, and when the newest was written."""

    path: Path
    file_format: Format
    posts: int
    newest: datetime | None

    def read(self) -> Iterator[FetchedPost]:
        return (
            post for post in read_posts(self.path, file_format=self.file_format) if isinstance(post, FetchedPost)
        )


def check_file(path: Path, *, file_format: Format | None = None) -> CheckedFile:
    """Read a whole file without keeping it; BadFile lists the first problems with their lines."""
    if not path.is_file():
        raise BadFile(f"There is no file {path}.")
    chosen = file_format or guess_format(path)
    problems: list[str] = []
    posts, newest = 0, None
    for record in read_posts(path, file_format=chosen):
        if isinstance(record, BadRecord):
            problems.append(str(record))
            continue
        posts += 1
        if record.created_at and (newest is None or record.created_at > newest):
            newest = record.created_at
    if problems:
        raise BadFile(_listed(path, problems))
    if not posts:
        raise BadFile(f"{path.name} holds no posts.")
    return CheckedFile(path, chosen, posts, newest)


def _listed(path: Path, problems: list[str]) -> str:
    more = len(problems) - SHOWN_PROBLEMS
    lines = [f"{path.name} was not imported; nothing was written.", *problems[:SHOWN_PROBLEMS]]
    return "\n".join([*lines, f"... and {more} more."] if more > 0 else lines)


def import_posts(
    project: Project, file: CheckedFile, *, by: audit.Actor, query_label: str, shift_dates: bool = False
) -> Iterator[ImportResult]:
    """Store a checked file's posts batch by batch; yields the count so far. Running it again adds nothing.

    `shift_dates` moves all dates by the same time, so that the newest post was written now.
    """
    posts: Iterable[FetchedPost] = file.read()
    if shift_dates and file.newest:
        shift = timezone.now() - file.newest
        posts = (_shifted(post, shift) for post in posts)
    read = added = 0
    for batch in _batched(posts):
        with transaction.atomic(), fewer_collections():
            added += store_posts(project, batch, query_label=query_label)
            if not read:  # an import that is cut short has left a trace
                audit.record("posts.import_begin", by=by, project=project, fields={"posts": file.posts})
        read += len(batch)
        yield ImportResult(read, added)
    audit.record("posts.import", by=by, project=project, fields={"read": read, "added": added})


def _batched(posts: Iterable[FetchedPost]) -> Iterator[list[FetchedPost]]:
    batch: list[FetchedPost] = []
    for post in posts:
        batch.append(post)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _shifted(post: FetchedPost, shift: timedelta) -> FetchedPost:
    return replace(post, created_at=post.created_at + shift) if post.created_at else post
