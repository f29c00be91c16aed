from django.urls import path

from .api.previews import QueryPreviewView
from .views import PipelineRunsView, RunRetryView, StatsView, TimelineView
from .views_desk import (
    AssigneesView,
    LeadDeskViewSet,
    LeadsBulkView,
    LeadsExportView,
    QueueBulkView,
    QueueDeskViewSet,
    UndoView,
)
from .views_labels import AnswerLabelView, LabelsView, NextLabelView, SkipLabelView, UndoLabelView
from .views_notifications import (
    NotificationReplayView,
    NotificationsReplayView,
    NotificationStateView,
    NotificationsView,
    NotificationTestView,
)
from .views_outcomes import LeadOutcomesView, OutcomeStatsView, WithdrawOutcomeView
from .views_schedules import SchedulePauseView, ScheduleResumeView, SchedulesView, ScheduleView
from .views_sending import (
    AssistView,
    PausesView,
    PauseView,
    PostedView,
    ResumeView,
    SendPreviewView,
    SendView,
)
from .views_sequences import LeadSequenceView, PlansView, SequencesView, StopSequenceView
from .views_suppressions import (
    CheckSuppressionView,
    ExportSuppressionsView,
    ImportSuppressionsView,
    SuppressionsView,
    SuppressionView,
)

urlpatterns = [
    path("leads/", LeadDeskViewSet.as_view({"get": "list"}), name="lead-list"),
    path("leads/export.csv/", LeadsExportView.as_view(), name="leads-export"),
    path("leads/bulk/", LeadsBulkView.as_view(), name="leads-bulk"),
    path("leads/<int:pk>/", LeadDeskViewSet.as_view({"get": "retrieve"}), name="lead-detail"),
    path("leads/<int:pk>/outcomes/", LeadOutcomesView.as_view(), name="lead-outcomes"),
    path("outcomes/<int:pk>/withdraw/", WithdrawOutcomeView.as_view(), name="outcome-withdraw"),
    path("leads/<int:pk>/sequence/", LeadSequenceView.as_view(), name="lead-sequence"),
    *(
        path(f"leads/<int:pk>/{act}/", LeadDeskViewSet.as_view({"post": act}), name=f"lead-{act}")
        for act in ("label", "note", "snooze", "assign")
    ),
    path("queue/", QueueDeskViewSet.as_view({"get": "list"}), name="queue-list"),
    path("queue/bulk/", QueueBulkView.as_view(), name="queue-bulk"),
    path("queue/undo/", UndoView.as_view(), name="undo"),
    path("queue/assignees/", AssigneesView.as_view(), name="assignees"),
    path("queue/<int:pk>/", QueueDeskViewSet.as_view({"get": "retrieve"}), name="queue-detail"),
    path(
        "queue/<int:pk>/hold/",
        QueueDeskViewSet.as_view({"post": "hold", "delete": "release"}),
        name="queue-hold",
    ),
    *(
        path(f"queue/<int:pk>/{act}/", QueueDeskViewSet.as_view({"post": act}), name=f"queue-{act}")
        for act in ("approve", "edit", "reject", "undo", "snooze", "assign")
    ),
    path("queue/<int:pk>/assist/", AssistView.as_view(), name="queue-assist"),
    path("queue/<int:pk>/posted/", PostedView.as_view(), name="queue-posted"),
    path("queue/send-preview/", SendPreviewView.as_view(), name="send-preview"),
    path("queue/send/", SendView.as_view(), name="send"),
    path("queue/pauses/", PausesView.as_view(), name="pauses"),
    path("queue/pause/", PauseView.as_view(), name="pause"),
    path("queue/resume/", ResumeView.as_view(), name="resume"),
    path("sequences/", SequencesView.as_view(), name="sequences"),
    path("sequences/plans/", PlansView.as_view(), name="sequence-plans"),
    path("sequences/<int:pk>/stop/", StopSequenceView.as_view(), name="sequence-stop"),
    path("labels/", LabelsView.as_view(), name="labels"),
    path("labels/next/", NextLabelView.as_view(), name="labels-next"),
    path("labels/undo/", UndoLabelView.as_view(), name="labels-undo"),
    path("labels/<int:pk>/answer/", AnswerLabelView.as_view(), name="label-answer"),
    path("labels/<int:pk>/skip/", SkipLabelView.as_view(), name="label-skip"),
    path("runs/", PipelineRunsView.as_view(), name="runs"),
    path("runs/schedules/", SchedulesView.as_view(), name="schedules"),
    path("runs/schedules/<int:pk>/", ScheduleView.as_view(), name="schedule"),
    path("runs/schedules/<int:pk>/pause/", SchedulePauseView.as_view(), name="schedule-pause"),
    path("runs/schedules/<int:pk>/resume/", ScheduleResumeView.as_view(), name="schedule-resume"),
    path("runs/<int:pk>/retry/", RunRetryView.as_view(), name="run-retry"),
    path("connectors/queries/preview/", QueryPreviewView.as_view(), name="query-preview"),
    path("notifications/", NotificationsView.as_view(), name="notifications"),
    path("notifications/state/", NotificationStateView.as_view(), name="notifications-state"),
    path("notifications/test/", NotificationTestView.as_view(), name="notifications-test"),
    path("notifications/replay/", NotificationsReplayView.as_view(), name="notifications-replay"),
    path("notifications/<int:pk>/replay/", NotificationReplayView.as_view(), name="notification-replay"),
    path("suppressions/", SuppressionsView.as_view(), name="suppressions"),
    path("suppressions/check/", CheckSuppressionView.as_view(), name="suppression-check"),
    path("suppressions/import/", ImportSuppressionsView.as_view(), name="suppressions-import"),
    path("suppressions/export.csv/", ExportSuppressionsView.as_view(), name="suppressions-export"),
    path("suppressions/<int:pk>/", SuppressionView.as_view(), name="suppression"),
    path("stats/", StatsView.as_view(), name="stats"),
    path("stats/timeline/", TimelineView.as_view(), name="stats-timeline"),
    path("stats/outcomes/", OutcomeStatsView.as_view(), name="stats-outcomes"),
]
