"""What the figures amount to, in one of five words and a sentence. Only what holds at any look decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import statistics
from .figures import Comparison, EProcess, Equivalence, SampleRatio, VerdictDetail
from .models import Variant, Verdict
from .planning import needed_of_both_arms
from .plans import Plan
from .tallies import ArmTally, Tally, counts_of

FEWEST = 20
"""Failures and latencies of fewer calls say nothing yet."""
FAILING_MORE = 0.05
FAILING_ALPHA = 0.001
ENOUGH_TO_GUESS = 10
"""From so many labels on the win rate is estimated; before that, a planner's guess stands in."""
GUESSED_WIN_RATE = 0.65
GUESSED_DIFFERENCE = 0.1
MOST_FACTOR = 64
SAME_COST = (0.95, 1.05)


@dataclass(frozen=True, slots=True)
class Evidence:
    e_process: EProcess | None
    comparison: Comparison | None
    equivalence: Equivalence
    broken: Sequence[str]


def breakages(tally: Tally, plan: Plan, srm: SampleRatio) -> list[str]:
    """Sentences on what is broken: the sample ratio, failures, latency. Empty: nothing is."""
    found = [_srm_sentence(srm), _failing(tally), _slow(tally.canary, plan)]
    return [sentence for sentence in found if sentence]


def decide(tally: Tally, plan: Plan, evidence: Evidence) -> tuple[Verdict, VerdictDetail]:
    if evidence.broken:
        return Verdict.BROKEN, _detail(" ".join(evidence.broken), reasons=evidence.broken)
    winner = _winner(tally, evidence)
    if winner is not None:
        return winner, _detail(_winning_sentence(winner, evidence))
    if evidence.equivalence.within_margin:
        return Verdict.EQUIVALENT, _detail(_equivalent_sentence(tally, evidence.equivalence))
    further = _further_labels(tally, plan)
    return Verdict.KEEP_GOING, _detail(_waiting_sentence(tally, plan, further), further=further)


def _detail(sentence: str, *, reasons: Sequence[str] = (), further: int | None = None) -> VerdictDetail:
    return VerdictDetail(sentence=sentence, reasons=list(reasons), further_labels=further)


def _srm_sentence(srm: SampleRatio) -> str:
    if not srm.alarm or srm.observed is None:
        return ""
    if srm.unit == "pairs":
        return f"Of {srm.n:,} subjects {srm.observed:.1%} lack one of their two answers; these may be special."
    designed = f"{srm.expected or 0.0:.1%} were designed: the arms are not alike"
    return f"The canary has {srm.observed:.1%} of {srm.n:,} authors where {designed}."


def _failing(tally: Tally) -> str:
    (first, asked_first), (second, asked) = (_attempts(arm) for arm in (tally.primary, tally.canary))
    if asked < FEWEST or second / asked < (first / asked_first if asked_first else 0.0) + FAILING_MORE:
        return ""
    if asked_first and statistics.failures_p((first, asked_first), (second, asked)) >= FAILING_ALPHA:
        return ""
    return f"The canary failed on {second:,} of {asked:,} subjects, the primary on {first:,} of {asked_first:,}."


def _attempts(arm: ArmTally) -> tuple[int, int]:
    """(failures, subjects asked about)."""
    return arm.failures, arm.failures + arm.n


def _slow(canary: ArmTally, plan: Plan) -> str:
    """Calls that were cut count: those that answered have all been within the limit."""
    p95 = canary.wait_ms(0.95)
    if p95 is None or len(canary.waits) < FEWEST or p95 <= plan.max_latency_ms:
        return ""
    limit = f"{plan.max_latency_ms:,.0f} ms"
    return f"The canary is too slow: one call in twenty takes {p95:,.0f} ms or more, and the limit is {limit}."


def _winner(tally: Tally, evidence: Evidence) -> Verdict | None:
    if evidence.e_process is not None:
        ahead = tally.wins[Variant.CANARY] > tally.wins[Variant.PRIMARY]
        decided = evidence.e_process.decided
        return (Verdict.CANARY_BETTER if ahead else Verdict.PRIMARY_BETTER) if decided else None
    if evidence.comparison is None:
        return None
    return _side_of(evidence.comparison.sequence.low, evidence.comparison.sequence.high)


