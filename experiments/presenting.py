"""Results as people read them: the same words in the command and in the admin."""

from collections.abc import Callable, Sequence

from .figures import Arm, Comparison, ExperimentResults, Interval, McNemar, SampleRatio, SampleSize
from .labels import Label
from .models import ExperimentMode, Verdict

UNKNOWN = "-"


def arm_rows(results: ExperimentResults) -> list[tuple[str, str, str]]:
    """(figure, primary, canary), one row each. While results are hidden, the counts alone."""
    arms = (results.arms.primary, results.arms.canary)
    kept = _COUNTS if results.hidden else [*_COUNTS, *_FIGURES]
    return [(name, show(arms[0]), show(arms[1])) for name, show in kept]


def finding_rows(results: ExperimentResults) -> list[tuple[str, str]]:
    """(question, answer): the verdict first, then what it rests on."""
    rows = [
        ("verdict", f"{Verdict(results.verdict).label}. {results.verdict_detail.sentence}"),
        ("sample ratio", _sample_ratio(results.srm)),
        ("label mix (not quality)", _label_mix(results)),
        ("exact McNemar", _mcnemar(results)),
        ("e-value, at any time", _e_value(results)),
        ("two shares", _comparison(results.comparison)),
        ("equivalence", _equivalence(results)),
    ]
    return [(name, text) for name, text in rows if text]


def planning_row(size: SampleSize) -> str:
    """One sentence on how many labels to plan for."""
    shadow = size.mode == ExperimentMode.SHADOW
    found = [f"{share(each.effect)}: {each.labels or 0:,}" for each in size.needed]
    what = (
        "disagreements, by the share that the better one wins"
        if shadow
        else "posts, by the difference in agreement"
    )
    return f"Plan for so many blind labels of {what}: {', '.join(found)}."


def share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1%}"


def _number(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else format(value, form)


def _p(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return "p < .0001" if value < 0.0001 else f"p = {value:.4f}"


def _between(interval: Interval) -> str:
    return f"{interval.low:+.3f} to {interval.high:+.3f}"


def _mix(arm: Arm) -> str:
    return " / ".join(share(arm.shares[label]) for label in Label) if arm.shares else UNKNOWN


def _agreement(arm: Arm) -> str:
    if arm.agreement_interval is None:
        return UNKNOWN
    return f"{share(arm.agreement)} ({share(arm.agreement_interval.low)} to {share(arm.agreement_interval.high)})"


_COUNTS: Sequence[tuple[str, Callable[[Arm], str]]] = (
    ("model", lambda arm: arm.model),
    ("answers", lambda arm: f"{arm.n:,}"),
    ("failures", lambda arm: f"{arm.failures:,}"),
    ("authors", lambda arm: f"{arm.authors:,}"),
)
_FIGURES: Sequence[tuple[str, Callable[[Arm], str]]] = (
    ("relevant / maybe / irrelevant", _mix),
    ("labelled by people (blind)", lambda arm: f"{arm.labelled or 0:,} ({arm.blind_labelled or 0:,})"),
    ("agreement (95 %)", _agreement),
    ("precision", lambda arm: share(arm.precision)),
    ("recall", lambda arm: share(arm.recall)),
    ("MCC", lambda arm: _number(arm.mcc, ".3f")),
    ("latency p50, ms", lambda arm: _number(arm.latency_p50_ms, ",.0f")),
    ("latency p95, ms", lambda arm: _number(arm.latency_p95_ms, ",.0f")),
    ("cost per 1,000, USD", lambda arm: _number(arm.cost_per_1000_usd, ",.4f")),
)


def _sample_ratio(srm: SampleRatio) -> str:
    what = "the canary's share of authors" if srm.unit == "authors" else "missing pairs"
    found = f"{what} {share(srm.observed)}, designed {share(srm.expected)}, {_p(srm.p_value)}"
    return f"BROKEN: {found}" if srm.alarm else srm.note or found


def _label_mix(results: ExperimentResults) -> str:
    mix = results.label_mix
    if mix is None or mix.chi2 is None:
        return ""
    return f"chi-squared {mix.chi2:.2f}, {mix.degrees_of_freedom} df, {_p(mix.p_value)}. {mix.warning}".strip()


def _mcnemar(results: ExperimentResults) -> str:
    test = results.mcnemar
    if test is None:
        return ""
    wins = f"canary {test.canary_wins:,}, primary {test.primary_wins:,} of {test.n:,} blind-labelled disagreements"
    planned = "" if test.planned_n is None else f"; planned: {test.planned_n:,}"
    return f"{wins}{planned}; {_planned_p(test)}"


def _planned_p(test: McNemar | Comparison) -> str:
    """Looked at before its time it would find what is not there."""
    if test.p_value is None and test.planned_n is not None:
        return f"p is read at {test.planned_n:,} labels"
    return _p(test.p_value)


def _e_value(results: ExperimentResults) -> str:
    process = results.e_process
    return "" if process is None else f"{process.e_value:.3g}; {process.decides_at:.0f} decides"


def _comparison(found: Comparison | None) -> str:
    if found is None:
        return ""
    arms = f"canary {found.canary_right:,} of {found.canary_n:,}, primary {found.primary_right:,} of "
    better = f"probability that the canary is better {share(found.probability_canary_better)}"
    return f"{arms}{found.primary_n:,}; difference {_between(found.sequence)}; {better}; {_planned_p(found)}"


def _equivalence(results: ExperimentResults) -> str:
    found = results.equivalence
    if found is None:
        return ""
    cost = "" if found.cost_ratio is None else f"; the primary costs {found.cost_ratio:.1f} times as much"
    within = "within" if found.within_margin else "not shown to be within"
    return f"difference {_between(found.difference)}, {within} {found.margin:.3f}{cost}"
