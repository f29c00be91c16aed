"""The shape of an experiment's results: one for the API, the command's --json, and the admin.

A figure that the data do not determine is null. Shares lie between 0 and 1.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from .models import ExperimentMode, Verdict

__all__ = ["Arm", "ArmPair", "EProcess", "Equivalence", "ExperimentResults", "Interval", "LabelMix", "McNemar"]


class Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Interval(Figures):
    low: float
    high: float


class Arm(Figures):
    """One model. While the sample ratio is broken, only the counts are told."""

    model: str
    n: int
    """Subjects that it answered."""
    failures: int
    """Subjects that it was asked about in vain; not those that a spent budget or an outage kept from it."""
    authors: int
    """Authors of those subjects, answered or not."""
    shares: dict[str, float] | None = None
    """Share of each label among its answers."""
    labelled: int | None = None
    """Answered subjects that people labelled."""
    blind_labelled: int | None = None
    """Those of them that were labelled in the blind lane."""
    agreement: float | None = None
    """Share of its answers on which people agree with it about what is relevant; maybe is not.

    By blind labels alone. In shadow mode each stands for all subjects of which both models said the same, since
    all disagreements are asked about and few of the rest; null while too few kinds of them are labelled.
    """
    agreement_interval: Interval | None = None
    """Wilson's 95 % interval of it, for the effective number of labels."""
    precision: float | None = None
    """Of what it calls relevant, the share that people call so too; by the same labels."""
    recall: float | None = None
    """Of what people call relevant, the share that it found; by the same labels."""
    mcc: float | None = None
    """Matthews correlation, from -1 to 1."""
    latency_p50_ms: float | None = None
    """Half of its answers took no longer."""
    latency_p95_ms: float | None = None
    """19 of 20 answers took no longer."""
    cost_per_1000_usd: float | None = None
    """What a thousand answers cost."""


class ArmPair(Figures):
    primary: Arm
    canary: Arm


class SampleRatio(Figures):
    """Are the arms as large as they were designed to be? If not, nothing else here can be trusted."""

    alarm: bool
    """p < .001, and at least a tenth of a percent off."""
    unit: Literal["authors", "pairs"]
    """canary: authors, who are what is assigned; shadow: pairs, of which one half may be missing."""
    n: int
    """Authors in all; or subjects that both models ought to have answered."""
    expected: float | None
    """Designed share of authors in the canary's arm, or of missing pairs; null: not known."""
    observed: float | None
    """The share that was found."""
    p_value: float | None
    note: str = ""


class LabelMix(Figures):
    """Do the arms give the three labels equally often? A difference in mix, not in quality."""

    table: dict[str, dict[str, int]]
    """Answers by arm and label."""
    chi2: float | None
    degrees_of_freedom: int | None
    p_value: float | None
    least_expected: float | None
    """The smallest expected count."""
    warning: str = ""
    """When counts are too small for the test."""


class McNemar(Figures):
    """The exact test over blind-labelled subjects on which one arm alone is right. It holds at the planned n."""

    n: int
    """Those subjects."""
    canary_wins: int
    primary_wins: int
    p_value: float | None
    """Null until the planned number is reached; where none was planned, of what there is."""
    planned_n: int | None
    at_planned_n: bool
    """Whether the planned number is reached."""


class EProcess(Figures):
    """The same subjects, for looking at any time."""

    e_value: float
    """Evidence against 'no difference'; at most 1e300."""
    log_e_value: float
    decides_at: float
    """1 / alpha."""
    decided: bool


class Comparison(Figures):
    """Two arms with subjects of their own: agreement in the blind lane."""

    primary_right: int
    primary_n: int
    canary_right: int
    canary_n: int
    difference: float | None
    """Canary's share less primary's."""
    sequence: Interval
    """Where the difference lies; holds however often one looks (95 %)."""
    p_value: float | None
    """Of two shares. Null until the planned number is reached; where none was planned, of what there is."""
    planned_n: int | None
    at_planned_n: bool
    """Whether both arms' labels together reach the planned number."""
    probability_canary_better: float
    """Beta-binomial, with uniform priors."""
    expected_loss: float
    """Agreement that choosing the canary loses on average, if it is the worse one."""


class Equivalence(Figures):
    margin: float
    difference: Interval
    """Canary's agreement less primary's, over all subjects; holds however often one looks (95 %)."""
    within_margin: bool
    cost_ratio: float | None
    """How many times cheaper the canary is; null when one of the two costs nothing."""


class VerdictDetail(Figures):
    sentence: str
    reasons: list[str]
    """What is broken."""
    further_labels: int | None
    """Expected number of further labels that decide; null: none, or beyond what can be foreseen."""


class ExperimentResults(Figures):
    mode: ExperimentMode
    subjects: int
    arms: ArmPair
    srm: SampleRatio
    hidden: bool
    """The sample ratio is broken, so everything but the counts is left out."""
    label_mix: LabelMix | None
    discordant: int | None
    """Subjects that one arm finds relevant and the other does not; shadow only."""
    mcnemar: McNemar | None
    """Shadow only."""
    e_value: float | None
    """Evidence against 'no difference' at any time; decides at 20. Shadow only."""
    e_process: EProcess | None
    comparison: Comparison | None
    """Canary mode only."""
    equivalence: Equivalence | None
    verdict: Verdict
    verdict_detail: VerdictDetail


class NeededLabels(Figures):
    effect: float
    """shadow: the share of disagreements that the better one wins; canary: the difference in agreement."""
    labels: int | None
    """Blind labels that find it: of disagreements, or of both arms together. Null: over 2,000 disagreements."""


class SampleSize(Figures):
    """How many labels to plan for, by how large a difference would matter."""

    mode: ExperimentMode
    needed: list[NeededLabels]
