"""From YAML text to a `ProjectDocument`, with every problem found, each at its line.

The whole file is reported at once: shape first (pydantic), then what each app says of its own
section (`config_section`). Nothing here writes.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import StringIO
from typing import Any

from django.conf import settings
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from ..errors import ConfigError, ConfigProblem
from ..hooks import Hook
from .schema import NOT_ACTIVE_YET, ProjectDocument, problem_with_text

MAX_BYTES = 512_000
MAX_DEPTH = 20
ENV_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

config_section: Hook[[ProjectDocument], Iterable[ConfigProblem]] = Hook("config_section")
"""Each app checks its own part of a document whose shape is right, and yields what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one project.yaml. `document` is None when there are errors of shape."""

    source: str
    document: ProjectDocument | None
    problems: Sequence[ConfigProblem] = field(default=())

    @property
    def errors(self) -> list[ConfigProblem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[ConfigProblem]:
        return [problem for problem in self.problems if problem.severity == "warning"]

    def require(self) -> ProjectDocument:
        """The document, or a ConfigError that carries every error."""
        if self.document is None or self.errors:
            raise ConfigError(self.errors)
        return self.document


def read_project(source: str) -> Reading:
    """Check a project.yaml's text: syntax, keys, types, and each app's section."""
    try:
        tree = _parse(source)
    except ConfigError as error:
        return Reading(source, None, error.problems)
    try:
        document = ProjectDocument.model_validate(_plain(tree))
    except ValidationError as error:
        return Reading(source, None, _by_line(_shape_problems(error, tree)))
    if unstorable := _by_line(_unstorable(document, tree)):
        return Reading(source, None, unstorable)
    problems = [*_section_problems(document, tree), *_inactive_keys(tree), *_compatibility(tree)]
    return Reading(source, document, _by_line(problems))


def _by_line(problems: Iterable[ConfigProblem]) -> list[ConfigProblem]:
    return sorted(problems, key=lambda problem: problem.line or 0)


def _unstorable(document: ProjectDocument, tree: CommentedMap) -> Iterable[ConfigProblem]:
    """Texts that no database takes, in the two parts that have no shape of their own."""
    yield from _unstorable_texts(document.scoring.plugin_params(), "scoring", tree)
    yield from _unstorable_texts(document.redis, "redis", tree)


def _unstorable_texts(value: Any, path: str, tree: CommentedMap) -> Iterable[ConfigProblem]:
    if isinstance(value, str) and (problem := problem_with_text(value)):
        yield located(path, problem, tree)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unstorable_texts(item, f"{path}.{key}", tree)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unstorable_texts(item, f"{path}.{number}", tree)


def read_document(values: Mapping[str, Any]) -> Reading:
    """As `read_project`, for a document that came as JSON: its YAML is written here."""
    return read_project(dump_yaml(values))


def dump_yaml(values: Mapping[str, Any]) -> str:
    stream = StringIO()
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 110
    yaml.dump(dict(values), stream)
    return stream.getvalue()


def expand(text: str) -> str:
    """Put the values of `${NAME}` in, for the names that the operator lists in CONFIG_ENV_ALLOW.

    Called where a value is used; documents are stored and shown unexpanded.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in settings.CONFIG_ENV_ALLOW:
            raise ConfigError([ConfigProblem("", f"${{{name}}} is not listed in CONFIG_ENV_ALLOW.")])
        if name not in os.environ:
            raise ConfigError([ConfigProblem("", f"${{{name}}} is not set in the environment.")])
        return os.environ[name]

    return ENV_REFERENCE.sub(value_of, text)


