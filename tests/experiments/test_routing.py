"""Assignment: by author, the same everywhere, in the designed share, and anew in each experiment."""

import math

import pytest

from experiments.models import Variant
from experiments.routing import digest_of, place_of, variant_of

AUTHORS = 100_000


def arms(experiment_id: str, *, share: float, salt: str = "s") -> list[bool]:
    return [
        variant_of(f"sample:{n}", experiment_id=experiment_id, salt=salt, canary_pct=share) is Variant.CANARY
        for n in range(AUTHORS)
    ]


def test_an_authors_arm_is_the_first_eight_bytes_of_the_hash() -> None:
    """Reckoned by `printf pepper:exp-1:x:42 | sha256sum | cut -c1-16`."""
    assert digest_of("x:42", experiment_id="exp-1", salt="pepper") == "a691bc166dae5721"
    assert place_of("x:42", experiment_id="exp-1", salt="pepper") == 0xA691BC166DAE5721


def test_an_arm_never_changes() -> None:
    assert arms("exp-1", share=0.1)[:2000] == arms("exp-1", share=0.1)[:2000]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5, 0.9])
def test_the_canary_has_the_designed_share_of_100_000_authors(share: float) -> None:
    """Chi-squared with one degree of freedom: 10.83 is passed once in a thousand fair assignments."""
    canary = sum(arms("exp-1", share=share))
    expected = AUTHORS * share
    chi2 = (canary - expected) ** 2 * (1 / expected + 1 / (AUTHORS - expected))
    assert chi2 < 10.83


def test_places_are_uniform_over_100_000_authors() -> None:
    """Chi-squared over 100 equal bins, 99 degrees of freedom: 148.2 is passed once in a thousand."""
    bins = [0] * 100
    for n in range(AUTHORS):
        bins[place_of(f"sample:{n}", experiment_id="exp-1", salt="s") * 100 // 2**64] += 1
    assert math.fsum((count - 1000) ** 2 / 1000 for count in bins) < 148.2


@pytest.mark.parametrize(("other", "salt"), [("exp-2", "s"), ("exp-1", "another")])
def test_experiments_assign_independently_of_each_other(other: str, salt: str) -> None:
    """Chi-squared of the 2 x 2 table, one degree of freedom."""
    first, second = arms("exp-1", share=0.3), arms(other, share=0.3, salt=salt)
    both = sum(a and b for a, b in zip(first, second, strict=True))
    a, b = sum(first), sum(second)
    expected = a * b / AUTHORS
    spread = expected * (1 - a / AUTHORS) * (1 - b / AUTHORS)
    assert (both - expected) ** 2 / spread < 10.83


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.1, math.nan, math.inf])
def test_a_share_outside_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        variant_of("x:1", experiment_id="exp-1", salt="s", canary_pct=share)
