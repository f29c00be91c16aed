"""The figures, beside scipy, statsmodels, and worked examples from the literature."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats
from scipy.special import betaln
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from experiments import statistics

RUNS = 2000
PAIRS = 2000
LOG_20 = math.log(20)


def log_e_courses(win_rate: float, *, runs: int = RUNS, pairs: int = PAIRS) -> NDArray[np.float64]:
    """log E after each pair, one course a row; the vector form of `statistics.log_e_value`."""
    won = np.random.default_rng(20261123).random((runs, pairs)) < win_rate
    wins, n = won.cumsum(axis=1), np.arange(1, pairs + 1)
    courses: NDArray[np.float64] = betaln(1 + wins, 1 + n - wins) + n * math.log(2)
    return courses


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_newcombes(successes: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3."""
    interval = statistics.wilson(successes, n)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (7, 50), (999, 1000), (50_000, 100_000)])
def test_wilson_intervals_are_those_of_statsmodels(successes: int, n: int) -> None:
    interval = statistics.wilson(successes, n)
    assert interval is not None
    expected = proportion_confint(successes, n, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


def test_without_observations_there_is_no_interval() -> None:
    assert statistics.wilson(0, 0) is None


def test_the_label_mix_is_agrestis_party_identification_by_gender() -> None:
    """Agresti 2007, "An introduction to categorical data analysis", table 2.5: X2 = 30.1, 2 degrees of freedom."""
    tested = statistics.chi_squared([[762, 327, 468], [484, 239, 477]])
    assert tested is not None
    assert (round(tested[0], 1), tested[1], tested[2] < 0.001) == (30.1, 2, True)
    assert tested == pytest.approx((30.07, 2, 2.95e-7, 245.0), rel=0.02)


def test_a_label_that_nobody_gave_takes_no_part() -> None:
    tested = statistics.chi_squared([[30, 0, 10], [20, 0, 20]])
    assert tested is not None
    assert tested[:3] == pytest.approx((16 / 3, 1, stats.chi2.sf(16 / 3, 1)))


@pytest.mark.parametrize("table", [[[0, 0, 0], [1, 2, 3]], [[5, 0, 0], [7, 0, 0]], [[0, 0, 0], [0, 0, 0]]])
def test_a_table_without_a_question_has_no_answer(table: list[list[int]]) -> None:
    assert statistics.chi_squared(table) is None


def test_the_sample_ratio_is_the_worked_example_of_kohavi_tang_and_xu() -> None:
    """Their book of 2020, chapter 3: 821,588 and 815,482 users where half of each was designed, p = 1.8e-6."""
    p = statistics.split_p(821_588, 815_482, canary_pct=0.5)
    assert p == pytest.approx(1.8e-6, rel=0.03)


def test_missing_pairs_are_counted_against_one_in_a_thousand() -> None:
    assert statistics.missing_p(8, 1000) == pytest.approx(stats.binomtest(8, 1000, 0.001, "greater").pvalue)
    assert statistics.missing_p(0, 1000) == 1.0
    assert statistics.missing_p(0, 0) == 1.0


@pytest.mark.parametrize(("canary", "primary"), [(0, 1), (10, 2), (15, 15), (150, 86), (3, 30)])
def test_mcnemar_is_exact(canary: int, primary: int) -> None:
    """150 and 86: approval of the prime minister, Agresti 2002, table 10.1 (z squared 17.36, p about 3e-5)."""
    p = statistics.mcnemar_p(canary, primary)
    assert p == pytest.approx(mcnemar([[0, primary], [canary, 0]], exact=True).pvalue)
    assert p == pytest.approx(min(1.0, stats.binomtest(canary, canary + primary).pvalue))


def test_mcnemar_of_agrestis_ratings() -> None:
    assert statistics.mcnemar_p(150, 86) == pytest.approx(3.7e-5, rel=0.1)


def test_without_discordant_pairs_nothing_speaks_against_no_difference() -> None:
    assert statistics.mcnemar_p(0, 0) == 1.0
    assert statistics.e_value(0, 0) == 1.0


@pytest.mark.parametrize(("wins", "n"), [(0, 1), (5, 5), (12, 20), (130, 206)])
def test_the_e_value_is_the_mean_likelihood_ratio_over_all_win_rates(wins: int, n: int) -> None:
    mean, _error = integrate.quad(lambda rate: (2 * rate) ** wins * (2 * (1 - rate)) ** (n - wins), 0, 1)
    assert statistics.e_value(wins, n) == pytest.approx(mean, rel=1e-6)


def test_an_e_value_that_no_float_holds_is_cut() -> None:
    assert statistics.e_value(2000, 2000) == statistics.LARGEST
    assert statistics.log_e_value(2000, 2000) == pytest.approx(2000 * math.log(2) - math.log(2001))


def test_looking_after_every_pair_is_wrong_in_at_most_one_course_of_twenty() -> None:
    """2,000 courses of 2,000 pairs without a difference. The z test, from the 20th pair on, is wrong in half."""
    courses = log_e_courses(0.5)
    assert courses[7, 99] == pytest.approx(statistics.log_e_value(_wins_of(0.5, 7, 100), 100))
    wrong = (courses >= LOG_20).any(axis=1).mean()
    assert 0.005 < wrong <= 0.05
    won = np.random.default_rng(20261123).random((RUNS, PAIRS)) < 0.5
    n = np.arange(1, PAIRS + 1)
    naive = np.abs(2 * won.cumsum(axis=1) - n) / np.sqrt(n) > stats.norm.ppf(0.975)
    assert naive[:, 19:].any(axis=1).mean() == pytest.approx(0.48, abs=0.03)


def _wins_of(win_rate: float, course: int, pairs: int) -> int:
    won = np.random.default_rng(20261123).random((RUNS, PAIRS)) < win_rate
    return int(won[course, :pairs].sum())


@pytest.mark.parametrize(("win_rate", "pairs"), [(0.6, 206), (0.65, 85), (0.7, 47)])
def test_a_difference_is_found_after_as_many_pairs_as_expected(win_rate: float, pairs: int) -> None:
    decided = log_e_courses(win_rate) >= LOG_20
    assert decided.any(axis=1).mean() > 0.99
    assert np.median(decided.argmax(axis=1) + 1) == pytest.approx(pairs, rel=0.08)
    assert statistics.further_pairs(win_rate) == pytest.approx(pairs, rel=0.04)


def test_further_pairs_count_from_what_is_there() -> None:
    assert statistics.further_pairs(0.65, wins=60, n=80) == 0
    nearly = statistics.further_pairs(0.65, wins=45, n=68)
    assert nearly is not None
    assert 0 < nearly < 40
    assert statistics.further_pairs(0.35, wins=0, n=0) == statistics.further_pairs(0.65)
    assert statistics.further_pairs(0.5) is None


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (10, 10), (400, 1000)])
def test_a_sequence_holds_the_shares_that_the_mixture_does_not_reject(successes: int, n: int) -> None:
    interval = statistics.share_sequence(successes, n)
    for share, open_end in ((interval.low, successes == 0), (interval.high, successes == n)):
        if not open_end:
            log_ratio = betaln(1 + successes, 1 + n - successes) - stats.bernoulli(share).logpmf([1, 0]) @ [
                successes,
                n - successes,
            ]
            assert log_ratio == pytest.approx(LOG_20, abs=1e-6)
    assert interval.low <= successes / n <= interval.high
    wilson = statistics.wilson(successes, n)
    assert wilson is not None
    assert interval.high - interval.low > wilson.high - wilson.low