def _parse(source: str) -> CommentedMap:
    if len(source.encode("utf-8", "replace")) > MAX_BYTES:
        raise ConfigError([ConfigProblem("", f"The file is larger than {MAX_BYTES:,} bytes.")])
    try:
        _refuse_hostile(source)
        tree = YAML(typ="rt").load(source)
    except DuplicateKeyError as error:
        raise ConfigError([_at_mark(error, "the same key stands here twice")]) from error
    except MarkedYAMLError as error:
        raise ConfigError([_at_mark(error, str(error.problem or "this is not YAML"))]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        text = " ".join(str(error).split()) or "it is nested too deeply"
        raise ConfigError([ConfigProblem("", f"This is not YAML: {text[:200]}")]) from error
    if not isinstance(tree, CommentedMap):
        raise ConfigError([ConfigProblem("", "A project.yaml is a mapping of keys, like `project_id: demo`.")])
    return tree


def _refuse_hostile(source: str) -> None:
    """Stop before anything grows: an alias in an alias multiplies when copied out, deep nesting takes ages.

    No key here needs either.
    """
    depth = 0
    for event in YAML(typ="rt").parse(source):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, AliasEvent):
            raise ConfigError([ConfigProblem("", "YAML aliases (*name) are not used here; write it out.", line)])
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ConfigError([ConfigProblem("", f"is nested more than {MAX_DEPTH} levels deep", line)])


def _at_mark(error: MarkedYAMLError, message: str) -> ConfigProblem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return ConfigProblem("", message)
    return ConfigProblem("", message, mark.line + 1, mark.column + 1)


def _plain(value: Any) -> Any:
    """Ruamel's containers and scalars as plain Python, so that pydantic sees only what JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _shape_problems(error: ValidationError, tree: CommentedMap) -> list[ConfigProblem]:
    return [_shape_problem(item["type"], item["loc"], item["msg"], tree) for item in error.errors()]


def _shape_problem(kind: str, loc: tuple[int | str, ...], message: str, tree: CommentedMap) -> ConfigProblem:
    path = tuple(part for part in loc if not (isinstance(part, str) and part.startswith("function-")))
    if kind == "missing":
        message = "this key is required"
    elif kind == "extra_forbidden":
        message = _unknown_key(path)
    else:
        message = message.removeprefix("Value error, ")
    return located(".".join(map(str, path)), message, tree)


def _unknown_key(path: tuple[int | str, ...]) -> str:
    key = str(path[-1])
    return f"unknown key {key!r}{nearest(key, _known_keys(path[:-1]))}"


def nearest(word: str, known: Iterable[str]) -> str:
    """'; did you mean ...?' for the closest of the known words, or the list of all when none is close."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; the keys here are {', '.join(names)}" if names else ""


def _known_keys(parents: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] | None = ProjectDocument
    for part in parents:
        if isinstance(part, int) or model is None:
            continue
        model = _model_in(model.model_fields[part].annotation) if part in model.model_fields else None
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found:
            return found
    return None


def _section_problems(document: ProjectDocument, tree: CommentedMap) -> Iterable[ConfigProblem]:
    for _app, problems in config_section.run(document):
        for problem in problems:
            yield located(problem.path, problem.message, tree, severity=problem.severity)


def _inactive_keys(tree: CommentedMap) -> Iterable[ConfigProblem]:
    for path, feature in NOT_ACTIVE_YET.items():
        if _holds(tree, path.split(".")):
            yield located(path, f"not active yet: it arrives with {feature}", tree, severity="warning")


def _compatibility(tree: CommentedMap) -> Iterable[ConfigProblem]:
    if "redis" in tree:
        message = "is accepted for compatibility and read by nothing; caching is configured by REDIS_URL"
        yield located("redis", message, tree, severity="warning")


def _holds(tree: Any, path: Sequence[str]) -> bool:
    for part in path:
        if not isinstance(tree, Mapping) or part not in tree:
            return False
        tree = tree[part]
    return True


def located(path: str, message: str, tree: CommentedMap, *, severity: Any = "error") -> ConfigProblem:
    """A problem at the line of the deepest part of `path` that stands in the file."""
    line, column = _position(tree, path.split(".") if path else [])
    return ConfigProblem(path, message, line, column, severity)


def _position(tree: CommentedMap, parts: Sequence[str]) -> tuple[int | None, int | None]:
    node: Any = tree
    position: tuple[int, int] | None = None
    for part in parts:
        if isinstance(node, CommentedMap) and part in node:
            position, node = node.lc.key(part), node[part]
        elif isinstance(node, CommentedSeq) and part.isdigit() and int(part) < len(node):
            position, node = node.lc.item(int(part)), node[int(part)]
        else:
            break
    return (position[0] + 1, position[1] + 1) if position else (None, None)
