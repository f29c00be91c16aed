"""A platform as the tests of sending have it: it counts what it is given, and fails as it is told. No network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from connectors.base import Capability, Connector, FetchedPage, Replying, SearchQuery, SentReply
from connectors.rules import Mode, PlatformPolicy, Rule

WELCOME = Rule(Mode.API, "Replies are welcome.", "https://quay.example", date(2026, 11, 23))
API_ONLY = PlatformPolicy(rules=(WELCOME,))


@dataclass
class Quay:
    """What was posted: (post, text, key). `before` may raise in the place of an acceptance, `after` behind one."""

    posted: list[tuple[str, str, str]] = field(default_factory=list)
    before: Callable[[str], None] = lambda _post_id: None
    after: Callable[[str], None] = lambda _post_id: None
    looked: Callable[[str], None] = lambda _post_id: None


class QuayConnector(Connector, Replying):
    platform = "quay"
    capabilities = frozenset({Capability.REPLY})
    policy = API_ONLY
    quay: ClassVar[Quay]

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        yield FetchedPage(())

    def reply(self, post_id: str, text: str, *, key: str) -> SentReply:
        self.quay.before(post_id)
        self.quay.posted.append((post_id, text, key))
        self.quay.after(post_id)
        return self._sent(len(self.quay.posted))

    def find_reply(self, post_id: str, text: str, *, since: datetime) -> SentReply | None:
        self.quay.looked(post_id)
        numbers = [n for n, each in enumerate(self.quay.posted, start=1) if each[:2] == (post_id, text)]
        return self._sent(numbers[0]) if numbers else None

    def _sent(self, number: int) -> SentReply:
        return SentReply(str(number), f"https://quay.example/{number}")
