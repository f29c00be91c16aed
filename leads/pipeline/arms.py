"""Who judges in a run: the project's judge, or the two of its active experiment."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from experiments.models import Experiment, ExperimentMode, ExperimentStatus, Variant

from ..facts import LeadRow
from ..judges.ab_test import Arm, deciding_variant
from ..judges.base import Judge, StreamingJudge
from ..judges.factory import active_judge
from .base import RunContext

SWITCHED_OFF: Final = (
    "The experiment {} is active, but experiments are switched off (`experiments.enabled`): "
    "the project's own judge judged alone."
)


class Build(Protocol):
    """From a model id, and tags for its traces, to a judge; DomainError when nothing can run it."""

    def __call__(self, model_id: str, tags: tuple[str, ...], *, is_alone: bool) -> Judge: ...


class Arms:
    """Builds each judge once, and only when there is something for it to judge."""

    def __init__(self, context: RunContext, build: Build) -> None:
        self._context = context
        self._build = build
        self._built: dict[Variant, Arm] = {}
        active = Experiment.objects.filter(project=context.project, status=ExperimentStatus.ACTIVE).first()
        is_on = context.document.experiments.enabled
        self.experiment = active if is_on else None
        self.notes = [SWITCHED_OFF.format(active)] if active and not is_on else []

    @property
    def is_shadow(self) -> bool:
        return self.experiment is not None and self.experiment.mode == ExperimentMode.SHADOW

    @property
    def streaming(self) -> list[StreamingJudge]:
        """Those that were built and ask a provider."""
        return [arm.judge for arm in self._built.values() if isinstance(arm.judge, StreamingJudge)]

    def split(self, leads: Sequence[LeadRow]) -> Iterator[tuple[Arm, list[LeadRow]]]:
        """The arms whose verdicts become the leads', each with its leads."""
        by_variant: dict[Variant, list[LeadRow]] = {}
        for lead in leads:
            variant = deciding_variant(self.experiment, lead) if self.experiment else Variant.PRIMARY
            by_variant.setdefault(variant, []).append(lead)
        for variant, of_arm in by_variant.items():
            yield self.arm(variant), of_arm

    def arm(self, variant: Variant) -> Arm:
        if variant not in self._built:
            self._built[variant] = self._make(variant)
        return self._built[variant]

    def _make(self, variant: Variant) -> Arm:
        experiment = self.experiment
        if experiment is None:
            model_id = active_judge(self._context.project, self._context.document, by="job:pipeline")
            return Arm(self._build(model_id, (), is_alone=False))
        model_id = experiment.canary_model if variant == Variant.CANARY else experiment.primary_model
        tags = (f"experiment:{experiment.experiment_id}", f"variant:{variant.value}")
        only_watches = self.is_shadow and variant == Variant.CANARY
        return Arm(self._build(model_id, tags, is_alone=only_watches), experiment, variant)
