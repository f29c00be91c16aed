"""Notify: a lead that reaches the threshold is announced once per target, when it is new: a target that is named
later hears nothing of the leads before it.

The dashboard hears of it by the `new_lead` event. For Slack, Discord and webhooks it is put into the outbox, in
the same transaction; a worker sends it.
"""

from django.db.models import Exists, OuterRef, QuerySet

from signalops_site.core.bulk import insert_rows
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project
from signalops_site.core.runs import publish

from ...judges.base import Label
from ...models import Lead, LeadStage, NotificationLog
from ...notifying.outbox import tell_of_leads
from ..base import RunContext, Stage, in_batches, stages

DASHBOARD = "dashboard"
ANNOUNCED = [LeadStage.SCORED, LeadStage.DRAFTED]


@stages.register("notify")
class Notify(Stage):
    name = "notify"
    after = ("score",)

    def pending(self, project: Project, document: ProjectDocument) -> int:
        return _unannounced(project, document).count()

    def process(self, context: RunContext) -> None:
        for batch in in_batches(_unannounced(context.project, context.document), limit=context.limit, size=100):
            with context.batch(self.name) as tally:
                insert_rows(NotificationLog, ("lead_id", "target"), ((lead.pk, DASHBOARD) for lead in batch))
                for lead in batch:
                    detail = {"lead": lead.pk, "score": round(lead.score, 1)}
                    publish(context.project, "new_lead", run=context.run, stage=self.name, detail=detail)
                tell_of_leads(context.project, context.document, [lead.pk for lead in batch])
                tally.done += len(batch)


def _unannounced(project: Project, document: ProjectDocument) -> QuerySet[Lead]:
    announced = NotificationLog.objects.filter(lead=OuterRef("pk"), target=DASHBOARD)
    return (
        Lead.objects.filter(
            project=project, stage__in=ANNOUNCED, score__gte=document.notifications.min_score_to_notify
        )
        .exclude(label=Label.IRRELEVANT)
        .filter(~Exists(announced))
    )
