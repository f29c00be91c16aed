"""A post that is gone at its platform: nothing of it is left, and counts and ids stay."""

import json
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from connectors.base import FetchedAuthor, FetchedPost
from leads.models import (
    Author,
    Draft,
    DraftStatus,
    Fingerprint,
    HumanLabel,
    Lead,
    LeadStage,
    Post,
    PostAvailability,
    RawPost,
)
from leads.search import matching
from leads.selectors import best_leads, queue_items, stats_counts
from leads.services.emptying import AGAIN_AFTER, Quoted, empty_again, empty_post, empty_posts
from leads.services.ingest import store_posts
from leads.services.labels import label_lead
from leads.services.notes import write_note
from leads.services.review import approve_draft, edit_draft, reject_draft
from leads.services.undoing import undo_decision
from signalops_site.core.errors import Conflict
from signalops_site.core.models import AuditEntry, LlmCall, LlmCallStatus, Project, RunEvent
from training.models import PreferencePair

from ...factories import (
    AuthorFactory,
    DraftFactory,
    JudgmentFactory,
    LeadFactory,
    LeadQueryFactory,
    PostFactory,
    RawPostFactory,
    ScoreFactory,
)

pytestmark = pytest.mark.django_db

WORDS = "Zebrafinch zirconium quagmire needs a bookkeeper by Thursday"
TRACES = ("zebrafinch", "zirconium", "quagmire", "quixotic")


def everything() -> str:
    """Every stored value of every table, as one text."""
    rows = [row for model in apps.get_models() for row in model._default_manager.values()]
    return json.dumps(rows, default=str).lower()


def said(draft: Draft, *, by: User) -> Draft:
    """All that a run and a person can leave of a post, beside a decided draft."""
    lead = draft.lead
    JudgmentFactory.create(lead=lead, reasoning=f"They write: {WORDS}")
    LeadQueryFactory.create(lead=lead)
    for subject in (f"lead:{lead.pk}", f"project:{lead.project_id}:posts"):
        LlmCall.objects.create(
            project=lead.project,
            purpose="judge",
            model="openai/gpt-4o-mini",
            subject=subject,
            question="abc",
            status=LlmCallStatus.ANSWERED,
            answer=f"They want {WORDS}",
        )
    score = ScoreFactory.create(lead=lead)
    score.plugin_results.update(reason=f"found {WORDS}", error=WORDS, details={"hit": WORDS})
    RawPostFactory.create(post=lead.post)
    Lead.objects.filter(pk=lead.pk).update(error=f"No answer to {WORDS}", error_stage="draft", attempts=1)
    label_lead(lead, label="relevant", by=by, reason=f"as {WORDS}")
    write_note(lead, text=f"Said: {WORDS.lower()}!", by=by)
    return edit_draft(draft, text=f"You wrote {WORDS}? We can help.", by=by)


def drafted(project: Project, **author: object) -> Draft:
    author = {"handle": "quixotic", "name": "Quixotic Quagmire", "bio": "quixotic", **author}
    draft: Draft = DraftFactory.create(
        lead__project=project,
        lead__post__text=WORDS,
        lead__post__author=AuthorFactory.create(**author),
        lead__post__url="https://posts.example/quixotic/1",
        lead__post__hashtags=["zirconium"],
        text_generated=f"{WORDS}? Try us.",
        prompt=f"Answer this: {WORDS}",
    )
    return draft


@pytest.fixture
def decided(project: Project, reviewer: User) -> Draft:
    return said(drafted(project), by=reviewer)


@pytest.fixture
def pending(project: Project) -> Draft:
    return drafted(project)


def test_no_word_of_the_post_is_left_in_any_table(decided: Draft) -> None:
    assert all(trace in everything() for trace in TRACES)
    assert PreferencePair.objects.count() == 1

    empty_post(decided.lead.post)

    assert not [trace for trace in TRACES if trace in everything()]
    assert not RawPost.objects.exists()
    assert not PreferencePair.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the file of SQLite")
def test_no_word_of_the_post_is_left_in_the_database_file(decided: Draft, tmp_path: Path) -> None:
    def pages(name: str) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(tmp_path / name)])
        return (tmp_path / name).read_bytes().lower()

    before = pages("before")
    assert all(trace.encode() in before for trace in TRACES)

    empty_post(decided.lead.post)

    after = pages("after")
    assert not [trace for trace in TRACES if trace.encode() in after]


