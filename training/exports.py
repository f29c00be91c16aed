"""Exports for trainers: started, written, recorded, removed.

A file is written beside its place and put there when it is whole; its row says what it holds. Each batch locks the
leads whose posts it writes, and notes them in the same transaction: so an erasure, or a post that is found to be
gone, meets either a file without the post or the note that it is there, and takes the whole file away.
"""

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from leads.models import Lead
from leads.selectors import with_posts_there
from leads.suppression import suppressed_leads
from signalops_site.core import audit
from signalops_site.core.errors import Conflict, DomainError, NotFound
from signalops_site.core.jobs import enqueue
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role

from .cards import LEFT_OUT, card_of
from .files import card_path, folder, is_ours, remove_file
from .formats.dpo import Pair, line_of
from .models import LIVE, Export, ExportedLead, ExportFormat, ExportState, ExportType, PreferencePair
from .selectors import restricted

TASK = "training.tasks.run_export"
BY = "job:export"
BATCH = 500
OVERTAKEN = "Posts that stood in it have gone, or their author was erased, while it was written. Start it again."


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What an export is to hold. `since`: pairs of that day (UTC) or later."""

    type: ExportType
    format: ExportFormat
    since: date | None = None
    include_metadata: bool = False
    include_restricted: bool = False

    def filters(self) -> dict[str, Any]:
        return {
            "since": self.since.isoformat() if self.since else None,
            "include_metadata": self.include_metadata,
            "include_restricted": self.include_restricted,
        }


@dataclass(slots=True)
class Tally:
    """How many rows went in, by what they are, and how many were left out, by why."""

    sources: Counter[str] = field(default_factory=Counter)
    platforms: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(LEFT_OUT, 0)))
    restricted_platforms: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, dict[str, int]]:
        return {each.name: dict(sorted(getattr(self, each.name).items())) for each in fields(self)}

    def count(self, pair: PreferencePair) -> None:
        self.sources[pair.source] += 1
        self.platforms[pair.platform] += 1
        self.licences[pair.licence] += 1


class Written:
    """A file that is written, measured on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.rows = self.bytes = 0

    def add(self, line: str) -> None:
        content = line.encode()
        self._file.write(content)
        self._digest.update(content)
        self.rows += 1
        self.bytes += len(content)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


@transaction.atomic
def start_export(project: Project, wish: ExportWish, *, by: User) -> Export:
    """Have a worker write it. Conflict while another one of the project is under way."""
    require_role(by, project, Role.OPERATOR)
    Project.objects.select_for_update().get(pk=project.pk)
    live = Export.objects.filter(project=project, state__in=LIVE).first()
    if live is not None:
        raise Conflict(f"Export {live.pk} is under way ({live.state}); wait for it, or remove it.")
    export = _made(project, wish, by=by)
    enqueue(TASK, keep_result=False, export_id=export.pk)
    _record("export.start", export, by=by)
    return export


def export_to(path: Path, project: Project, wish: ExportWish, *, by: str) -> Export:
    """Write it here and now, to a file that may be there already: then it is replaced, when all is written."""
    export = _made(project, wish, by=None)
    return write_export(export, path=path.absolute(), by=by)


def write_export(export: Export, *, path: Path, by: audit.Actor = BY) -> Export:
    """Write the file and its card, and record what is in it. A failure is recorded as well, and raised."""
    wish = wish_of(export)
    Export.objects.filter(pk=export.pk).exclude(state=ExportState.REMOVED).update(
        state=ExportState.RUNNING, path=str(path), problem=""
    )
    try:
        with _written_beside(path) as (temporary, file):
            tally = _write(export, wish, written := Written(file))
            file.flush()
            os.fsync(file.fileno())
            return _finish(export, written, tally, temporary=temporary, path=path, by=by)
    except DomainError as error:
        _fail(export, error.detail)
        raise
    except OSError as error:
        _fail(export, problem := f"{path.name} could not be written: {error.strerror or error}.")
        raise DomainError(problem) from error


