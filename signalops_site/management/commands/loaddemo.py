import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import transaction

from leads.pipeline.runner import RunOptions, plan_run
from leads.selectors import best_leads
from leads.services.runs import run_now
from signalops_site.core import audit
from signalops_site.core.config.reading import read_project
from signalops_site.core.config.versions import import_project
from signalops_site.core.management.base import OperatorCommand
from signalops_site.core.models import Membership, Project, Role, RunStatus

DEMO_FILE = settings.BASE_DIR / "projects" / "demo.yaml"
BY = "command:loaddemo"
COMPLETED = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)
PEOPLE = (("operator", Role.OPERATOR), ("reviewer", Role.REVIEWER))


class Command(OperatorCommand):
    help = (
        "Set up the demo project with its bundled posts, run the pipeline, and say how to sign in. Safe to repeat."
    )

    def add_arguments(self, parser: Any) -> None:
        """It takes none."""

    def run(self, **_options: Any) -> None:
        project = _project()
        passwords = _people(project)
        if _has_work(project):
            run = run_now(project, RunOptions(), by=BY)
            if run.status not in COMPLETED:
                raise CommandError(f"The demo's run {run.status}. {run.error}")
        self._print_best(project)
        self._print_sign_in(passwords)

    def _print_best(self, project: Project) -> None:
        rows = [
            (
                f"{lead.score:.1f}",
                lead.label,
                lead.post.author.handle if lead.post.author else "",
                _excerpt(lead.post.text),
            )
            for lead in best_leads(project, count=10)
        ]
        self.print_table(("score", "label", "author", "post"), rows, title=f"The best leads of {project.name}")

    def _print_sign_in(self, passwords: dict[str, str]) -> None:
        self.stdout.write(f"\nSign in (kept in {_credentials_file()}):")
        for name, password in passwords.items():
            self.stdout.write(f"  {name:<10} {password}")


def _has_work(project: Project) -> bool:
    """Whether no run has been through yet, or leads wait for one. The sample platform never has newer posts."""
    if not project.runs.filter(status__in=COMPLETED).exists():
        return True
    waiting = plan_run(project, RunOptions()).stages
    return any(count for stage, count in waiting.items() if stage != "collect")


def _project() -> Project:
    """The demo project; a configuration that somebody has changed since is left as it is."""
    existing = Project.objects.filter(slug="demo").first()
    if existing and existing.active_config_id:
        return existing
    reading = read_project(DEMO_FILE.read_text(encoding="utf-8"))
    version, _ = import_project(reading, by=BY, activate=True, note="bundled demo")
    return Project.objects.get(pk=version.project_id)


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:89] + "…"


def _credentials_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-sign-in.txt"


@transaction.atomic
def _people(project: Project) -> dict[str, str]:
    """An operator and a reviewer; their passwords are made once and kept, readable by their owner only."""
    passwords = _kept_passwords()
    for name, role in PEOPLE:
        user, made = User.objects.get_or_create(username=name)
        if made or not user.check_password(passwords[name]):
            user.set_password(passwords[name])
            user.save()
        _, joined = Membership.objects.get_or_create(user=user, project=project, defaults={"role": role})
        if joined:
            audit.record("member.add", by=BY, project=project, on=user, fields={"role": role})
    return passwords


def _kept_passwords() -> dict[str, str]:
    path = _credentials_file()
    kept: dict[str, str] = {}
    if path.exists():
        kept = dict(line.split(maxsplit=1) for line in path.read_text().splitlines() if len(line.split()) == 2)
    passwords = {name: kept.get(name) or secrets.token_urlsafe(9) for name, _role in PEOPLE}
    if passwords != kept:
        _write_private(path, "".join(f"{name} {password}\n" for name, password in passwords.items()))
    return passwords


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)
