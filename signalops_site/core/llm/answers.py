"""From a model's text to what was asked for. A text that is not that is malformed: nothing is guessed or mended.

The one kindness is a fence of three backticks around the JSON, which models without a mode for JSON like to set.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .requests import JsonSchema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.S | re.I)
_BOUNDS = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems"),
    }
)
"""Words of JSON schema that some providers refuse. What they say is checked here, in the answer."""


class Malformed(ValueError):
    """Why a text is not what was asked for, in words that hold nothing of it."""


def read_json(text: str, schema: JsonSchema) -> Any:
    """The JSON of an answer; Malformed when it is none, or not by the schema."""
    fenced = _FENCED.fullmatch(text)
    try:
        value = json.loads(fenced.group(1) if fenced else text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed("its answer is not JSON") from None
    error = next(shape_of(schema).validator.iter_errors(value), None)
    if error is not None:
        raise Malformed(f"its answer is not by the schema ({_place(error.schema_path)})")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _place(path: Any) -> str:
    """Where in the schema it fails. The schema is ours; the answer's own keys and values are not repeated."""
    return ".".join(str(part) for part in path)[:120]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is made of a schema once, for all calls that ask by it."""

    sent: Mapping[str, Any]
    """Without the bounds that some providers refuse."""
    is_strict: bool
    """Whether every object is closed and asks for all of its properties, as strict modes demand."""
    instruction: str
    """Asks a model for JSON that cannot be held to a schema otherwise."""
    validator: "Validator"


def shape_of(schema: JsonSchema) -> Shape:
    return _shape(json.dumps(schema))


@lru_cache(maxsize=64)
def _shape(written: str) -> Shape:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a fifth of a second, only where models answer

    schema = json.loads(written)
    Draft202012Validator.check_schema(schema)
    sent = _without_bounds(schema, is_schema=True)
    told = json.dumps(sent, ensure_ascii=False)
    instruction = f"Answer with one JSON object by this JSON schema, and with nothing else:\n{told}"
    return Shape(sent, _is_strict(schema), instruction, Draft202012Validator(schema))


def _without_bounds(value: Any, *, is_schema: bool) -> Any:
    """Names of properties stay, also where one is called like a bound."""
    if isinstance(value, list):
        return [_without_bounds(item, is_schema=is_schema) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _without_bounds(item, is_schema=name not in {"properties", "$defs"} or not is_schema)
        for name, item in value.items()
        if not (is_schema and name in _BOUNDS)
    }


def _is_strict(schema: JsonSchema) -> bool:
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties):
            return False
        return all(_is_strict(each) for each in properties.values())
    inside = [schema.get("items"), *schema.get("anyOf", ()), *schema.get("$defs", {}).values()]
    return all(_is_strict(each) for each in inside if isinstance(each, Mapping))