@transaction.atomic
def remove_export(export: Export, *, by: User) -> None:
    """Take the file away, or keep one that is under way from being put there. What is known of it stays."""
    require_role(by, export.project, Role.OPERATOR)
    locked = Export.objects.select_for_update().get(pk=export.pk)
    if locked.state == ExportState.REMOVED:
        raise NotFound("Its file is gone already.")
    _withdraw([locked], "A person removed it.")
    _record("export.remove", locked, by=by)


def withdraw_exports(lead_ids: Sequence[int], *, reason: str) -> int:
    """Take away every file in which these leads' posts stand; how many. The files go when this is committed."""
    # Waits for a batch that is writing one of them.
    list(Lead.objects.filter(pk__in=lead_ids).select_for_update().order_by("pk").values_list("pk", flat=True))
    held = ExportedLead.objects.filter(lead__in=lead_ids).values("export")
    exports = Export.objects.filter(pk__in=held).exclude(state=ExportState.REMOVED)
    return _withdraw(list(exports.select_for_update().order_by("pk")), reason)


def record_download(export: Export, *, by: User) -> Path:
    """Where the file lies. Conflict when there is none, or not on this machine."""
    require_role(by, export.project, Role.OPERATOR)
    if export.state != ExportState.DONE:
        raise Conflict(f"Export {export.pk} has no file to download ({export.state}).")
    path = Path(export.path)
    if not is_ours(path):
        raise Conflict(f"Export {export.pk} was written by a command, to a place of its own.")
    if not path.is_file():
        raise Conflict(f"The file of export {export.pk} is not on this machine.")
    _record("export.download", export, by=by)
    return path


def tidy_exports() -> None:
    """Remove the files of exports that are withdrawn, and what a killed worker left half written."""
    for export in Export.objects.filter(state=ExportState.REMOVED).exclude(path="")[:BATCH]:
        _remove_file(export.pk)
    yesterday = timezone.now().timestamp() - 24 * 3600
    for left in folder().glob(".*.part"):
        if left.stat().st_mtime < yesterday:
            left.unlink(missing_ok=True)


def wish_of(export: Export) -> ExportWish:
    since = export.filters.get("since")
    return ExportWish(
        ExportType(export.type),
        ExportFormat(export.format),
        since=date.fromisoformat(since) if since else None,
        include_metadata=bool(export.filters.get("include_metadata")),
        include_restricted=bool(export.filters.get("include_restricted")),
    )


def _made(project: Project, wish: ExportWish, *, by: User | None) -> Export:
    return Export.objects.create(
        project=project, type=wish.type, format=wish.format, filters=wish.filters(), requested_by=by
    )


