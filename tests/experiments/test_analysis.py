"""From observations to results: what is counted, what warns, and what is decided."""

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from experiments.analysis import analyse
from experiments.figures import ExperimentResults
from experiments.models import ExperimentMode, Variant, Verdict
from experiments.planning import needed_of_both_arms
from experiments.plans import Plan
from experiments.presenting import finding_rows
from experiments.tallies import Answer, Subject, Tally
from experiments.weighting import weighted_labels

SHADOW = Plan(ExperimentMode.SHADOW, planned_n=200)
CANARY = Plan(ExperimentMode.CANARY, canary_pct=0.5)

YES, MAYBE, NO = "relevant", "maybe", "irrelevant"


def answer(label: str, *, ms: float = 10.0, usd: float = 0.001) -> Answer:
    return Answer(label, ms, usd)


def pairs(primary: str, canary: str, count: int, *, blind: str = "", human: str = "") -> Iterator[Subject]:
    for n in range(count):
        yield Subject(f"{primary}{canary}{blind}{n}", answer(primary), answer(canary), blind, human)


def arm(name: str, label: str, count: int, *, blind: str = "", start: int = 0) -> Iterator[Subject]:
    for n in range(start, start + count):
        primary, canary = (answer(label), None) if name == "primary" else (None, answer(label))
        yield Subject(f"{name}{n}", primary, canary, blind)


def results(subjects: Iterable[Subject], plan: Plan = SHADOW, **options: bool) -> ExperimentResults:
    return analyse(Tally.of(subjects), plan, **options)


def test_an_experiment_without_results_says_so() -> None:
    for plan in (SHADOW, CANARY):
        empty = results([], plan)
        assert empty.verdict == Verdict.KEEP_GOING
        assert empty.arms.primary.n == 0
        assert empty.arms.canary.agreement is None
        assert not empty.srm.alarm


def test_each_arm_has_its_counts_and_shares() -> None:
    failed = Subject("x", answer(YES, ms=30), Answer(""))
    found = results([*pairs(YES, NO, 3, blind=YES), *pairs(MAYBE, YES, 1, blind=YES), failed]).arms
    assert (found.primary.n, found.canary.n, found.canary.failures, found.canary.authors) == (5, 4, 1, 5)
    assert found.primary.shares == {YES: 0.8, MAYBE: 0.2, NO: 0.0}
    assert (found.primary.labelled, found.primary.blind_labelled) == (4, 4)
    assert (found.canary.agreement, found.canary.recall) == (0.25, 0.25)
    assert found.primary.cost_per_1000_usd == pytest.approx(1.0)
    assert (found.primary.latency_p50_ms, found.primary.latency_p95_ms) == (10, 30)


def test_maybe_counts_as_not_relevant() -> None:
    found = results([*pairs(MAYBE, NO, 5, blind=NO), *pairs(MAYBE, YES, 2, blind=MAYBE)])
    assert found.arms.primary.agreement == 1.0
    assert found.discordant == 2
    assert found.mcnemar is not None
    assert (found.mcnemar.canary_wins, found.mcnemar.primary_wins) == (0, 2)


def test_precision_recall_and_mcc_stand_where_labels_allow() -> None:
    labelled = [
        *pairs(YES, YES, 6, blind=YES),
        *pairs(YES, NO, 2, blind=NO),
        *pairs(NO, NO, 10, blind=NO),
        *pairs(NO, YES, 2, blind=YES),
    ]
    primary = results(labelled).arms.primary
    assert (primary.precision, primary.recall) == (0.75, 0.75)
    assert primary.mcc == pytest.approx((6 * 10 - 2 * 2) / (8 * 8 * 12 * 12) ** 0.5)
    assert results(pairs(YES, YES, 3, blind=YES)).arms.primary.mcc is None


def test_labels_that_are_mostly_of_disagreements_do_not_bend_what_is_said_of_each_model() -> None:
    """Both are right on 95 %; people labelled all 95 disagreements and 5 % of the rest."""
    subjects = [
        *pairs(YES, YES, 450, blind=""),
        *pairs(YES, YES, 24, blind=YES),
        *pairs(YES, YES, 1, blind=NO),
        *pairs(NO, NO, 1315, blind=""),
        *pairs(NO, NO, 70, blind=NO),
        *pairs(YES, NO, 50, blind=YES),
        *pairs(NO, YES, 50, blind=YES),
    ]
    arms = results(subjects).arms
    for each in (arms.primary, arms.canary):
        assert each.agreement == pytest.approx((475 * 24 / 25 + 1385 + 50) / 1960)
        assert each.precision == pytest.approx((475 * 24 / 25 + 50) / 525)
        assert each.recall == pytest.approx((475 * 24 / 25 + 50) / (475 * 24 / 25 + 100))
        assert each.agreement_interval is not None
        assert each.agreement_interval.high - each.agreement_interval.low > 0.05
        assert each.blind_labelled == 195


