"""What the queries of a run share: how many posts are left to take, and which platforms are left alone."""

from collections import Counter
from dataclasses import dataclass, field

from connectors.errors import ConnectorError

from .base import RunContext


@dataclass(slots=True)
class CollectPlan:
    """What the queries of a run have in common: how many posts are left to take, and who is not to be asked."""

    context: RunContext
    left: int | None = field(init=False)
    lent: int = 0
    """Posts that queries under way may take, and may give back."""
    stopped: dict[str, ConnectorError] = field(default_factory=dict)
    """Platforms that are not asked again in this run, and why."""
    asked_to_wait: dict[str, float] = field(default_factory=dict)
    """Platform -> the time (monotonic) until which it wants to be left alone."""
    readers: Counter[int] = field(default_factory=Counter)
    """Account -> queries under way that have reserved a part of its budget."""

    def __post_init__(self) -> None:
        self.left = self.context.limit

    @property
    def is_batch(self) -> bool:
        return self.context.as_batch or self.context.document.batch.enabled

    @property
    def concurrency(self) -> int:
        asked = self.context.concurrency
        return asked or (self.context.document.batch.concurrency if self.is_batch else 1)

    @property
    def tries(self) -> int:
        """How often a query is tried in one run."""
        batch = self.context.document.batch
        return 1 + batch.max_retries if self.is_batch and batch.retry_failed else 1

    def grant(self, wanted: int) -> int:
        """So many of the posts that the run may still take; nobody else gets them."""
        granted = wanted if self.left is None else min(wanted, self.left)
        self.lent += granted
        self.left = None if self.left is None else self.left - granted
        return granted

    def settle(self, granted: int, *, taken: int) -> None:
        """Of what was granted so many were taken; the rest is for others."""
        self.lent -= granted
        self.left = None if self.left is None else self.left + max(granted - taken, 0)

    @property
    def is_lent_out(self) -> bool:
        """Nothing is left, but something may be given back."""
        return self.left == 0 and self.lent > 0
