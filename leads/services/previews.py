"""What a query would find, before it is saved: posts, the verdicts on them, how many a day, and what they cost.

Nothing is stored but what asking takes: a request of the shared window, and the posts in the account's budget. The
platform is asked once and has a few seconds, because somebody is waiting.
"""

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from connectors.base import FetchedPage, FetchedPost
from connectors.entities import with_entities
from connectors.errors import ConnectorError
from connectors.prices import price_of
from connectors.trying import Trial, open_trial, require_searchable
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from ..judges.base import Findings, Judge, JudgeFailure, PostView, Verdict
from ..judges.factory import build_judge, judge_in_use
from ..judges.keyword import exclude_verdict
from ..judges.llm import forget_unstored
from ..normalizing import clean_text
from ..pipeline.batch import Desk, DeskClosed
from .ingest import storable

MOST_POSTS = 10
DEADLINE = 15.0
"""Seconds that the platform has for its answer."""
LOOK_UP_EVERY = 0.25
DAYS_IN_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class PreviewedPost:
    """A post as it is shown, and what the judge would say of it. `verdict` is None where there is none."""

    post: FetchedPost
    text: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading every new post of the query takes in a month. `usd_per_month` is None without a known price."""

    posts_per_month: int | None
    usd_per_month: Decimal | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Preview:
    posts: tuple[PreviewedPost, ...]
    per_day: float | None
    per_day_from: str
    """How the estimate came about, as a sentence; or why there is none."""
    cost: Cost
    problems: tuple[str, ...]


def preview_query(project: Project, *, platform: str, text: str) -> Preview:
    """Try a query. What goes wrong at the platform or the judge is told in `problems`; DomainError for a platform
    that cannot be searched.
    """
    require_searchable(platform)
    document = active_document(project)
    page, problems = _look(project, document, platform, text)
    judged, trouble = _judged(project, document, page.posts[:MOST_POSTS])
    per_day, told = posts_per_day(page.posts[:MOST_POSTS], now=timezone.now())
    return Preview(judged, per_day, told, monthly_cost(platform, per_day), (*problems, *trouble))


# ---------------------------------------------------------------- the platform


def _look(
    project: Project, document: ProjectDocument, platform: str, text: str
) -> tuple[FetchedPage, tuple[str, ...]]:
    desk = Desk()
    try:
        trial = open_trial(platform, text, project=project, document=document, most=MOST_POSTS, run=desk.do)
        try:
            page = _asked(trial, desk)
            trial.reading.count(page.posts_read)
            return page, ()
        except ConnectorError as error:
            return FetchedPage(()), (trial.explained(error).detail,)
        finally:
            trial.reading.end()
    except DomainError as error:
        return FetchedPage(()), (error.detail,)
    finally:
        desk.close()


def _asked(trial: Trial, desk: Desk) -> FetchedPage:
    """Ask in a thread, and do here what it needs of the database; ConnectorError when it takes too long."""
    answer: list[FetchedPage | Exception] = []

    def ask() -> None:
        try:
            answer.append(trial.ask())
        except DeskClosed as late:
            answer.append(late)
        except Exception as error:  # noqa: BLE001 - raised again where somebody waits for it
            answer.append(error)

    thread = threading.Thread(target=ask, name="try a query", daemon=True)
    thread.start()
    ends_at = time.monotonic() + DEADLINE
    while thread.is_alive() and time.monotonic() < ends_at:
        desk.serve(seconds=LOOK_UP_EVERY)
    if not answer:
        trial.reading.leave()
        raise ConnectorError(f"The platform did not answer within {DEADLINE:.0f} seconds. Try again later.")
    if isinstance(answer[0], Exception):
        raise answer[0]
    return answer[0]


# ---------------------------------------------------------------- the judge


def _judged(
    project: Project, document: ProjectDocument, posts: Sequence[FetchedPost]
) -> tuple[tuple[PreviewedPost, ...], tuple[str, ...]]:
    """The posts with what a run would say of them, and why there is nothing said where there is not."""
    views = [_view_of(post) for post in posts]
    if not views:
        return (), ()
    findings = Findings()
    try:
        judge = build_judge(judge_in_use(project, document), document, project=project, findings=findings)
        answers = _answers(views, judge, document)
    except DomainError as error:
        answers = [JudgeFailure("", error.detail) for _ in views]
    finally:
        forget_unstored()
    shown = [
        PreviewedPost(post, view.text, answer if isinstance(answer, Verdict) else None)
        for post, view, answer in zip(posts, views, answers, strict=True)
    ]
    reasons = [answer.reason for answer in answers if isinstance(answer, JudgeFailure)]
    return tuple(shown), tuple(f"The judge: {told}" for told in dict.fromkeys([*reasons, *findings.problems]))


def _answers(views: Sequence[PostView], judge: Judge, document: ProjectDocument) -> list[Verdict | JudgeFailure]:
    """As a run judges: an excluded keyword decides before the model."""
    excluded = [exclude_verdict(view, document.relevance) for view in views]
    asked = iter(judge.judge_batch([view for view, found in zip(views, excluded, strict=True) if found is None]))
    return [found or next(asked) for found in excluded]


def _view_of(post: FetchedPost) -> PostView:
    """A fetched post as judges see it, with its text as a run would clean it."""
    post = with_entities(post)
    author = post.author
    return PostView(
        text=clean_text(storable(post.text)),
        language=post.language,
        platform=post.platform,
        author_handle=author.handle or None if author else None,
        author_name=author.name or None if author else None,
        author_bio=author.bio or None if author else None,
        author_followers=author.followers if author else None,
        author_verified=author.verified if author else None,
        likes=post.likes,
        replies=post.replies,
        reposts=post.reposts,
        views=post.views,
        hashtags=post.hashtags,
        mentions=post.mentions,
        urls=post.urls,
    )


# ---------------------------------------------------------------- how many, and what it costs


def posts_per_day(posts: Sequence[FetchedPost], *, now: datetime) -> tuple[float | None, str]:
    """How many a day, and how that was found: those behind the oldest, by the time since it was written.

    The oldest only says when the counting begins. Posts without a time, or of the future, say nothing.
    """
    times = sorted(post.created_at for post in posts if post.created_at is not None and post.created_at <= now)
    if len(times) < 2:
        return None, "How many posts there are a day cannot be told from fewer than two with a time."
    days = (now - times[0]).total_seconds() / 86_400
    if days <= 0:
        return None, "How many posts there are a day cannot be told: these were written just now."
    per_day = (len(times) - 1) / days
    since = f"{times[0]:%Y-%m-%d %H:%M} UTC"
    return (
        per_day,
        f"{len(times) - 1} posts since the oldest of these, of {since}: about {_rounded(per_day)} a day.",
    )


def _rounded(per_day: float) -> str:
    return f"{per_day:,.0f}" if per_day >= 10 else f"{per_day:.2g}"


def monthly_cost(platform: str, per_day: float | None) -> Cost:
    """What a month takes, where every post that appears is read once."""
    price = price_of(platform)
    if per_day is None:
        return Cost(
            None, None, "What this query costs a month cannot be told, as nobody knows how many posts it finds."
        )
    posts = math.ceil(per_day * DAYS_IN_A_MONTH)
    if price is None:
        return Cost(
            posts, None, f"This query reads about {posts:,} posts a month; no price of a post is known there."
        )
    usd = (posts * price.usd_per_post).quantize(Decimal("0.01"))
    each = f"${price.usd_per_post.normalize():f}"
    sentence = f"This query costs about ${usd:,} a month: about {posts:,} posts at {each} each ({price.read_on})."
    return Cost(posts, usd, sentence)
