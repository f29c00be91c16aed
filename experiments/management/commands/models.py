import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from experiments import services
from experiments.models import ModelType, ModelVersion
from experiments.selectors import entry_of, models_for
from experiments.serializers import ModelVersionSerializer, shown_for
from experiments.services import ModelFacts
from signalops_site.core.errors import DomainError, NotFound
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.models import Project

BY = "command:models"


class Command(OperatorCommand):
    help = "The model registry: list, register, activate, deactivate, retire. The next run uses what is active."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        listing = acts.add_parser("list", help="a project's models and those for all projects, with their metrics")
        registering = acts.add_parser("register", help="put a model into the registry; it judges when activated")
        _add_facts(registering)
        activating = acts.add_parser("activate", help="let it judge; a project's configuration then names it too")
        deactivating = acts.add_parser("deactivate", help="let it judge no more")
        retiring = acts.add_parser("retire", help="out of service for good; what it judged stays")
        for act in (registering, activating, deactivating, retiring):
            act.add_argument("model", metavar="MODEL", help="its id, such as local/default")
        for act in (activating, deactivating, retiring):
            act.add_argument(
                "--type", choices=ModelType.values, help="said where the id has drafted; left out: what judges"
            )
        for act in (registering, activating, deactivating):
            act.add_argument(
                "--global", dest="for_all", action="store_true", help="for all projects, in the place of --project"
            )
        for act in (listing, registering, activating, deactivating, retiring):
            self.add_project_argument(act)
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        if options.get("for_all") and options["project"]:
            raise CommandError("Say either --project or --global.")
        project = None if options.get("for_all") else choose_project(options["project"])
        done = self._done(project, options)
        project = project and Project.objects.select_related("active_config").get(pk=project.pk)
        shown = ModelVersionSerializer(done, many=True, context=shown_for(project)).data
        if options["json"]:
            self.print_json({"results": shown})
        elif done:
            columns = ["model", "type", "for", "state", "version", "training file", "metrics"]
            self.print_table(columns, [_row(values) for values in shown])
            if options["act"] == "activate" and (running := shown[0]["experiment"]):
                self.stdout.write(f"The models of the experiment {running} judge until that is paused or over.")
        else:
            self.stdout.write("No model. One is registered by `models register`, or on its first use.")

    def _done(self, project: Project | None, options: dict[str, Any]) -> Sequence[ModelVersion]:
        match options["act"]:
            case "list" if project is not None:
                return list(models_for(project).order_by("model_id"))
            case "register":
                return [_register(project, options)]
            case "activate":
                return [_activate(project, options)]
            case "deactivate":
                return [services.deactivate_model(_chosen(project, options), project=project, by=BY)]
        return [services.retire_model(_chosen(project, options), by=BY)]


def _add_facts(parser: ArgumentParser) -> None:
    parser.add_argument("--type", choices=ModelType.values, default=ModelType.JUDGE)
    parser.add_argument("--name", default="", help="for people")
    parser.add_argument("--base-model", default="", metavar="MODEL", help="what it was fine-tuned from")
    parser.add_argument("--training-file", default="", metavar="FILE", help="what it was trained on")
    parser.add_argument("--training-examples", type=int, metavar="N")
    parser.add_argument("--version", dest="model_version", default="", metavar="TEXT")
    parser.add_argument(
        "--metrics", type=Path, metavar="FILE.json", help="a JSON object, such as evaluatejudge --json writes"
    )


def _register(project: Project | None, options: dict[str, Any]) -> ModelVersion:
    facts = ModelFacts(
        display_name=options["name"],
        base_model=options["base_model"],
        training_file=options["training_file"],
        training_examples=options["training_examples"],
        version=options["model_version"],
        metrics=_metrics(options["metrics"]),
    )
    kind = ModelType(options["type"])
    return services.register_model(options["model"], model_type=kind, project=project, facts=facts, by=BY)


def _metrics(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DomainError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(metrics, dict):
        raise DomainError(f"{path} holds no JSON object: metrics are names and values.")
    return metrics


@transaction.atomic
def _activate(project: Project | None, options: dict[str, Any]) -> ModelVersion:
    """Registered on first use, as by naming it in a configuration; not when nothing could run it."""
    kind = _kind(_known(project), options)
    model = services.register_on_first_use(options["model"], model_type=kind, project=project)
    return services.activate_model(model, project=project, by=BY)


def _known(project: Project | None) -> QuerySet[ModelVersion]:
    return models_for(project) if project else ModelVersion.objects.filter(project=None)


def _kind(known: QuerySet[ModelVersion], options: dict[str, Any]) -> ModelType:
    """What is meant by an id that may judge and draft: nobody's drafter is changed unasked."""
    if options["type"]:
        return ModelType(options["type"])
    model_id = options["model"]
    services.require_model_id(model_id)
    if known.filter(model_id=model_id, model_type=ModelType.DRAFTER).exists():
        raise DomainError(f"{model_id} is registered as a drafter: say --type judge or --type drafter.")
    return ModelType.JUDGE


def _chosen(project: Project | None, options: dict[str, Any]) -> ModelVersion:
    known, model_id = _known(project), options["model"]
    found = entry_of(model_id, model_type=_kind(known, options), project=project)
    if found is None:
        ids = ", ".join(known.order_by("model_id").values_list("model_id", flat=True)[:20])
        there = f"There are: {ids}." if ids else "There is none yet."
        raise NotFound(f"No model {model_id!r} is registered here. {there} `models register` adds one.")
    return found


def _row(values: dict[str, Any]) -> list[object]:
    metrics = ", ".join(
        f"{name} {value}" for name, value in values["metrics"].items() if not isinstance(value, dict)
    )
    return [
        values["model_id"],
        values["model_type"],
        values["project"] or "all projects",
        _state(values),
        values["version"],
        values["training_file"],
        metrics,
    ]


def _state(values: dict[str, Any]) -> str:
    if values["retired_at"]:
        return "retired"
    states = [("in_use", "in use"), ("active_in_project", "active"), ("active_for_all", "active for all")]
    return ", ".join(word for name, word in states if values[name]) or "registered"
