"""How each lead could be answered, by what its platform allows the project's accounts.

Whether the author spoke to one of them is read from the post (does it mention the account's handle?) and from what
the account was told of mentions elsewhere (`relations`).
"""

from collections.abc import Iterable
from functools import cached_property

from connectors.policies import SELF_SERVE, Mode, Policy, Relation, message_policy, policy
from connectors.selectors import Sender, all_senders

from .models import DeliveryKind, Lead, Post
from .relations import Answers, Interactions, strongest

PERMISSIVE_FIRST = (Mode.API, Mode.ASSISTED, Mode.BLOCKED)
NOBODY = Sender(platform="", project_id=None, handle="", tier=SELF_SERVE)
"""Stands for the account that a project does not have: it may do what any could."""


class ReplyPolicies:
    """The policies of the leads of one request: two queries, however many leads are asked about."""

    @cached_property
    def _senders(self) -> list[Sender]:
        return all_senders()

    @cached_property
    def _interactions(self) -> Interactions:
        return Interactions()

    @cached_property
    def _answers(self) -> Answers:
        return Answers()

    def of(self, lead: Lead, *, kind: str = DeliveryKind.REPLY) -> Policy:
        """What the one of the project's accounts may do that may do most."""
        post = lead.post
        usable = [
            sender
            for sender in self._senders
            if sender.platform == post.platform and sender.project_id in (None, lead.project_id)
        ]
        found = [self._policy(post, sender, kind=kind) for sender in usable or [NOBODY]]
        return min(found, key=lambda each: PERMISSIVE_FIRST.index(each.mode))

    def _policy(self, post: Post, sender: Sender, *, kind: str) -> Policy:
        account = sender.account_id
        spoke = self._interactions.relation(post.author, account_id=account) if account else Relation.NONE
        return policy_as(
            post,
            handle=sender.handle,
            tier=sender.tier,
            account_id=account,
            spoke=spoke,
            answers=self._answers,
            kind=kind,
        )


def policy_as(
    post: Post,
    *,
    handle: str,
    tier: str,
    account_id: int | None = None,
    spoke: Relation = Relation.NONE,
    answers: Answers | None = None,
    kind: str = DeliveryKind.REPLY,
) -> Policy:
    """What an account of that handle and tier may do. `spoke`: what its author said to it elsewhere; `answers`:
    which were given, where they are known already.

    Whoever spoke to it was answered once: a follow-up to them is as unasked for as one to anybody.
    """
    if kind == DeliveryKind.DM:
        return message_policy(post.platform)
    if kind == DeliveryKind.FOLLOW_UP:
        return policy(post.platform, tier=tier, relation=Relation.NONE)
    named = relation_to(handle, post)
    if named != Relation.NONE and (answers or Answers()).use_up(post, account_id=account_id):
        named = Relation.NONE
    return policy(post.platform, tier=tier, relation=strongest((named, spoke)))


def relation_to(handle: str, post: Post) -> Relation:
    """How a post's author stands to the account of that handle, as far as the post itself tells."""
    is_named = names_account(handle, mentions=post.mentions, community=post.community)
    return Relation.MENTIONED_US if is_named else Relation.NONE


def names_account(handle: str, *, mentions: Iterable[str], community: str) -> bool:
    """Whether one of these names, as a post of that community has them, is the account's."""
    ours = _plain(handle)
    return bool(ours) and ours in (_in_full(_plain(name), ours, community) for name in mentions)


def _plain(name: str) -> str:
    return name.strip().removeprefix("@").casefold()


def _in_full(name: str, ours: str, home: str) -> str:
    """`ada` as it stands in a post of harbour.example is `ada@harbour.example` to everybody else."""
    return f"{name}@{home.casefold()}" if "@" in ours and "@" not in name and home else name
