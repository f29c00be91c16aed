"""What an account may read in a month: reserved, counted, told once when it is spent, and gone on with later."""

import io
import json
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from connectors import budgets, services
from connectors.budgets import Reading, read_months, scope_of
from connectors.errors import BudgetHeld, OverBudget
from connectors.models import Account, QueryCursor
from connectors.prices import PRICES, price_of
from leads.models import Lead
from leads.pipeline import query_walk
from leads.pipeline.base import Tally
from leads.pipeline.runner import RunOptions
from leads.services.runs import run_now
from signalops_site.core.errors import DomainError, NotAllowed
from signalops_site.core.models import AuditEntry, BudgetMonth, BudgetReservation, Project, Role, Run, RunStatus
from signalops_site.core.runs import request_cancel
from signalops_site.core.secrets import seal
from tests.factories import ProjectFactory, document, member

from .toll import Toll

pytestmark = pytest.mark.django_db


def query(text: str, *, most: int = 100) -> dict[str, Any]:
    return {"text": text, "label": text, "platform": "toll", "max_results_per_run": most}


@pytest.fixture
def harbour_project(toll: Toll) -> Project:
    toll.posts = {"one": 20, "two": 20, "three": 20}
    return ProjectFactory.create(
        slug="harbour", document=document(queries=[query(text) for text in ("one", "two", "three")])
    )


@pytest.fixture
def account(toll: Toll, harbour_project: Project) -> Account:
    return services.add_account(
        "toll", label="main", credentials={"key": "k"}, project=harbour_project, by="command:test"
    )


def limit(account: Account, posts: int | None = None, usd: str | None = None) -> None:
    services.set_read_budget(account, posts=posts, usd=None if usd is None else Decimal(usd), by="command:test")


def collect(project: Project, **options: Any) -> Run:
    return run_now(project, RunOptions.parse(stages=["collect"], **options), by="command:test")


def problems(run: Run) -> list[str]:
    found: list[str] = run.stages["collect"].get("problems", [])
    return found


def states(run: Run) -> dict[str, str]:
    return {label: told["state"] for label, told in run.stages["collect"]["queries"].items()}


def read(account: Account) -> tuple[int, Decimal | None]:
    month = read_months([account])[account.pk]
    return month.posts, month.usd


def spent_sentence(account: Account, limit: str) -> str:
    return f"The budget of account {account} for {account_month()} is spent ({limit})"


def account_month() -> str:
    return f"{BudgetMonth.objects.earliest('pk').month:%B}"


def project_of(account: Account) -> Project:
    assert account.project is not None
    return account.project


def test_what_was_read_counts_in_posts_and_money_and_the_rest_is_given_back(account: Account, toll: Toll) -> None:
    limit(account, posts=1000, usd="5.00")
    run = collect(project_of(account))
    assert run.status == RunStatus.SUCCEEDED
    assert read(account) == (60, Decimal("0.30"))
    assert toll.given == 60
    assert {row.reserved for row in BudgetMonth.objects.all()} == {0}
    assert not BudgetReservation.objects.exists()


def test_what_a_cancelled_run_had_asked_for_is_counted(account: Account, toll: Toll) -> None:
    """One page was read; nobody waits for the second, which the platform reads all the same."""
    over = threading.Event()
    project = ProjectFactory.create(slug="landfall", document=document(queries=[query("one", most=50)]))
    Account.objects.update(project=None)

    def wait(_: str) -> None:
        if toll.asked:
            over.wait(20)

    def cancel(stage: str, tally: Tally) -> None:
        if tally.handled and not Run.objects.get().cancel_requested_at:
            request_cancel(Run.objects.get(), by="command:test")

    toll.before_page = wait
    run = run_now(project, RunOptions.parse(stages=["collect"]), by="command:test", observer=cancel)
    over.set()
    assert (run.status, Lead.objects.count(), read(account)[0]) == (RunStatus.CANCELLED, 10, 50)
    assert not BudgetReservation.objects.exists()


