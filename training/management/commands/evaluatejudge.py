"""`evaluatejudge`: judges side by side on posts that people have labelled."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from leads.judges.base import JudgeContext
from leads.judges.factory import LOCAL_MODEL_IDS
from signalops_site.core.config.schema import Llm
from signalops_site.core.config.versions import active_document
from signalops_site.core.management.base import OperatorCommand, choose_project
from training.evaluation import CascadeFigures, Group, Metrics, compare_judges, read_held_out, read_test_set

FIGURES = ("n", "accuracy", "precision", "recall", "f1", "mcc", "mean_confidence", "ece", "latency_ms", "cost_usd")


class Command(OperatorCommand):
    help = (
        "Compare judges with human labels, beside a plain expression over asking phrases. Without --test-set: "
        "the bundled posts that the local judge was not fitted on, each with its own product's signals. Models of "
        "providers are asked anew, and paid for; none steps in for another."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        self.add_json_argument(parser)
        _add_options(parser)

    def run(self, **options: Any) -> None:
        models = [model.strip() for model in options["models"].split(",") if model.strip()]
        if not models:
            raise CommandError("--models names no model.", returncode=2)
        groups, llm = _groups(options["test_set"], project=options["project"])
        figures = compare_judges(models, groups, maybe_as_relevant=options["maybe"] == "relevant", llm=llm)
        if options["json"]:
            self.print_json(figures)
        else:
            self._print(figures)

    def _print(self, figures: dict[str, Metrics]) -> None:
        rows = [(name, *(_shown(name, one) for one in figures.values())) for name in FIGURES]
        self.print_table(("", *figures), rows)
        for model, one in figures.items():
            lines = [(gold, *said.values()) for gold, said in one["confusion"].items()]
            self.print_table(("people say", *one["confusion"]), lines, title=f"{model}: what it said")
            if "cascade" in one:
                self.stdout.write(_told_of_cascade(one["cascade"], posts=one["n"]))


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--test-set", metavar="FILE.jsonl", type=Path, help="lines of text, gold_label, author_bio?"
    )
    parser.add_argument("--models", default=",".join(LOCAL_MODEL_IDS), metavar="A,B", help="default: %(default)s")
    parser.add_argument(
        "--maybe", choices=["relevant", "irrelevant"], default="irrelevant", help="what maybe counts as"
    )


def _groups(test_set: Path | None, *, project: str | None) -> tuple[list[Group], Llm]:
    """The posts, and how models are asked: as the project does, if there is one."""
    if test_set is None:
        return read_held_out(), Llm()
    document = active_document(choose_project(project))
    return [Group(JudgeContext.from_document(document), read_test_set(test_set))], document.llm


def _told_of_cascade(figures: CascadeFigures, *, posts: int) -> str:
    told = f"decided by itself: {figures['decided_locally']} of {posts} posts"
    if figures["saved_usd"] is not None:
        told += f"; saved ${figures['saved_usd']:.4f}"
    if figures["agreement"] is not None:
        told += f"; says what {figures['full_judge']} says of {figures['agreement']:.1%}"
    return told


def _shown(name: str, figures: Metrics) -> str:
    value = dict(figures)[name]
    if value is None:
        return "-"
    if name == "cost_usd":
        return f"{value:.6f}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
