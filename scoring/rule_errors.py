"""What is wrong with a rule, and where: the parser's findings in the words of the person who writes rules."""

import re
from collections.abc import Iterable

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from signalops_site.core.errors import DomainError

OPERATORS = "an operator (==, !=, <, <=, >, >=, contains, matches, in)"
WORDS = {
    "NAME": "the name of a fact",
    "STRING": "text in quotes",
    "NUMBER": "a number",
    "TRUTH": "true or false",
    "LSQB": "a list in [ ]",
    "COMPARE": OPERATORS,
    "CONTAINS": OPERATORS,
    "MATCHES": OPERATORS,
    "IN": OPERATORS,
    "NOT": "'not'",
    "KNOWN": "'known(...)'",
    "LPAR": "'('",
    "COMMA": "a comma",
    "RSQB": "']'",
    "RPAR": "')'",
    "AND": "'and'",
    "OR": "'or'",
    "$END": "the end of the rule",
}
"""Terminals of the grammar in people's words, in the order in which they are listed."""

CHARACTERS = {
    "'": ("this quote is never closed", "a second ' after the text"),
    '"': ("this quote is never closed", 'a second " after the text'),
    "=": ("a single = compares nothing", "=="),
    "&": ("& means nothing here", "and"),
    "|": ("| means nothing here", "or"),
    "!": ("! means nothing here", "not, or != between a fact and a value"),
    **dict.fromkeys("\u2018\u2019\u201c\u201d", ("curly quotes do not hold text", "straight quotes, like 'this'")),
}
UNQUOTED_BEFORE = re.compile(r"(?:\b(?:contains|matches)|==|!=|[\[,])\s*(?P<words>(?:[^\W\d]\w*\s+)*)\Z", re.I)
UNQUOTED_AFTER = re.compile(r"[^\s()\[\],'\"]+(?:\s+(?!(?:and|or)\b)[^\s()\[\],'\"]+)*", re.I)


class RuleError(DomainError):
    """A rule that does not hold. `line` and `column` count from 1 within the condition."""

    status = 422
    title = "The rule does not hold"

    def __init__(self, message: str, *, line: int, column: int, expected: str) -> None:
        super().__init__(f"line {line}, column {column}: {message}; expected {expected}")
        self.message = message
        self.line = line
        self.column = column
        self.expected = expected


def refuse(message: str, *, at: Token, expected: str) -> RuleError:
    """The error that stands at a token."""
    return RuleError(message, line=at.line or 1, column=at.column or 1, expected=expected)


def explain_syntax(error: UnexpectedInput, *, expression: str) -> RuleError:
    """The parser's finding as a RuleError."""
    if isinstance(error, UnexpectedCharacters):
        message, expected = _explain_character(error.char)
        return RuleError(message, line=error.line, column=error.column, expected=expected)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return _explain_token(error, expression=expression)
    expected = _in_words(error.accepts if isinstance(error, UnexpectedToken) else ())
    line, column = _end_of(expression)
    return RuleError("the rule ends too early", line=line, column=column, expected=expected)


def _explain_character(character: str) -> tuple[str, str]:
    if character in CHARACTERS:
        return CHARACTERS[character]
    if character.isdigit() or character == "-":
        return "this is not a number", "digits, like 5 or -0.5"
    return f"{character!r} means nothing here", "facts, operators, and text in quotes"


def _explain_token(error: UnexpectedToken, *, expression: str) -> RuleError:
    token, accepts = error.token, error.accepts or set()
    start = token.start_pos or 0
    before = UNQUOTED_BEFORE.search(expression, 0, start)
    if before and token.type != "STRING" and (before["words"] or "STRING" in accepts):
        start = before.start("words")
        phrase = UNQUOTED_AFTER.match(expression, start)
        if phrase:
            line, column = _place(expression, start)
            quoted = f"'{phrase.group()}'"
            return RuleError("text must stand in quotes", line=line, column=column, expected=quoted)
    hint = ", but `not (fact in [...])` can" if token.type == "NOT" and "IN" in accepts else ""
    return refuse(f"{str(token)!r} cannot stand here{hint}", at=token, expected=_in_words(accepts))


def _in_words(terminals: Iterable[str] | None) -> str:
    wanted = set(terminals or ())
    words = list(dict.fromkeys(words for terminal, words in WORDS.items() if terminal in wanted))
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "the end of the rule"


def _place(expression: str, position: int) -> tuple[int, int]:
    before = expression[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _end_of(expression: str) -> tuple[int, int]:
    return _place(expression, len(expression.rstrip()))
