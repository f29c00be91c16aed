from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from leads.outcomes.schedule import Due, Tracked, due_of, track
from signalops_site.core.management.base import OperatorCommand, choose_project

SECONDS = 300.0


class Command(OperatorCommand):
    help = (
        "Read who answered or mentioned your accounts, and look at how sent replies stand, as far as they are "
        "due. Workers do so every few minutes by themselves (`make run` starts one)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        self.add_json_argument(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what is due; ask no platform")

    def run(self, **options: Any) -> None:
        projects = [choose_project(options["project"])]
        if options["dry_run"]:
            self._tell_due(due_of(projects), as_json=options["json"])
        else:
            self._tell(track(projects, seconds=SECONDS), as_json=options["json"])

    def _tell_due(self, due: Due, *, as_json: bool) -> None:
        accounts = [str(account) for account in due.accounts] + due.played
        if as_json:
            self.print_json({"dry_run": True, "replies": due.replies, "accounts": accounts})
            return
        self.stdout.write(f"{sum(due.replies.values())} replies are to be looked at{_each(due.replies)}.")
        self.stdout.write(
            f"To be read for who speaks to them: {', '.join(accounts) or 'none'}. Nothing was asked."
        )

    def _tell(self, tracked: Tracked, *, as_json: bool) -> None:
        if as_json:
            found = {name: asdict(each) for name, each in tracked.heard.items()}
            self.print_json({"dry_run": False, "looks": dict(tracked.looks), "heard": found})
            return
        self.stdout.write(f"{sum(tracked.looks.values())} replies were looked at{_each(tracked.looks)}.")
        for name, heard in tracked.heard.items():
            told = f"{heard.posts} posts, {heard.interactions} new interactions, {heard.outcomes} new outcomes"
            self.stdout.write(f"{name}: {told}{'. ' + heard.problem if heard.problem else '.'}")


def _each(counts: dict[str, int]) -> str:
    return f" ({', '.join(f'{count} {name}' for name, count in sorted(counts.items()))})" if counts else ""
