"""Posts and their authors, the leads they become, and everything that is judged, scored, drafted and decided;
when a project's pipeline runs by itself, who was told of what, and what came of it.
"""

from .deliveries import COUNTED, Delivery, DeliveryKind, DeliveryMode, DeliveryStatus
from .drafts import Decision, DecisionKind, Draft, DraftStatus
from .holds import Hold
from .judgments import HumanLabel, Judgment, LabelSource
from .labelling import BLIND_KINDS, LabelTask, LabelTaskKind
from .leads import Fingerprint, Lead, LeadQuery, LeadStage, NotificationLog
from .notifications import Notification, NotificationKind, NotificationStatus, NotificationTarget
from .outcomes import (
    Interaction,
    InteractionKind,
    MentionCursor,
    NegativeShare,
    Outcome,
    OutcomeSource,
    OutcomeType,
)
from .posts import Author, Post, PostAvailability, RawPost
from .schedules import RunSchedule, ScheduleOutcome
from .scores import Score, ScoringPluginResult
from .sequences import Sequence, SequenceExit, Step, StepKind, Touch
from .suppressions import Suppression, SuppressionSource

__all__ = [
    "BLIND_KINDS",
    "COUNTED",
    "Author",
    "Decision",
    "DecisionKind",
    "Delivery",
    "DeliveryKind",
    "DeliveryMode",
    "DeliveryStatus",
    "Draft",
    "DraftStatus",
    "Fingerprint",
    "Hold",
    "HumanLabel",
    "Interaction",
    "InteractionKind",
    "Judgment",
    "LabelSource",
    "LabelTask",
    "LabelTaskKind",
    "Lead",
    "LeadQuery",
    "LeadStage",
    "MentionCursor",
    "NegativeShare",
    "Notification",
    "NotificationKind",
    "NotificationLog",
    "NotificationStatus",
    "NotificationTarget",
    "Outcome",
    "OutcomeSource",
    "OutcomeType",
    "Post",
    "PostAvailability",
    "RawPost",
    "RunSchedule",
    "ScheduleOutcome",
    "Score",
    "ScoringPluginResult",
    "Sequence",
    "SequenceExit",
    "Step",
    "StepKind",
    "Suppression",
    "SuppressionSource",
    "Touch",
]