def test_a_query_says_when_there_was_more_than_it_may_bring(account: Account, toll: Toll) -> None:
    Account.objects.update(project=None)
    queries = [query("one", most=15), query("two", most=20)]
    run = collect(ProjectFactory.create(slug="landfall", document=document(queries=queries)))
    told = {label: one["detail"] for label, one in run.stages["collect"]["queries"].items()}
    assert told == {"one": "Stopped at max_results_per_run (15); there was more.", "two": ""}
    assert set(states(run).values()) == {"done"}


def test_an_account_without_a_limit_is_counted_too(account: Account) -> None:
    collect(project_of(account))
    assert read(account) == (60, Decimal("0.30"))


@pytest.mark.parametrize(("most", "told"), [({"posts": 25}, "25 posts"), ({"usd": "0.13"}, "$0.13")])
def test_a_spent_budget_puts_its_queries_off_and_is_told_once(
    account: Account, toll: Toll, harbour_project: Project, most: dict[str, Any], told: str
) -> None:
    limit(account, **most)
    run = collect(harbour_project)
    allowed = 25 if "posts" in most else 26
    assert (run.status, Lead.objects.count(), toll.given) == (RunStatus.PARTIAL, allowed, allowed)
    assert states(run) == {"one": "done", "two": "deferred", "three": "deferred"}
    (message,) = problems(run)
    assert message.startswith(spent_sentence(account, told))
    assert "it goes on from 1 " in message
    assert toll.asked.count("three") == 0

    asked = len(toll.asked)
    again = collect(harbour_project)
    assert (len(problems(again)), len(toll.asked)) == (1, asked)
    assert set(states(again).values()) == {"deferred"}


def test_a_raised_limit_goes_on_where_it_stopped_and_reads_nothing_twice(
    account: Account, toll: Toll, harbour_project: Project
) -> None:
    limit(account, posts=25)
    collect(harbour_project)
    limit(account, posts=60)
    run = collect(harbour_project)
    assert (run.status, Lead.objects.count(), toll.given) == (RunStatus.SUCCEEDED, 60, 60)
    assert not QueryCursor.objects.exclude(last_error="").exists()


def test_queries_side_by_side_share_what_there_is(account: Account, toll: Toll, harbour_project: Project) -> None:
    """The first reserves it all; the others wait for what it gives back, however long it reads."""
    limit(account, posts=100)
    first = threading.Event()

    def slowly(text: str) -> None:
        if text == "one":
            first.wait(0.3)

    toll.before_page = slowly
    run = collect(harbour_project, concurrency=3)
    assert (run.status, Lead.objects.count()) == (RunStatus.SUCCEEDED, 60)
    assert read(account)[0] == 60


@pytest.mark.parametrize("posts", [1, 9, 35, 59])
def test_side_by_side_they_stay_within_it_to_the_last_post(
    account: Account, toll: Toll, harbour_project: Project, posts: int
) -> None:
    limit(account, posts=posts)
    run = collect(harbour_project, concurrency=3)
    assert (toll.given, read(account)[0], Lead.objects.count()) == (posts, posts, posts)
    assert len(problems(run)) == 1


def test_waiting_for_others_of_the_run_is_not_what_tires_a_query(
    account: Account, toll: Toll, harbour_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "HELD_FOR", 0.01)
    monkeypatch.setattr(query_walk, "PATIENCE", 0.0)
    limit(account, posts=100)
    assert collect(harbour_project, concurrency=3).status == RunStatus.SUCCEEDED
    assert read(account)[0] == 60


def test_what_another_process_has_reserved_is_waited_for_and_then_left(
    account: Account, toll: Toll, harbour_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "HELD_FOR", 0.01)
    monkeypatch.setattr(query_walk, "PATIENCE", 0.1)
    limit(account, posts=50)
    elsewhere = Reading(account, wanted=50)
    run = collect(harbour_project)
    (message,) = problems(run)
    assert "reserved by what is under way" in message
    assert (set(states(run).values()), toll.asked) == ({"deferred"}, [])
    elsewhere.end()
    QueryCursor.objects.update(retry_at=None)
    collect(harbour_project)
    assert read(account)[0] == 50


