"""The gate: platform, tier and relation to api, assisted or blocked, with the dated rule that says so."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from connectors import services
from connectors.base import Connector, FetchedPage, SearchQuery, connectors
from connectors.models import Account
from connectors.policies import POLICIES, all_policies, policy, policy_of
from connectors.rules import ContentRule, Mode, PlatformPolicy, Policy, Relation, Rule, Training
from signalops_site.core.errors import DomainError, NotAllowed
from signalops_site.core.models import AuditEntry, Project
from signalops_site.core.secrets import seal

NONE, MENTIONED, QUOTED = Relation.NONE, Relation.MENTIONED_US, Relation.QUOTED_US
API, ASSISTED, BLOCKED = Mode.API, Mode.ASSISTED, Mode.BLOCKED

MATRIX = [
    # platform, tier, none, mentioned, quoted
    ("x", "self-serve", ASSISTED, API, API),
    ("x", "enterprise", API, API, API),
    ("bluesky", "self-serve", ASSISTED, API, ASSISTED),
    ("mastodon", "self-serve", ASSISTED, API, ASSISTED),
    ("reddit", "self-serve", ASSISTED, ASSISTED, ASSISTED),
    ("reddit", "approved", API, API, API),
    ("hackernews", "self-serve", ASSISTED, ASSISTED, ASSISTED),
    ("linkedin", "self-serve", BLOCKED, BLOCKED, BLOCKED),
    ("file", "self-serve", BLOCKED, BLOCKED, BLOCKED),
    ("sample", "self-serve", API, API, API),
]


@pytest.mark.parametrize(("platform", "tier", "none", "mentioned", "quoted"), MATRIX)
def test_what_each_platform_allows(platform: str, tier: str, none: Mode, mentioned: Mode, quoted: Mode) -> None:
    modes = [policy(platform, tier=tier, relation=relation).mode for relation in (NONE, MENTIONED, QUOTED)]
    assert modes == [none, mentioned, quoted]


def test_the_matrix_knows_every_platform_and_tier() -> None:
    table = {(name, tier) for name, known in POLICIES.items() for tier in known.tiers}
    assert table == {(platform, tier) for platform, tier, *_modes in MATRIX}


@pytest.mark.parametrize("known", POLICIES.values(), ids=POLICIES)
def test_no_rule_is_out_of_reach_and_no_case_is_without_one(known: PlatformPolicy) -> None:
    cases = [(tier, relation) for tier in known.tiers for relation in Relation]
    first = [
        next(rule for rule in known.rules if rule.tier == tier and relation in rule.relations)
        for tier, relation in cases
    ]
    assert set(first) == set(known.rules)


@pytest.mark.parametrize("name", POLICIES)
def test_every_rule_is_a_sentence_with_its_date_and_source(name: str) -> None:
    known = POLICIES[name]
    content: list[Rule | ContentRule] = [known.content] if known.content else []
    for rule in (*known.rules, *content):
        assert rule.sentence.endswith(".")
        assert date(2026, 11, 1) <= rule.read_on <= timezone.now().date()
        assert rule.source.startswith("https://") or (rule.source == "" and name in ("file", "sample"))


@pytest.mark.parametrize(
    ("platform", "tier", "relation", "said"),
    [
        ("smoke-signals", "self-serve", "mentioned_us", "Nothing is known of what smoke-signals allows"),
        ("", "self-serve", "none", "Nothing is known"),
        ("x", "platinum", "mentioned_us", "No rule of x is known"),
        ("x", "", "mentioned_us", "No rule of x is known"),
        ("x", "enterprise", "admires_us", "No rule of x is known"),
        ("sample", "self-serve", "", "No rule of sample is known"),
    ],
)
def test_what_is_unknown_is_blocked(platform: str, tier: str, relation: str, said: str) -> None:
    answer = policy(platform, tier=tier, relation=relation)
    assert answer.rule.startswith(said)
    assert (answer.mode, answer.source, answer.read_on) == (BLOCKED, "", None)


def test_the_answer_names_the_rule_and_where_and_when_it_was_read() -> None:
    answer = policy("x", tier="self-serve", relation=NONE)
    assert "Since 2026-02-23 X rejects replies by API" in answer.rule
    assert (answer.source, answer.read_on) == ("https://docs.x.com/changelog", date(2026, 11, 23))


def test_posts_of_x_train_no_model_and_go_within_a_day() -> None:
    content = POLICIES["x"].content
    assert content is not None
    assert (content.training, content.deleted_within_hours) == (Training.FORBIDDEN, 24)


class Telegraph(Connector):
    platform = "telegraph"
    capabilities = frozenset()
    policy: ClassVar[PlatformPolicy | None] = PlatformPolicy(
        (Rule(ASSISTED, "By hand.", "https://telegraph.example/rules", date(2026, 11, 2)),)
    )

    def search(self, query: SearchQuery) -> Iterator[FetchedPage]:
        yield FetchedPage(())


class Semaphore(Telegraph):
    platform = "semaphore"
    policy = None


class Impostor(Telegraph):
    """Calls itself LinkedIn, and allows itself everything."""

    platform = "linkedin"
    policy = PlatformPolicy((Rule(API, "Anything goes.", "https://impostor.example", date(2026, 11, 2)),))


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connectors of another package, as its entry points would register them."""
    connectors.load()
    for each in (Telegraph, Semaphore, Impostor):
        monkeypatch.setitem(connectors._items, each.platform, each)


