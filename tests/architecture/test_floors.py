"""Foreign keys point down the floors, as imports do. (Imports: `lint-imports`, which `make check` runs.)"""

from django.apps import apps
from django.db.models import ForeignKey, Model

FLOOR = {"core": 0, "connectors": 1, "scoring": 1, "experiments": 1, "leads": 2, "training": 3}


def upward_keys(models: list[type[Model]]) -> list[str]:
    """Foreign keys that point to a higher floor, or from one middle app to another."""
    return [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in models
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model._meta.app_label in FLOOR
        if not _points_down(model._meta.app_label, field.related_model._meta.app_label)
    ]


def _points_down(source: str, target: str) -> bool:
    return source == target or FLOOR[source] > FLOOR[target]


def test_every_foreign_key_points_down() -> None:
    models = [model for model in apps.get_models() if model._meta.app_label in FLOOR]
    assert len(models) > 20
    assert upward_keys(models) == []


def test_an_upward_key_would_be_found() -> None:
    assert not _points_down("core", "leads")
    assert not _points_down("connectors", "scoring")
    assert _points_down("training", "leads")


def test_the_tables_of_the_brief_keep_their_names() -> None:
    tables = {model._meta.db_table for model in apps.get_models()}
    assert {"model_registry", "scoring_plugin_results", "preference_pairs"} <= tables
