"""From counts to results. Pure; it imports the statistics, so it is imported only where results are asked for."""

from . import statistics
from .figures import (
    Arm,
    ArmPair,
    Comparison,
    EProcess,
    Equivalence,
    ExperimentResults,
    Interval,
    LabelMix,
    McNemar,
    SampleRatio,
)
from .labels import Label
from .models import Variant
from .plans import Plan
from .tallies import ArmTally, Tally, counts_of
from .verdicts import Evidence, breakages, decide
from .weighting import Weighted, weighted_labels

UNTESTED = "Not tested: there are no authors, or nobody said which share of them the canary was designed to have."
HIDDEN = ("label_mix", "discordant", "mcnemar", "e_value", "e_process", "comparison", "equivalence")


def analyse(tally: Tally, plan: Plan, *, despite_warning: bool = False) -> ExperimentResults:
    """All figures and the verdict. A broken sample ratio hides them, but not from who asks `despite_warning`."""
    srm = _missing_pairs(tally) if plan.is_shadow else _split(tally, plan)
    evidence = Evidence(
        e_process=_e_process(tally) if plan.is_shadow else None,
        comparison=None if plan.is_shadow else _comparison(tally, plan),
        equivalence=_equivalence(tally, plan),
        broken=breakages(tally, plan, srm),
    )
    verdict, detail = decide(tally, plan, evidence)
    results = ExperimentResults(
        mode=plan.mode,
        subjects=tally.subjects,
        arms=_arms(tally, plan),
        srm=srm,
        hidden=False,
        label_mix=_label_mix(tally),
        discordant=tally.discordant if plan.is_shadow else None,
        mcnemar=_mcnemar(tally, plan) if plan.is_shadow else None,
        e_value=evidence.e_process.e_value if evidence.e_process else None,
        e_process=evidence.e_process,
        comparison=evidence.comparison,
        equivalence=evidence.equivalence,
        verdict=verdict,
        verdict_detail=detail,
    )
    return results if despite_warning or not srm.alarm else _hidden(results)


def _hidden(results: ExperimentResults) -> ExperimentResults:
    """Only what the warning itself is about: how much there is of what."""
    counts = {"model", "n", "failures", "authors"}
    arms = {name: Arm(**arm.model_dump(include=counts)) for name, arm in results.arms}
    return results.model_copy(update={**dict.fromkeys(HIDDEN), "arms": ArmPair(**arms), "hidden": True})


def _arms(tally: Tally, plan: Plan) -> ArmPair:
    primary, canary = (weighted_labels(tally, variant, is_shadow=plan.is_shadow) for variant in Variant)
    return ArmPair(
        primary=_arm(plan.primary_model, tally.primary, primary),
        canary=_arm(plan.canary_model, tally.canary, canary),
    )


def _arm(model: str, arm: ArmTally, labels: Weighted) -> Arm:
    counts = labels.counts
    return Arm(
        model=model,
        n=arm.n,
        failures=arm.failures,
        authors=len(arm.authors),
        shares={label.value: arm.labels[label] / arm.n for label in Label} if arm.n else None,
        labelled=arm.labelled,
        blind_labelled=arm.blind.total(),
        agreement=counts.accuracy,
        agreement_interval=labels.interval,
        precision=counts.precision,
        recall=counts.recall,
        mcc=counts.mcc,
        latency_p50_ms=arm.latency_ms(0.5),
        latency_p95_ms=arm.latency_ms(0.95),
        cost_per_1000_usd=arm.cost_usd * 1000 / arm.n if arm.n else None,
    )


def _split(tally: Tally, plan: Plan) -> SampleRatio:
    """Authors, since they are what is assigned: a hundred posts of one are one toss of the coin, not a hundred."""
    canary, n = len(tally.canary.authors), len(tally.canary.authors) + len(tally.primary.authors)
    observed = canary / n if n else None
    known = SampleRatio(
        alarm=False, unit="authors", n=n, expected=plan.canary_pct, observed=observed, p_value=None, note=UNTESTED
    )
    if plan.canary_pct is None or observed is None:
        return known
    p = statistics.split_p(n - canary, canary, canary_pct=plan.canary_pct)
    alarm = _alarming(p, abs(observed - plan.canary_pct))
    return known.model_copy(update={"alarm": alarm, "p_value": p, "note": ""})