def test_a_sequence_is_the_e_process_turned_round() -> None:
    """The e-process decides exactly when a win rate of one half leaves the sequence."""
    for wins in range(101):
        interval = statistics.share_sequence(wins, 100)
        left = not interval.low <= 0.5 <= interval.high
        assert left == statistics.decides(statistics.log_e_value(wins, 100)), wins


def test_without_observations_a_share_may_be_anything() -> None:
    assert tuple(statistics.share_sequence(0, 0).model_dump().values()) == (0.0, 1.0)


def test_differences_of_two_arms_are_missed_in_at_most_one_course_of_twenty() -> None:
    """400 courses with a true difference of .1, looked at after every 40 labels of each arm up to 400."""
    random = np.random.default_rng(7)
    missed = 0
    for _course in range(400):
        primary, canary = (random.random((2, 400)) < np.array([[0.6], [0.7]])).cumsum(axis=1)
        looks = (
            statistics.difference_sequence((int(primary[n - 1]), n), (int(canary[n - 1]), n))
            for n in range(40, 401, 40)
        )
        missed += any(not look.low <= 0.1 <= look.high for look in looks)
    assert missed <= 20


def test_the_paired_difference_is_bounded_by_how_often_the_arms_differ() -> None:
    unlabelled = statistics.paired_difference_sequence(wins=0, labelled=0, discordant=10, pairs=2000)
    upper = statistics.share_sequence(10, 2000, alpha=0.025).high
    assert (unlabelled.low, unlabelled.high) == pytest.approx((-upper, upper))
    won = statistics.paired_difference_sequence(wins=180, labelled=200, discordant=400, pairs=1000)
    assert 0 < won.low < 0.4 * (2 * 0.9 - 1) < won.high