def test_while_only_disagreements_are_labelled_nothing_is_said_of_each_model() -> None:
    found = results([*pairs(YES, YES, 900), *pairs(YES, NO, 50, blind=YES)]).arms
    assert (found.primary.blind_labelled, found.primary.agreement, found.canary.agreement) == (50, None, None)
    assert found.primary.agreement_interval is None


def test_only_labels_of_the_blind_lane_feed_the_tests_of_quality() -> None:
    seen = results(pairs(NO, YES, 100, human=YES))
    assert seen.mcnemar is not None
    assert (seen.mcnemar.n, seen.e_value, seen.verdict) == (0, 1.0, Verdict.KEEP_GOING)
    assert (seen.arms.canary.labelled, seen.arms.canary.agreement) == (100, None)
    assert results(pairs(NO, YES, 100, blind=YES)).verdict == Verdict.CANARY_BETTER


@pytest.mark.parametrize(
    ("canary_wins", "primary_wins", "verdict"),
    [
        (130, 70, Verdict.CANARY_BETTER),
        (70, 130, Verdict.PRIMARY_BETTER),
        (104, 96, Verdict.KEEP_GOING),
    ],
)
def test_the_e_process_decides_between_two_shadowed_models(
    canary_wins: int, primary_wins: int, verdict: Verdict
) -> None:
    subjects = [
        *pairs(NO, YES, canary_wins, blind=YES),
        *pairs(YES, NO, primary_wins, blind=YES),
        *pairs(NO, NO, 300),
    ]
    found = results(subjects)
    assert found.verdict == verdict
    assert found.e_process is not None
    assert found.e_process.decided == (verdict != Verdict.KEEP_GOING)
    assert found.mcnemar is not None
    assert found.mcnemar.at_planned_n


def test_while_undecided_it_says_how_many_labels_are_expected_to_decide() -> None:
    found = results([*pairs(NO, YES, 26, blind=YES), *pairs(YES, NO, 14, blind=YES), *pairs(YES, NO, 60)])
    assert found.verdict == Verdict.KEEP_GOING
    further = found.verdict_detail.further_labels
    assert further is not None
    assert 20 < further < 120
    assert f"about {further} more" in found.verdict_detail.sentence


def test_two_models_that_hardly_differ_are_equivalent_before_anybody_labels() -> None:
    cheap = [Subject(f"a{n}", answer(NO, usd=0.01), answer(NO, usd=0.001)) for n in range(2000)]
    found = results([*cheap, *pairs(YES, NO, 10)])
    assert found.verdict == Verdict.EQUIVALENT
    assert found.equivalence is not None
    assert found.equivalence.cost_ratio == pytest.approx(9.96, abs=0.05)
    assert "10.0 times cheaper" in found.verdict_detail.sentence
    narrow = Plan(ExperimentMode.SHADOW, margin=0.001)
    assert results([*cheap, *pairs(YES, NO, 10)], narrow).verdict == Verdict.KEEP_GOING


def test_missing_pairs_hide_the_results() -> None:
    lost = [Subject(f"lost{n}", answer(YES), None, blind=YES) for n in range(12)]
    subjects = [*pairs(NO, YES, 400, blind=YES), *lost]
    found = results(subjects)
    assert (found.srm.alarm, found.hidden, found.verdict) == (True, True, Verdict.BROKEN)
    assert (found.label_mix, found.mcnemar, found.e_value, found.arms.primary.shares) == (None, None, None, None)
    assert found.arms.primary.n == 412
    shown = results(subjects, despite_warning=True)
    assert (shown.hidden, shown.verdict) == (False, Verdict.BROKEN)
    assert shown.e_value is not None


def test_a_pair_that_is_missing_now_and_then_is_no_alarm() -> None:
    assert not results([*pairs(NO, YES, 4000), Subject("lost", answer(YES), None)]).srm.alarm


