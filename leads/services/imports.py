"""Posts that a person has in a file become leads of a project: all of them, or none with the reasons why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from django.db import transaction
from django.utils import timezone

from connectors.base import FetchedPost
from connectors.file_ids import within
from connectors.platforms import file as plain_files
from connectors.platforms import linkedin
from connectors.records import BadRecord, LeftOut
from connectors.searching import OF_ONE_PROJECT
from signalops_site.core import audit
from signalops_site.core.bulk import fewer_collections
from signalops_site.core.config.schema import LinkedInPlatform
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from .ingest import store_posts

BATCH = 500
SHOWN_PROBLEMS = 20

Format = Literal["jsonl", "csv", "x", "linkedin"]


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
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many records the project does not want, by why."""
    linkedin_options: LinkedInPlatform | None = None

    def read(self) -> Iterator[FetchedPost]:
        records = _read(self.path, file_format=self.file_format, options=self.linkedin_options)
        return (record for record in records if isinstance(record, FetchedPost))


def check_file(path: Path, *, file_format: Format | None = None, project: Project | None = None) -> CheckedFile:
    """Read a whole file without keeping it; BadFile lists the first problems with their lines.

    `project` says what it wants of a platform's posts. Without a format the file is looked into.
    """
    if not path.is_file():
        raise BadFile(f"There is no file {path}.")
    chosen = file_format or _guess_format(path)
    options = _linkedin_options(project) if chosen == "linkedin" else None
    problems: list[str] = []
    left_out: Counter[str] = Counter()
    posts, newest = 0, None
    for record in _read(path, file_format=chosen, options=options):
        if isinstance(record, BadRecord):
            problems.append(str(record))
            continue
        if isinstance(record, LeftOut):
            left_out[record.reason] += 1
            continue
        posts += 1
        if record.created_at and (newest is None or record.created_at > newest):
            newest = record.created_at
    if problems:
        raise BadFile(_listed(path, problems))
    if not posts:
        raise BadFile(f"{path.name} holds no posts{_but(left_out)}.")
    return CheckedFile(path, chosen, posts, newest, left_out, options)


def _guess_format(path: Path) -> Format:
    guessed = plain_files.guess_format(path)
    return "linkedin" if guessed != "x" and linkedin.is_linkedin(path) else guessed


def _read(
    path: Path, *, file_format: Format, options: LinkedInPlatform | None
) -> Iterator[FetchedPost | BadRecord | LeftOut]:
    if file_format == "linkedin":
        return linkedin.read_posts(path, options=options or LinkedInPlatform())
    return plain_files.read_posts(path, file_format=file_format)


def _linkedin_options(project: Project | None) -> LinkedInPlatform:
    """What the project wants of LinkedIn; BadFile when that is nothing."""
    options = LinkedInPlatform() if project is None else active_document(project).platforms.linkedin
    if not options.enabled:
        whose = f" for {project.slug}" if project else ""
        raise BadFile(
            f"LinkedIn is switched off{whose}, so nothing was taken. Set `platforms.linkedin.enabled: true` in "
            "the project.yaml, import that, and try again."
        )
    return options


def left_out_words(left_out: Mapping[str, int]) -> str:
    """`Left out 3: 2 without words, 1 of a page that ...`; empty when all were taken."""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(left_out.items()))
    return f"Left out {sum(left_out.values()):,}: {reasons}." if left_out else ""


def _but(left_out: Mapping[str, int]) -> str:
    return f" to take. {left_out_words(left_out)}".removesuffix(".") if left_out else ""


def _listed(path: Path, problems: list[str]) -> str:
    more = len(problems) - SHOWN_PROBLEMS
    lines = [f"{path.name} was not imported; nothing was written.", *problems[:SHOWN_PROBLEMS]]
    return "\n".join([*lines, f"... and {more} more."] if more > 0 else lines)


def import_posts(
    project: Project, file: CheckedFile, *, by: audit.Actor, query_label: str, shift_dates: bool = False
) -> Iterator[ImportResult]:
    """Store a checked file's posts batch by batch; yields the count so far. Running it again adds nothing.

    Ids that are only the file's are the project's: another one's post of the same id is another post.
    `shift_dates` moves all dates by the same time, so that the newest post was written now.
    """
    posts: Iterable[FetchedPost] = (within(project.slug, post) for post in file.read())
    if shift_dates and file.newest:
        shift = max(timezone.now() - file.newest, timedelta())
        posts = (_shifted(post, shift) for post in posts)
    read = added = 0
    for batch in _batched(posts):
        with transaction.atomic(), fewer_collections():
            added += store_posts(project, batch, query_label=query_label, standing=OF_ONE_PROJECT)
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
