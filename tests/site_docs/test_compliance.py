"""The page for legal readers leaves out no table, and says no more than the gate does."""

import re

from django.apps import apps

from connectors.policies import POLICIES

from .pages import PAGES

PAGE = PAGES["docs/compliance.md"]
OURS = ("core", "connectors", "leads", "scoring", "experiments", "training", "axes")


def tables() -> set[str]:
    return {
        model._meta.db_table
        for app in apps.get_app_configs()
        if app.label in OURS
        for model in app.get_models()
        if not model._meta.proxy
    } | {"auth_user"}


def named_tables() -> set[str]:
    """Those of the column `tables`."""
    kept = PAGE.partition("## What is kept")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in kept.splitlines() if line.startswith("| **")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row[2])}


def test_every_table_stands_on_the_page_with_how_long_it_is_kept() -> None:
    assert named_tables() == tables()


def test_every_platform_and_every_rule_stands_there() -> None:
    for name, known in POLICIES.items():
        assert f"### {name}\n" in PAGE
        sentences = [rule.sentence for rule in known.rules] + ([known.content.sentence] if known.content else [])
        assert [sentence for sentence in sentences if sentence not in PAGE] == []
