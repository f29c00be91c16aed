"""Drafts without a key: the project's own Jinja2 templates, rendered in a sandbox.

Templates come from whoever may edit the configuration, posts from anybody: a post only ever is a
value that a template prints, and a template can reach nothing but the values given to it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2 import Template as JinjaTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment

from signalops_site.core.config.reading import expand
from signalops_site.core.config.schema import ProjectDocument, Template
from signalops_site.core.errors import ConfigError, DomainError

from .base import Draft, DraftFacts, NotWritten, Written
from .limits import cut_at_word, max_length

MODEL_ID = "local/template"
BUILT_IN = Template(
    id="built-in",
    name="Built-in",
    use_when="when the project has no templates",
    template=(
        "{% if author_name %}Hi {{ author_name }}. {% endif %}I work on {{ product_name }}, so take this with "
        "a grain of salt: it may fit what you describe.{% if product_url %} {{ product_url }}{% endif %} "
        "What matters most to you in it?"
    ),
)
KEYWORDS = re.compile(r"keywords?\s*:\s*(?P<list>.+)", re.IGNORECASE | re.DOTALL)

FILTERS = ("lower", "upper", "capitalize", "title", "trim", "truncate", "default", "length", "first", "last")
NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.Assign,
    nodes.Filter, nodes.Keyword, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Getattr,
    nodes.CondExpr, nodes.Test, nodes.List, nodes.Tuple,
)  # fmt: skip
"""What a reply needs: text, values, conditions. No loop, call, block or arithmetic, so that no template can
run for ever or grow without bound, whoever wrote it.
"""
LONGEST_SOURCE = 10_000

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=False)
_environment.globals.clear()


class TemplateFailed(DomainError):
    title = "The template cannot be used"


class TemplateDrafter:
    """Fills in the project's templates: free, at once, and always the same."""

    model_id = MODEL_ID

    def __init__(self, document: ProjectDocument) -> None:
        self._document = document

    def write(self, asked: Sequence[DraftFacts]) -> Iterator[tuple[int, Draft]]:
        for place, facts in enumerate(asked):
            yield place, self._written(facts)

    def _written(self, facts: DraftFacts) -> Draft:
        try:
            return render_draft(facts, document=self._document)
        except (TemplateFailed, ConfigError) as error:
            return NotWritten(error.detail)


def render_draft(facts: DraftFacts, *, document: ProjectDocument) -> Written:
    """A reply from the template that fits best; TemplateFailed when it cannot be rendered."""
    template = _template_for(facts, document)
    text = render(template.template, _values(facts, document))
    if not text:
        raise TemplateFailed(f"The template {template.id!r} gives an empty reply.")
    limit = max_length(facts.platform, document=document, answering=facts.author_handle)
    fitting = cut_at_word(text, limit=limit, platform=facts.platform)
    return Written(fitting, template.id, _prompt(facts, document), MODEL_ID)


def _template_for(facts: DraftFacts, document: ProjectDocument) -> Template:
    """The project's own are first replies; a follow-up brings its words along."""
    if facts.follow_up is None:
        return choose_template(facts.text, templates=document.templates)
    wording = facts.follow_up.wording
    return Template(id="follow-up", name="Follow-up", use_when="after a reply", template=wording)


def choose_template(text: str, *, templates: list[Template]) -> Template:
    """The template whose `use_when` keywords occur most often in the post; the last one when none does.

    `use_when` is a sentence for people; what follows "Keywords:" in it, separated by commas, decides.
    """
    if not templates:
        return BUILT_IN
    lowered = " ".join(text.lower().split())
    counts = [sum(keyword in lowered for keyword in keywords_of(template)) for template in templates]
    best = max(counts)
    return templates[counts.index(best)] if best else templates[-1]


def keywords_of(template: Template) -> list[str]:
    found = KEYWORDS.search(template.use_when)
    words = found["list"].split(",") if found else []
    return [cleaned for word in words if (cleaned := " ".join(word.lower().strip(" .\n").split()))]


def render(source: str, values: Mapping[str, object]) -> str:
    """A template's text with white space tidied; TemplateFailed says what the template does wrong."""
    try:
        text = _compiled(source).render(values)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TemplateFailed(f"The template does not render: {error}") from error
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


@lru_cache(maxsize=64)
def _compiled(source: str) -> JinjaTemplate:
    """Checked and compiled once: a run renders the same few templates for all of its leads."""
    _refuse_more_than_text(source)
    return _environment.from_string(source)


def _refuse_more_than_text(source: str) -> None:
    if len(source) > LONGEST_SOURCE:
        raise TemplateFailed(f"The template is longer than {LONGEST_SOURCE:,} characters.")
    for node in [tree := _environment.parse(source), *tree.find_all(nodes.Node)]:
        if not isinstance(node, NODES):
            kind = type(node).__name__.lower()
            raise TemplateFailed(
                f"The template uses {kind} on its line {node.lineno}; it may use values, if, set and comparisons."
            )
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateFailed(
                f"The template uses the filter {node.name!r} on its line {node.lineno}; "
                f"the filters are {', '.join(FILTERS)}."
            )


def check_template(source: str) -> None:
    """Render with made-up values, so that a wrong name or filter is found when the project is checked."""
    for values in (SPECIMEN, {**SPECIMEN, "author_name": "", "topic": ""}):
        render(source, values)


SPECIMEN: dict[str, object] = {
    "author_name": "Sam",
    "author_handle": "sam",
    "product_name": "Product",
    "product_url": "https://product.example",
    "persona": {"name": "Kim", "role": "founder", "tone": "plain"},
    "topic": "looking for a tool",
    "query": "asks",
    "platform": "sample",
    "text": "I am looking for a tool. Any ideas?",
}
"""Every name that a template may use, with a value to try it on."""


def _values(facts: DraftFacts, document: ProjectDocument) -> dict[str, object]:
    persona = document.persona
    return {
        "author_name": facts.author_name,
        "author_handle": facts.author_handle,
        "product_name": document.project_name,
        "product_url": expand(document.product_url),
        "persona": {"name": persona.name, "role": persona.role, "tone": persona.tone},
        "topic": facts.topic,
        "query": facts.query,
        "platform": facts.platform,
        "text": facts.text,
    }


def _prompt(facts: DraftFacts, document: ProjectDocument) -> str:
    """What a drafter is asked, kept beside the draft so that preference pairs have their prompt."""
    persona, follow_up = document.persona, facts.follow_up
    asked = (
        f"You are {persona.name}, {persona.role}. Tone: {persona.tone}.\n"
        f"Product: {document.project_name}. {document.description}\n"
        f"Write a short, honest reply to this post on {facts.platform}:\n{facts.text}"
    )
    if follow_up is None:
        return asked
    written = "\n\n".join(follow_up.written)
    return f"{asked}\n\nYou have written before:\n{written}\n\n{follow_up.instruction}"
