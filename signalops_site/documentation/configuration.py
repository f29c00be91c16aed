"""docs/configuration.md, made from what decides: the schema of project.yaml, the plugins and .env.example.

python -m signalops_site.configuration_docs            writes the page
python -m signalops_site.configuration_docs --check    exit code 1 when the page is not what it should be
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.base import PluginParams, plugins
from scoring.section import always_on
from signalops_site.core.config.schema import NOT_ACTIVE_YET, ProjectDocument

from .markdown import ROOT, table

PAGE = ROOT / "docs" / "configuration.md"
ENVIRONMENT = ROOT / ".env.example"

Schema = Mapping[str, Any]
"""A part of a JSON schema, as pydantic writes it."""

HEAD = """\
# Configuration

What a project is stands in its `project.yaml`; what an install is stands in its environment. This page is made
from the code by `make docs`, so it lists every key and every variable that there is.

## project.yaml

    manage.py checkproject projects/mine.yaml
    manage.py importproject projects/mine.yaml --activate

A key that is not listed here is an error that names the nearest one. Keys with a default may be left out. Each
import is kept as a version; runs use the active one.

*Not active yet* marks keys that are read, checked and kept, but whose feature has not arrived; `checkproject` says
so too.
"""
PLUGINS_HEAD = """\
Each plugin takes a section of its name under `scoring`, or just a number, which is its weight; `weight` is also a
key of every such section. Those whose weights stand above are always on. These join when `scoring.plugins` lists
them:
"""
REFERENCES = """\
### Values from the environment

A text may hold `${NAME}`. It is stored and shown as it stands, and replaced where it is used, by the variable of
that name, if the operator lists the name in `CONFIG_ENV_ALLOW`. A name that is not listed, or not set, is an error
at its use; `manage.py doctor` finds those ahead of time.
"""
ENVIRONMENT_HEAD = """\
## The environment

Settings come from the environment, or from a file `.env` beside `manage.py`; what is set in the environment wins.
With nothing set, SignalOps is a working development install.
"""


@dataclass(frozen=True, slots=True)
class Variable:
    """One of .env.example: its default as it is shown there, and the sentences above it."""

    name: str
    default: str
    description: str
    group: str


def read_variables(text: str) -> list[Variable]:
    """The variables of an .env.example, each described by the comment above it, in groups by ruled headings."""
    found: list[Variable] = []
    group = ""
    comment: list[str] = []
    for line in text.splitlines():
        words = line.removeprefix("#").strip()
        if heading := re.match(r"-{8,} (.+)", words):
            group, comment = heading[1], []
        elif assignment := re.match(r"# ([A-Z][A-Z0-9_]*)=(.*)$", line):
            found.append(Variable(assignment[1], assignment[2], " ".join(comment), group))
            comment = []
        elif words:
            comment.append(words)
        else:
            comment = []
    return found


def configuration_page() -> str:
    project = [HEAD, *_project_sections(), *_plugin_sections(), REFERENCES]
    return "\n".join([*project, ENVIRONMENT_HEAD, *_environment()])


def _project_sections() -> Iterator[str]:
    schema = ProjectDocument.model_json_schema()
    yield "### The whole\n"
    yield _table(schema, schema)
    yield from _sections_in(schema, schema)


def _sections_in(part: Schema, whole: Schema, *, prefix: str = "") -> Iterator[str]:
    """A heading and a table for each key that holds a section or a list of them, and for those inside it."""
    for key, value in part["properties"].items():
        section = _section_of(value, whole)
        if section is not None:
            path = f"{prefix}{key}"
            yield f"### {path}\n"
            yield f"{_words(value, path)}{' A list.' if value.get('type') == 'array' else ''}\n"
            yield _table(section, whole, prefix=f"{path}.")
            yield from _sections_in(section, whole, prefix=f"{path}.")


def _plugin_sections() -> Iterator[str]:
    yield "### Parameters of scoring plugins\n"
    yield PLUGINS_HEAD
    for plugin in plugins.items().values():
        if plugin.name in always_on() or not plugin.__module__.startswith("scoring.plugins."):
            continue
        yield f"#### scoring.{plugin.name}\n"
        yield f"Default weight {plugin.default_weight:g}. Points: {plugin.__doc__}\n"
        schema = plugin.Params.model_json_schema()
        own = {key: value for key, value in schema["properties"].items() if key not in PluginParams.model_fields}
        if own:
            yield _table({**schema, "properties": own}, schema)


def _table(section: Schema, whole: Schema, *, prefix: str = "") -> str:
    required = section.get("required", [])
    rows = [
        (
            f"`{key}`",
            _kind(value, whole),
            _default(value, whole, required=key in required),
            _words(value, f"{prefix}{key}"),
        )
        for key, value in section["properties"].items()
    ]
    return table(("key", "what it holds", "default", "what it does"), rows)


def _words(value: Schema, path: str) -> str:
    words = str(value.get("description", ""))
    return f"{words} *Not active yet: {NOT_ACTIVE_YET[path]}.*" if path in NOT_ACTIVE_YET else words


def _default(value: Schema, whole: Schema, *, required: bool) -> str:
    if required:
        return "required"
    if _section_of(value, whole) is not None and value.get("type") != "array":
        return ""
    return f"`{json.dumps(value.get('default'), ensure_ascii=False)}`"


def _section_of(value: Schema, whole: Schema) -> Schema | None:
    """The schema of the section that a key holds, alone, as a list or as an alternative to null."""
    for part in [value, value.get("items", {}), *value.get("anyOf", [])]:
        if "$ref" in part:
            found: Schema = whole["$defs"][part["$ref"].rpartition("/")[2]]
            return found
    return None


def _kind(value: Schema, whole: Schema) -> str:
    """What a key holds, in words, with its limits."""
    if "$ref" in value:
        return "a section"
    if "enum" in value:
        return " or ".join(f"`{item}`" for item in value["enum"])
    if "anyOf" in value:
        return " or ".join(_kind(part, whole) for part in value["anyOf"])
    if value.get("type") == "array":
        inside = "sections" if "$ref" in value["items"] else _kind(value["items"], whole)
        return f"list of {inside}{', at least one' if value.get('minItems') else ''}"
    if value.get("type") == "object":
        inner = value.get("additionalProperties")
        return f"mapping to {_kind(inner, whole)}" if isinstance(inner, Mapping) else "mapping"
    return _scalar(value)


def _scalar(value: Schema) -> str:
    if str(value.get("pattern", "")).startswith("^[a-z0-9]"):
        return "lower-case name, at most 63 characters"
    names = {"string": "text", "boolean": "true or false", "integer": "whole number", "null": "null"}
    words = names.get(value.get("type", ""), "number")
    limits = [
        f"{words_of} {_number(value[limit])}"
        for limit, words_of in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
            ("exclusiveMaximum", "below"),
        )
        if limit in value
    ]
    if "maxLength" in value:
        limits.append(f"at most {value['maxLength']:,} characters")
    elif value.get("minLength"):
        limits.append("not empty")
    return " ".join([words, *limits]) if value.get("type") != "string" else ", ".join([words, *limits])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def _environment() -> Iterator[str]:
    variables = read_variables(ENVIRONMENT.read_text(encoding="utf-8"))
    for group in dict.fromkeys(variable.group for variable in variables):
        yield f"### {group[0].upper()}{group[1:]}\n"
        rows = [
            (f"`{item.name}`", f"`{item.default}`" if item.default else "", item.description)
            for item in variables
            if item.group == group
        ]
        yield table(("variable", "default", "what it does"), rows)
