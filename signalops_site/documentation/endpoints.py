"""The table of endpoints in docs/api.md, made from the API's schema (frontend/openapi.json)."""

import json
from collections.abc import Iterator
from typing import Any

from .markdown import ROOT, between_marks, table

PAGE = ROOT / "docs" / "api.md"
SCHEMA = ROOT / "frontend" / "openapi.json"


def api_page() -> str:
    """The page as it stands, with a fresh table between its two marks."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return between_marks(PAGE.read_text(encoding="utf-8"), endpoint_tables(schema))


def endpoint_tables(schema: dict[str, Any]) -> str:
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for tag, *row in _operations(schema):
        groups.setdefault(tag, []).append((row[0], row[1], row[2]))
    parts = [
        f"**{tag}**\n\n{table(('', 'address', 'what it does'), sorted(rows, key=lambda row: row[1]))}"
        for tag, rows in sorted(groups.items())
    ]
    return "\n".join(parts)


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """(tag, method, address, first sentences) of everything that the API offers."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            described = " ".join(operation.get("description", "").split()) or operation["operationId"]
            yield operation["tags"][0].capitalize(), method.upper(), f"`{path}`", described
