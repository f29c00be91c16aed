"""Preference pairs as trainers load them: one JSON object a line, with exactly these keys.

- `trl`: `{"prompt", "chosen", "rejected"}`, texts
- `trl-conversational`: the same keys, each a list of messages
- `openai-preference`: `{"input": {"messages", "tools", "parallel_tool_calls"}, "preferred_output",
  "non_preferred_output"}`

`metadata` is a further key, only where it is asked for.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..models import ExportFormat

Line = Mapping[str, object]

LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""Ends of a line for some readers of text, though not in JSON, where they can only stand inside a string."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`metadata` is empty unless it is to be written."""

    prompt: str
    chosen: str
    rejected: str
    metadata: Mapping[str, object] = field(default_factory=dict)


def line_of(pair: Pair, shape: str) -> str:
    """A line of the file, with its end."""
    content = dict(SHAPES[ExportFormat(shape)](pair))
    if pair.metadata:
        content["metadata"] = dict(pair.metadata)
    return json.dumps(content, ensure_ascii=False).translate(LINE_ENDS) + "\n"


def as_trl(pair: Pair) -> Line:
    return {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected}


def as_trl_conversational(pair: Pair) -> Line:
    return {"prompt": asked(pair.prompt), "chosen": answered(pair.chosen), "rejected": answered(pair.rejected)}


def as_openai_preference(pair: Pair) -> Line:
    return {
        "input": {"messages": asked(pair.prompt), "tools": [], "parallel_tool_calls": True},
        "preferred_output": answered(pair.chosen),
        "non_preferred_output": answered(pair.rejected),
    }


def asked(prompt: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": prompt}]


def answered(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


SHAPES: Mapping[ExportFormat, Callable[[Pair], Line]] = {
    ExportFormat.TRL: as_trl,
    ExportFormat.TRL_CONVERSATIONAL: as_trl_conversational,
    ExportFormat.OPENAI_PREFERENCE: as_openai_preference,
}
