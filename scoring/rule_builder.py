"""From the parser's tokens to checked closures: every name known, every comparison between like kinds.

`RuleBuilder`'s methods are called by lark as it reduces each line of the grammar in `rules`; no tree
is kept, and nothing here recurses over the expression.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import re2
from lark import Token, Transformer, v_args

from signalops_site.core.config.reading import nearest

from .base import Fact
from .rule_errors import RuleError, refuse
from .rule_facts import (
    FACT_KINDS,
    OPERATORS_OF,
    VALUES_OF,
    WHOLE_WORDS,
    Kind,
    Test,
    entries_reader,
    fold_of,
    number_reader,
    reader_of,
    truth_reader,
)

MAX_DEPTH = 50
MAX_PATTERN_MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern: a larger one is refused when the rule is compiled."""

EVERYTHING = (b"", b"a\n1 -\xc3\xa9" * 500)
"""A pattern that finds itself in both of these finds itself in every text."""

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Node:
    """A checked part of a rule: what it tests, how it is written in full, how deep it nests, where it begins."""

    test: Test
    text: str
    at: Token
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | float | bool
    kind: Kind
    text: str
    at: Token


@v_args(inline=True)
class RuleBuilder(Transformer[Token, Node]):
    """One method per line of the grammar."""

    def start(self, node: Node) -> Node:
        return node

    def either(self, *nodes: Node) -> Node:
        return _joined(nodes, word="or")

    def both(self, *nodes: Node) -> Node:
        return _joined(nodes, word="and")

    def negation(self, node: Node) -> Node:
        return node

    def negated(self, node: Node) -> Node:
        test = node.test
        return _deeper(node, test=lambda facts: not test(facts), text=f"not {node.text}")

    def grouped(self, node: Node) -> Node:
        return _deeper(node, test=node.test, text=node.text)

    def known(self, name: Token) -> Node:
        _kind_of(name)
        key = str(name)
        return Node(lambda facts: facts.get(key) is not None, f"known({key})", name)

    def bare(self, name: Token) -> Node:
        if _kind_of(name) is not Kind.TRUTH:
            raise refuse(f"{name} alone says nothing", at=name, expected=f"{name} and an operator")
        read = truth_reader(str(name))
        return Node(lambda facts: read(facts) is True, f"{name} == true", name)

    def compared(self, name: Token, sign: Token, value: Literal | Token) -> Node:
        kind = _kind_of(name)
        _refuse_operator(sign, kind=kind, name=name)
        if isinstance(value, Token):
            return Node(_compare_facts(name, sign, value), f"{name} {sign} {value}", name)
        _refuse_literal(value, kind=kind, name=name)
        return Node(_compare(name, sign, value), f"{name} {sign} {value.text}", name)

    def contains(self, name: Token, sign: Token, quoted: Token) -> Node:
        _refuse_operator(sign, kind=_kind_of(name), name=name)
        fold = fold_of(str(name))
        part = fold(_require_text(quoted))
        entries = entries_reader(str(name), fold=fold)
        check = f"{name} contains {_quote(_unquote(quoted))}"
        if str(name) in WHOLE_WORDS:
            return Node(lambda facts: part in (entries(facts) or ()), check, name)
        return Node(lambda facts: any(part in entry for entry in entries(facts) or ()), check, name)

    def matches(self, name: Token, sign: Token, quoted: Token) -> Node:
        _refuse_operator(sign, kind=_kind_of(name), name=name)
        search = _compile_pattern(quoted)
        entries = entries_reader(str(name), fold=str)

        def test(facts: Mapping[str, Fact]) -> bool:
            return any(search(entry.encode("utf-8", "replace")) for entry in entries(facts) or ())

        return Node(test, f"{name} matches {_quote(_unquote(quoted))}", name)

    def among(self, name: Token, sign: Token, *values: Literal) -> Node:
        kind = _kind_of(name)
        _refuse_operator(sign, kind=kind, name=name)
        for value in values:
            _refuse_literal(value, kind=kind, name=name)
        listed = ", ".join(value.text for value in values)
        return Node(_among(str(name), values, kind=kind), f"{name} in [{listed}]", name)

    def other(self, name: Token) -> Token:
        return name

    def text(self, token: Token) -> Literal:
        value = _unquote(token)
        return Literal(value, Kind.TEXT, _quote(value), token)

    def number(self, token: Token) -> Literal:
        value = float(token) if "." in token else int(token)
        if isinstance(value, float) and not isfinite(value):
            raise refuse("this number is too large", at=token, expected="a number below 1e308")
        return Literal(value, Kind.NUMBER, str(token), token)

    def truth(self, token: Token) -> Literal:
        return Literal(token.lower() == "true", Kind.TRUTH, token.lower(), token)


def _joined(nodes: tuple[Node, ...], *, word: str) -> Node:
    """Any number of parts side by side are one level deep, so that long lists stay flat."""
    if len(nodes) == 1:
        return nodes[0]
    tests = [node.test for node in nodes]
    text = "(" + f" {word} ".join(node.text for node in nodes) + ")"
    depth = max(node.depth for node in nodes)
    return Node(_all_of(tests) if word == "and" else _any_of(tests), text, nodes[0].at, depth)


