"""Checks of the work: the queue and its workers, runs, projects and their configurations, fitted models."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from signalops_site.core.checks import check_queues
from signalops_site.core.config.reading import ENV_REFERENCE, read_document, read_project
from signalops_site.core.jobs import Cluster, clusters, failing_beat_jobs, last_beat
from signalops_site.core.models import Project, ProjectConfigVersion, Run, RunStatus
from signalops_site.core.runs import holder_is_gone

from .findings import Seen, doubtful, fine, wrong

LONGEST_WAIT = timedelta(minutes=5)
"""A task that a worker could have taken for so long waits for a worker that is not there."""

LATEST_BEAT = timedelta(minutes=3)
"""The beat comes once a minute."""

MOST_AHEAD = timedelta(seconds=60)
"""How far a heartbeat may be ahead of this machine's clock before one of the two is wrong."""

MEND_WORKER = (
    "`make run` starts server and workers; alone: `manage.py qcluster`, with Q_CLUSTER_NAME=short as well."
)


def examine_queue() -> Iterator[Seen]:
    errors = list(check_queues())
    for error in errors:
        yield wrong(str(error.msg), mend=str(error.hint))
    queue = settings.Q_CLUSTER
    for missing in set(Cluster) - {queue.get("name"), *queue.get("ALT_CLUSTERS", {})}:
        yield wrong(
            f"Nothing takes the jobs of {missing!r}.", mend=f"Add {missing!r} to Q_CLUSTER in settings.py."
        )
    if not errors:
        yield fine(f"A run may take {queue['timeout']} s, and comes again after {queue['retry']} s.")


def examine_workers() -> Iterator[Seen]:
    for state in clusters():
        if state.running:
            jobs = f"{state.waiting} jobs wait, {state.taken} are taken"
            yield fine(f"{state.running} cluster{'s' * (state.running > 1)} of {state.name} up; {jobs}.")
        else:
            seen = f"the last was seen {_ago(state.last_seen)}" if state.last_seen else "none was ever seen"
            yield doubtful(f"No worker of {state.name} is up; {seen}.", mend=MEND_WORKER)


def examine_beat() -> Iterator[Seen]:
    """What happens once a minute: schedules, abandoned runs, retention."""
    last = last_beat()
    if last is not None and timezone.now() - last <= LATEST_BEAT:
        yield fine(f"The last beat was {_ago(last)}.")
    else:
        when = f"The last beat was {_ago(last)}" if last else "There has been no beat yet"
        yield doubtful(f"{when}: no schedule starts meanwhile.", mend=MEND_WORKER)
    for job in failing_beat_jobs():
        since = f" since {job.failing_since:%Y-%m-%d %H:%M} UTC" if job.failing_since else ""
        yield doubtful(
            f"The beat's {job.name} fails{since}: {job.error[:300]}", mend="The workers' log says more."
        )


def _ago(moment: datetime) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    return f"{seconds:.0f} s ago" if seconds < 120 else f"{seconds / 60:,.0f} minutes ago"


def examine_waiting_tasks() -> Iterator[Seen]:
    """A task that no worker holds has a `lock` in the past: since when it could have been taken."""
    waiting = OrmQ.objects.filter(lock__lte=timezone.now()).order_by("lock")
    oldest = waiting.values_list("lock", flat=True).first()
    if oldest is None:
        yield fine("No task waits.")
    elif (age := timezone.now() - oldest) > LONGEST_WAIT:
        yield doubtful(f"{waiting.count()} tasks wait, the oldest for {_minutes(age)}.", mend=MEND_WORKER)
    else:
        yield fine(f"{waiting.count()} tasks wait, the oldest for {age.total_seconds():.0f} s.")


def examine_runs() -> Iterator[Seen]:
    """Runs that nobody works on although they are not over."""
    live = list(Run.objects.filter(status__in=RunStatus.live()).select_related("project"))
    for run in live:
        if run.heartbeat_at is not None and run.heartbeat_at - timezone.now() > MOST_AHEAD:
            yield _from_the_future(run)
        elif run.status == RunStatus.RUNNING and holder_is_gone(run):
            mend = f"`manage.py runpipeline --project {run.project.slug}` goes on with it."
            yield doubtful(f"Run {run.pk} of {run.project.slug} runs without a process.", mend=mend)
        elif run.status == RunStatus.QUEUED and (age := timezone.now() - run.created_at) > LONGEST_WAIT:
            yield doubtful(f"Run {run.pk} of {run.project.slug} is queued for {_minutes(age)}.", mend=MEND_WORKER)
        else:
            yield fine(f"Run {run.pk} of {run.project.slug} is {run.status}.")
    if not live:
        yield fine("No run is under way.")


def _from_the_future(run: Run) -> Seen:
    message = (
        f"Run {run.pk} of {run.project.slug} has a heartbeat from the future "
        f"({run.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC): a lost process would not be noticed before then."
    )
    return doubtful(message, mend="Set the clocks of all machines by NTP, and look which one is ahead, or was.")


def _minutes(age: timedelta) -> str:
    return f"{age.total_seconds() / 60:,.0f} minutes"


def examine_projects() -> Iterator[Seen]:
    """Do the active configurations still hold under this release, and are their ${NAMES} there?"""
    projects = list(Project.objects.filter(is_active=True).select_related("active_config"))
    if not projects:
        mend = "`manage.py loaddemo` sets up the demo, `manage.py importproject FILE.yaml` a project of your own."
        yield doubtful("There is no project yet.", mend=mend)
    for project in projects:
        if project.active_config is None:
            mend = f"`manage.py importproject FILE.yaml --activate` with project_id {project.slug}."
            yield doubtful(f"{project.slug} has no active configuration.", mend=mend)
        else:
            yield from _examine_config(project.slug, project.active_config)


def _examine_config(slug: str, version: ProjectConfigVersion) -> Iterator[Seen]:
    reading = read_project(version.source) if version.source else read_document(version.document)
    for problem in reading.errors:
        mend = f"`manage.py exportproject {slug}` gives the file: mend it, and import it with --activate."
        yield wrong(f"{slug}, version {version.number}: {problem}", mend=mend)
    missing = [(name, why) for name in sorted(_references(version.document)) if (why := _why_missing(name))]
    for name, why in missing:
        mend = f"Set {name} in the environment, and list it in CONFIG_ENV_ALLOW."
        yield wrong(f"{slug}, version {version.number}: ${{{name}}} {why}.", mend=mend)
    if not (reading.errors or missing):
        yield fine(f"{slug}: version {version.number} holds.")


def _references(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(ENV_REFERENCE.findall(value))
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for item in inside for name in _references(item)}


def _why_missing(name: str) -> str:
    if name not in settings.CONFIG_ENV_ALLOW:
        return "is not listed in CONFIG_ENV_ALLOW"
    return "" if name in os.environ else "is not set"


def examine_models() -> Iterator[Seen]:
    """The files of fitted models: skops files are archives, whose parts carry checksums."""
    files = sorted((Path(settings.DATA_DIR) / "models").glob("*.skops"))
    for file in files:
        if (problem := _problem_with(file)) is None:
            yield fine(f"{file.name}, SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()[:12]}.")
        else:
            mend = f"Delete {file}: local/default is fitted anew when it is asked for."
            yield wrong(f"{file.name} is damaged: {problem}.", mend=mend)
    if not files:
        yield fine("No model is fitted yet: local/default is, in seconds, when it is first asked for.")


def _problem_with(file: Path) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
    except (OSError, zipfile.BadZipFile) as error:
        return str(error)
    return f"its part {broken} does not match its checksum" if broken else None
