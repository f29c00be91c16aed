"""A query is tried before it is saved: posts, the judge's word on them, how many a day, and what a month costs."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from connectors import services
from connectors.base import FetchedPost
from connectors.budgets import Reading, read_months
from connectors.models import Account, AccountState, QueryCursor
from experiments.models import ModelVersion
from leads.models import Judgment, Lead, Post
from leads.services import previews
from leads.services.previews import monthly_cost, posts_per_day
from signalops_site.core.config.versions import active_document
from signalops_site.core.models import AuditEntry, BudgetReservation, LlmCall, Project, Run
from tests.llm_stand_in import says, serving

from .fakes import MastodonFake
from .standin import reply
from .toll import Toll, TollConnector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_nobody_asked_before")]
ADDRESS = "/api/connectors/queries/preview/"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def _nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture
def account(toll: Toll, project: Project) -> Account:
    toll.posts = {"invoice": 45}
    return services.add_account("toll", label="main", credentials={"key": "k"}, project=project, by="command:test")


def preview(api: APIClient, text: str = "invoice", platform: str = "toll") -> dict[str, Any]:
    answer = api.post(ADDRESS, {"project": "tidewater", "platform": platform, "text": text}, format="json")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_ten_posts_come_with_what_the_judge_says(account: Account, toll: Toll, operator_api: APIClient) -> None:
    told = preview(operator_api)
    assert (len(told["posts"]), told["problems"]) == (10, [])
    first = told["posts"][0]
    assert (first["id"], first["author"], first["url"]) == ("invoice-45", "ada", "https://toll.example/45")
    assert first["text"].startswith("Post 45: which invoice tool")
    assert first["created_at"] == "2026-11-20T12:00:00Z"
    assert first["label"] in ("relevant", "maybe", "irrelevant")
    assert 0 <= first["confidence"] <= 1
    assert first["reasoning"]


def test_the_estimate_and_the_cost_say_how_they_came_about(account: Account, operator_api: APIClient) -> None:
    told = preview(operator_api)
    assert told["per_day"] > 0
    assert "9 posts since the oldest of these, of 2026-11-20 03:00 UTC" in told["per_day_from"]
    cost = told["cost"]
    assert cost["posts_per_month"] >= told["per_day"] * 30
    assert Decimal(cost["usd_per_month"]) == (cost["posts_per_month"] * Decimal("0.005")).quantize(Decimal("0.01"))
    assert cost["sentence"].startswith(f"This query costs about ${Decimal(cost['usd_per_month']):,} a month")


def test_only_the_posts_in_the_budget_are_kept(account: Account, toll: Toll, operator_api: APIClient) -> None:
    audited, models = AuditEntry.objects.count(), ModelVersion.objects.count()
    preview(operator_api)
    month = read_months([account])[account.pk]
    assert (month.posts, month.usd, toll.given, len(toll.asked)) == (10, Decimal("0.05"), 10, 1)
    for model in (Post, Lead, Judgment, QueryCursor, Run, BudgetReservation):
        assert not model._default_manager.exists()
    assert (AuditEntry.objects.count(), ModelVersion.objects.count()) == (audited, models)


def test_a_spent_budget_is_a_problem_and_nobody_is_asked(
    account: Account, toll: Toll, operator_api: APIClient
) -> None:
    services.set_read_budget(account, posts=0, usd=None, by="command:test")
    told = preview(operator_api)
    assert (told["posts"], told["per_day"], toll.asked) == ([], None, [])
    assert "is spent (0 posts)" in told["problems"][0]
    assert told["cost"]["usd_per_month"] is None


def test_a_text_that_the_platform_does_not_take_is_told_before_the_budget_is_asked(
    account: Account, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TollConnector, "query_problem", classmethod(lambda *_: "the query is too long"))
    services.set_read_budget(account, posts=0, usd=None, by="command:test")
    assert preview(operator_api)["problems"] == ["the query is too long"]


def test_what_is_left_of_a_budget_is_shown(account: Account, operator_api: APIClient) -> None:
    services.set_read_budget(account, posts=4, usd=None, by="command:test")
    assert len(preview(operator_api)["posts"]) == 4


def test_a_platform_that_refuses_is_a_problem_and_the_account_stays_as_it_is(
    mastodon: MastodonFake, reachable: str, project: Project, operator_api: APIClient
) -> None:
    account = services.add_account(
        "mastodon", label="main", credentials=mastodon.credentials(), project=project, by="command:test"
    )
    mastodon.revoke()
    told = preview(operator_api, platform="mastodon")
    assert told["posts"] == []
    assert "refused the account" in told["problems"][0]
    account.refresh_from_db()
    assert (account.state, account.last_error) == (AccountState.OK, "")


def test_one_that_needs_an_account_says_so(
    mastodon: MastodonFake, reachable: str, operator_api: APIClient
) -> None:
    assert "accounts add mastodon" in preview(operator_api, platform="mastodon")["problems"][0]


def test_one_that_is_in_trouble_is_a_problem(
    mastodon: MastodonFake, reachable: str, project: Project, operator_api: APIClient
) -> None:
    services.add_account(
        "mastodon", label="main", credentials=mastodon.credentials(), project=project, by="command:test"
    )
    mastodon.stand_in.routes[mastodon.searched] = lambda _: reply({}, 503)
    assert "in trouble (503)" in preview(operator_api, platform="mastodon")["problems"][0]


def test_one_that_takes_too_long_is_left(
    account: Account, toll: Toll, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "DEADLINE", 0.4)
    over = threading.Event()

    def wait(_: str) -> None:
        over.wait(20)

    toll.before_page = wait
    told = preview(operator_api)
    over.set()
    assert "did not answer within" in told["problems"][0]
    assert not BudgetReservation.objects.exists()
    assert Reading(account, wanted=1).granted == 1
    assert read_months([account])[account.pk].posts == 10  # the platform reads on, and takes its money


def test_nothing_found_is_no_problem(account: Account, operator_api: APIClient) -> None:
    told = preview(operator_api, "nothing of the kind")
    assert (told["posts"], told["problems"], told["per_day"]) == ([], [], None)
    assert "cannot be told" in told["cost"]["sentence"]


def test_an_excluded_keyword_decides_as_in_a_run(
    account: Account, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = active_document(account.project)  # type: ignore[arg-type]
    relevance = document.relevance.model_copy(update={"keywords_excluded": ["invoices"]})
    changed = document.model_copy(update={"relevance": relevance})
    monkeypatch.setattr(previews, "active_document", lambda _: changed)
    told = preview(operator_api)["posts"]
    assert {post["reasoning"] for post in told} == {"holds the excluded keyword 'invoices'"}


def test_a_judge_that_is_not_here_is_a_problem_and_the_posts_are_shown(
    account: Account, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "judge_in_use", lambda *_: "local/nobody")
    told = preview(operator_api)
    assert {post["label"] for post in told["posts"]} == {None}
    assert (
        told["problems"] == [problem for problem in told["problems"] if "There is no local judge" in problem] != []
    )


def test_a_model_of_a_provider_is_asked_and_what_it_said_is_not_kept(
    account: Account, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "judge_in_use", lambda *_: "openai/gpt-4o-mini")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-nobody")
    said = {"label": "relevant", "confidence": 0.8, "reasoning": "<b>It asks.</b>"}
    with serving(lambda _asked: says(said)) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
        told = preview(operator_api)
    assert {post["reasoning"] for post in told["posts"]} == {"<b>It asks.</b>"}
    assert set(LlmCall.objects.values_list("project__slug", "answer")) == {("tidewater", "")}


def test_a_model_without_its_key_is_one_problem_of_a_preview(
    account: Account, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "judge_in_use", lambda *_: "openai/gpt-4o-mini")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (problem,) = preview(operator_api)["problems"]
    assert problem == "The judge: openai/gpt-4o-mini needs OPENAI_API_KEY in the environment."


def test_a_variable_that_is_not_allowed_is_a_problem(account: Account, operator_api: APIClient) -> None:
    assert "CONFIG_ENV_ALLOW" in preview(operator_api, "${SECRET_KEY}")["problems"][0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"platform": "file", "text": "invoice"}, "cannot be searched"),
        ({"platform": "nowhere", "text": "invoice"}, "cannot be searched"),
        ({"platform": "sample", "text": ""}, "text"),
        ({"platform": "sample", "text": "x" * 4097}, "text"),
        ({"platform": "sample", "text": "a\0b"}, "text"),
        ({"platform": "sample", "text": "a", "limit": 5}, "limit"),
    ],
)
def test_what_cannot_be_tried_is_a_400(
    operator_api: APIClient, project: Project, body: dict[str, str], words: str
) -> None:
    answer = operator_api.post(ADDRESS, {"project": "tidewater", **body}, format="json")
    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_reviewers_try_none(reviewer_api: APIClient) -> None:
    body = {"project": "tidewater", "platform": "sample", "text": "invoice"}
    assert reviewer_api.post(ADDRESS, body, format="json").status_code == 403


def test_ten_a_minute_are_enough(operator_api: APIClient, project: Project) -> None:
    body = {"project": "tidewater", "platform": "file", "text": "invoice"}
    told = [operator_api.post(ADDRESS, body, format="json").status_code for _ in range(11)]
    assert told == [400] * 10 + [429]


# ---------------------------------------------------------------- estimates


def posts(*hours_ago: float | None) -> list[FetchedPost]:
    return [
        FetchedPost("toll", str(n), "?", created_at=None if hours is None else NOW - timedelta(hours=hours))
        for n, hours in enumerate(hours_ago)
    ]


@pytest.mark.parametrize(
    ("hours_ago", "per_day"),
    [
        ((0, 6, 12), 4.0),
        ((12, 18, 24), 2.0),
        ((24 * 365, 24 * 730), 1 / 730),
        ((None, 6, None, 12), 2.0),
        ((-5, 6, 12), 2.0),
        ((6,), None),
        ((None, None), None),
        ((), None),
        ((0, 0), None),
    ],
)
def test_posts_a_day_are_those_behind_the_oldest_by_the_time_since(
    hours_ago: tuple[float | None, ...], per_day: float | None
) -> None:
    found, told = posts_per_day(posts(*hours_ago), now=NOW)
    assert found == (None if per_day is None else pytest.approx(per_day))
    assert ("about" in told) == (per_day is not None)


def test_a_month_at_x_costs_half_a_cent_a_post() -> None:
    cost = monthly_cost("x", 12.0)
    assert (cost.posts_per_month, cost.usd_per_month) == (360, Decimal("1.80"))
    assert cost.sentence == ("This query costs about $1.80 a month: about 360 posts at $0.005 each (2026-11-23).")


def test_without_a_price_no_sum_is_made_up() -> None:
    cost = monthly_cost("mastodon", 0.5)
    assert (cost.posts_per_month, cost.usd_per_month) == (15, None)
    assert "no price of a post is known" in cost.sentence