def _missing_pairs(tally: Tally) -> SampleRatio:
    share = tally.missing / tally.due if tally.due else None
    p = statistics.missing_p(tally.missing, tally.due)
    return SampleRatio(
        alarm=_alarming(p, share or 0.0), unit="pairs", n=tally.due, expected=0.0, observed=share, p_value=p
    )


def _alarming(p: float, off: float) -> bool:
    return p < statistics.SRM_ALPHA and off >= statistics.SRM_LEAST


def _label_mix(tally: Tally) -> LabelMix:
    table = {
        variant.value: {label.value: arm.labels[label] for label in Label}
        for variant, arm in ((Variant.PRIMARY, tally.primary), (Variant.CANARY, tally.canary))
    }
    tested = statistics.chi_squared([list(row.values()) for row in table.values()])
    if tested is None:
        return LabelMix(table=table, chi2=None, degrees_of_freedom=None, p_value=None, least_expected=None)
    chi2, dof, p, least = tested
    low = least < statistics.LOW_COUNT
    warning = f"An expected count is {least:.1f}: under {statistics.LOW_COUNT} this test is unreliable."
    return LabelMix(
        table=table,
        chi2=chi2,
        degrees_of_freedom=dof,
        p_value=p,
        least_expected=least,
        warning=warning if low else "",
    )


def _wins(tally: Tally) -> tuple[int, int]:
    """(canary's wins, all of them)."""
    return tally.wins[Variant.CANARY], tally.wins.total()


def _mcnemar(tally: Tally, plan: Plan) -> McNemar:
    wins, n = _wins(tally)
    return McNemar(
        n=n,
        canary_wins=wins,
        primary_wins=n - wins,
        p_value=None if _is_early(n, plan) else statistics.mcnemar_p(wins, n - wins),
        planned_n=plan.planned_n,
        at_planned_n=plan.is_reached_by(n),
    )


def _is_early(n: int, plan: Plan) -> bool:
    """Whether a test for a planned number of labels would be looked at before they are there."""
    return plan.planned_n is not None and not plan.is_reached_by(n)


def _e_process(tally: Tally) -> EProcess:
    wins, n = _wins(tally)
    log_e = statistics.log_e_value(wins, n)
    return EProcess(
        e_value=statistics.e_value(wins, n),
        log_e_value=log_e,
        decides_at=1 / statistics.ALPHA,
        decided=statistics.decides(log_e),
    )


def _comparison(tally: Tally, plan: Plan) -> Comparison:
    primary, canary = (_right(arm) for arm in (tally.primary, tally.canary))
    probability, loss = statistics.canary_is_better(primary, canary)
    known, n = primary[1] and canary[1], primary[1] + canary[1]
    return Comparison(
        primary_right=primary[0],
        primary_n=primary[1],
        canary_right=canary[0],
        canary_n=canary[1],
        difference=canary[0] / canary[1] - primary[0] / primary[1] if known else None,
        sequence=statistics.difference_sequence(primary, canary),
        p_value=None if _is_early(n, plan) else statistics.two_shares_p(primary, canary),
        planned_n=plan.planned_n,
        at_planned_n=plan.is_reached_by(n),
        probability_canary_better=probability,
        expected_loss=loss,
    )


def _right(arm: ArmTally) -> tuple[int, int]:
    counts = counts_of(arm.blind)
    return counts.right, counts.n


def _equivalence(tally: Tally, plan: Plan) -> Equivalence:
    difference = _difference(tally, plan)
    return Equivalence(
        margin=plan.margin,
        difference=difference,
        within_margin=-plan.margin < difference.low and difference.high < plan.margin,
        cost_ratio=_cost_ratio(tally),
    )


def _difference(tally: Tally, plan: Plan) -> Interval:
    if not plan.is_shadow:
        return statistics.difference_sequence(_right(tally.primary), _right(tally.canary))
    wins, labelled = _wins(tally)
    return statistics.paired_difference_sequence(
        wins=wins, labelled=labelled, discordant=tally.discordant, pairs=tally.pairs
    )


def _cost_ratio(tally: Tally) -> float | None:
    primary, canary = tally.primary, tally.canary
    if not (primary.n and canary.n and primary.cost_usd and canary.cost_usd):
        return None
    return primary.cost_usd / primary.n / (canary.cost_usd / canary.n)