def test_what_the_primary_failed_on_and_what_the_canary_is_still_to_be_asked_about_is_no_missing_pair() -> None:
    failed = [Subject(f"failed{n}", Answer(""), None) for n in range(30)]
    coming = [Subject(f"coming{n}", answer(YES), None, is_waiting=True) for n in range(50)]
    found = results([*pairs(NO, NO, 400), *failed, *coming])
    assert (found.srm.alarm, found.srm.n, found.srm.observed) == (False, 400, 0.0)
    assert (found.arms.primary.failures, found.verdict == Verdict.BROKEN) == (30, False)


def test_a_split_as_designed_is_no_alarm() -> None:
    found = results(
        [*arm("primary", YES, 9000), *arm("canary", YES, 1000)], Plan(ExperimentMode.CANARY, canary_pct=0.1)
    )
    assert (found.srm.alarm, found.srm.observed) == (False, 0.1)
    assert found.srm.p_value == pytest.approx(1.0)


def test_a_broken_split_raises_the_alarm() -> None:
    found = results(
        [*arm("primary", YES, 9300), *arm("canary", YES, 700)], Plan(ExperimentMode.CANARY, canary_pct=0.1)
    )
    assert (found.srm.alarm, found.hidden, found.verdict) == (True, True, Verdict.BROKEN)
    assert "7.0% of 10,000 authors" in found.verdict_detail.sentence


def test_the_split_counts_authors_and_not_their_posts() -> None:
    loud = [Subject("loud", answer(YES), None) for _ in range(5000)]
    found = results([*arm("primary", YES, 99), *loud, *arm("canary", YES, 100)], CANARY)
    assert (found.srm.n, found.srm.alarm) == (200, False)


def test_a_tiny_deviation_is_no_alarm_however_significant() -> None:
    """.05 % off among ten million authors: p is far below .001."""
    tally = Tally.of([])
    tally.primary.authors = _Many(4_995_000)
    tally.canary.authors = _Many(5_005_000)
    srm = analyse(tally, CANARY).srm
    assert srm.p_value is not None
    assert srm.p_value < 0.002
    assert not srm.alarm


