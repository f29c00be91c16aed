"""The `scoring` section of project.yaml: which plugins give points, with what weight, and which rules add.

What a key means is decided here once, for `checkproject` (every problem, each at its path) and
for `engine.build_profile` (which refuses a section with errors).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from signalops_site.core.config.reading import nearest
from signalops_site.core.config.schema import CustomRule, ProjectDocument, Scoring
from signalops_site.core.errors import ConfigProblem

from .base import AnyPlugin, PluginParams, plugins
from .rules import Rule, RuleError, compile_rule

DOTTED_PREFIX = "signalops.scoring."
"""`scoring.plugins` also takes dotted paths, like `signalops.scoring.keyword_boost`."""

WEIGHT_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class ActivePlugin:
    """A plugin that a project uses, with its checked parameters and the weight that it has there."""

    plugin: AnyPlugin
    params: PluginParams
    weight: float


@dataclass(frozen=True, slots=True)
class ActiveRule:
    name: str
    boost: float
    rule: Rule


@dataclass(frozen=True, slots=True)
class SectionReading:
    """What a `scoring` section came to. With errors among the problems, what they concern is left out."""

    plugins: tuple[ActivePlugin, ...]
    rules: tuple[ActiveRule, ...]
    problems: tuple[ConfigProblem, ...]


def read_section(document: ProjectDocument) -> SectionReading:
    problems = [*_unknown_keys(document.scoring), *_unknown_plugins(document.scoring)]
    active, wrong_params = _read_plugins(document)
    rules, wrong_rules = _read_rules(document.scoring.custom_rules)
    problems += [*wrong_params, *wrong_rules, *_repeated_rules(document.scoring.custom_rules)]
    if not problems:
        problems += _unbalanced_weights(active)
    return SectionReading(tuple(active), tuple(rules), tuple(problems))


def check_scoring(document: ProjectDocument) -> Iterable[ConfigProblem]:
    """The `config_section` handler of this app."""
    return read_section(document).problems


def always_on() -> list[str]:
    """The plugins whose weights are keys of the schema itself, in its order."""
    return [name for name in Scoring.model_fields if name in plugins]


def plugin_names(scoring: Scoring) -> list[str]:
    """The plugins of a project: those always on, then those that are listed or have a section."""
    asked = [*map(short_name, scoring.plugins), *scoring.plugin_params()]
    return list(dict.fromkeys([*always_on(), *(name for name in asked if name in plugins)]))


def short_name(name: str) -> str:
    return name.removeprefix(DOTTED_PREFIX)


def _unknown_keys(scoring: Scoring) -> Iterator[ConfigProblem]:
    known = [*Scoring.model_fields, *plugins]
    for key in scoring.plugin_params():
        if key not in plugins:
            yield ConfigProblem(f"scoring.{key}", f"unknown key {key!r}{nearest(key, set(known))}")


def _unknown_plugins(scoring: Scoring) -> Iterator[ConfigProblem]:
    for index, name in enumerate(scoring.plugins):
        if short_name(name) not in plugins:
            hint = nearest(short_name(name), plugins).replace("the keys here", "the plugins")
            yield ConfigProblem(f"scoring.plugins.{index}", f"no scoring plugin is called {name!r}{hint}")


def _read_plugins(document: ProjectDocument) -> tuple[list[ActivePlugin], list[ConfigProblem]]:
    active: list[ActivePlugin] = []
    problems: list[ConfigProblem] = []
    for name in plugin_names(document.scoring):
        kind = plugins.get(name)
        try:
            params = kind.params_from(document)
        except ValidationError as error:
            problems += _wrong_params(error, name=name, known=kind.Params.model_fields)
            continue
        weight = kind.default_weight if params.weight is None else params.weight
        active.append(ActivePlugin(kind(), params, weight))
    return active, problems


def _wrong_params(error: ValidationError, *, name: str, known: Iterable[str]) -> Iterator[ConfigProblem]:
    for item in error.errors():
        path = ".".join(["scoring", name, *map(str, item["loc"])])
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            key = str(item["loc"][-1])
            message = f"unknown key {key!r}{nearest(key, known)}"
        yield ConfigProblem(path, message)


def _read_rules(rules: Iterable[CustomRule]) -> tuple[list[ActiveRule], list[ConfigProblem]]:
    active: list[ActiveRule] = []
    problems: list[ConfigProblem] = []
    for index, rule in enumerate(rules):
        try:
            active.append(ActiveRule(rule.name, rule.boost, compile_rule(rule.condition)))
        except RuleError as error:
            problems.append(ConfigProblem(f"scoring.custom_rules.{index}.condition", error.detail))
    return active, problems


def _repeated_rules(rules: Iterable[CustomRule]) -> Iterator[ConfigProblem]:
    seen: Counter[str] = Counter()
    for index, rule in enumerate(rules):
        seen[rule.name] += 1
        if seen[rule.name] == 2:
            message = f"another rule is already called {rule.name!r}; give each its own name"
            yield ConfigProblem(f"scoring.custom_rules.{index}.name", message)


def _unbalanced_weights(active: Iterable[ActivePlugin]) -> Iterator[ConfigProblem]:
    """A balanced set sums to about 1, whether plugins that were added are counted in or come on top."""
    weights = {item.plugin.name: item.weight for item in active}
    everything = sum(weights.values())
    basic = sum(weights[name] for name in always_on())
    if min(abs(everything - 1), abs(basic - 1)) > WEIGHT_TOLERANCE:
        message = f"the weights sum to {everything:.2f}, not to about 1: scores will lie on another scale"
        yield ConfigProblem("scoring", message, severity="warning")
