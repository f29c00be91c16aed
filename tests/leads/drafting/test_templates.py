from typing import Any

import pytest
from django.conf import settings

from connectors.platforms._mastodon_replies import addressed
from leads.drafting.base import DraftFacts
from leads.drafting.lengths import length_on
from leads.drafting.limits import PLATFORM_LIMITS, cut_at_word, max_length
from leads.drafting.quoting import telling_line
from leads.drafting.templates import (
    TemplateFailed,
    check_template,
    choose_template,
    keywords_of,
    render,
    render_draft,
)
from signalops_site.core.config.reading import read_project
from signalops_site.core.config.schema import Template
from tests.factories import document

DEMO = read_project((settings.BASE_DIR / "projects" / "demo.yaml").read_text()).require()
SWITCHING = Template(id="b", name="B", use_when="Leaving. Keywords: switching from, leaving.", template="b")
ASKING = Template(id="a", name="A", use_when="Asks. Keywords: looking for, Recommend.", template="a")
GENERAL = Template(id="c", name="C", use_when="Anything else.", template="c")


def facts(**changes: Any) -> DraftFacts:
    values = {"text": "Looking for a tool?", "platform": "sample", "query": "asks", "topic": "", "author_name": ""}
    return DraftFacts(**{**values, "author_handle": "ada", **changes})


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("Can you RECOMMEND one?", "a"),
        ("we are leaving and switching  from theirs, looking for nothing", "b"),
        ("hello", "c"),
    ],
)
def test_the_template_that_fits_best_is_chosen(text: str, chosen: str) -> None:
    assert choose_template(text, templates=[ASKING, SWITCHING, GENERAL]).id == chosen


def test_keywords_stand_after_their_word() -> None:
    assert keywords_of(ASKING) == ["looking for", "recommend"]
    assert keywords_of(GENERAL) == []


def test_without_templates_there_is_still_a_reply() -> None:
    draft = render_draft(facts(author_name="Ada"), document=document())
    assert draft.template == "built-in"
    assert draft.text.startswith("Hi Ada. I work on Tidewater")


def test_a_reply_is_cut_between_words_at_the_platforms_limit() -> None:
    long = document(templates=[{"id": "t", "name": "T", "use_when": "always", "template": "word " * 300}])
    text = render_draft(facts(platform="x"), document=long).text
    assert len(text) <= 280
    assert text.endswith("word…")


def test_the_project_may_want_it_shorter_but_not_longer() -> None:
    chosen = document(drafts={"max_length": {"x": 100, "bluesky": 9000}})
    assert max_length("x", document=chosen) == 100
    assert max_length("bluesky", document=chosen) == PLATFORM_LIMITS["bluesky"]


def test_mastodon_s_limit_leaves_room_for_the_name_that_its_connector_puts_before_the_text() -> None:
    name = "ada"
    long = document(templates=[{"id": "t", "name": "T", "use_when": "always", "template": "word " * 300}])
    text = render_draft(facts(platform="mastodon", author_handle=f"{name}@harbour.example"), document=long).text
    assert 480 < length_on("mastodon", addressed(text, f"{name}@harbour.example")) <= PLATFORM_LIMITS["mastodon"]
    assert max_length("mastodon", document=document()) == PLATFORM_LIMITS["mastodon"]
    assert max_length("x", document=document(), answering=name) == PLATFORM_LIMITS["x"]


@pytest.mark.parametrize("limit", range(5, 30))
def test_a_cut_is_never_too_long(limit: int) -> None:
    assert len(cut_at_word("some words, and then some more of them", limit=limit)) <= limit


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ persona.__init__ }}",
        "{{ text.format.__globals__ }}",
        "{% for i in range(10) %}x{% endfor %}",
        "{{ self.__dict__ }}",
        "{{ 'x' * 999999999 }}",
        "{{ 'a' | center(999999999) }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ 'a'.ljust(999999999) }}",
        "{% for a in text %}{% for b in text %}{{ a }}{% endfor %}{% endfor %}",
        "{% set t = text ~ text %}{{ t }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "x" * 10_001,
        "{{ undefined_name }}",
        "{% include '/etc/passwd' %}",
        "{{ text",
        "{{ 1 / 0 }}",
        "{{ text | no_such_filter }}",
    ],
)
def test_a_template_that_reaches_for_more_is_refused(source: str) -> None:
    with pytest.raises(TemplateFailed):
        check_template(source)


def test_a_post_is_printed_and_never_rendered() -> None:
    assert render("{{ text }}", {"text": "{{ 7 * 7 }} {% raw %}"}) == "{{ 7 * 7 }} {% raw %}"


def test_the_demos_templates_fit_every_platform_limit_they_are_for() -> None:
    for template in DEMO.templates:
        only = DEMO.model_copy(update={"templates": [template]})
        draft = render_draft(facts(author_name="Ada", topic="Looking for a tool?"), document=only)
        assert len(draft.text) <= 500
        assert "Fernbill" in draft.text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Good morning. I am looking for an app. Thanks!", "I am looking for an app."),
        ("Nice weather\nCan anyone RECOMMEND one?", "Can anyone RECOMMEND one?"),
        ("Nothing to see here.", ""),
        ("looking for " + "x" * 200, ""),
    ],
)
def test_the_telling_line_is_quoted_word_for_word(text: str, line: str) -> None:
    assert telling_line(text) == line