@pytest.mark.parametrize(
    ("a", "b"), [((1, 1), (1, 1)), ((9, 3), (5, 7)), ((81, 21), (71, 31)), ((3, 400), (2, 500))]
)
def test_the_probability_that_one_share_is_greater_is_the_integral(a: tuple[int, int], b: tuple[int, int]) -> None:
    first, second = stats.beta(*a), stats.beta(*b)
    expected, _error = integrate.quad(lambda share: first.pdf(share) * second.cdf(share), 0, 1, limit=200)
    assert statistics.probability_greater(a, b) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("primary", "canary"), [((0, 0), (0, 0)), ((80, 100), (85, 100)), ((30, 40), (12, 20))])
def test_the_expected_loss_is_what_choosing_the_canary_costs(
    primary: tuple[int, int], canary: tuple[int, int]
) -> None:
    first, second = (stats.beta(1 + s, 1 + n - s) for s, n in (primary, canary))
    expected, _error = integrate.dblquad(
        lambda p, c: max(p - c, 0.0) * first.pdf(p) * second.pdf(c), 0, 1, lambda c: c, 1
    )
    probability, loss = statistics.canary_is_better(primary, canary)
    assert loss == pytest.approx(expected, rel=1e-4)
    assert 0 <= probability <= 1


def test_two_shares_are_compared_as_statsmodels_does() -> None:
    _z, expected = proportions_ztest([70, 95], [100, 120])
    assert statistics.two_shares_p((70, 100), (95, 120)) == pytest.approx(expected)
    assert statistics.two_shares_p((0, 0), (1, 2)) == 1.0


def test_failures_are_compared_exactly() -> None:
    """Fisher's lady tasting tea: three of four cups right, p = 17/70 (Agresti 2007, table 2.8)."""
    assert statistics.failures_p((1, 4), (3, 4)) == pytest.approx(17 / 70)


def test_the_labels_that_a_canary_arm_needs_give_the_wanted_power() -> None:
    n = statistics.labels_per_arm(baseline=0.8, difference=0.1, canary_pct=0.5)
    effect = (0.9 - 0.8) / math.sqrt((0.9 * 0.1 + 0.8 * 0.2) / 2)
    power = NormalIndPower().power(effect, nobs1=n, alpha=0.05)
    assert power == pytest.approx(0.8, abs=0.02)
    assert statistics.labels_per_arm(baseline=0.8, difference=0.1, canary_pct=0.1) < n
