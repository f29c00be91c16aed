"""The rule language: what each rule means, what is refused and where, and what hostile input does."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.base import Fact, Facts
from scoring.rule_errors import WORDS
from scoring.rule_facts import FACT_KINDS, OPERATORS_OF
from scoring.rules import PARSER, RuleError, compile_rule
from tests.scoring.builders import any_facts

LEAD: dict[str, Fact] = Facts(
    text="Anyone LOOKING FOR a caf\u00e9?",
    language="en",
    platform="sample",
    queries=("Invoicing", "late payers"),
    label="relevant",
    confidence=0.9,
    author_handle="mara",
    author_name="Mara",
    author_bio="",
    author_followers=5001,
    author_verified=True,
    likes=0,
    replies=3,
    hashtags=("#AI", "saas"),
    mentions=(),
    urls=("https://example.com/Pricing",),
).as_mapping()


def holds(expression: str, facts: dict[str, Fact] | None = None) -> bool:
    return compile_rule(expression).matches(LEAD if facts is None else facts)


def refused(expression: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        compile_rule(expression)
    return caught.value


@pytest.mark.parametrize(
    "expression",
    [
        "text contains 'looking for'",
        'text contains "LOOKING for"',
        "text contains 'CAF\u00c9'",
        "author_verified == true",
        "author_verified",
        "has_question",
        "has_question != false",
        "author_followers > 5000 and not (language in ['ja', 'ko'])",
        "author_followers >= 5001 and author_followers <= 5001",
        "author_followers == 5001.0",
        "author_followers in [1, 5001]",
        "likes < replies",
        "likes > -1",
        "confidence > 0.89",
        "platform == 'SAMPLE'",
        "platform != 'x'",
        "language in ['EN', 'de']",
        "author_handle == author_name",
        "author_verified == has_question",
        "author_bio == ''",
        "text matches '(?i)looking\\s+for'",
        "text matches 'LOOKING'",
        "query == 'invoicing'",
        "query in ['a', 'late payers']",
        "query contains 'late'",
        "query != 'else'",
        "query matches '^late'",
        "hashtags contains 'ai'",
        "hashtags contains '#saas'",
        "hashtags in ['AI', 'ML']",
        "mentions != 'bob'",
        "urls contains 'example.com/pricing'",
        "known(likes) and known(query) and known(author_bio)",
        "not known(views)",
        "likes > 1 OR author_verified == TRUE",
        "NOT (likes > 1)",
        "likes > 1 or\n  replies > 1",
        "((((likes == 0))))",
    ],
)
def test_a_true_rule_holds_and_its_negation_does_not(expression: str) -> None:
    assert holds(expression) is True
    assert holds(f"not ({expression})") is False


@pytest.mark.parametrize(
    "expression",
    [
        "text contains 'looking out'",
        "text matches 'looking'",
        "hashtags contains 'a'",
        "mentions contains 'bob'",
        "query == 'late'",
        "query != 'late payers'",
        "author_followers in [1, 2]",
        "likes != 0",
        "author_verified == false",
    ],
)
def test_a_false_rule_does_not_hold(expression: str) -> None:
    assert holds(expression) is False


@pytest.mark.parametrize(
    ("left", "right"), [("likes == 0", "likes == 1"), ("likes == 1", "likes == 0"), ("views > 1", "likes == 0")]
)
def test_and_takes_both_and_or_takes_either(left: str, right: str) -> None:
    assert not holds(f"{left} and {right}")
    assert holds(f"{left} or {right}")
    assert not holds(f"likes == 0 and {left} and {right}")
    assert holds(f"likes == 1 or {left} or {right}")


def test_neither_is_neither() -> None:
    assert not holds("likes == 1 or likes == 2")
    assert holds("likes == 0 and not likes == 2")


def test_whole_numbers_are_compared_to_the_last_digit() -> None:
    assert not holds("views == 9007199254740993", {"views": 9007199254740992})
    assert holds("views == 9007199254740993", {"views": 9007199254740993})


def test_and_binds_tighter_than_or_and_not_tightest() -> None:
    rule = compile_rule("not likes > 1 and replies > 9 or author_verified")
    assert rule.check == "((not likes > 1 and replies > 9) or author_verified == true)"
    assert rule.matches(LEAD)


@pytest.mark.parametrize(
    ("expression", "check"),
    [
        ("text  MATCHES  'a b'", "text matches 'a b'"),
        ("language IN ['ja','ko']", "language in ['ja', 'ko']"),
        ("likes in [1,2.5]", "likes in [1, 2.5]"),
        ('text contains "it\'s"', r"text contains 'it\'s'"),
        ("KNOWN(views)", "known(views)"),
        ("author_verified == TRUE", "author_verified == true"),
    ],
)
def test_a_rule_says_how_it_was_understood(expression: str, check: str) -> None:
    assert compile_rule(expression).check == check


def test_a_quote_is_escaped_by_a_backslash_and_other_backslashes_stay() -> None:
    assert holds(r"text contains 'it\'s'", {"text": "It's here"})
    assert holds(r"""text contains "it's" """, {"text": "It's here"})
    assert holds(r"text matches '\d\.\d'", {"text": "4.2"})
    assert holds(r"text contains '\d'", {"text": r"the sign \d"})


@pytest.mark.parametrize("name", FACT_KINDS)
def test_a_comparison_with_an_unknown_fact_is_false_whatever_the_operator(name: str) -> None:
    values = {"text": "'maybe'", "a list of texts": "'a'", "a number": "5", "true or false": "true"}
    kind = FACT_KINDS[name]
    for sign in OPERATORS_OF[kind]:
        value = f"[{values[kind]}]" if sign == "in" else values[kind]
        for facts in ({}, {name: None}, Facts().as_mapping()):
            assert not compile_rule(f"{name} {sign} {value}").matches(facts)
            assert compile_rule(f"not ({name} {sign} {value})").matches(facts)
    assert not compile_rule(f"known({name})").matches({})


def test_two_unknown_facts_are_neither_equal_nor_different() -> None:
    assert not holds("likes == replies", {})
    assert not holds("likes != replies", {"likes": 1})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("likes > 1", "5"),
        ("likes != 1", True),
        ("confidence != 0.5", float("nan")),
        ("author_verified == true", 1),
        ("author_verified != false", "yes"),
        ("text contains 'a'", 5),
    ],
)
def test_a_value_of_another_kind_is_an_unknown_fact(expression: str, value: Fact) -> None:
    assert not holds(expression, {expression.split(maxsplit=1)[0]: value})


def test_signs_before_a_word_are_left_out_only_of_hashtags_and_mentions() -> None:
    assert holds("hashtags == '#ai'", {"hashtags": ("ai",)})
    assert holds("mentions == '@bob'", {"mentions": ("bob",)})
    assert not holds("author_handle == '@bob'", {"author_handle": "bob"})


def test_every_fact_of_a_lead_has_a_kind() -> None:
    assert set(Facts().as_mapping()) == set(FACT_KINDS)


def test_every_terminal_of_the_grammar_has_words_for_people() -> None:
    shown = {terminal.name for terminal in PARSER.terminals if terminal.name not in PARSER.ignore_tokens}
    assert shown | {"$END"} == set(WORDS)


@pytest.mark.parametrize(
    ("expression", "line", "column", "message", "expected"),
    [
        ("text contains looking for", 1, 15, "must stand in quotes", "'looking for'"),
        ("text contains looking for and likes > 2", 1, 15, "must stand in quotes", "'looking for'"),
        ("text matches foo", 1, 14, "must stand in quotes", "'foo'"),
        ("platform == linked in", 1, 13, "must stand in quotes", "'linked in'"),
        ("platform == linkedin", 1, 13, "must stand in quotes", "'linkedin'"),
        ("language in [ja, ko]", 1, 14, "must stand in quotes", "'ja'"),
        ("text contains ''", 1, 15, "empty quotes", "some text"),
        ('text contains "  "', 1, 15, "empty quotes", "some text"),
        ("text matches ''", 1, 14, "empty quotes", "some text"),
        ("text matches '.*'", 1, 14, "matches every post", "some texts do not hold"),
        ("text matches 'x?'", 1, 14, "matches every post", "some texts do not hold"),
        ("text matches '(a'", 1, 14, "this is not a regular expression: missing )", "RE2"),
        ("label == 'good'", 1, 10, "label is never 'good'", "one of relevant, maybe, irrelevant"),
        ("text matches '(?=a)b'", 1, 14, "not a regular expression", "no look-around"),
        (r"text matches '\pL{1,100}'", 1, 14, "pattern too large", "RE2"),
        ("text matches '((a{1,1000}){1,1000})'", 1, 14, "not a regular expression", "RE2"),
        (
            "author_folowers > 1",
            1,
            1,
            "unknown name 'author_folowers' (did you mean 'author_followers'",
            "name of a fact",
        ),
        ("known(viewz)", 1, 7, "did you mean 'views'", "name of a fact"),
        ("zzz == 1", 1, 1, "author_age_days", "name of a fact"),
        ("likes == 'x'", 1, 10, "likes is a number, but 'x' is text", "a number"),
        ("likes in [1, 'x']", 1, 14, "'x' is text", "a number"),
        ("text == 5", 1, 9, "5 is a number", "text in quotes"),
        ("author_verified == 1", 1, 20, "1 is a number", "true or false"),
        ("author_verified == 'true'", 1, 20, "is text", "true or false"),
        ("query == 5", 1, 10, "5 is a number", "text in quotes"),
        ("likes contains 'x'", 1, 7, "likes is a number, which contains cannot compare", "one of =="),
        ("likes matches 'x'", 1, 7, "likes is a number, which matches cannot compare", "one of =="),
        ("author_verified in [true]", 1, 17, "author_verified is true or false, which in cannot", "one of =="),
        ("likes == true", 1, 10, "likes is a number, but true is true or false", "a number"),
        ("text > 'a'", 1, 6, "text is text, which > cannot compare", "contains"),
        ("author_verified > true", 1, 17, "> cannot compare", "one of =="),
        ("likes == text", 1, 10, "text is text", "a number"),
        ("text == query", 1, 9, "list of texts", "text"),
        ("query == text", 1, 10, "text is text", "text in quotes"),
        ("text == text", 1, 9, "both sides", "something"),
        ("likes", 1, 1, "alone says nothing", "likes and an operator"),
        ("true", 1, 1, "cannot stand here", "the name of a fact"),
        ("1 == 1", 1, 1, "cannot stand here", "the name of a fact"),
        ("'x' in text", 1, 1, "cannot stand here", "the name of a fact"),
        ("language not in ['ja']", 1, 10, "`not (fact in [...])`", "an operator"),
        ("text = 'x'", 1, 6, "a single =", "=="),
        ("likes > 1 && replies > 1", 1, 11, "&", "and"),
        ("likes > 1 || replies > 1", 1, 11, "|", "or"),
        ("likes > 5k", 1, 9, "not a number", "digits"),
        ("likes > 1" + "0" * 400 + ".0", 1, 9, "too large", "below"),
        ("text contains 'abc", 1, 15, "never closed", "'"),
        ("text contains \u201cabc\u201d", 1, 15, "curly quotes", "straight quotes"),
        ("likes > 1 and", 1, 14, "ends too early", "the name of a fact"),
        ("(likes > 1", 1, 11, "ends too early", ")"),
        ("likes > 1)", 1, 10, "cannot stand here", "the end of the rule"),
        ("", 1, 1, "ends too early", "the name of a fact"),
        ("likes > 1 and\n  replies contains 'a'", 2, 11, "contains cannot compare", "one of =="),
        ("likes in []", 1, 11, "cannot stand here", "a number"),
        ("text.__class__ == 'x'", 1, 5, "means nothing here", "facts"),
        ("__import__('os')", 1, 11, "cannot stand here", "an operator"),
        ("[x for x in [1]]", 1, 1, "cannot stand here", "the name of a fact"),
        ("text contains '\ud800'", 1, 1, "half a character", "whole characters"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(
    expression: str, line: int, column: int, message: str, expected: str
) -> None:
    error = refused(expression)
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert expected in error.expected
    assert error.detail == f"line {line}, column {column}: {error.message}; expected {error.expected}"


@pytest.mark.parametrize("half", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_every_half_of_a_character_is_refused(half: int) -> None:
    assert "half a character" in refused(f"text contains '{chr(half)}'").message


def test_a_rule_of_2000_characters_is_read_and_one_more_is_refused() -> None:
    rule = "likes > 1".ljust(2000)
    assert compile_rule(rule).matches({"likes": 2})
    assert compile_rule(rule).expression == rule
    error = refused(rule + " ")
    assert (error.line, error.column, error.expected) == (1, 1, "at most 2,000 characters")
    assert "2,001 characters" in error.message


def test_ten_thousand_parentheses_are_refused_clearly() -> None:
    assert "20,009 characters" in refused("(" * 10_000 + "likes > 1" + ")" * 10_000).message


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 900 + "likes > 1" + ")" * 900,
        *(
            "not " * 60 + test
            for test in (
                "likes > 1",
                "text matches 'a'",
                "likes in [1]",
                "text contains 'a'",
                "hashtags contains 'a'",
                "known(likes)",
                "has_question",
            )
        ),
    ],
)
def test_deep_nesting_is_refused_without_recursion(expression: str) -> None:
    error = refused(expression)
    assert "nested too deeply" in error.message
    assert "at most 50 levels" in error.expected


def test_fifty_levels_are_read_and_one_more_is_refused() -> None:
    assert compile_rule("not " * 48 + "likes > 1").matches({"likes": 2})
    assert compile_rule("not " * 49 + "likes > 1").check
    assert "nested too deeply" in refused("not " * 50 + "likes > 1").message


def test_the_place_of_deep_nesting_is_where_its_inside_begins() -> None:
    error = refused("not " * 60 + "(likes > 1 and replies > 1)")
    assert (error.line, error.column) == (1, 242)


def test_parts_side_by_side_hide_no_depth() -> None:
    assert "nested too deeply" in refused("not (likes > 1 or " * 60 + "likes > 1" + ")" * 60).message


def test_a_long_chain_is_not_deep() -> None:
    assert compile_rule(" or ".join(["likes > 5"] * 120)).matches({"likes": 6})


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(x+x+)+y", "(.*a){20}b$", "^(([a-z])+.)+[A-Z]$"])
def test_a_pattern_takes_time_that_only_grows_with_the_text(pattern: str) -> None:
    rule = compile_rule(f"text matches '{pattern}'")
    started = time.perf_counter()
    assert not rule.matches({"text": "a" * 100_000 + "!"})
    assert time.perf_counter() - started < 1


def test_a_pattern_that_only_some_texts_hold_is_not_taken_for_all() -> None:
    for pattern in ("^$", "(?s)^.{0,100}$", "^[^a]*$", "\\bcrm\\b"):
        assert compile_rule(f"text matches '{pattern}'").check


def test_a_broken_character_in_a_post_breaks_no_rule() -> None:
    assert not holds("text matches 'x'", {"text": "\ud800"})
    assert not holds("text contains 'x'", {"text": "\ud800"})


WORDS_OF_RULES = [
    *FACT_KINDS,
    *("and", "or", "not", "in", "contains", "matches", "known", "true", "false"),
    *("==", "!=", "<", ">=", "=", "(", ")", "[", "]", ",", "'a'", '"b"', "''", "'(a'", "5", "-1.5", "\n", "zz"),
]


@given(expression=st.text(max_size=80) | st.lists(st.sampled_from(WORDS_OF_RULES)).map(" ".join))
def test_compiling_raises_nothing_but_a_rule_error(expression: str) -> None:
    error = attempt(expression)
    if error is None:
        assert compile_rule(expression).matches(LEAD) in (True, False)
    else:
        assert (error.line >= 1, error.column >= 1, bool(error.expected)) == (True, True, True)


def attempt(expression: str) -> RuleError | None:
    try:
        compile_rule(expression)
    except RuleError as error:
        return error
    return None


def generated_rules() -> st.SearchStrategy[str]:
    quoted = st.text(min_size=1, max_size=8, alphabet="ab'\"\\ .c#").filter(str.strip)
    text = quoted.map(lambda value: "'" + value.replace("\\", "").replace("'", "\\'") + "x'")
    counted = st.sampled_from(["likes", "hours_ago"])
    leaf = st.one_of(
        st.builds("{} contains {}".format, st.sampled_from(["text", "query", "hashtags"]), text),
        st.builds("{} {} {}".format, counted, st.sampled_from(["<", "!="]), numbers()),
        st.sampled_from(["known(likes)", "has_question", "author_verified == false"]),
    )
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds("({} and {})".format, inner, inner)
            | st.builds("{} or {}".format, inner, inner)
            | inner.map("not ({})".format)
        ),
        max_leaves=6,
    )


def numbers() -> st.SearchStrategy[str]:
    return st.integers(-1000, 1000).map(str)


@given(expression=generated_rules(), facts=any_facts)
def test_a_rule_means_the_same_when_its_check_is_compiled(expression: str, facts: Facts) -> None:
    rule = compile_rule(expression)
    again = compile_rule(rule.check)
    assert again.check == rule.check
    assert again.matches(facts.as_mapping()) is rule.matches(facts.as_mapping())


@pytest.mark.parametrize("condition", ["label == 'relevnt'", "label in ['maybe', 'perhaps']", "label != 'x'"])
def test_a_label_that_does_not_exist_is_refused(condition: str) -> None:
    with pytest.raises(RuleError, match="relevant, maybe, irrelevant"):
        compile_rule(condition)
