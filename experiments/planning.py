"""How many labels an experiment needs before it can tell a difference. Imports the statistics: see `analysis`."""

from . import statistics
from .figures import NeededLabels, SampleSize
from .models import ExperimentMode

WIN_RATES = (0.6, 0.65, 0.7)
DIFFERENCES = (0.05, 0.1, 0.15)
BASELINE = 0.8
"""Agreement with people that a judge has about; the closer to 1, the fewer labels tell two apart."""


def estimate(mode: ExperimentMode, *, canary_pct: float) -> SampleSize:
    """Shadow: disagreements that decide in half of all courses, looked at after each. Canary: both arms' labels
    for a power of 80 % at a planned n.
    """
    if mode == ExperimentMode.SHADOW:
        needed = [NeededLabels(effect=rate, labels=statistics.further_pairs(rate)) for rate in WIN_RATES]
    else:
        needed = [
            NeededLabels(effect=gap, labels=needed_of_both_arms(gap, canary_pct=canary_pct)) for gap in DIFFERENCES
        ]
    return SampleSize(mode=mode, needed=needed)


def needed_of_both_arms(difference: float, *, canary_pct: float) -> int:
    """Labels that tell the canary from a primary that agrees as often as BASELINE, at a planned n."""
    of_canary = statistics.labels_per_arm(baseline=BASELINE, difference=difference, canary_pct=canary_pct)
    return round(of_canary / canary_pct)
