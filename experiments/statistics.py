"""The figures of an experiment: values in, values out. Importing this takes scipy and statsmodels, seconds of it,
so only `analysis` does, and only what asks for results imports that.

Two kinds stand here. Those that hold at a planned number of labels (the exact McNemar test, chi-squared tests) and
those that hold however often one looks (the e-process and the confidence sequences). A verdict is built on the
second kind alone. Both of them mix the likelihood over a uniform prior:

    e-process             Ville 1939; Robbins 1970: under no difference P(ever E >= 1/alpha) <= alpha
    confidence sequence   the means that this mixture never rejected: Robbins 1970, Howard et al. 2021
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from scipy.special import betaln
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from .figures import Interval

ALPHA = 0.05
SRM_ALPHA = 0.001
SRM_LEAST = 0.001
"""A share that is off by less than a tenth of a percent is no cause for alarm, however significant."""
LOW_COUNT = 5
LARGEST = 1e300
"""Evidence beyond it is told as this: JSON has no infinity."""
FARTHEST = 2000


def wilson(successes: float, n: float, *, confidence: float = 1 - ALPHA) -> Interval | None:
    """Score interval of a share (Wilson 1927); None without observations."""
    if not n:
        return None
    z = float(stats.norm.ppf((1 + confidence) / 2))
    share, scale = successes / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(low=max(0.0, middle - half), high=min(1.0, middle + half))


def chi_squared(table: Sequence[Sequence[int]]) -> tuple[float, int, float, float] | None:
    """(statistic, degrees of freedom, p, least expected count) of a table without its empty columns.

    Pearson's test, uncorrected. None when a row is empty or fewer than two columns are left.
    """
    columns = [column for column in zip(*table, strict=True) if any(column)]
    rows = list(zip(*columns, strict=True))
    if len(columns) < 2 or not all(any(row) for row in rows):
        return None
    statistic, p, dof, expected = stats.chi2_contingency(np.array(rows), correction=False)
    return float(statistic), int(dof), float(p), float(expected.min())


def split_p(primary: int, canary: int, *, canary_pct: float) -> float:
    """p of the chi-squared test of two counts of authors against the designed split; 1 without authors."""
    n = primary + canary
    if not n:
        return 1.0
    return float(stats.chisquare([primary, canary], [n * (1 - canary_pct), n * canary_pct]).pvalue)


def missing_p(missing: int, subjects: int) -> float:
    """How likely so many missing pairs are, or more, if one in a thousand were lost by chance (binomial)."""
    return float(stats.binom.sf(missing - 1, subjects, SRM_LEAST)) if subjects else 1.0


def mcnemar_p(canary_wins: int, primary_wins: int) -> float:
    """Exact two-sided McNemar test over the pairs in which one arm alone was right; 1 without any."""
    if not canary_wins + primary_wins:
        return 1.0
    return float(mcnemar([[0, canary_wins], [primary_wins, 0]], exact=True).pvalue)


def log_e_value(wins: int, n: int) -> float:
    """log E of `wins` canary wins in `n` discordant pairs: betaln(1 + w, 1 + n - w) + n ln 2."""
    return float(betaln(1 + wins, 1 + n - wins)) + n * math.log(2)


def e_value(wins: int, n: int) -> float:
    """E itself, at most LARGEST."""
    return min(math.exp(min(log_e_value(wins, n), 700.0)), LARGEST)


def share_sequence(successes: int, n: int, *, alpha: float = ALPHA) -> Interval:
    """Where a share lies, whenever one looks: of all looks together at most `alpha` miss it."""
    if not n:
        return Interval(low=0.0, high=1.0)
    mixture = float(betaln(1 + successes, 1 + n - successes))

    def excess(share: float) -> float:
        likelihood = successes * math.log(share) + (n - successes) * math.log1p(-share)
        return mixture - likelihood - math.log(1 / alpha)

    best = successes / n
    low = _root(excess, 0.0, best) if successes else 0.0
    high = _root(excess, 1.0, best) if successes < n else 1.0
    return Interval(low=low, high=high)


def _root(excess: Callable[[float], float], outside: float, inside: float) -> float:
    """Where `excess` turns from positive (outside) to negative (inside), to 2^-50 of the way."""
    for _ in range(50):
        middle = (outside + inside) / 2
        if excess(middle) > 0:
            outside = middle
        else:
            inside = middle
    return outside


def difference_sequence(primary: tuple[int, int], canary: tuple[int, int], *, alpha: float = ALPHA) -> Interval:
    """Canary's share less primary's, whenever one looks; each arm as (successes, n), half of alpha to each."""
    first, second = (share_sequence(*arm, alpha=alpha / 2) for arm in (primary, canary))
    return Interval(low=second.low - first.high, high=second.high - first.low)


def paired_difference_sequence(
    *, wins: int, labelled: int, discordant: int, pairs: int, alpha: float = ALPHA
) -> Interval:
    """Canary's agreement less primary's over all pairs, whenever one looks: d (2t - 1), half of alpha to each.

    d, the share of discordant pairs, needs no labels; t, the canary's share of wins in those, does. So two arms
    that hardly ever differ are known to be equivalent before anybody has labelled anything.
    """
    share = share_sequence(discordant, pairs, alpha=alpha / 2)
    wins_of = share_sequence(wins, labelled, alpha=alpha / 2)
    corners = [d * (2 * t - 1) for d in (share.low, share.high) for t in (wins_of.low, wins_of.high)]
    return Interval(low=min(corners), high=max(corners))


def probability_greater(a: tuple[int, int], b: tuple[int, int]) -> float:
    """P(A > B) of two beta variables, whole parameters each (Miller 2014, "Formulas for Bayesian A/B testing")."""
    (a1, b1), (a2, b2) = a, b
    i = np.arange(a1)
    terms = betaln(a2 + i, b1 + b2) - np.log(b1 + i) - betaln(1 + i, b1) - betaln(a2, b2)
    return float(min(1.0, np.exp(terms).sum()))


def canary_is_better(primary: tuple[int, int], canary: tuple[int, int]) -> tuple[float, float]:
    """(probability, expected loss of choosing the canary) with uniform priors; each arm as (successes, n).

    The loss is E[max(primary - canary, 0)] in the unit of a share (Stucchio 2015, "Bayesian A/B testing at VWO").
    """
    first, second = (_posterior(*arm) for arm in (primary, canary))
    probability = probability_greater(second, first)
    loss = _mean(first) * probability_greater((first[0] + 1, first[1]), second) - _mean(second) * (
        1 - probability_greater((second[0] + 1, second[1]), first)
    )
    return probability, max(0.0, loss)


def _posterior(successes: int, n: int) -> tuple[int, int]:
    return 1 + successes, 1 + n - successes


def _mean(beta: tuple[int, int]) -> float:
    return beta[0] / sum(beta)


def two_shares_p(primary: tuple[int, int], canary: tuple[int, int]) -> float:
    """Two-sided p of two shares, (successes, n) each: holds at the planned number of labels only."""
    tested = chi_squared([[s, n - s] for s, n in (primary, canary)])
    return tested[2] if tested else 1.0


def failures_p(primary: tuple[int, int], canary: tuple[int, int]) -> float:
    """One-sided exact test (Fisher) that the canary fails more often; each arm as (failures, attempts)."""
    table = [[canary[0], canary[1] - canary[0]], [primary[0], primary[1] - primary[0]]]
    return float(stats.fisher_exact(table, alternative="greater").pvalue)


def further_pairs(win_rate: float, *, wins: int = 0, n: int = 0, alpha: float = ALPHA) -> int | None:
    """Discordant pairs still to be labelled until E >= 1/alpha in half of all courses; None: more than FARTHEST.

    Exact: the distribution of wins is carried on pair by pair, and what has decided leaves it.
    """
    if decides(log_e_value(wins, n), alpha=alpha):
        return 0
    alive, decided = np.array([1.0]), 0.0
    upper = _fewest_deciding(n, alpha, at_least=n - n // 2)
    for step in range(1, FARTHEST + 1):
        alive = np.append(alive, 0.0) * (1 - win_rate) + np.insert(alive, 0, 0.0) * win_rate
        upper = _fewest_deciding(n + step, alpha, at_least=upper)
        lost, won = max(0, n + step - upper - wins + 1), max(0, upper - wins)
        decided += float(alive[:lost].sum() + alive[won:].sum())
        alive[:lost] = alive[won:] = 0.0
        if decided >= 0.5:
            return step
    return None


def decides(log_e: float, *, alpha: float = ALPHA) -> bool:
    """Whether evidence suffices: E >= 1/alpha."""
    return log_e >= math.log(1 / alpha)


def _fewest_deciding(n: int, alpha: float, *, at_least: int) -> int:
    """The fewest wins of `n` that decide for the canary; so many losses decide against it. n + 1: none do."""
    wins = at_least
    while wins <= n and not decides(log_e_value(wins, n), alpha=alpha):
        wins += 1
    return wins


def labels_per_arm(
    *, baseline: float, difference: float, canary_pct: float, power: float = 0.8, alpha: float = ALPHA
) -> int:
    """Labels of the canary's arm that find such a difference in agreement, at a planned n (normal theory)."""
    needed = samplesize_proportions_2indep_onetail(
        diff=difference, prop2=baseline, power=power, ratio=(1 - canary_pct) / canary_pct, alpha=alpha
    )
    return math.ceil(float(needed))
