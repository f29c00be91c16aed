"""Mastodon's stand-in as tests of outcomes have it: an account of ours, and who speaks to it."""

from datetime import UTC, datetime
from typing import Any

from connectors.models import Account
from signalops_site.core.models import Project
from signalops_site.core.secrets import seal
from tests.connectors.fakes import MastodonFake
from tests.connectors.standin import Asked, Reply, StandIn, reply
from tests.connectors.writers import MastodonWriter

WE = "we@harbour.example"
ADA, BEA = "ada@harbour.example", "bea@harbour.example"


class Harbour:
    """Mastodon, with an account of ours that is told who mentions and who follows it."""

    def __init__(self, stand_in: StandIn) -> None:
        self.writer = MastodonWriter(stand_in)
        self.notices: list[dict[str, Any]] = []
        stand_in.routes["/api/v1/notifications"] = self._told

    @property
    def fake(self) -> MastodonFake:
        assert isinstance(self.writer.fake, MastodonFake)
        return self.writer.fake

    def ours(self, **numbers: int) -> None:
        """How our reply stands."""
        shown = {**self.writer.posted[0], "favourites_count": 0, "replies_count": 0, **numbers}
        self.fake.use(self.fake.with_changes(1), shown)

    def hears(self, acct: str, text: str, *, answers: str = "900") -> None:
        number = 1000 + len(self.notices)
        said = self.fake.with_changes(number, in_reply_to_id=answers, content=text, mentions=[{"acct": "we"}])
        said["account"] = {**said["account"], "acct": acct.partition("@")[0]}
        said["created_at"] = datetime.now(tz=UTC).isoformat()
        self.notices.append({"id": str(number), "type": "mention", "status": said})

    def is_followed_by(self, acct: str) -> None:
        now = datetime.now(tz=UTC).isoformat()
        notice = {"id": "7000", "type": "follow", "created_at": now, "account": {"acct": acct.partition("@")[0]}}
        self.notices.append(notice)

    def _told(self, asked: Asked) -> Reply:
        return reply([each for each in reversed(self.notices) if each["type"] == asked.param("types[]")])


def account(project: Project, platform: str = "mastodon", **given: Any) -> Account:
    of_mastodon = {
        "base_url": "https://harbour.example",
        "handle": WE,
        "credentials": seal({"access_token": "a-good-token"}),
    }
    return Account.objects.create(project=project, platform=platform, label="main", **{**of_mastodon, **given})