class _Many(set[str]):
    """As many authors as a test could not hold."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def __len__(self) -> int:
        return self.count


def test_a_file_that_names_no_split_is_not_tested_for_it() -> None:
    found = results([*arm("primary", YES, 50), *arm("canary", YES, 3)], Plan(ExperimentMode.CANARY))
    assert (found.srm.alarm, found.srm.p_value) == (False, None)
    assert "Not tested" in found.srm.note


def test_arms_with_subjects_of_their_own_are_compared_by_their_agreement() -> None:
    primary = [*arm("primary", YES, 300, blind=YES), *arm("primary", YES, 200, blind=NO, start=300)]
    canary = [*arm("canary", YES, 450, blind=YES), *arm("canary", YES, 50, blind=NO, start=450)]
    found = results([*primary, *canary], CANARY)
    assert found.comparison is not None
    assert (found.comparison.primary_right, found.comparison.canary_n) == (300, 500)
    assert found.comparison.difference == pytest.approx(0.3)
    assert found.comparison.probability_canary_better > 0.999
    assert found.verdict == Verdict.CANARY_BETTER
    assert (found.mcnemar, found.e_value) == (None, None)


def test_two_arms_far_from_a_decision_keep_going() -> None:
    primary = [*arm("primary", YES, 70, blind=YES), *arm("primary", YES, 30, blind=NO, start=70)]
    canary = [*arm("canary", YES, 80, blind=YES), *arm("canary", YES, 20, blind=NO, start=80)]
    found = results([*primary, *canary], CANARY)
    assert found.verdict == Verdict.KEEP_GOING
    assert found.verdict_detail.further_labels is not None
    assert found.verdict_detail.further_labels > 200


def test_a_canary_that_fails_more_often_is_broken() -> None:
    failing = [Subject(f"f{n}", answer(NO), Answer("")) for n in range(30)]
    found = results([*pairs(NO, NO, 170), *failing])
    assert found.verdict == Verdict.BROKEN
    assert found.verdict_detail.reasons == ["The canary failed on 30 of 200 subjects, the primary on 0 of 200."]
    assert not found.hidden


def test_a_canary_that_fails_as_often_as_the_primary_is_not() -> None:
    both = [Subject(f"f{n}", Answer(""), Answer("")) for n in range(30)]
    assert results([*pairs(NO, YES, 170), *both]).verdict == Verdict.KEEP_GOING


def test_a_canary_that_is_too_slow_is_broken() -> None:
    slow = [Subject(f"s{n}", answer(NO), answer(NO, ms=6000 if n % 10 == 0 else 10)) for n in range(100)]
    found = results(slow)
    assert found.verdict == Verdict.BROKEN
    assert "6,000 ms or more, and the limit is 5,000 ms" in found.verdict_detail.sentence
    assert results(slow, Plan(ExperimentMode.SHADOW, max_latency_ms=7000)).verdict != Verdict.BROKEN


def test_the_label_mix_warns_where_counts_are_small() -> None:
    small = results([*pairs(YES, NO, 3), *pairs(NO, NO, 20)]).label_mix
    large = results([*pairs(YES, NO, 300), *pairs(NO, NO, 700), *pairs(MAYBE, YES, 50)]).label_mix
    assert small is not None
    assert large is not None
    assert "1.5: under 5" in small.warning
    assert large.warning == ""
    assert large.table["canary"] == {YES: 50, MAYBE: 0, NO: 1000}
    assert large.degrees_of_freedom == 2


def test_arms_are_not_swapped() -> None:
    """Results name their arms: a canary that says the opposite of people loses, whatever its name sorts to."""
    plan = Plan(ExperimentMode.SHADOW, primary_model="zebra", canary_model="aardvark")
    found = results(pairs(YES, NO, 100, blind=YES), plan)
    assert (found.arms.primary.model, found.arms.primary.agreement) == ("zebra", 1.0)
    assert (found.arms.canary.model, found.arms.canary.agreement) == ("aardvark", 0.0)
    assert found.verdict == Verdict.PRIMARY_BETTER


def test_a_p_value_waits_for_the_planned_number_of_labels() -> None:
    """Whoever looks at it before is wrong more often than it says."""
    few, enough = (results([*pairs(YES, NO, n, blind=YES), *pairs(NO, NO, 300)]) for n in (199, 200))
    assert few.mcnemar is not None
    assert enough.mcnemar is not None
    assert (few.mcnemar.p_value, few.mcnemar.at_planned_n) == (None, False)
    assert enough.mcnemar.p_value == pytest.approx(0.5**199)
    assert "p is read at 200 labels" in dict(finding_rows(few))["exact McNemar"]
    assert "p < .0001" in dict(finding_rows(enough))["exact McNemar"]


def test_so_does_that_of_two_shares() -> None:
    plan = Plan(ExperimentMode.CANARY, canary_pct=0.5, planned_n=100)
    few, enough = (
        results([*arm("primary", YES, n, blind=YES), *arm("canary", YES, n, blind=NO)], plan).comparison
        for n in (49, 50)
    )
    assert few is not None
    assert enough is not None
    assert (few.p_value, few.at_planned_n) == (None, False)
    assert enough.p_value is not None
    assert enough.p_value < 1e-10


def test_without_labels_a_canary_foresees_what_a_planner_would() -> None:
    detail = results([], CANARY).verdict_detail
    assert detail.further_labels == needed_of_both_arms(0.1, canary_pct=0.5)
    assert f"about {detail.further_labels:,} more are expected to decide" in detail.sentence


@pytest.mark.parametrize(
    ("discordant", "right_elsewhere", "won_by_primary"), [(0.4, 0.6, 1.0), (0.1, 0.9, 1.0), (0.1, 0.99, 0.5)]
)
def test_the_interval_of_agreement_holds_in_95_of_100_cases(
    discordant: float, right_elsewhere: float, won_by_primary: float
) -> None:
    """1,200 posts each, all disagreements labelled and 5 % of the rest; over 2,000 courses."""
    chance = np.random.default_rng(4)
    truth = discordant * won_by_primary + (1 - discordant) * right_elsewhere
    held = 0
    for _ in range(2000):
        tally = Tally()
        differ = int(chance.binomial(1200, discordant))
        for said, n, share, right in (
            ((True, False), differ, 1.0, won_by_primary),
            ((False, False), 1200 - differ, 0.05, right_elsewhere),
        ):
            labelled = int(chance.binomial(n, share))
            agreeing = int(chance.binomial(labelled, right))
            tally.cells[said] = n
            tally.labelled[said, said[0]] = agreeing
            tally.labelled[said, not said[0]] = labelled - agreeing
        interval = weighted_labels(tally, Variant.PRIMARY, is_shadow=True).interval
        assert interval is not None
        held += interval.low <= truth <= interval.high
    assert 0.935 < held / 2000 < 0.965
