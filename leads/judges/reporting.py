"""What a run tells of its judge when all is judged: what was cut, and what a cascade decided and saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Q

from signalops_site.core.llm.requests import FailureKind
from signalops_site.core.models import LlmCall, Project, Run

from ..models import Judgment
from .base import Label, StreamingJudge, Verdict
from .cascade import SURE, CascadeJudge, agreement
from .llm import PURPOSE

LOCALLY, ASKED, PAID, PAID_USD = "decided_locally", "asked_a_model", "paid_verdicts", "paid_usd"


@dataclass(frozen=True, slots=True)
class CascadeReport:
    """`saved_usd` is what the model would have taken for the posts that were decided locally, at its mean cost;
    None when no cost is known. `agreement` is over `compared` posts that both have judged; None without any.
    """

    decided_locally: int
    asked: int
    mean_usd: Decimal | None
    agreement: float | None
    compared: int

    @property
    def share(self) -> float | None:
        total = self.decided_locally + self.asked
        return self.decided_locally / total if total else None

    @property
    def saved_usd(self) -> Decimal | None:
        return None if self.mean_usd is None else self.mean_usd * self.decided_locally


def count_of_cascade(judge: CascadeJudge, verdicts: Iterable[Verdict]) -> Mapping[str, float]:
    """Amounts to add up over a run's portions. An answer out of the ledger costs nothing and tells no price."""
    counted = list(verdicts)
    locally = [verdict for verdict in counted if judge.decided_locally(verdict)]
    asked = [verdict for verdict in counted if verdict.prompt_version in {part[1] for part in judge.known_as}]
    paid = [verdict.cost_usd for verdict in asked if verdict.cost_usd]
    return {LOCALLY: len(locally), ASKED: len(asked), PAID: len(paid), PAID_USD: float(sum(paid))}


def describe_judging(
    judge: StreamingJudge, figures: Mapping[str, float], *, project: Project, run: Run
) -> list[str]:
    """Sentences for people. Nothing is said of what did not happen."""
    notes = [_about_cut_calls(run)]
    if isinstance(judge, CascadeJudge) and (figures.get(LOCALLY) or figures.get(ASKED)):
        notes.append(describe_cascade(judge, report_on(judge, figures, project=project)))
    return [note for note in notes if note]


def report_on(judge: CascadeJudge, figures: Mapping[str, float], *, project: Project) -> CascadeReport:
    share, compared = agreement(_judged_by_both(judge, project))
    return CascadeReport(
        decided_locally=round(figures.get(LOCALLY, 0)),
        asked=round(figures.get(ASKED, 0)),
        mean_usd=_mean_cost(judge, figures, project),
        agreement=share,
        compared=compared,
    )


def describe_cascade(judge: CascadeJudge, report: CascadeReport) -> str:
    total = report.decided_locally + report.asked
    first, second = judge.first.model_id, judge.second.model_id
    told = [f"{first} decided {report.decided_locally:,} of {total:,} posts by itself ({_percent(report.share)})"]
    if report.saved_usd is not None:
        told.append(f"which saved about ${report.saved_usd:,.4f} of {second}")
    if report.agreement is not None:
        told.append(
            f"of {report.compared:,} posts that both have judged they agree on {_percent(report.agreement)}"
        )
    return f"{'; '.join(told)}."


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _about_cut_calls(run: Run) -> str:
    cut = LlmCall.objects.filter(run=run, purpose=PURPOSE, status=FailureKind.TIMEOUT.value).count()
    calls = "call" if cut == 1 else "calls"
    return f"{cut:,} {calls} took longer than llm.max_judge_latency_ms and ended without an answer." if cut else ""


def _mean_cost(judge: CascadeJudge, figures: Mapping[str, float], project: Project) -> Decimal | None:
    """Of this run's own verdicts, else of the model's earlier ones in the project."""
    if figures.get(PAID):
        return Decimal(str(figures[PAID_USD])) / Decimal(str(figures[PAID]))
    paid = Judgment.objects.filter(
        lead__project=project, model_version__model_id=judge.second.model_id, cost_usd__gt=0
    )
    mean: Decimal | None = paid.aggregate(mean=Avg("cost_usd"))["mean"]
    return mean


def _judged_by_both(judge: CascadeJudge, project: Project) -> Iterable[tuple[Label, Label]]:
    """The labels of leads of which the local judge was sure, and that the model has judged as well."""
    first = Q(model_version__model_id=judge.first.model_id, prompt_version=judge.first.prompt_version)
    sure = Judgment.objects.filter(first, lead__project=project, confidence__gte=SURE).exclude(label=Label.MAYBE)
    full = Judgment.objects.filter(
        lead__project=project,
        model_version__model_id=judge.second.model_id,
        prompt_version__in=[version for _model, version in judge.known_as],
    )
    pairs = sure.filter(lead__in=full.values("lead")).values_list("lead_id", "label")
    said = dict(full.filter(lead__in=sure.values("lead")).values_list("lead_id", "label"))
    return [(Label(label), Label(said[lead])) for lead, label in pairs if lead in said]