def _all_of(tests: list[Test]) -> Test:
    return lambda facts: all(test(facts) for test in tests)


def _any_of(tests: list[Test]) -> Test:
    return lambda facts: any(test(facts) for test in tests)


def _deeper(node: Node, *, test: Test, text: str) -> Node:
    if node.depth >= MAX_DEPTH:
        expected = f"at most {MAX_DEPTH} levels of parentheses and not"
        raise refuse("this is nested too deeply", at=node.at, expected=expected)
    return Node(test, text, node.at, node.depth + 1)


def _kind_of(name: Token) -> Kind:
    kind = FACT_KINDS.get(name)
    if kind is None:
        hint = nearest(name, FACT_KINDS).removeprefix("; ")
        raise refuse(f"unknown name {str(name)!r} ({hint})", at=name, expected="the name of a fact")
    return kind


def _refuse_operator(sign: Token, *, kind: Kind, name: Token) -> None:
    if sign.lower() not in OPERATORS_OF[kind]:
        allowed = ", ".join(OPERATORS_OF[kind])
        raise refuse(f"{name} is {kind}, which {sign} cannot compare", at=sign, expected=f"one of {allowed}")


def _refuse_literal(value: Literal, *, kind: Kind, name: Token) -> None:
    wanted = Kind.TEXT if kind is Kind.TEXTS else kind
    if value.kind is not wanted:
        expected = "text in quotes" if wanted is Kind.TEXT else str(wanted)
        raise refuse(f"{name} is {kind}, but {value.text} is {value.kind}", at=value.at, expected=expected)
    allowed = VALUES_OF.get(str(name))
    if allowed and str(value.value).casefold() not in allowed:
        raise refuse(f"{name} is never {value.text}", at=value.at, expected=f"one of {', '.join(allowed)}")


def _compare(name: Token, sign: Token, value: Literal) -> Test:
    if value.kind is Kind.TEXT:
        found = _among(str(name), (value,), kind=Kind.TEXT)
        return found if sign == "==" else _known_and_not(str(name), found)
    compare, right = COMPARE[sign], value.value
    read = number_reader(str(name)) if value.kind is Kind.NUMBER else truth_reader(str(name))

    def test(facts: Mapping[str, Fact]) -> bool:
        left = read(facts)
        return left is not None and compare(left, right)

    return test


def _known_and_not(name: str, found: Test) -> Test:
    read = entries_reader(name, fold=str)
    return lambda facts: read(facts) is not None and not found(facts)


def _compare_facts(name: Token, sign: Token, other: Token) -> Test:
    kind = _kind_of(name)
    if other not in FACT_KINDS and kind in (Kind.TEXT, Kind.TEXTS):
        raise refuse("text must stand in quotes", at=other, expected=f"'{other}'")
    if _kind_of(other) is not kind or kind is Kind.TEXTS:
        expected = "text in quotes" if kind is Kind.TEXTS else str(kind)
        raise refuse(f"{name} is {kind}, but {other} is {_kind_of(other)}", at=other, expected=expected)
    if name == other:
        raise refuse(f"{name} stands on both sides", at=other, expected="something to compare it with")
    compare, left_of, right_of = COMPARE[sign], reader_of(str(name), kind), reader_of(str(other), kind)

    def test(facts: Mapping[str, Fact]) -> bool:
        left, right = left_of(facts), right_of(facts)
        return left is not None and right is not None and compare(left, right)

    return test


def _among(name: str, values: tuple[Literal, ...], *, kind: Kind) -> Test:
    if kind is Kind.NUMBER:
        numbers = frozenset(value.value for value in values)
        read = number_reader(name)
        return lambda facts: read(facts) in numbers
    fold = fold_of(name)
    options = frozenset(fold(str(value.value)) for value in values)
    entries = entries_reader(name, fold=fold)
    return lambda facts: not options.isdisjoint(entries(facts) or ())


def _unquote(token: Token) -> str:
    r"""The text between the quotes. Only `\'` and `\"` are escapes: patterns keep their backslashes."""
    return re.sub(r"\\(.)", lambda pair: pair[1] if pair[1] in "'\"" else pair[0], token[1:-1], flags=re.S)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "\\'") + "'"


def _require_text(quoted: Token) -> str:
    text = _unquote(quoted)
    if not text.strip():
        raise refuse("empty quotes would match every post", at=quoted, expected="some text in the quotes")
    return text


def _compile_pattern(quoted: Token) -> Callable[[bytes], object]:
    options = re2.Options()
    options.max_mem = MAX_PATTERN_MEMORY
    options.log_errors = False
    options.never_capture = True
    try:
        pattern = re2.compile(_require_text(quoted).encode(), options)
    except re2.error as error:
        raise _pattern_error(error, at=quoted) from error
    if all(pattern.search(text) for text in EVERYTHING):
        expected = "a pattern that some texts do not hold"
        raise refuse("this pattern matches every post", at=quoted, expected=expected)
    search: Callable[[bytes], object] = pattern.search
    return search


def _pattern_error(error: re2.error, *, at: Token) -> RuleError:
    reason = error.args[0] if error.args else ""
    said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    expected = "an RE2 pattern (no look-around, no back references)"
    return refuse(f"this is not a regular expression: {said}", at=at, expected=expected)
