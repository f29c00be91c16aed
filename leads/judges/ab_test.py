"""Two judges of one experiment: who judges whose posts, and what their answers count as.

In canary mode an author's arm decides; in shadow mode the primary decides, and the canary is asked about the same
posts afterwards (`pipeline/shadow.py`). What another model says in an arm's stead is no answer of that arm.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from experiments.models import Experiment, ExperimentMode, Variant
from experiments.results import Observation
from experiments.routing import variant_of

from ..facts import LeadRow
from .base import Answer, Judge, JudgeFailure, Verdict
from .cascade import CascadeJudge
from .keyword import EXCLUDE_MODEL_ID

PREFIX = "lead:"


def subject_of(lead_id: int) -> str:
    """A lead as experiments know it."""
    return f"{PREFIX}{lead_id}"


def lead_of(subject: str) -> int:
    return int(subject.removeprefix(PREFIX))


def author_key(lead: LeadRow) -> str:
    """Who wrote the post; a post without author stands for itself."""
    if lead.platform_user_id is None:
        return subject_of(lead.pk)
    return f"{lead.platform}:{lead.platform_user_id}"


def deciding_variant(experiment: Experiment, lead: LeadRow) -> Variant:
    """Whose verdict becomes the lead's."""
    if experiment.mode == ExperimentMode.SHADOW:
        return Variant.PRIMARY
    return variant_of(
        author_key(lead),
        experiment_id=experiment.experiment_id,
        salt=experiment.salt,
        canary_pct=experiment.canary_pct,
    )


@dataclass(frozen=True, slots=True)
class Arm:
    """A judge, and what it is in an experiment; None: there is none, and the project's own judge judges."""

    judge: Judge
    experiment: Experiment | None = None
    variant: Variant = Variant.PRIMARY

    def observations(
        self, leads: Sequence[LeadRow], answers: Mapping[int, Answer], *, costs: Mapping[int, Decimal]
    ) -> Iterable[Observation]:
        """What the answers (by lead) say of the arm. An excluded keyword is nobody's answer.

        `costs`: what answers had cost that are used again, by lead. They cost nothing now, but such a model does.
        """
        for lead in leads:
            answer = answers.get(lead.pk)
            if answer is not None and answer.model != EXCLUDE_MODEL_ID:
                yield self._observation(lead, answer, cost=costs.get(lead.pk, Decimal(0)))

    def is_own(self, answer: Answer) -> bool:
        """Whether the arm's judge gave it, and nobody in its stead."""
        if not isinstance(answer, Verdict):
            return False
        if isinstance(self.judge, CascadeJudge):
            return answer.model == self.judge.second.model_id or self.judge.decided_locally(answer)
        return answer.model == self.judge.model_id

    def _observation(self, lead: LeadRow, answer: Answer, *, cost: Decimal) -> Observation:
        subject, author = subject_of(lead.pk), author_key(lead)
        if isinstance(answer, Verdict) and self.is_own(answer):
            return Observation(
                subject,
                author,
                self.variant,
                model=answer.model,
                label=answer.label,
                confidence=answer.confidence,
                latency_ms=answer.latency_ms,
                cost_usd=answer.cost_usd or cost,
            )
        own = own_failure(answer)
        instead = f"{answer.model} answered instead." if isinstance(answer, Verdict) else ""
        failure = f"{own.reason if own else ''} {instead}".strip()
        return Observation(
            subject,
            author,
            self.variant,
            model=self.judge.model_id,
            latency_ms=own.latency_ms if own else 0.0,
            cost_usd=own.cost_usd if own else Decimal(0),
            failure=failure or "It gave no reason.",
        )


def own_failure(answer: Answer) -> JudgeFailure | None:
    """How the judge that was asked failed, whoever stepped in; None where it has answered, or nobody knows."""
    return answer.stood_in_for or (answer if isinstance(answer, JudgeFailure) else None)
