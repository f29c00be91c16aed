from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from leads.judges.base import Label
from leads.management.people import add_user_argument, choose_user
from leads.models import LabelTask, Lead, Post
from leads.second_looks import Strategy, leads_worth_a_look
from leads.services.label_tasks import answer_task, next_task, skip_task
from leads.services.labels import label_lead
from signalops_site.core.errors import Conflict, NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

KEYS: Final = {"r": Label.RELEVANT, "m": Label.MAYBE, "i": Label.IRRELEVANT}
QUESTION: Final = "[r]elevant, [m]aybe, [i]rrelevant, [s]kip, [q]uit? "
SKIP, QUIT = "s", "q"


@dataclass(frozen=True, slots=True)
class Question:
    """A post, and what becomes of an answer about it."""

    post: Post
    answer: Callable[[Label], object]
    skip: Callable[[], object]


class Command(OperatorCommand):
    help = "Correct a lead's label, or go through posts one after the other; the next run scores the leads again."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("lead", type=int, metavar="LEAD", nargs="?", help="the lead's id")
        parser.add_argument("--label", choices=Label.values)
        parser.add_argument("--reason", default="", help="why, for whoever reads it later")
        parser.add_argument(
            "--review",
            action="store_true",
            help="ask about one post after the other: by default, the blind review",
        )
        parser.add_argument(
            "--strategy", choices=[one.value for one in Strategy], help="which leads to ask about instead"
        )
        parser.add_argument("--n", type=int, metavar="N", default=20, help="how many at most (20)")
        add_user_argument(parser)
        self.add_json_argument(parser)

    def run(self, **options: Any) -> None:
        _require_sense(options)
        if options["review"]:
            self._review(options)
            return
        lead = _lead(options["lead"], options["project"])
        by = choose_user(options["user"], project=lead.project)
        label_lead(lead, label=options["label"], reason=options["reason"], by=by)
        lead.refresh_from_db()
        if options["json"]:
            self.print_json({"lead": lead.pk, "label": lead.label, "stage": lead.stage})
        else:
            self.stdout.write(f"Lead {lead.pk} is {lead.label} ({lead.stage}).")

    def _review(self, options: dict[str, Any]) -> None:
        project = choose_project(options["project"])
        by = choose_user(options["user"], project=project)
        labelled = skipped = 0
        for question in _questions(project, options, by=by):
            self._show(question.post)
            key = _key()
            if key == QUIT:
                break
            try:
                if key == SKIP:
                    question.skip()
                    skipped += 1
                else:
                    question.answer(KEYS[key])
                    labelled += 1
            except (Conflict, NotFound) as error:
                self.stdout.write(error.detail)
        if options["json"]:
            self.print_json({"labelled": labelled, "skipped": skipped})
        else:
            self.stdout.write(f"{labelled} labelled, {skipped} skipped.")

    def _show(self, post: Post) -> None:
        """Nothing that a model said of it; and a post's own control characters do not reach the terminal."""
        author = f"@{post.author.handle}" if post.author and post.author.handle else "unknown author"
        self.stdout.write(f"\n{_printable(f'{post.platform}, {author}')}\n{_printable(post.text)}\n")


def _require_sense(options: dict[str, Any]) -> None:
    if options["review"]:
        if options["lead"] is not None or options["label"] or options["reason"]:
            raise CommandError(
                "--review asks for each label itself: it takes no LEAD, --label or --reason.", returncode=2
            )
        if options["n"] < 1:
            raise CommandError("--n is a whole number from 1.", returncode=2)
    elif options["lead"] is None or not options["label"]:
        raise CommandError("Name a LEAD and its --label, or go through posts with --review.", returncode=2)
    elif options["strategy"]:
        raise CommandError("--strategy goes with --review.", returncode=2)


def _questions(project: Project, options: dict[str, Any], *, by: User) -> Iterator[Question]:
    if options["strategy"]:
        leads = leads_worth_a_look(project, Strategy(options["strategy"]), by=by)
        for lead in list(leads[: options["n"]]):
            yield Question(lead.post, partial(_label, lead, by), lambda: None)
        return
    for _ in range(options["n"]):
        task = next_task(project, by=by)
        if task is None:
            return
        yield Question(task.lead.post, partial(_answer, task, by), partial(skip_task, task, by=by))


def _label(lead: Lead, by: User, label: Label) -> None:
    label_lead(lead, label=label, by=by)


def _answer(task: LabelTask, by: User, label: Label) -> None:
    answer_task(task, label=label, by=by)


def _key() -> str:
    """The first letter of what was typed, asked for until it is one of them; the end of the input quits."""
    while True:
        try:
            typed = input(QUESTION).strip().lower()
        except EOFError:
            return QUIT
        if typed[:1] in {*KEYS, SKIP, QUIT}:
            return typed[:1]


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _lead(lead_id: int, slug: str | None) -> Lead:
    leads = Lead.objects.select_related("project")
    if slug:
        leads = leads.filter(project=choose_project(slug))
    found = leads.filter(pk=lead_id).first()
    if found is None:
        raise NotFound(f"There is no lead {lead_id}" + (f" in {slug!r}." if slug else "."))
    return found
