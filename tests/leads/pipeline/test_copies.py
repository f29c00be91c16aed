"""Copies of a text are one lead: found across platforms and runs, at a cost that their number does not raise."""

import importlib
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from connectors.base import FetchedAuthor
from leads.models import Fingerprint, Lead, LeadStage, Post
from leads.near_duplicates import exact_key, words_of
from leads.pipeline.copies import MOST_PER_KEY, Originals, Text
from leads.services.copies import release_copies
from leads.services.ingest import store_posts
from signalops_site.core.models import Project
from tests.factories import LeadFactory, ProjectFactory, document

from .conftest import Platform, ScriptedJudge, post, run_pipeline

pytestmark = pytest.mark.django_db

TEXT = (
    "We are three gardeners and our quotes still live in a spreadsheet. Is there a tool that turns a quote into "
    "an invoice, takes a deposit by card and does not want forty euros a month from each of us?"
)
VARIED = TEXT.replace("three", "four")


def lead_of(number: int) -> Lead:
    return Lead.objects.get(post__platform_post_id=f"{number:05}")


def test_near_duplicates_are_one_lead_with_its_copies(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1, text=TEXT), post(2, text="something else that nobody repeats"), post(3, text=VARIED)]
    run = run_pipeline(walked)
    original = Lead.objects.get(copies__isnull=False)
    copy = original.copies.get()
    assert {original.post.text, copy.post.text} == {TEXT, VARIED}
    assert (copy.stage, copy.filter_reason) == (LeadStage.FILTERED, f"copy of lead {original.pk}")
    assert run.stages["normalize"]["reasons"] == {"copy": 1}
    assert run.stages["judge"]["done"] == 2


def test_a_copy_on_another_platform_in_a_later_run_is_found(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1, text=TEXT)]
    run_pipeline(walked)
    elsewhere = post(2, platform="mastodon", text=f"{TEXT[:120]}… https://short.example/1")
    store_posts(walked, [elsewhere, post(3, platform="reddit", text=TEXT)], query_label="all")
    run_pipeline(walked)
    copies = lead_of(1).copies.values_list("post__platform", flat=True)
    assert set(copies) == {"mastodon", "reddit"}


def test_projects_do_not_share_originals(walked: Project, platform: Platform) -> None:
    other = ProjectFactory.create(slug="other")
    platform.posts = [post(1, text=TEXT)]
    run_pipeline(walked)
    run_pipeline(other)
    assert not Lead.objects.filter(copy_of__isnull=False).exists()
    assert Post.objects.count() == 1


def test_a_lead_outside_the_profile_is_nobodys_original(walked: Project, platform: Platform) -> None:
    platform.page_size = 1
    platform.posts = [post(2, text=TEXT, author=FetchedAuthor(id="few", followers=1)), post(1, text=VARIED)]
    run = run_pipeline(walked)
    assert (lead_of(2).copy_of, lead_of(1).copy_of) == (None, None)
    assert lead_of(1).stage == LeadStage.DRAFTED
    assert run.stages["normalize"]["reasons"] == {"followers": 1}


def test_excluded_keywords_are_counted_where_they_are_judged(platform: Platform, judge: ScriptedJudge) -> None:
    relevance = {**document().relevance.model_dump(), "keywords_excluded": ["giveaway"]}
    project = ProjectFactory.create(slug="tidewater", document=document(relevance=relevance))
    platform.posts = [post(1, text="A giveaway of invoicing tools, today only"), post(2)]
    run = run_pipeline(project)
    assert run.stages["judge"]["reasons"] == {"excluded_keyword": 1}


def test_many_copies_are_looked_up_as_one_row(walked: Project) -> None:
    texts = [replace(post(number, text=TEXT), author=None) for number in range(1, 301)]
    store_posts(walked, texts, query_label="all")
    run_pipeline(walked, stages=["normalize"])
    assert Fingerprint.objects.count() == 1
    assert Lead.objects.filter(copy_of__isnull=False).count() == 299