def test_what_people_wrote_in_their_own_words_stays(project: Project, reviewer: User) -> None:
    draft = drafted(project)
    write_note(draft.lead, text="Ask Mara about the bookkeeper", by=reviewer)
    label_lead(draft.lead, label="maybe", by=reviewer, reason="budget unclear")
    reject_draft(draft, by=reviewer, reason="wrong_tone", better_text="We would say it shorter.")

    empty_post(draft.lead.post)

    draft.refresh_from_db()
    assert draft.lead.note == "Ask Mara about the bookkeeper"
    assert HumanLabel.objects.get().reason == "budget unclear"
    assert (draft.reject_reason, draft.better_text) == ("wrong_tone", "")


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("they ask: one two, THREE four five!", True),
        ("one two three four, but not the next", False),
        ("five four three two one", False),
        ("", False),
    ],
)
def test_a_text_quotes_a_post_when_it_has_five_of_its_words_in_a_row(text: str, quotes: bool) -> None:
    assert Quoted("zero one two three four five six").stands_in(text) is quotes


def test_of_a_short_post_all_words_make_a_quote() -> None:
    assert Quoted("need help").stands_in("somebody who needs: need help!")
    assert not Quoted("need help").stands_in("help those in need")
    assert not Quoted("").stands_in("anything")


def test_ids_and_the_lead_with_its_label_and_points_stay(decided: Draft, project: Project) -> None:
    post, counts = decided.lead.post, stats_counts(project)
    identity = (post.platform, post.platform_post_id)

    empty_post(post)

    post.refresh_from_db()
    assert (post.platform, post.platform_post_id) == identity
    assert post.availability == PostAvailability.GONE
    assert post.gone_at is not None
    lead = Lead.objects.get()
    assert (lead.stage, lead.label, lead.score) == (LeadStage.GONE, "relevant", 70.0)
    assert stats_counts(project) == counts


def test_counts_of_leads_that_had_not_come_far_stay_as_well(project: Project) -> None:
    leads = [
        LeadFactory.create(project=project, stage=LeadStage.COLLECTED, label="", scored_at=None),
        LeadFactory.create(
            project=project, stage=LeadStage.FILTERED, label="", scored_at=None, filter_reason="too few followers"
        ),
        LeadFactory.create(project=project, stage=LeadStage.JUDGED, scored_at=None),
        LeadFactory.create(project=project),
    ]
    counts = stats_counts(project)
    empty_posts([lead.post_id for lead in leads])
    assert stats_counts(project) == counts


def test_a_draft_that_waits_is_withdrawn_and_nobody_can_decide_on_it(
    pending: Draft, project: Project, reviewer: User
) -> None:
    empty_post(pending.lead.post)

    pending.refresh_from_db()
    assert pending.status == DraftStatus.SUPERSEDED
    assert not queue_items(project).exists()
    event = RunEvent.objects.get(type="queue_update")
    assert event.detail == {"draft": pending.pk, "lead": pending.lead_id, "status": "superseded"}
    with pytest.raises(Conflict, match="gone at sample"):
        approve_draft(pending, by=reviewer)


def test_a_decision_cannot_be_taken_back_any_more(decided: Draft, reviewer: User) -> None:
    empty_post(decided.lead.post)
    with pytest.raises(Conflict, match="gone at sample"):
        undo_decision(decided, by=reviewer)


def test_it_leaves_the_top_and_every_list_of_drafts(decided: Draft, project: Project) -> None:
    other = LeadFactory.create(project=project, score=10)
    empty_post(decided.lead.post)
    assert list(best_leads(project, count=10)) == [other]
    assert not queue_items(project, status="edited").exists()


def test_search_finds_it_no_more_but_by_a_note_in_own_words(
    pending: Draft, project: Project, reviewer: User
) -> None:
    write_note(pending.lead, text="tell Mara", by=reviewer)

    def found(asked: str) -> list[int]:
        leads = matching(Lead.objects.all(), asked, projects=Project.objects.filter(pk=project.pk))
        return [lead.pk for lead in leads]

    assert found("zirconium") == found("mara") == [pending.lead_id]
    empty_post(pending.lead.post)
    assert found("zirconium") == found("quixotic") == []
    assert found("mara") == [pending.lead_id]


def test_emptying_again_changes_and_records_nothing(decided: Draft) -> None:
    empty_post(decided.lead.post)
    before = everything()
    assert empty_posts([decided.lead.post_id]) == 0
    assert everything() == before


