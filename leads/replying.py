"""How each lead could be answered, by what its platform allows the project's accounts.

Whether the author spoke to one of them is read from the post: does it mention the account's handle?
"""

from functools import cached_property

from connectors.policies import SELF_SERVE, Mode, Policy, Relation, policy
from connectors.selectors import Sender, all_senders

from .models import Lead, Post

PERMISSIVE_FIRST = (Mode.API, Mode.ASSISTED, Mode.BLOCKED)
NOBODY = Sender(platform="", project_id=None, handle="", tier=SELF_SERVE)
"""Stands for the account that a project does not have: it may do what any could."""


class ReplyPolicies:
    """The policies of the leads of one request: one query, however many leads are asked about."""

    @cached_property
    def _senders(self) -> list[Sender]:
        return all_senders()

    def of(self, lead: Lead) -> Policy:
        """What the one of the project's accounts may do that may do most."""
        post = lead.post
        usable = [
            sender
            for sender in self._senders
            if sender.platform == post.platform and sender.project_id in (None, lead.project_id)
        ]
        found = [policy_as(post, handle=sender.handle, tier=sender.tier) for sender in usable or [NOBODY]]
        return min(found, key=lambda each: PERMISSIVE_FIRST.index(each.mode))


def policy_as(post: Post, *, handle: str, tier: str) -> Policy:
    """What an account of that handle and tier may do."""
    return policy(post.platform, tier=tier, relation=relation_to(handle, post))


def relation_to(handle: str, post: Post) -> Relation:
    """How a post's author stands to the account of that handle, as far as the post itself tells."""
    ours = _plain(handle)
    names = (_in_full(_plain(name), ours, post.community) for name in post.mentions)
    return Relation.MENTIONED_US if ours and ours in names else Relation.NONE


def _plain(name: str) -> str:
    return name.strip().removeprefix("@").casefold()


def _in_full(name: str, ours: str, home: str) -> str:
    """`ada` as it stands in a post of harbour.example is `ada@harbour.example` to everybody else."""
    return f"{name}@{home.casefold()}" if "@" in ours and "@" not in name and home else name
