"""The plans by which a lead can be followed up: which touches, how far apart, and what each says.

    gentle                  the reply, and one follow-up
    direct                  the reply, and two follow-ups
    full                    the reply, and three follow-ups
    dm_after_they_wrote     a direct message, to somebody who has written to us

A plan holds only what a person may approve and the platforms allow. A like or a follow by a program is no step,
and neither is a message to somebody who has not written: a `Plan` refuses them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signalops_site.core.config.reading import nearest
from signalops_site.core.errors import DomainError

from ..models import StepKind

MOST_STEPS = 5
LONGEST_WAIT = 90


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """`wait_days` count from when the touch before it left; of a message, from when they wrote.

    `instruction` is told to a language model; without one `wording` is filled in, as the project's templates are.
    """

    kind: StepKind
    wait_days: int
    instruction: str
    wording: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A ValueError for one that nobody should follow."""

    name: str
    title: str
    description: str
    steps: tuple[PlannedStep, ...]

    def __post_init__(self) -> None:
        if problem := _problem_with(self.steps):
            raise ValueError(f"The plan {self.name!r} cannot be followed: {problem}")

    @property
    def is_message(self) -> bool:
        """It writes to people directly, so they have to have written first."""
        return self.steps[0].kind == StepKind.DM


def _problem_with(steps: tuple[PlannedStep, ...]) -> str:
    kinds = {step.kind for step in steps}
    if not 1 <= len(steps) <= MOST_STEPS:
        return f"it has {len(steps)} steps; 1 to {MOST_STEPS} are allowed."
    if unknown := kinds - set(StepKind):
        return f"{min(unknown)!r} is no step: only follow-ups and direct messages are, which a person approves."
    if len(kinds) > 1 or (StepKind.DM in kinds and len(steps) > 1):
        return "follow-ups end when they write, and until then a direct message would be cold: it stands alone."
    if any(not 0 <= step.wait_days <= LONGEST_WAIT for step in steps):
        return f"a wait has 0 to {LONGEST_WAIT} days."
    if StepKind.FOLLOW_UP in kinds and any(step.wait_days < 1 for step in steps):
        return "a follow-up waits for a day at least."
    return ""


def plan_of(name: str) -> Plan:
    """DomainError for a plan that does not exist."""
    if name not in PLANS:
        raise DomainError(f"There is no sequence {name!r}{nearest(name, PLANS)}.")
    return PLANS[name]


GREETING = "{% if author_name %}Hi {{ author_name }}. {% endif %}"

ASK = PlannedStep(
    StepKind.FOLLOW_UP,
    3,
    "Ask in one or two sentences whether they have found something, and offer to answer a question. Push nothing.",
    GREETING + "Did you find something that works for you? If a question is still open, I am glad to answer it.",
)
OFFER = PlannedStep(
    StepKind.FOLLOW_UP,
    7,
    "Add one thing of use for what they asked that was not said before, in two or three sentences.",
    GREETING + "One more thought on this: if you tell me what you have tried so far, I can say whether "
    "{{ product_name }} would help or whether something else fits better.",
)
CLOSE = PlannedStep(
    StepKind.FOLLOW_UP,
    14,
    "Say in one or two sentences that this is the last word from you, and that they can come back at any time.",
    GREETING + "This is the last you hear from me on this. If it comes up again, just answer here. All the best!",
)
MESSAGE = PlannedStep(
    StepKind.DM,
    0,
    "Thank them for their answer, and go on with what is better said in private: one question, or one offer of "
    "help. Two or three sentences.",
    GREETING + "Thank you for writing back. I work on {{ product_name }}: what would you need to know to see "
    "whether it fits?",
)


def _after(step: PlannedStep, days: int) -> PlannedStep:
    return PlannedStep(step.kind, days, step.instruction, step.wording)


_ALL = (
    Plan("gentle", "Gentle", "One follow-up, a week after the reply.", (_after(ASK, 7),)),
    Plan("direct", "Direct", "A follow-up after 3 days, and a last one 5 days later.", (ASK, _after(CLOSE, 5))),
    Plan("full", "Full", "Follow-ups after 3 days, 7 days more and 14 days more.", (ASK, OFFER, CLOSE)),
    Plan(
        "dm_after_they_wrote",
        "Message after they wrote",
        "A direct message to somebody who has answered. A person sends it.",
        (MESSAGE,),
    ),
)
PLANS: Mapping[str, Plan] = {plan.name: plan for plan in _ALL}
CHOICES = [(plan.name, plan.title) for plan in _ALL]
AT_SEND = tuple(plan.name for plan in _ALL if not plan.is_message)
"""Those that can begin when a reply is sent."""
