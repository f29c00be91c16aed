"""What an experiment was designed to be, before anything was seen."""

from dataclasses import dataclass

from .models import Experiment, ExperimentMode

DEFAULT_MARGIN = 0.05
DEFAULT_MAX_LATENCY_MS = 5000.0
"""As `llm.max_judge_latency_ms` of a project.yaml that does not say."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`canary_pct` and `planned_n` are None where nobody said. Latency in milliseconds, shares between 0 and 1."""

    mode: ExperimentMode
    margin: float = DEFAULT_MARGIN
    primary_model: str = "primary"
    canary_model: str = "canary"
    canary_pct: float | None = None
    planned_n: int | None = None
    max_latency_ms: float = DEFAULT_MAX_LATENCY_MS

    @classmethod
    def of(cls, experiment: Experiment, *, max_latency_ms: float) -> "Plan":
        return cls(
            mode=ExperimentMode(experiment.mode),
            margin=experiment.margin,
            primary_model=experiment.primary_model,
            canary_model=experiment.canary_model,
            canary_pct=experiment.canary_pct,
            planned_n=experiment.max_n,
            max_latency_ms=max_latency_ms,
        )

    @property
    def is_shadow(self) -> bool:
        return self.mode == ExperimentMode.SHADOW

    def is_reached_by(self, n: int) -> bool:
        """Whether a number of labels was planned, and so many reach it."""
        return self.planned_n is not None and n >= self.planned_n
