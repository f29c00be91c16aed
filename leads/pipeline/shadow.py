"""Shadow experiments: the canary is asked about what the primary has answered, and no lead changes.

The results themselves say what is missing. So what a killed run left, and what the canary failed on, a later run
makes up for; within one run nothing is asked twice.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from django.db import transaction

from experiments.models import Experiment, Variant
from experiments.results import leave_out, subjects_without_canary
from signalops_site.core.errors import DomainError

from ..facts import LEAD_COLUMNS, LeadRow
from ..judges.ab_test import Arm, lead_of, subject_of
from ..judges.base import Answer, Judge, StreamingJudge, Verdict
from ..judges.keyword import EXCLUDE_MODEL_ID
from ..models import Lead, LeadStage
from ..services.answers import lock_living
from ..services.observing import record_arm
from ..services.sampling import draw_discordant
from .arms import Arms
from .base import BATCH, RunContext

MADE_UP_PER_RUN: Final = BATCH
"""How many answers that earlier runs have not brought are asked for in one."""

Ask = Callable[[Sequence[LeadRow], Judge], Iterable[dict[int, Answer]]]
"""The answers of a judge, by lead, in portions."""


class Shadow:
    """The canary's way behind the primary, in one run."""

    def __init__(self, arms: Arms, context: RunContext, *, stage: str, ask: Ask) -> None:
        self._arms = arms
        self._context = context
        self._stage = stage
        self._ask = ask
        self._asked: set[str] = set()
        self._has_no_judge = False

    def follow(self, *, limit: int) -> None:
        """Ask the canary about so many subjects, those first that it was never asked about."""
        experiment = self._arms.experiment
        if experiment is None or not self._arms.is_shadow or self._has_no_judge:
            return
        subjects = self._next(experiment, limit)
        if subjects and (arm := self._arm()):
            self._observe(arm, experiment, subjects)

    def _next(self, experiment: Experiment, limit: int) -> list[str]:
        missing = subjects_without_canary(experiment, limit=limit + len(self._asked))
        chosen = [subject for subject in missing if subject not in self._asked][:limit]
        self._asked.update(chosen)
        return chosen

    def _arm(self) -> Arm | None:
        """None, and a problem of the run, when nothing can run the canary: leads are judged all the same."""
        try:
            return self._arms.arm(Variant.CANARY)
        except DomainError as error:
            self._has_no_judge = True
            with self._context.batch(self._stage) as tally:
                tally.tell([f"The canary could not be asked: {error.detail}"])
            return None

    def _observe(self, arm: Arm, experiment: Experiment, subjects: Sequence[str]) -> None:
        """Of posts that are gone or excluded by now the canary is asked nothing: they are no subjects any more."""
        rows = Lead.objects.filter(pk__in=map(lead_of, subjects)).exclude(stage=LeadStage.GONE)
        leads = [LeadRow(*row) for row in rows.order_by("pk").values_list(*LEAD_COLUMNS)]
        kept: set[int] = set()
        for portion in self._ask(leads, arm.judge):
            kept |= self._store(arm, experiment, leads, portion)
        lost = [subject for subject in subjects if lead_of(subject) not in kept]
        with transaction.atomic():
            leave_out(experiment, lost)

    def _store(
        self, arm: Arm, experiment: Experiment, leads: Sequence[LeadRow], came: dict[int, Answer]
    ) -> set[int]:
        """One transaction: results, what they make worth asking people about, and what the run tells of them."""
        with self._context.batch(self._stage) as tally:
            living = lock_living(self._context.project, came)
            portion = {pk: answer for pk, answer in came.items() if pk in living}
            labels = {subject_of(pk): one.label for pk, one in portion.items() if isinstance(one, Verdict)}
            own = {pk for pk, one in portion.items() if arm.is_own(one)}
            kept = record_arm(arm, [lead for lead in leads if lead.pk in portion], portion)
            draw_discordant(experiment, {subject_of(pk): labels[subject_of(pk)] for pk in own & kept})
            asked = {pk for pk in kept if portion[pk].model != EXCLUDE_MODEL_ID}
            tally.count("canary_answers", len(own & asked))
            tally.count("canary_failures", len(asked - own))
            if isinstance(arm.judge, StreamingJudge):
                tally.tell(arm.judge.findings.problems)
        return asked
