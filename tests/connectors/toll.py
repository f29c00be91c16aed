"""A platform that takes money for each post, as the tests have it: no network, pages of ten, newest first."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from connectors.access import Credentials, Identity, SecretText
from connectors.base import AccountConnector, Capability, FetchedAuthor, FetchedPage, FetchedPost, SearchQuery
from connectors.errors import ConnectorError
from connectors.paging import RawPage, walk
from connectors.rules import ReadPrice

PAGE = 10
PRICE = Decimal("0.005")
NEWEST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class TollCredentials(Credentials):
    key: SecretText = Field(description="whatever")


@dataclass
class Toll:
    """What the platform has, what it was asked, and how many posts it has handed out."""

    posts: dict[str, int] = field(default_factory=dict)
    """Query -> how many posts it finds."""
    asked: list[str] = field(default_factory=list)
    given: int = 0
    unwanted: int = 0
    """Posts of each page that the connector leaves out, though they were read."""
    fails_behind: int | None = None
    before_page: Callable[[str], None] = lambda _query: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, text: str, start: int, *, wanted: int, since: int) -> RawPage:
        self.before_page(text)
        with self.lock:
            self.asked.append(text)
            if self.fails_behind is not None and start >= self.fails_behind:
                raise ConnectorError("The toll keeper is asleep.")
            total = self.posts.get(text, 0)
            numbers = [number for number in range(total - start, 0, -1) if number > since][: min(wanted, PAGE)]
            self.given += len(numbers)
            more = start + len(numbers) < total - since
            return RawPage(
                [_post(text, number, total) for number in numbers], str(start + len(numbers)) if more else None
            )


def _post(text: str, number: int, total: int) -> FetchedPost:
    return FetchedPost(
        "toll",
        f"{text}-{number}",
        f"Post {number}: which {text} tool do you use for invoices?",
        FetchedAuthor(id=f"author-{text}-{number}", handle="ada", followers=5000),
        created_at=NEWEST - timedelta(hours=total - number),
        language="en",
        url=f"https://toll.example/{number}",
    )


class TollConnector(AccountConnector):
    platform = "toll"
    capabilities = frozenset({Capability.SEARCH})
    credentials = TollCredentials
    default_base_url = "https://toll.example"
    price = ReadPrice(PRICE, "https://toll.example/prices", date(2026, 11, 23))
    toll: ClassVar[Toll]

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        since = int(query.since_id.rpartition("-")[2] or 0)

        def fetch(token: str | None, wanted: int) -> RawPage:
            return self.toll.page(query.text, int(token or 0), wanted=wanted, since=since)

        for page in walk(query, fetch):
            kept = page.posts[: len(page.posts) - self.toll.unwanted]
            yield FetchedPage(kept, page.next_token, read=page.read)

    def verify(self) -> Identity:
        return Identity("ada")
