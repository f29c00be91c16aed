import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandParser

from leads.streaming import Streamer
from signalops_site.core.management.base import OperatorCommand, choose_project

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Command(OperatorCommand):
    help = "Take posts of X as they appear (`stream` in project.yaml), until it is stopped by Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        project = choose_project(options["project"])
        streamer = Streamer(project, by="command:streamposts", tell=self.stderr.write)
        with _stopped_by_signals(streamer):
            tally = streamer.run()
        if options["json"]:
            self.print_json({"read": tally.read, "added": tally.added})
        else:
            words = f"{tally.read:,} posts were read; {tally.added:,} are new leads of {project.slug}."
            self.stdout.write(f"Stopped. {words}")


@contextmanager
def _stopped_by_signals(streamer: Streamer) -> Iterator[None]:
    """A signal ends the stream between two batches. Whoever had it before has it back afterwards."""
    before = {number: signal.signal(number, lambda *_: streamer.stop()) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
