"""Who speaks to our accounts: answers to our replies become outcomes, mentions what a reply by API may rest on.

Each account is read up to the newest post that is known. What is read counts in its budget; where that ends in the
middle, the place is not moved, and what was stored is stored once. Texts are read here and not kept.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from connectors.base import (
    Connector,
    FetchedPage,
    FetchedPost,
    Follow,
    Followed,
    Mentioned,
    Simulated,
)
from connectors.budgets import Reading
from connectors.errors import AccountNeeded, ConnectorError, OverBudget, Refused
from connectors.listening import open_account, platforms_that_tell, simulated_platforms
from connectors.models import Account, AccountState
from connectors.searching import OpenSearch
from signalops_site.core.errors import DomainError

from ..models import (
    Delivery,
    DeliveryStatus,
    Interaction,
    InteractionKind,
    MentionCursor,
    OutcomeType,
)
from ..replying import names_account
from ..sending.authors import digest_of_person, digests_of_person
from ..suppression import erased_among
from .placing import place_kept, take_or_keep
from .recording import record_outcome

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=15)
AFTER_REFUSAL = timedelta(days=1)
AFTER_SPENDING = timedelta(hours=6)
FIRST_TIME = 100
"""Posts: what was said before an account was first read is not all read up."""
MOST_AT_ONCE = 800
FOLLOWS_COUNT_FOR = timedelta(days=30)
"""Who follows that long after a reply does it for another reason."""


@dataclass(slots=True)
class Heard:
    """What reading one account brought. `problem`: why it was not read, or not to the end."""

    posts: int = 0
    interactions: int = 0
    outcomes: int = 0
    problem: str = ""


@dataclass(slots=True)
class _Read:
    posts: list[FetchedPost] = field(default_factory=list)
    newest_id: str = ""
    is_whole: bool = True


def accounts_to_read() -> QuerySet[Account]:
    """Accounts of people that are told who speaks to them, and have not been read lately."""
    of_active = Q(project=None) | Q(project__is_active=True)
    known = Account.objects.filter(of_active, platform__in=platforms_that_tell(), state=AccountState.OK)
    waits = MentionCursor.objects.filter(account=OuterRef("pk"), next_look_at__gt=timezone.now())
    return known.exclude(Exists(waits)).order_by("pk")


def platforms_to_play() -> list[str]:
    """Those whose replies are simulated, and that somebody answered at."""
    sent = Delivery.objects.filter(status=DeliveryStatus.SENT, sent_at__gt=timezone.now() - FOLLOWS_COUNT_FOR)
    due = MentionCursor.objects.filter(account=None, next_look_at__gt=timezone.now())
    waiting = set(due.values_list("platform", flat=True))
    there = set(sent.filter(platform__in=simulated_platforms()).values_list("platform", flat=True))
    return sorted(there - waiting)


def read_account(account: Account) -> Heard | None:
    """Read who speaks to an account; None: another process does, or did lately."""
    cursor = _claimed(account.platform, account)
    if cursor is None:
        return None
    try:
        search = open_account(account)
        heard = _hear(search, cursor)
    except DomainError as error:
        return _put_off(cursor, error)
    return heard


def read_simulated(platform: str, connector: Connector) -> Heard | None:
    """The same of a platform that is played on this machine."""
    cursor = _claimed(platform, None)
    return None if cursor is None else _hear(OpenSearch(connector, None), cursor)


def _claimed(platform: str, account: Account | None) -> MentionCursor | None:
    cursor, _ = MentionCursor.objects.get_or_create(platform=platform, account=account)
    now = timezone.now()
    mine = MentionCursor.objects.filter(pk=cursor.pk, next_look_at__lte=now).update(next_look_at=now + EVERY)
    return cursor if mine else None


def _hear(search: OpenSearch, cursor: MentionCursor) -> Heard:
    try:
        read = _pages(search, cursor.newest_id)
        follows = _follows(search.connector, cursor.newest_follow_id)
    except ConnectorError as error:
        raise search.explained(error) from error
    heard = Heard(posts=len(read.posts), problem="" if read.is_whole else "The account's budget is spent.")
    heard.outcomes += place_kept(cursor.platform, search.account)
    for post in _of_others(read.posts, search.account):
        _take(post, search.account, heard)
    for follow in follows:
        heard.outcomes += _take_follow(follow, cursor.platform)
    if read.is_whole and read.newest_id:
        cursor.newest_id = read.newest_id
    if follows:
        cursor.newest_follow_id = follows[0].id
    cursor.looked_at, cursor.last_error = timezone.now(), heard.problem
    cursor.save(update_fields=["newest_id", "newest_follow_id", "looked_at", "last_error"])
    return heard


def _pages(search: OpenSearch, since_id: str) -> _Read:
    """All that is new, within the budget."""
    most, read = (MOST_AT_ONCE if since_id else FIRST_TIME), _Read()
    reading = Reading(search.account, wanted=most)
    left = reading.granted
    try:
        for page in _told(search.connector, since_id):
            read.newest_id = read.newest_id or page.newest_id or (page.posts[0].id if page.posts else "")
            read.posts += page.posts
            left -= page.posts_read
            is_reserved = reading.count(page.posts_read)
            if page.next_token is not None and (left <= 0 or not is_reserved):
                read.is_whole = not since_id or reading.granted == most
                break
    finally:
        reading.end()
    return read


def _told(connector: Connector, since_id: str) -> Iterable[FetchedPage]:
    if isinstance(connector, Simulated):
        return connector.answers(since_id)
    return connector.mentions(since_id) if isinstance(connector, Mentioned) else ()


def _follows(connector: Connector, since_id: str) -> list[Follow]:
    return list(connector.follows(since_id)) if isinstance(connector, Followed) else []


def _put_off(cursor: MentionCursor, error: DomainError) -> Heard:
    """An account that cannot be read is asked again much later; operators see why."""
    wait = EVERY
    if isinstance(error, AccountNeeded | Refused):
        wait = AFTER_REFUSAL
    elif isinstance(error, OverBudget):
        wait = AFTER_SPENDING
    elif isinstance(error, ConnectorError) and error.retry_after:
        wait = max(EVERY, timedelta(seconds=min(error.retry_after, 86_400)))
    cursor.last_error, cursor.next_look_at = error.detail, timezone.now() + wait
    cursor.save(update_fields=["last_error", "next_look_at"])
    log.info("who speaks to %s is not read now: %s", cursor, error.detail)
    return Heard(problem=error.detail)


def _of_others(posts: Iterable[FetchedPost], account: Account | None) -> list[FetchedPost]:
    """The oldest first, without our own and those of people who were erased."""
    ours = account.handle.removeprefix("@").casefold() if account else ""
    known = [post for post in posts if post.author and post.author.id]
    named = [(post.platform, post.author.id, post.author.handle) for post in known if post.author]
    erased = erased_among(named)
    return [
        post
        for post in reversed(known)
        if post.author
        and (post.platform, post.author.id) not in erased
        and not (ours and post.author.handle.casefold() == ours)
    ]


def kind_of(post: FetchedPost, account: Account | None) -> InteractionKind:
    """What a post to us is: it names the account, or else it answers something, or else it quotes."""
    handle = account.handle if account else ""
    if names_account(handle, mentions=post.mentions, community=post.community):
        return InteractionKind.MENTION
    return InteractionKind.REPLY if post.reply_to_id else InteractionKind.QUOTE


def _take(post: FetchedPost, account: Account | None, heard: Heard) -> None:
    author = post.author
    if author is None:
        return
    interaction, is_new = Interaction.objects.get_or_create(
        platform=post.platform,
        account=account,
        platform_post_id=post.id,
        defaults={
            "author_digest": digest_of_person(post.platform, author.id),
            "kind": kind_of(post, account),
            "happened_at": post.created_at or timezone.now(),
        },
    )
    heard.interactions += is_new
    heard.outcomes += take_or_keep(post, author, interaction)


def _take_follow(follow: Follow, platform: str) -> int:
    """Somebody whom we answered lately follows the account now: an outcome of the latest such reply."""
    digests = digests_of_person(platform, follow.author_id)
    lately = timezone.now() - FOLLOWS_COUNT_FOR
    sent = Delivery.objects.filter(
        platform=platform,
        status=DeliveryStatus.SENT,
        author_digest__in=digests,
        sent_at__gt=lately,
        draft__isnull=False,
    )
    if follow.at is not None:
        sent = sent.filter(sent_at__lte=follow.at)
    delivery = sent.select_related("draft__lead").order_by("-sent_at").first()
    if delivery is None or delivery.draft is None:
        return 0
    outcome = record_outcome(
        delivery.draft,
        kind=OutcomeType.FOLLOW_RECEIVED,
        reference=digests[0],
        author_digest=digests[0],
        details={"by_author": True},
    )
    return int(outcome is not None)