def _side_of(low: float, high: float) -> Verdict | None:
    if low > 0:
        return Verdict.CANARY_BETTER
    return Verdict.PRIMARY_BETTER if high < 0 else None


def _winning_sentence(winner: Verdict, evidence: Evidence) -> str:
    name = "canary" if winner == Verdict.CANARY_BETTER else "primary"
    if evidence.e_process is not None:
        proof = f"evidence {evidence.e_process.e_value:.3g}, where {evidence.e_process.decides_at:.0f} decides"
    else:
        difference = evidence.equivalence.difference
        proof = f"the difference in agreement lies between {difference.low:+.3f} and {difference.high:+.3f}"
    return f"The {name} agrees more often with people ({proof})."


def _equivalent_sentence(tally: Tally, equivalence: Equivalence) -> str:
    cost = _cost_words(tally, equivalence.cost_ratio)
    low, high = equivalence.difference.low, equivalence.difference.high
    return (
        f"The two agree with people equally often within {equivalence.margin:.3f} "
        f"(the difference lies between {low:+.3f} and {high:+.3f}){cost}."
    )


def _cost_words(tally: Tally, ratio: float | None) -> str:
    if ratio is not None and SAME_COST[0] < ratio < SAME_COST[1]:
        return ", and they cost the same"
    if ratio is not None:
        cheaper, dearer = f"is {ratio:.1f} times cheaper", f"costs {1 / ratio:.1f} times as much"
        return f", and the canary {cheaper if ratio >= 1 else dearer}"
    return ", and the canary is free" if tally.primary.cost_usd and not tally.canary.cost_usd else ""


def _further_labels(tally: Tally, plan: Plan) -> int | None:
    """Until a winner is expected, if the rest is like what there is."""
    if plan.is_shadow:
        wins, n = tally.wins[Variant.CANARY], tally.wins.total()
        rate = (wins + 1) / (n + 2) if n >= ENOUGH_TO_GUESS else GUESSED_WIN_RATE
        return statistics.further_pairs(rate, wins=wins, n=n)
    return _further_of_both_arms(tally, plan)


def _further_of_both_arms(tally: Tally, plan: Plan) -> int | None:
    """By which factor both arms must grow, their shares staying as they are, until the sequences part."""
    arms = [counts_of(arm.blind) for arm in (tally.primary, tally.canary)]
    n, factor = sum(counts.n for counts in arms), 1.0
    if n < ENOUGH_TO_GUESS or not all(counts.n for counts in arms):
        guess = needed_of_both_arms(GUESSED_DIFFERENCE, canary_pct=plan.canary_pct or 0.5)
        return max(guess - n, 1)
    while factor < MOST_FACTOR:
        factor *= 1.1
        primary, canary = ((round(counts.right * factor), round(counts.n * factor)) for counts in arms)
        difference = statistics.difference_sequence(primary, canary)
        if _side_of(difference.low, difference.high):
            return round(n * factor) - n
    return None


def _waiting_sentence(tally: Tally, plan: Plan, further: int | None) -> str:
    n = tally.wins.total() if plan.is_shadow else tally.primary.blind.total() + tally.canary.blind.total()
    what = "disagreements" if plan.is_shadow else "subjects"
    rest = (
        f"about {further:,} more are expected to decide"
        if further is not None
        else "no number of further labels that would decide can be foreseen"
    )
    planned = " The planned number is reached: the p-value may be read now." if plan.is_reached_by(n) else ""
    return f"{_silence(tally)}Undecided after {n:,} blind labels of {what}; {rest}.{planned}"


def _silence(tally: Tally) -> str:
    """A canary that was only kept from answering breaks nothing, and decides nothing either."""
    asked = tally.canary.kept_from + tally.canary.failures
    if tally.canary.n or asked < FEWEST:
        return ""
    return f"The canary has answered none of the {asked:,} subjects that it was asked about. "