def test_the_audit_log_has_the_ids_in_each_project(decided: Draft, other_project: Project) -> None:
    other = LeadFactory.create(project=other_project, post=decided.lead.post)

    empty_post(decided.lead.post)

    entries = AuditEntry.objects.filter(action="post.empty").order_by("project_id")
    assert [(entry.project_id, entry.fields) for entry in entries] == [
        (lead.project_id, {"posts": [lead.post_id], "leads": [lead.pk]}) for lead in (decided.lead, other)
    ]


def test_copies_of_it_stand_by_themselves(project: Project) -> None:
    original = LeadFactory.create(project=project, stage=LeadStage.SCORED)
    copy = LeadFactory.create(project=project, stage=LeadStage.FILTERED, copy_of=original)
    Fingerprint.objects.create(lead=original, project=project, exact="key")
    empty_post(original.post)
    copy.refresh_from_db()
    assert (copy.stage, copy.copy_of) == (LeadStage.COLLECTED, None)
    assert not Fingerprint.objects.exists()


def test_a_copy_that_is_gone_leaves_its_original(project: Project) -> None:
    original = LeadFactory.create(project=project, stage=LeadStage.SCORED)
    copy = LeadFactory.create(project=project, stage=LeadStage.FILTERED, copy_of=original)
    empty_post(copy.post)
    copy.refresh_from_db()
    assert (copy.stage, copy.copy_of) == (LeadStage.GONE, None)


def test_a_post_without_a_lead_is_emptied_and_recorded_too() -> None:
    post = PostFactory.create(text=WORDS)
    assert empty_posts([post.pk]) == 1
    assert AuditEntry.objects.get().fields == {"posts": [post.pk]}


def test_an_author_of_whom_something_else_is_kept_stays(pending: Draft) -> None:
    author = pending.lead.post.author
    other = PostFactory.create(author=author)
    empty_post(pending.lead.post)
    assert other.author == Author.objects.get() == author


def test_other_posts_are_left_alone(pending: Draft, project: Project, reviewer: User) -> None:
    other = said(drafted(project, platform_user_id="somebody"), by=reviewer)
    before = (other.text_final, other.lead.post.text)
    empty_post(pending.lead.post)
    other.refresh_from_db()
    assert (other.text_final, other.lead.post.text) == before
    assert PreferencePair.objects.count() == 1


def test_a_late_search_brings_nothing_of_it_back(pending: Draft, project: Project, other_project: Project) -> None:
    post = pending.lead.post
    empty_post(post)
    late = FetchedPost(
        platform=post.platform,
        id=post.platform_post_id,
        text=WORDS,
        author=FetchedAuthor(id="u-late", handle="quixotic"),
        likes=12,
        raw={"text": WORDS},
    )
    fresh = FetchedPost(platform=post.platform, id="fresh", text="Another one")

    assert store_posts(project, [late, fresh], query_label="all") == 1
    assert store_posts(other_project, [late], query_label="all") == 0

    assert "zirconium" not in everything()
    assert not Author.objects.filter(platform_user_id="u-late").exists()
    assert Lead.objects.filter(post=post).count() == 1


def test_what_a_run_wrote_back_meanwhile_goes_an_hour_later(pending: Draft, project: Project) -> None:
    post = pending.lead.post
    empty_post(post)
    Post.objects.filter(pk=post.pk).update(clean_text=WORDS)
    Lead.objects.filter(pk=pending.lead_id).update(stage=LeadStage.DRAFTED)
    JudgmentFactory.create(lead=pending.lead, reasoning=WORDS)
    DraftFactory.create(lead=pending.lead, text_generated=WORDS)
    assert empty_again(post.platform) == 0

    Post.objects.filter(pk=post.pk).update(next_check_at=timezone.now())
    assert empty_again(post.platform) == 1

    assert "zirconium" not in everything()
    post.refresh_from_db()
    assert (post.availability, post.next_check_at) == (PostAvailability.GONE, None)
    assert Lead.objects.get().stage == LeadStage.GONE
    assert not Draft.objects.filter(status=DraftStatus.PENDING).exists()
    assert empty_again(post.platform) == 0


def test_it_is_looked_at_once_more_after_an_hour(pending: Draft) -> None:
    before = timezone.now()
    empty_post(pending.lead.post)
    post = Post.objects.get()
    assert post.next_check_at is not None
    assert before + AGAIN_AFTER <= post.next_check_at <= timezone.now() + AGAIN_AFTER


def test_the_database_refuses_words_in_a_post_that_is_gone(pending: Draft) -> None:
    empty_post(pending.lead.post)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.update(text=WORDS)
