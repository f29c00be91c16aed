"""What every drafter shares: what it may say of a post, and what it answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FollowUp:
    """That a draft follows up on what was `written` to the same author, oldest first.

    `instruction` is told to a language model, `wording` a template for whoever has none; both are ours.
    `is_message`: it is a direct message, to somebody who has answered.
    """

    instruction: str
    wording: str
    written: tuple[str, ...]
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What a draft may say of a post: values only, all of them untrusted text. `subject` is `lead:12`.

    `follow_up` None: it is the first reply.
    """

    text: str
    platform: str
    query: str
    topic: str
    author_name: str
    author_handle: str
    language: str = ""
    subject: str = ""
    follow_up: FollowUp | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A reply for a person to review. `prompt` is what the drafter was asked, for preference pairs."""

    text: str
    template: str
    prompt: str
    model: str


@dataclass(frozen=True, slots=True)
class NotWritten:
    """No reply could be had: the attempt is recorded and the lead waits.

    Unless it may be the post's fault (`is_of_the_post`) the lead is tried again for as long as it takes.
    """

    reason: str
    is_of_the_post: bool = True


Draft = Written | NotWritten


class Drafter(Protocol):
    """Writes replies for one project."""

    @property
    def model_id(self) -> str: ...

    def write(self, asked: Sequence[DraftFacts]) -> Iterator[tuple[int, Draft]]:
        """(place, reply) of each, as they come. Never raises for what a post holds."""
        ...