def test_posts_that_the_connector_leaves_out_were_read_all_the_same(
    account: Account, toll: Toll, harbour_project: Project
) -> None:
    toll.unwanted = 3
    collect(harbour_project)
    assert Lead.objects.count() < 60
    assert read(account)[0] == toll.given


def test_a_query_that_breaks_off_gives_the_rest_back(
    account: Account, toll: Toll, harbour_project: Project
) -> None:
    toll.fails_behind = 10
    limit(account, posts=1000)
    collect(harbour_project)
    assert read(account)[0] == 30
    assert not BudgetReservation.objects.exists()


def test_a_run_that_breaks_off_gives_the_rest_back_and_keeps_the_count(
    account: Account, harbour_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(query_walk, "store_posts", broken)
    assert collect(harbour_project).status == RunStatus.FAILED
    assert read(account)[0] == 10
    assert not BudgetReservation.objects.exists()


def test_without_an_account_nothing_is_counted(toll: Toll, harbour_project: Project) -> None:
    collect(harbour_project)
    assert toll.given == 60
    assert not BudgetMonth.objects.exists()


def test_one_accounts_budget_is_not_anothers(account: Account, harbour_project: Project) -> None:
    other = Account.objects.create(platform="toll", label="other", credentials=seal({"key": "k"}))
    limit(other, posts=0)
    assert collect(harbour_project).status == RunStatus.SUCCEEDED
    with pytest.raises(OverBudget, match=r"\(0 posts\)"):
        Reading(other, wanted=1)


def test_a_reading_counts_as_it_goes(account: Account) -> None:
    limit(account, posts=30)
    reading = Reading(account, wanted=100)
    assert reading.granted == 30
    with pytest.raises(BudgetHeld):
        Reading(account, wanted=1)
    assert reading.count(20)
    reading.end()
    assert Reading(account, wanted=100).granted == 10


# ---------------------------------------------------------------- prices and limits


def test_the_price_of_x_is_dated_and_sourced() -> None:
    price = PRICES["x"]
    assert price.usd_per_post == Decimal("0.005")
    assert price.source.startswith("https://docs.x.com/")
    assert price_of("x") is price


def test_a_connector_declares_its_own_and_others_have_none(toll: Toll) -> None:
    price = price_of("toll")
    assert price is not None
    assert price.usd_per_post == Decimal("0.005")
    assert price_of("mastodon") is None
    assert price_of("nowhere") is None


def test_money_limits_nothing_where_no_price_is_known(project: Project) -> None:
    account = Account.objects.create(platform="mastodon", label="main", project=project, credentials=seal({}))
    with pytest.raises(DomainError, match="Limit its posts"):
        limit(account, usd="5.00")
    limit(account, posts=100)
    month = read_months([account])[account.pk]
    assert (month.usd, str(month)) == (None, "0 of 100 posts")


def test_operators_alone_set_it_and_it_is_audited(account: Account, harbour_project: Project) -> None:
    with pytest.raises(NotAllowed):
        services.set_read_budget(account, posts=1, usd=None, by=member(harbour_project, Role.REVIEWER))
    limit(account, posts=100, usd="2.50")
    entry = AuditEntry.objects.filter(action="account.budget").get()
    assert (entry.target_id, entry.fields) == (str(account.pk), {"posts": 100, "usd": "2.50"})


# ---------------------------------------------------------------- API, admin, command


@pytest.fixture
def bought(account: Account, project: Project) -> Account:
    """With something read, in the project that the cast works in."""
    Account.objects.filter(pk=account.pk).update(project=project)
    account.refresh_from_db()
    reading = Reading(account, wanted=10)
    reading.count(120)
    reading.end()
    return account


def test_the_api_limits_and_tells_what_was_read(bought: Account, operator_api: APIClient) -> None:
    address = f"/api/connectors/accounts/{bought.pk}/budget/"
    answer = operator_api.post(address, {"posts_limit": 1000, "usd_limit": "5.00"}, format="json")
    assert answer.status_code == 200
    month = answer.json()["budget"].pop("month")
    assert month.endswith("-01")
    told = {"posts": 120, "usd": "0.60", "posts_limit": 1000, "usd_limit": "5.00", "usd_per_post": "0.005000"}
    listed = operator_api.get("/api/connectors/accounts/").json()["results"][0]["budget"]
    assert listed == {**told, "month": month}
    cleared = operator_api.post(address, {"posts_limit": None, "usd_limit": None}, format="json").json()["budget"]
    assert (cleared["posts_limit"], cleared["usd_limit"], cleared["posts"]) == (None, None, 120)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"posts_limit": -1, "usd_limit": None}, "posts_limit"),
        ({"posts_limit": 10**10, "usd_limit": None}, "posts_limit"),
        ({"posts_limit": None, "usd_limit": "-0.01"}, "usd_limit"),
        ({"posts_limit": None, "usd_limit": "NaN"}, "usd_limit"),
        ({"posts_limit": None, "usd_limit": "1.005"}, "usd_limit"),
        ({"posts_limit": 5}, "usd_limit"),
        ({"posts_limit": None, "usd_limit": None, "eur": 5}, "eur"),
    ],
)
def test_what_is_no_limit_is_a_400_that_names_it(
    bought: Account, operator_api: APIClient, body: dict[str, Any], named: str
) -> None:
    answer = operator_api.post(f"/api/connectors/accounts/{bought.pk}/budget/", body, format="json")
    assert (answer.status_code, named in str(answer.json()["errors"])) == (400, True)


