"""How each lead could be answered."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from connectors.models import Account
from leads.models import Delivery, DeliveryMode, DeliveryStatus, Lead, Post
from leads.replying import ReplyPolicies, relation_to
from leads.sending.authors import digest_of
from signalops_site.core.models import Project
from signalops_site.core.secrets import seal
from tests.factories import DraftFactory, LeadFactory

pytestmark = pytest.mark.django_db


def account(project: Project | None, platform: str, handle: str, **values: Any) -> Account:
    label = f"{platform} {handle}"
    return Account.objects.create(
        project=project, platform=platform, handle=handle, label=label, credentials=seal({}), **values
    )


def lead_at(project: Project, platform: str, *mentions: str) -> int:
    at = {"post__platform": platform, "post__posted_at": timezone.now()}
    return int(LeadFactory.create(project=project, post__mentions=list(mentions), **at).pk)


def replies(client: APIClient) -> dict[int, Any]:
    return {row["id"]: row["reply"] for row in client.get("/api/leads/").json()["results"]}


@pytest.mark.parametrize(
    ("handle", "mentions", "community", "relation"),
    [
        ("tidewater", ["tidewater"], "", "mentioned_us"),
        ("@Tidewater", ["@tideWater", "ada"], "", "mentioned_us"),
        ("tidewater", ["tidewaters", "tide"], "", "none"),
        ("tidewater", [], "", "none"),
        ("", [""], "", "none"),
        ("tidewater@harbour.example", ["tidewater"], "Harbour.example", "mentioned_us"),
        ("tidewater@harbour.example", ["tidewater"], "other.example", "none"),
        ("tidewater@harbour.example", ["tidewater@harbour.example"], "other.example", "mentioned_us"),
        ("tidewater@harbour.example", ["tidewater"], "", "none"),
    ],
)
def test_a_post_that_mentions_the_handle_mentions_us(
    handle: str, mentions: list[str], community: str, relation: str
) -> None:
    assert relation_to(handle, Post(mentions=mentions, community=community)) == relation


def test_a_lead_says_how_it_could_be_answered_and_why(viewer_api: APIClient, project: Project) -> None:
    lead = lead_at(project, "x")
    reply = replies(viewer_api)[lead]
    assert set(reply) == {"mode", "rule", "source", "read_on"}
    assert (reply["mode"], reply["read_on"]) == ("assisted", "2026-11-23")
    assert reply["rule"].startswith("Since 2026-02-23 X rejects replies")
    assert viewer_api.get(f"/api/leads/{lead}/").json()["reply"] == reply


def test_so_does_every_draft(viewer_api: APIClient, reviewer_api: APIClient, project: Project) -> None:
    account(project, "mastodon", "tidewater@harbour.example")
    mentions = ["tidewater@harbour.example"]
    draft = DraftFactory.create(
        lead__project=project,
        lead__post__platform="mastodon",
        lead__post__mentions=mentions,
        lead__post__posted_at=timezone.now(),
    )
    (item,) = viewer_api.get("/api/queue/").json()["results"]
    assert item["reply"]["mode"] == "api"
    assert viewer_api.get(f"/api/queue/{draft.pk}/").json()["reply"] == item["reply"]
    approved = reviewer_api.post(f"/api/queue/{draft.pk}/approve/", {}, format="json")
    assert approved.json()["reply"] == item["reply"]


def test_a_mention_counts_when_it_is_of_the_projects_own_account_or_a_shared_one(
    viewer_api: APIClient, project: Project, other_project: Project
) -> None:
    account(project, "bluesky", "ours.example")
    account(None, "bluesky", "shared.example")
    account(other_project, "bluesky", "theirs.example")
    account(project, "mastodon", "elsewhere.example")
    leads = {name: lead_at(project, "bluesky", f"{name}.example") for name in ("ours", "shared", "theirs")}
    leads["elsewhere"] = lead_at(project, "bluesky", "elsewhere.example")
    found = replies(viewer_api)
    assert {name: found[lead]["mode"] for name, lead in leads.items()} == {
        "ours": "api",
        "shared": "api",
        "theirs": "assisted",
        "elsewhere": "assisted",
    }


@pytest.mark.parametrize("status", ["claimed", "sent", "unknown"])
def test_a_mention_holds_for_one_reply_as_that_account_whichever_project_sent_it(
    project: Project, other_project: Project, status: str
) -> None:
    shared = account(None, "bluesky", "shared.example")
    lead = Lead.objects.get(pk=lead_at(project, "bluesky", "shared.example"))
    post, now = lead.post, timezone.now()
    assert post.author is not None
    answer = Delivery.objects.create(
        project=other_project,
        account=shared,
        platform="bluesky",
        author_digest=digest_of(post.author),
        mode=DeliveryMode.API,
        status=DeliveryStatus(status),
        claimed_at=now - timedelta(days=1),
        sent_at=now,
    )
    assert ReplyPolicies().of(lead).mode == "api", "that answered what was said before"
    Delivery.objects.update(claimed_at=now + timedelta(minutes=1))
    assert ReplyPolicies().of(lead).mode == "assisted"
    Delivery.objects.update(mode=DeliveryMode.ASSISTED)
    assert ReplyPolicies().of(lead).mode == "api", "a person answered, by hand"
    answer.delete()
    post.posted_at = now - timedelta(days=31)
    assert ReplyPolicies().of(lead).mode == "assisted", "it was too long ago"


def test_the_tier_of_an_account_decides(viewer_api: APIClient, project: Project) -> None:
    lead = lead_at(project, "x")
    account(project, "x", "tidewater")
    assert replies(viewer_api)[lead]["mode"] == "assisted"
    account(project, "x", "tidewater_too", tier="enterprise")
    assert replies(viewer_api)[lead]["mode"] == "api"


@pytest.mark.parametrize(
    ("platform", "mode"),
    [("linkedin", "blocked"), ("file", "blocked"), ("sample", "api"), ("elsewhere", "blocked")],
)
def test_platforms_without_accounts_have_their_rule_too(
    viewer_api: APIClient, project: Project, platform: str, mode: str
) -> None:
    lead = lead_at(project, platform)
    assert replies(viewer_api)[lead]["mode"] == mode


@pytest.mark.parametrize("path", ["/api/leads/", "/api/queue/"])
def test_a_page_asks_for_the_accounts_once(viewer_api: APIClient, project: Project, path: str) -> None:
    account(project, "bluesky", "ours.example")
    for platform in ("bluesky", "x", "mastodon", "sample"):
        DraftFactory.create(
            lead__project=project,
            lead__post__platform=platform,
            lead__post__mentions=["ours.example"],
            lead__post__posted_at=timezone.now(),
        )
    with CaptureQueriesContext(connection) as captured:
        assert len(viewer_api.get(path).json()["results"]) == 4
    assert len([query for query in captured if "connectors_account" in query["sql"]]) == 1
    assert (
        len([query for query in captured if 'FROM "leads_delivery"' in query["sql"] and "MAX" in query["sql"]])
        == 1
    )
    assert len([query for query in captured if 'FROM "leads_post"' in query["sql"]]) == 0
