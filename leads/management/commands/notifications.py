from typing import Any

from django.core.management.base import CommandError, CommandParser

from leads.models import Notification, NotificationStatus, NotificationTarget
from leads.notifying import services
from leads.notifying.outbox import send_due
from signalops_site.core.errors import NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

BY = "command:notifications"
LISTED = 20


class Command(OperatorCommand):
    help = "Notifications to Slack, Discord and webhooks: list them, test a target, replay what failed, send."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        listing = acts.add_parser("list", help=f"the last {LISTED} messages, with what came of them")
        testing = acts.add_parser("test", help="send a test message now")
        testing.add_argument("target", choices=NotificationTarget.values)
        replaying = acts.add_parser("replay", help="try what failed anew")
        replaying.add_argument("id", nargs="?", type=int, metavar="ID", help="only this message")
        sending = acts.add_parser("send", help="send what is due here and now, without a worker")
        for act in (listing, testing, replaying, sending):
            self.add_project_argument(act)
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        project = choose_project(options["project"])
        match options["act"]:
            case "list":
                self._list(project, as_json=options["json"])
            case "test":
                self._test(project, options["target"], as_json=options["json"])
            case "replay":
                self._tell({"replayed": _replay(project, options["id"])}, as_json=options["json"])
            case _:
                self._tell(send_due(project) or {"sent": 0}, as_json=options["json"])

    def _list(self, project: Project, *, as_json: bool) -> None:
        rows = list(Notification.objects.filter(project=project).order_by("-pk")[:LISTED])
        if as_json:
            self.print_json({"results": [_as_json(row) for row in rows]})
            return
        columns = ["id", "target", "kind", "status", "tries", "written (UTC)", "why"]
        self.print_table(columns, [_row(row) for row in rows])

    def _test(self, project: Project, target: str, *, as_json: bool) -> None:
        sent = services.send_test(project, target=target, by=BY)
        if as_json:
            self.print_json(_as_json(sent))
        elif sent.status == NotificationStatus.SENT:
            self.stdout.write(f"{sent.get_target_display()} took the test message.")
        else:
            raise CommandError(sent.error)

    def _tell(self, counts: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.print_json(counts)
        else:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))


def _replay(project: Project, pk: int | None) -> int:
    if pk is None:
        return services.replay_failed(project, by=BY)
    message = Notification.objects.select_related("project").filter(project=project, pk=pk).first()
    if message is None:
        raise NotFound(f"The project {project.slug!r} has no message {pk}.")
    services.replay(message, by=BY)
    return 1


def _row(message: Notification) -> list[object]:
    written = message.created_at.strftime("%Y-%m-%d %H:%M")
    return [
        message.pk,
        message.target,
        message.kind,
        message.status,
        message.tries,
        written,
        message.error or message.sentence,
    ]


def _as_json(message: Notification) -> dict[str, object]:
    return {
        "id": message.pk,
        "target": message.target,
        "kind": message.kind,
        "event_id": str(message.event_id),
        "status": message.status,
        "tries": message.tries,
        "error": message.error,
        "created_at": message.created_at.isoformat(),
        "sent_at": message.sent_at and message.sent_at.isoformat(),
    }
