"""The rule language of `scoring.custom_rules`: `text contains 'looking for' and not (likes < 3)`.

A rule is parsed and type-checked once (`compile_rule`), and is then a closure over a mapping of facts
(`Facts.as_mapping`). Names have kinds, so that a rule which could never hold, or would hold for every
lead, is refused with its place instead of being silently wrong.

What a comparison means:
- A comparison with an unknown fact is false, whatever the operator. So `not (likes > 5)` is true for
  unknown likes: `not` turns the answer of the comparison round, not the knowledge. `known(likes)` asks.
- `contains`, `==`, `!=` and `in` ignore case. `matches` does not, unless the pattern begins with `(?i)`.
- On facts with several entries, a comparison holds when it holds for any entry; `!=` when it holds for
  all. `contains` looks inside `query` and `urls`; hashtags and mentions are whole words, with or
  without their sign.
- `matches` uses RE2, whose time grows with the text's length alone. There is no eval anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from lark import Lark
from lark.exceptions import UnexpectedInput

from .base import Fact
from .rule_builder import Node, RuleBuilder
from .rule_errors import RuleError, explain_syntax
from .rule_facts import Test

__all__ = ["Rule", "RuleError", "compile_rule"]

MAX_LENGTH = 2000

GRAMMAR = r"""
    start: either
    either: both ("or"i both)*
    both: negation ("and"i negation)*
    negation: "not"i negation -> negated
            | test
    ?test: "(" either ")" -> grouped
         | "known"i "(" NAME ")" -> known
         | NAME -> bare
         | NAME COMPARE operand -> compared
         | NAME CONTAINS STRING -> contains
         | NAME MATCHES STRING -> matches
         | NAME IN "[" literal ("," literal)* "]" -> among

    ?operand: literal | NAME -> other
    literal: STRING -> text | NUMBER -> number | TRUTH -> truth

    CONTAINS: "contains"i
    MATCHES: "matches"i
    IN: "in"i
    TRUTH.2: /(true|false)(?!\w)/i
    COMPARE: "==" | "!=" | "<=" | ">=" | "<" | ">"
    NAME: /[A-Za-z_]\w*/i
    NUMBER: /-?\d+(\.\d+)?(?![\w.])/
    STRING: /'(\\.|[^'\\])*'|"(\\.|[^"\\])*"/s

    %ignore /\s+/
"""

PARSER = Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=RuleBuilder())
"""Reduces straight into `RuleBuilder`: no tree, no recursion. Its terminals' names are in `rule_errors.WORDS`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled condition. `check` is how it was understood, with every parenthesis written out."""

    expression: str
    check: str
    test: Test

    def matches(self, facts: Mapping[str, Fact]) -> bool:
        """Whether the condition holds for facts under their rule names; names left out are unknown."""
        return self.test(facts)


def compile_rule(expression: str) -> Rule:
    """Parse and check a condition. Raises RuleError, and nothing else, with the place and what was expected."""
    _refuse_text(expression)
    try:
        node = cast("Node", PARSER.parse(expression))
    except UnexpectedInput as error:
        raise explain_syntax(error, expression=expression) from error
    return Rule(expression, node.text, node.test)


def _refuse_text(expression: str) -> None:
    if len(expression) > MAX_LENGTH:
        message = f"the rule has {len(expression):,} characters"
        raise RuleError(message, line=1, column=1, expected=f"at most {MAX_LENGTH:,} characters")
    if any("\ud800" <= character <= "\udfff" for character in expression):
        raise RuleError("the rule holds half a character", line=1, column=1, expected="whole characters")