def test_a_key_that_many_originals_share_finds_few_of_them(walked: Project) -> None:
    """They begin alike and go on differently: each is an original, and their head is stored for the first few."""
    head = "Hello everybody and welcome to our weekly thread about"
    leads = [LeadFactory.create(project=walked, stage="normalized") for _ in range(3 * MOST_PER_KEY)]
    for lead in leads:
        words = words_of(f"{head} " + " ".join(f"{lead.pk}word{number}" for number in range(20)))
        originals = Originals(walked, [text := Text(lead.pk, exact_key(words), words)])
        assert originals.original_of(text) is None
        originals.save()
    assert Fingerprint.objects.filter(head__isnull=False).count() == MOST_PER_KEY
    assert Fingerprint.objects.count() == len(leads)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is SQLite's")
def test_originals_are_looked_up_by_their_indexes(walked: Project) -> None:
    words = words_of(TEXT)
    with CaptureQueriesContext(connection) as captured:
        Originals(walked, [Text(1, exact_key(words), words)])
    lookups = [query["sql"] for query in captured if "leads_fingerprint" in query["sql"]]
    assert len(lookups) == 2
    for sql in lookups:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [row[3] for row in cursor.fetchall()]
        assert not [step for step in plan if step.startswith("SCAN")], plan
        assert any("USING INDEX fingerprint_" in step for step in plan), plan


def test_when_the_original_goes_its_copies_find_a_new_one(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1, text=TEXT)]
    run_pipeline(walked)
    store_posts(walked, [post(2, text=VARIED), post(3, text=TEXT)], query_label="all")
    run_pipeline(walked)
    original = lead_of(1)
    assert release_copies([original.pk]) == 2
    original.delete()
    assert set(Lead.objects.values_list("stage", "filter_reason", "copy_of")) == {("collected", "", None)}
    run_pipeline(walked)
    assert list(lead_of(2).copies.all()) == [lead_of(3)]


def test_the_list_shows_the_original_and_the_detail_its_copies(viewer_api: APIClient, project: Project) -> None:
    original = LeadFactory.create(project=project, score=50)
    copies = [LeadFactory.create(project=project, stage="filtered", copy_of=original) for _ in range(22)]

    def listed(**query: str | int) -> list[int]:
        return [row["id"] for row in viewer_api.get("/api/leads/", {"page_size": 100, **query}).json()["results"]]

    rows = viewer_api.get("/api/leads/").json()["results"]
    assert [(row["id"], row["copy_of"], row["copy_count"]) for row in rows] == [(original.pk, None, 22)]
    assert set(listed(copy_of=original.pk)) == set(listed(stage="filtered")) == {copy.pk for copy in copies}
    assert len(listed(copies="true")) == 23
    assert listed(copy_of=10**30) == []
    detail = viewer_api.get(f"/api/leads/{original.pk}/").json()
    assert [copy["id"] for copy in detail["copies"]] == [copy.pk for copy in copies[:20]]
    assert set(detail["copies"][0]) == {"id", "platform", "url", "posted_at", "author"}
    assert viewer_api.get(f"/api/leads/{copies[0].pk}/").json()["copy_of"] == original.pk


def test_the_migration_carries_earlier_copies_over(project: Project) -> None:
    original = LeadFactory.create(project=project, stage="judged", post__text=TEXT, post__language="en-gb")
    other = LeadFactory.create(stage="judged", post__language="und")
    copy, stale, foreign = (
        LeadFactory.create(project=project, stage="filtered", filter_reason=f"copy of lead {number}")
        for number in (original.pk, 10**9, other.pk)
    )
    importlib.import_module("leads.migrations.0006_copies").carry_over(apps, None)
    copies = dict(Lead.objects.values_list("pk", "copy_of"))
    assert (copies[copy.pk], copies[stale.pk], copies[foreign.pk]) == (original.pk, None, None)
    assert Fingerprint.objects.get(lead=original).exact == exact_key(words_of(TEXT))
    assert set(Post.objects.filter(leads__in=[original, other]).values_list("language", flat=True)) == {"en", ""}