@contextmanager
def _written_beside(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A hidden file in the same folder, for its owner only, that does not outlive a failure."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield temporary, file
    finally:
        temporary.unlink(missing_ok=True)


def _write(export: Export, wish: ExportWish, written: Written) -> Tally:
    tally = Tally()
    wanted = _wanted(export.project, wish)
    allowed = wanted if wish.include_restricted else wanted.exclude(restricted())
    if not wish.include_restricted:
        _count_restricted(wanted.filter(restricted()), tally)
    last = 0
    while ids := list(allowed.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        _write_batch(export, ids, wish, written, tally)
        last = ids[-1]
    return tally


def _wanted(project: Project, wish: ExportWish) -> QuerySet[PreferencePair]:
    pairs = PreferencePair.objects.filter(project=project, removed_at=None)
    if wish.since is None:
        return pairs
    return pairs.filter(created_at__gte=datetime.combine(wish.since, time.min, UTC))


def _count_restricted(pairs: QuerySet[PreferencePair], tally: Tally) -> None:
    by_platform = pairs.order_by().values_list("platform").annotate(count=Count("pk"))
    tally.restricted_platforms.update(dict(by_platform))
    tally.left_out["restricted"] = tally.restricted_platforms.total()


@transaction.atomic
def _write_batch(export: Export, ids: Sequence[int], wish: ExportWish, written: Written, tally: Tally) -> None:
    asked = set(PreferencePair.objects.filter(pk__in=ids).order_by().values_list("draft__lead", flat=True))
    there = with_posts_there(Lead.objects.filter(pk__in=asked)).select_for_update(of=("self",)).order_by("pk")
    leads = {lead.pk: lead for lead in there.select_related("post__author").defer("post__clean_text")}
    suppressed = suppressed_leads(list(leads.values()))
    noted: set[int] = set()
    pairs = PreferencePair.objects.filter(pk__in=ids, removed_at=None).order_by("pk")
    for pair in pairs.select_related("draft__model_version"):
        if pair.draft.lead_id not in leads:
            tally.left_out["gone"] += 1
        elif pair.draft.lead_id in suppressed:
            tally.left_out["do_not_contact"] += 1
        elif not pair.prompt.strip():
            tally.left_out["without_prompt"] += 1
        else:
            noted.add(pair.draft.lead_id)
            tally.count(pair)
            written.add(line_of(_as_pair(pair, wish), wish.format))
    rows = [ExportedLead(export=export, lead_id=lead) for lead in sorted(noted)]
    ExportedLead.objects.bulk_create(rows, ignore_conflicts=True)


def _as_pair(pair: PreferencePair, wish: ExportWish) -> Pair:
    metadata = _metadata(pair) if wish.include_metadata else {}
    return Pair(pair.prompt, pair.chosen_text, pair.rejected_text, metadata)


def _metadata(pair: PreferencePair) -> dict[str, object]:
    """Ids and facts about the pair, nothing about the author."""
    return {
        "pair": pair.pk,
        "draft": pair.draft_id,
        "lead": pair.draft.lead_id,
        "source": pair.source,
        "platform": pair.platform,
        "licence": pair.licence,
        "drafter": pair.draft.model_version.model_id,
        "template": pair.draft.template_used,
        "created_at": pair.created_at.astimezone(UTC).isoformat(timespec="seconds"),
    }


@transaction.atomic
def _finish(
    export: Export, written: Written, tally: Tally, *, temporary: Path, path: Path, by: audit.Actor
) -> Export:
    locked = Export.objects.select_for_update(of=("self",)).select_related("project").get(pk=export.pk)
    if locked.state == ExportState.DONE:
        return locked  # delivered twice, and the other one was quicker
    if locked.state != ExportState.RUNNING:
        raise Conflict(OVERTAKEN)
    locked.state = ExportState.DONE
    locked.rows, locked.bytes, locked.sha256 = written.rows, written.bytes, written.sha256
    locked.counts, locked.finished_at = tally.as_json(), timezone.now()
    locked.save()
    _record("export.finish", locked, by=by)
    card_path(path).write_text(card_of(locked, filename=path.name), encoding="utf-8")
    temporary.replace(path)
    return locked


def _fail(export: Export, problem: str) -> None:
    """One that was withdrawn stays so."""
    rows = Export.objects.filter(pk=export.pk, state__in=LIVE)
    rows.update(state=ExportState.FAILED, problem=problem[:500], finished_at=timezone.now(), path="")


def _withdraw(exports: Sequence[Export], reason: str) -> int:
    ids = [export.pk for export in exports]
    Export.objects.filter(pk__in=ids).update(state=ExportState.REMOVED, removed_at=timezone.now(), problem=reason)
    ExportedLead.objects.filter(export__in=ids).delete()
    for pk in ids:
        transaction.on_commit(partial(_remove_file, pk))
    return len(ids)


def _remove_file(pk: int) -> None:
    export = Export.objects.filter(pk=pk, state=ExportState.REMOVED).exclude(path="").first()
    if export is not None and remove_file(Path(export.path), sha256=export.sha256):
        Export.objects.filter(pk=pk).update(path="")


def _record(action: str, export: Export, *, by: audit.Actor) -> None:
    told: dict[str, Any] = {"type": export.type, "format": export.format, **export.filters}
    if export.state == ExportState.DONE:
        told |= {"rows": export.rows, "sha256": export.sha256, "left_out": export.counts.get("left_out", {})}
    audit.record(action, by=by, project=export.project, on=export, fields=told)
