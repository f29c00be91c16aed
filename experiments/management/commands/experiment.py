import math
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from experiments import lifecycle
from experiments.figures import ExperimentResults
from experiments.lifecycle import DEFAULT_MAX_N, Design
from experiments.models import Experiment, ExperimentMode
from experiments.offline import read_subjects
from experiments.plans import DEFAULT_MARGIN, DEFAULT_MAX_LATENCY_MS, Plan
from experiments.presenting import arm_rows, finding_rows, planning_row
from experiments.reports import results_from, results_of, sample_size
from experiments.serializers import ExperimentSerializer
from signalops_site.core.errors import DomainError, NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

BY = "command:experiment"
STEPS: dict[str, tuple[Callable[..., Experiment], str]] = {
    "pause": (lifecycle.pause_experiment, "the judge judges alone from the next run on"),
    "resume": (lifecycle.resume_experiment, "go on, each author in the same arm as before"),
    "stop": (lifecycle.stop_experiment, "complete it and leave the judge as it is"),
    "promote": (lifecycle.promote_canary, "the canary becomes the judge, and the experiment is completed"),
    "rollback": (lifecycle.roll_back, "the primary is the judge again"),
}


class Command(OperatorCommand):
    help = (
        "Two models judge side by side: create, list, results, pause, resume, stop, promote, rollback, evaluate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        creating = acts.add_parser("create", help="compare the project's judge with another one, from now on")
        _add_design(creating)
        listing = acts.add_parser("list", help="the project's experiments, the newest first")
        results = acts.add_parser("results", help="all figures and the verdict")
        steps = [acts.add_parser(name, help=told) for name, (_act, told) in STEPS.items()]
        for act in (results, *steps):
            act.add_argument(
                "id", nargs="?", metavar="ID", help="its number or id; may be left out when one is live"
            )
        for act in (creating, listing, results, *steps):
            self.add_project_argument(act)
            self.add_json_argument(act)
        evaluating = acts.add_parser("evaluate", help="the same figures for judges compared in a file")
        _add_evaluation(evaluating)
        self.add_json_argument(evaluating)
        for act in (results, evaluating):
            act.add_argument(
                "--despite-warning", action="store_true", help="also what a broken sample ratio hides"
            )

    def run(self, **options: Any) -> None:
        act = options["act"]
        if act == "evaluate":
            self._show_results(_evaluated(options), options)
        elif act == "results":
            experiment = _chosen(choose_project(options["project"]), options["id"])
            self._show_results(results_of(experiment, despite_warning=options["despite_warning"]), options)
        else:
            self._show(_done(act, choose_project(options["project"]), options), options)

    def _show(self, done: list[Experiment], options: dict[str, Any]) -> None:
        if options["json"]:
            self.print_json({"results": ExperimentSerializer(done, many=True).data})
        elif done:
            columns = ["id", "experiment", "state", "mode", "primary, canary", "share", "verdict"]
            self.print_table(columns, [_row(experiment) for experiment in done])
            if options["act"] == "create":
                mode = ExperimentMode(done[0].mode)
                self.stdout.write(planning_row(sample_size(mode, canary_pct=done[0].canary_pct)))
        else:
            self.stdout.write("No experiment. `experiment create --canary MODEL` makes one.")

    def _show_results(self, results: ExperimentResults, options: dict[str, Any]) -> None:
        if options["json"]:
            self.print_json(results.model_dump(mode="json"))
            return
        if results.hidden:
            self.stdout.write(
                "The sample ratio is broken, so the results are hidden (--despite-warning shows them)."
            )
        self.print_table(["", "primary", "canary"], arm_rows(results))
        for name, text in finding_rows(results):
            self.stdout.write(f"{name}: {text}")


def _add_design(parser: ArgumentParser) -> None:
    parser.add_argument("--canary", required=True, metavar="MODEL", help="the newcomer's model id")
    parser.add_argument("--primary", metavar="MODEL", help="left out: the project's present judge")
    parser.add_argument(
        "--mode",
        choices=ExperimentMode.values,
        default=ExperimentMode.SHADOW,
        help="shadow: both judge every post",
    )
    parser.add_argument("--pct", type=float, metavar="SHARE", help="the canary's share of authors, such as 0.1")
    parser.add_argument("--hypothesis", default="", metavar="TEXT", help="what you expect, and why")
    parser.add_argument(
        "--n", type=int, default=DEFAULT_MAX_N, metavar="N", help="planned number of labels that decide"
    )
    _add_margin(parser)


def _add_evaluation(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE.jsonl", help="a line for each subject: see docs/experiments.md"
    )
    parser.add_argument("--mode", choices=ExperimentMode.values, default=ExperimentMode.SHADOW)
    parser.add_argument("--pct", type=float, metavar="SHARE", help="the canary's designed share of authors")
    parser.add_argument("--n", type=int, metavar="N", help="planned number of labels that decide")
    parser.add_argument(
        "--max-latency-ms", type=float, default=DEFAULT_MAX_LATENCY_MS, metavar="MS", help="most that p95 may be"
    )
    _add_margin(parser)


def _add_margin(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--margin",
        type=float,
        default=DEFAULT_MARGIN,
        metavar="M",
        help="a difference that makes none, such as 0.05",
    )


def _evaluated(options: dict[str, Any]) -> ExperimentResults:
    for name in ("margin", "pct"):
        if options[name] is not None and not 0 < options[name] < 1:
            raise DomainError(f"--{name} lies between 0 and 1, both excluded; it is {options[name]}.")
    if options["n"] is not None and options["n"] < 1:
        raise DomainError(f"--n is a number of 1 or more, not {options['n']}.")
    if not 0 < options["max_latency_ms"] < math.inf:
        raise DomainError(f"--max-latency-ms is a number above 0, not {options['max_latency_ms']}.")
    mode = ExperimentMode(options["mode"])
    plan = Plan(
        mode,
        margin=options["margin"],
        canary_pct=options["pct"],
        planned_n=options["n"],
        max_latency_ms=options["max_latency_ms"],
    )
    subjects = read_subjects(options["file"], mode=mode)
    return results_from(subjects, plan, despite_warning=options["despite_warning"])


def _done(act: str, project: Project, options: dict[str, Any]) -> list[Experiment]:
    match act:
        case "list":
            return list(_all(project))
        case "create":
            return [lifecycle.create_experiment(project, _design(options), by=BY)]
    step, _told = STEPS[act]
    return [step(_chosen(project, options["id"]), by=BY)]


def _design(options: dict[str, Any]) -> Design:
    return Design(
        canary_model=options["canary"],
        primary_model=options["primary"],
        mode=options["mode"],
        canary_pct=options["pct"],
        margin=options["margin"],
        max_n=options["n"],
        hypothesis=options["hypothesis"],
    )


def _all(project: Project) -> QuerySet[Experiment]:
    return Experiment.objects.filter(project=project).select_related("project__active_config").order_by("-pk")


def _chosen(project: Project, wanted: str | None) -> Experiment:
    """The one of that number or id, or the newest of those that are live, or the newest of all."""
    known = list(_all(project))
    if wanted is None:
        live = [experiment for experiment in known if experiment.ended_at is None]
        if len(live) == 1 or (known and not live):
            return (live or known)[0]
    found = next((each for each in known if wanted in {str(each.pk), each.experiment_id}), None)
    if found is None:
        names = ", ".join(f"{each.pk} ({each})" for each in known[:20])
        hint = f"Say which one: {names}." if names else "`experiment create --canary MODEL` makes one."
        raise NotFound(f"The project {project.slug!r} has no such experiment. {hint}")
    return found


def _row(experiment: Experiment) -> list[object]:
    return [
        experiment.pk,
        experiment.experiment_id,
        lifecycle.outcome_of(experiment).replace("_", " ") or experiment.status,
        experiment.mode,
        f"{experiment.primary_model}, {experiment.canary_model}",
        f"{experiment.canary_pct:.1%}",
        experiment.get_verdict_display() or "-",
    ]