@pytest.mark.usefixtures("_installed")
def test_a_connector_of_another_package_declares_its_own_rules() -> None:
    assert policy("telegraph", tier="self-serve", relation=NONE) == Policy(
        ASSISTED, "By hand.", "https://telegraph.example/rules", date(2026, 11, 2)
    )


@pytest.mark.usefixtures("_installed")
def test_one_that_declares_none_is_blocked_and_listed_so() -> None:
    assert policy("semaphore", tier="self-serve", relation=MENTIONED).mode == BLOCKED
    assert all_policies()["semaphore"] == PlatformPolicy()


@pytest.mark.usefixtures("_installed")
def test_no_connector_overrides_the_table() -> None:
    assert policy("linkedin", tier="self-serve", relation=MENTIONED).mode == BLOCKED


def test_every_connector_of_ours_has_its_rules_in_the_table() -> None:
    assert [name for name in connectors if not POLICIES.get(name, PlatformPolicy()).rules] == []
    assert policy_of("nowhere") == PlatformPolicy()


# ---------------------------------------------------------------- the endpoint


def test_anybody_signed_in_reads_the_rules_with_their_dates_and_sources(outsider: User) -> None:
    client = APIClient()
    client.force_login(outsider)
    listed = {each["platform"]: each for each in client.get("/api/connectors/policies/").json()}
    assert list(listed) == sorted(listed)
    assert set(listed) >= set(POLICIES) | set(connectors)
    assert listed["x"]["content"]["training"] == "forbidden"
    assert listed["x"]["content"]["deleted_within_hours"] == 24
    assert [(rule["tier"], rule["relations"], rule["mode"]) for rule in listed["x"]["rules"]] == [
        ("self-serve", ["mentioned_us", "quoted_us"], "api"),
        ("self-serve", ["none"], "assisted"),
        ("enterprise", ["none", "mentioned_us", "quoted_us"], "api"),
    ]
    assert listed["linkedin"]["content"] is None
    (rule,) = listed["linkedin"]["rules"]
    assert set(rule) == {"tier", "relations", "mode", "rule", "source", "read_on"}
    assert (rule["source"], rule["read_on"]) == ("https://www.linkedin.com/legal/user-agreement", "2026-11-23")


# ---------------------------------------------------------------- tiers


@pytest.fixture
def account(project: Project) -> Account:
    return Account.objects.create(project=project, platform="reddit", label="main", credentials=seal({}))


def test_an_account_is_self_serve_until_an_operator_records_otherwise(account: Account, operator: User) -> None:
    assert account.tier == "self-serve"
    services.record_tier(account, tier="approved", by=operator)
    account.refresh_from_db()
    assert account.tier == "approved"
    entry = AuditEntry.objects.get(action="account.tier")
    assert (entry.project, entry.fields) == (account.project, {"tier": "approved"})


def test_a_tier_that_the_platform_has_not_is_refused(account: Account, operator: User) -> None:
    with pytest.raises(DomainError, match=r"reddit has no tier 'enterprise'. Its tiers: self-serve, approved."):
        services.record_tier(account, tier="enterprise", by=operator)
    account.refresh_from_db()
    assert account.tier == "self-serve"
    assert not AuditEntry.objects.filter(action="account.tier").exists()


def test_a_reviewer_records_no_tier(account: Account, reviewer: User) -> None:
    with pytest.raises(NotAllowed):
        services.record_tier(account, tier="approved", by=reviewer)


def test_the_tier_is_recorded_and_shown_by_the_api(account: Account, operator_api: APIClient) -> None:
    address = f"/api/connectors/accounts/{account.pk}/"
    answer = operator_api.post(f"{address}tier/", {"tier": "approved"}, format="json")
    assert (answer.status_code, answer.json()["tier"]) == (200, "approved")
    assert operator_api.get(address).json()["tier"] == "approved"
    assert operator_api.post(f"{address}tier/", {"tier": "gold"}, format="json").status_code == 400
    assert operator_api.post(f"{address}tier/", {"level": "approved"}, format="json").status_code == 400