def test_a_list_of_accounts_asks_for_their_budgets_once(bought: Account, operator_api: APIClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert operator_api.get("/api/connectors/accounts/").status_code == 200
        return len(caught)

    queries()
    before = queries()
    for number in range(5):
        Account.objects.create(
            platform="toll", label=f"more {number}", project=bought.project, credentials=seal({"key": "k"})
        )
    assert queries() == before


def test_the_admin_sets_it_by_a_button(bought: Account, superuser: User, client: Client) -> None:
    client.force_login(superuser)
    page = reverse("admin:connectors_account_change", args=[bought.pk])
    assert "120 posts, $0.60" in client.get(page).content.decode()
    address = reverse("admin:connectors_account_act", args=[bought.pk, "budget"])
    answer = client.post(address, {"posts": "1000", "usd": ""}, follow=True).content.decode()
    assert "120 of 1,000 posts, $0.60" in answer
    bought.refresh_from_db()
    assert (bought.monthly_posts_limit, bought.monthly_usd_limit) == (1000, None)


def accounts(*arguments: str) -> str:
    out = io.StringIO()
    call_command("accounts", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_sets_shows_and_takes_away(bought: Account) -> None:
    identity = str(bought.pk)
    assert accounts("budget", identity) == f"Account {identity} has read 120 posts, $0.60 this month.\n"
    assert "120 of 1,000 posts, $0.60 of $5.00" in accounts("budget", identity, "--posts", "1000", "--usd", "5")
    assert "120 of 1,000 posts, $0.60 this month" in accounts("budget", identity, "--usd", "none")
    (told,) = json.loads(accounts("list", "--json"))["results"]
    assert (told["budget"]["posts"], told["budget"]["posts_limit"], told["budget"]["usd"]) == (
        120,
        1000,
        "0.600000",
    )


@pytest.mark.parametrize("wrong", [("--posts", "-1"), ("--posts", "1.5"), ("--usd", "1.005"), ("--usd", "NaN")])
def test_the_command_refuses_what_is_no_limit(bought: Account, wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="not"):
        accounts("budget", str(bought.pk), *wrong)


def test_a_scope_is_an_accounts_own(account: Account) -> None:
    assert scope_of(account) == f"account:{account.pk}"
