"""What workers run. Tasks take ids and may be delivered twice."""

from datetime import datetime

from django.conf import settings

from connectors.base import connector_for, connectors
from connectors.models import Account
from signalops_site.core.errors import Conflict
from signalops_site.core.jobs import enqueue, is_stopping
from signalops_site.core.models import Project, Run
from signalops_site.core.run_queue import enqueue_run
from signalops_site.core.scrubbing import scrub_soon

from .notifying.outbox import send_due
from .outcomes.schedule import look_at_project
from .outcomes.speaking import Heard, read_account, read_simulated
from .pipeline.runner import execute_run
from .sending.schedule import take_turn
from .sequences.schedule import follow_up_leads
from .services import availability, retention
from .services.schedules import start_due


def run_pipeline(run_id: int) -> str:
    """Walk a queued run for some minutes, then hand it on.

    A second delivery finds it held or ended, and does nothing. A cluster that stops still hands out what it
    had taken from the queue; that goes back.
    """
    run = Run.objects.select_related("project", "config_version").filter(pk=run_id).first()
    if run is None:
        return "no such run"
    if run.is_live and is_stopping():
        enqueue_run(run)
        return "left to another worker"
    try:
        return execute_run(run, yield_after=settings.RUN_YIELD_SECONDS).status
    except Conflict as conflict:
        return conflict.detail


def check_availability(project_id: int) -> str:
    """Ask platforms for some seconds whether the project's posts are there; another job goes on with the rest.

    A second delivery asks for what is due by then. What a stopping cluster leaves, the beat finds again.
    """
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        return "no such project"
    if is_stopping():
        return "left to another worker"
    checked = availability.check_posts(project)
    if checked.is_cut:
        enqueue(availability.TASK, keep_result=False, project_id=project_id)
    return f"{checked.live} live, {checked.gone} gone, {checked.unknown} unknown"


def send_notifications(project_id: int) -> str:
    """Send for some seconds what of the project's outbox is due; another job goes on with the rest.

    A second delivery finds what is left. What a stopping cluster leaves, the beat finds again.
    """
    project = Project.objects.select_related("active_config").filter(pk=project_id, is_active=True).first()
    if project is None:
        return "no such project"
    if is_stopping():
        return "left to another worker"
    counts = send_due(project)
    return ", ".join(f"{count} {status}" for status, count in counts.items()) or "nothing was due"


def apply_retention(project_id: int) -> str:
    """Delete for some seconds what the project keeps no longer; another job goes on with the rest.

    A second delivery finds what is due by then. When all is done, the database's file is left without it too.
    """
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        return "no such project"
    deleted = retention.apply_retention(project, seconds=retention.TURN)
    if deleted.is_cut:
        enqueue(retention.TASK, keep_result=False, project_id=project_id)
    elif deleted.certificates:
        scrub_soon()
    return f"{deleted.counts.get('leads.Lead', 0)} leads deleted"


def start_scheduled_run(schedule_id: int, due: str) -> str:
    """What a schedule's clock calls; `due` is the time that it stood at, in ISO 8601."""
    return start_due(schedule_id, due=datetime.fromisoformat(due))


def send_replies(project_id: int) -> str:
    """Look for replies of which it is unknown whether they left, and send what is due, for some seconds.

    A second delivery sends nothing twice: each draft is claimed first. What a stopping cluster leaves, the beat
    finds again.
    """
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        return "no such project"
    return "left to another worker" if is_stopping() else take_turn(project)


def look_at_outcomes(project_id: int) -> str:
    """Ask for some seconds how the project's replies stand. What is left, the beat finds again.

    A second delivery asks for what is due by then; each outcome is recorded once.
    """
    project = Project.objects.filter(pk=project_id, is_active=True).first()
    if project is None:
        return "no such project"
    if is_stopping():
        return "left to another worker"
    done = look_at_project(project)
    return ", ".join(f"{count} {state}" for state, count in sorted(done.items())) or "nothing was due"


def read_mentions(account_id: int | None = None, platform: str = "") -> str:
    """Read who speaks to an account, or to a platform that is played here. Of two deliveries one reads."""
    if is_stopping():
        return "left to another worker"
    if account_id is None:
        known = platform in connectors.items()
        return _told(read_simulated(platform, connector_for(platform)) if known else None)
    account = Account.objects.select_related("project").filter(pk=account_id).first()
    return "no such account" if account is None else _told(read_account(account))


def _told(heard: Heard | None) -> str:
    if heard is None:
        return "read by another, or lately"
    return heard.problem or f"{heard.posts} posts, {heard.interactions} interactions, {heard.outcomes} outcomes"


def follow_up(project_id: int) -> str:
    """End the project's sequences that are over, and draft the steps that are due.

    A second delivery drafts nothing twice: a step has one draft. What a stopping cluster leaves, the beat finds
    again.
    """
    project = Project.objects.select_related("active_config").filter(pk=project_id).first()
    if project is None:
        return "no such project"
    if is_stopping():
        return "left to another worker"
    counts = follow_up_leads(project)
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()) if count) or "nothing was due"
