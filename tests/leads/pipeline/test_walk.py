"""The walk of a post through all stages, and what each of them promises."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings as SettingsWrapper

from connectors.base import ConnectorError, FetchedAuthor
from connectors.models import QueryCursor
from leads.judges.base import JudgeFailure, Label
from leads.models import (
    Author,
    Draft,
    Judgment,
    Lead,
    LeadQuery,
    LeadStage,
    Notification,
    NotificationLog,
    Post,
    RawPost,
    Score,
)
from leads.pipeline.base import MAX_ATTEMPTS
from leads.pipeline.runner import RunOptions, plan_run
from leads.pipeline.stages import judge as judge_stage
from signalops_site.core.models import AuditEntry, Project, ProjectConfigVersion, Run, RunEvent, RunStatus
from signalops_site.core.runs import LeaseLost
from tests.factories import ProjectFactory, document

from .conftest import Platform, ScriptedJudge, post, run_pipeline

pytestmark = pytest.mark.django_db


def stages(project: Project) -> dict[str, str]:
    return dict(Lead.objects.filter(project=project).values_list("post__platform_post_id", "stage"))


def test_one_post_walks_through_all_stages(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1, likes=4, created_at=timezone.now() - timedelta(hours=24))]
    run = run_pipeline(walked)
    lead = Lead.objects.get()
    assert run.status == RunStatus.SUCCEEDED
    assert (lead.stage, lead.label, lead.confidence) == (LeadStage.DRAFTED, Label.RELEVANT, 0.9)
    assert lead.score == pytest.approx(Score.objects.get().total)
    assert Draft.objects.get().text_generated
    assert {name: counts["done"] for name, counts in run.stages.items()} == {
        "collect": 1, "normalize": 1, "judge": 1, "score": 1, "notify": 1, "draft": 1,
    }  # fmt: skip


def test_author_facts_survive_to_the_score(walked: Project, platform: Platform) -> None:
    author = FetchedAuthor(id="a", handle="h", followers=1_000_000, verified=True)
    platform.posts = [post(1, author=author)]
    run_pipeline(walked)
    result = Score.objects.get().plugin_results.get(plugin_name="author_authority")
    assert result.plugin_score == pytest.approx(90)


def test_a_post_found_by_two_queries_is_one_lead_with_both_labels(
    platform: Platform, judge: ScriptedJudge
) -> None:
    queries = [{"text": text, "label": text, "platform": "sample"} for text in ("one", "two")]
    project = ProjectFactory.create(slug="two", document=document(project_id="two", queries=queries))
    platform.posts = [post(1)]
    run_pipeline(project)
    assert Lead.objects.count() == Post.objects.count() == 1
    assert set(LeadQuery.objects.values_list("label", flat=True)) == {"one", "two"}


def test_what_has_no_text_to_read_is_no_lead(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1, text="\u200b\u200d\ufeff"), post(2)]
    run = run_pipeline(walked)
    assert stages(walked)["00001"] == LeadStage.FILTERED
    assert run.stages["normalize"]["reasons"] == {"empty": 1}


def test_two_projects_share_the_post_and_have_a_lead_each(walked: Project, platform: Platform) -> None:
    other = ProjectFactory.create(slug="other")
    platform.posts = [post(1)]
    run_pipeline(walked)
    run_pipeline(other)
    assert (Post.objects.count(), Author.objects.count(), Lead.objects.count()) == (1, 1, 2)


def test_a_second_run_only_takes_what_is_new(walked: Project, platform: Platform) -> None:
    platform.posts = [post(number) for number in range(1, 26)]
    run_pipeline(walked)
    platform.posts += [post(26), post(27)]
    run = run_pipeline(walked)
    assert platform.asked[-1].since_id == "00025"
    assert run.stages["collect"]["done"] == 2
    assert Lead.objects.count() == 27


def test_a_cut_walk_goes_on_at_its_page_and_loses_nothing(walked: Project, platform: Platform) -> None:
    platform.posts = [post(number) for number in range(1, 36)]
    platform.fails = {2: ConnectorError("the platform hung up")}
    run = run_pipeline(walked)
    cursor = QueryCursor.objects.get()
    assert (run.status, Lead.objects.count()) == (RunStatus.PARTIAL, 20)
    assert (cursor.newest_id, cursor.page_token, cursor.last_error) == ("", "00016", "the platform hung up")
    run = run_pipeline(walked)
    assert (run.status, Lead.objects.count()) == (RunStatus.SUCCEEDED, 35)
    assert QueryCursor.objects.get().newest_id == "00035"


def test_a_walk_that_has_taken_more_than_it_may_by_now_is_over(walked: Project, platform: Platform) -> None:
    """The most that a run may take was lowered in the middle of a walk: what lies below its place is left, as it
    is below any walk that has taken so many, and the query goes on with what is new.
    """
    platform.posts = [post(number) for number in range(1, 101)]
    platform.fails = {8: ConnectorError("the platform hung up")}
    run_pipeline(walked)
    lowered = document(
        queries=[{"text": "*", "label": "all", "platform": "sample", "max_results_per_run": 50}],
        drafts={"min_score": 30, "top_per_run": 3},
    )
    ProjectConfigVersion.objects.update(document=lowered.model_dump(mode="json"))
    platform.posts += [post(number) for number in range(101, 104)]
    run = run_pipeline(walked)
    assert (run.status, run.stages["collect"]["done"]) == (RunStatus.SUCCEEDED, 3)
    assert (platform.asked[-1].since_id, platform.asked[-1].max_results) == ("00100", 50)
    cursor = QueryCursor.objects.get()
    assert (cursor.newest_id, cursor.page_token, cursor.walk_count) == ("00103", "", 0)


def test_a_query_takes_no_more_than_it_may(walked: Project, platform: Platform) -> None:
    platform.posts = [post(number) for number in range(1, 36)]
    run_pipeline(walked, limit=10)
    assert platform.asked[0].max_results == 10
    assert Lead.objects.count() == 10


def test_one_failing_query_stops_no_other(platform: Platform, judge: ScriptedJudge) -> None:
    queries = [{"text": text, "label": text, "platform": "sample"} for text in ("bad", "good")]
    project = ProjectFactory.create(slug="two", document=document(project_id="two", queries=queries))
    platform.posts, platform.fails = [post(1)], {0: ConnectorError("no such page")}
    run = run_pipeline(project)
    assert run.status == RunStatus.PARTIAL
    assert run.stages["collect"]["problems"] == ["bad: no such page"]
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("allowed", [[], ["SECRET_NAME"]])
def test_an_unset_variable_in_a_query_is_told_and_never_sent(
    platform: Platform, judge: ScriptedJudge, settings: SettingsWrapper, allowed: list[str]
) -> None:
    settings.CONFIG_ENV_ALLOW = allowed
    queries = [{"text": "${SECRET_NAME}", "label": "q", "platform": "sample"}]
    project = ProjectFactory.create(slug="env", document=document(project_id="env", queries=queries))
    run = run_pipeline(project)
    assert platform.asked == []
    assert "SECRET_NAME" in run.stages["collect"]["problems"][0]


@pytest.mark.parametrize(
    ("author", "language", "reason"),
    [
        (FetchedAuthor(id="x", followers=3), "en", "fewer than 100 followers"),
        (FetchedAuthor(id="x", followers=None), "en", ""),
        (None, "en", ""),
        (FetchedAuthor(id="x", followers=500), "de", "language is de"),
        (FetchedAuthor(id="x", followers=500, bio="Senior RECRUITER"), "en", "bio contains 'recruiter'"),
    ],
)
def test_the_profile_filters_on_what_is_known(
    author: FetchedAuthor | None, language: str, reason: str, platform: Platform, judge: ScriptedJudge
) -> None:
    chosen = document(icp={"exclude_bios_containing": ["recruiter"]}, drafts={"min_score": 0})
    project = ProjectFactory.create(slug="tidewater", document=chosen)
    platform.posts = [post(1, author=author, language=language)]
    run_pipeline(project)
    lead = Lead.objects.get()
    assert lead.filter_reason == reason
    assert (lead.stage == LeadStage.FILTERED) == bool(reason)


def test_of_copies_only_the_first_that_fits_goes_on(walked: Project, platform: Platform) -> None:
    text = "We need a tool that reminds clients of unpaid bills"
    platform.page_size = 1
    platform.posts = [
        post(4, text=text, author=FetchedAuthor(id="few", followers=1)),
        post(3, text=text.upper() + "!!! 🙏"),
        post(2, text=f"{text} #freelance https://x.example"),
        post(1, text="thanks a lot"),
    ]
    run_pipeline(walked)
    original = Lead.objects.get(post__platform_post_id="00003")
    assert stages(walked)["00004"] == stages(walked)["00002"] == LeadStage.FILTERED
    assert Lead.objects.get(post__platform_post_id="00002").filter_reason == f"copy of lead {original.pk}"
    assert stages(walked)["00003"] == stages(walked)["00001"] == LeadStage.DRAFTED


def test_an_excluded_keyword_is_a_judgment_before_any_model(platform: Platform, judge: ScriptedJudge) -> None:
    relevance = {**document().relevance.model_dump(), "keywords_excluded": ["giveaway"]}
    project = ProjectFactory.create(slug="tidewater", document=document(relevance=relevance))
    platform.posts = [post(1, text="Huge GIVEAWAY, looking for an invoicing tool?")]
    run_pipeline(project)
    judgment = Judgment.objects.get()
    assert judge.judged == []
    assert (judgment.label, judgment.confidence) == (Label.IRRELEVANT, 0.95)
    assert judgment.model_version.model_id == "keyword-exclude"


def test_a_failed_call_is_no_judgment_and_is_tried_again(
    walked: Project, platform: Platform, judge: ScriptedJudge
) -> None:
    platform.posts = [post(1), post(2)]
    judge.answers = {"Number 1": JudgeFailure("local/scripted", "malformed answer")}
    run = run_pipeline(walked)
    lead = Lead.objects.get(post__platform_post_id="00001")
    assert run.status == RunStatus.PARTIAL
    assert (lead.stage, lead.label, lead.error, lead.attempts) == (LeadStage.NORMALIZED, "", "malformed answer", 1)
    assert lead.retry_at is not None
    assert lead.retry_at > timezone.now()
    assert not lead.judgments.exists()

    judge.answers = {}
    run_pipeline(walked)
    lead.refresh_from_db()
    assert lead.stage == LeadStage.NORMALIZED, "its retry time has not come"

    Lead.objects.filter(pk=lead.pk).update(retry_at=timezone.now() - timedelta(seconds=1))
    run_pipeline(walked)
    lead.refresh_from_db()
    assert (lead.stage, lead.error, lead.attempts) == (LeadStage.DRAFTED, "", 0)
    assert Lead.objects.get(pk=lead.pk).retry_at is None


def test_a_lead_is_given_up_after_so_many_attempts(
    walked: Project, platform: Platform, judge: ScriptedJudge
) -> None:
    platform.posts = [post(1)]
    judge.answers = {"Number 1": JudgeFailure("local/scripted", "no")}
    for _ in range(MAX_ATTEMPTS + 2):
        run_pipeline(walked)
        Lead.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    assert len(judge.judged) == MAX_ATTEMPTS


def test_no_lead_is_judged_twice_by_the_same_model_and_prompt(
    walked: Project, platform: Platform, judge: ScriptedJudge
) -> None:
    platform.posts = [post(1)]
    run_pipeline(walked)
    run_pipeline(walked, refresh="judge", since="2020-01-01")
    assert len(judge.judged) == 1
    judge.prompt_version = "v2"
    run_pipeline(walked, refresh="judge", since="2020-01-01")
    assert len(judge.judged) == 2
    assert Judgment.objects.count() == 2


def test_refresh_keeps_a_draft_and_its_lead_where_they_were(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1)]
    run_pipeline(walked)
    run = run_pipeline(walked, refresh="score", since="2020-01-01")
    assert run.stages["score"]["done"] == 1
    assert Lead.objects.get().stage == LeadStage.DRAFTED
    assert Draft.objects.count() == Score.objects.count() == 1


def test_a_persons_label_outweighs_the_judge(walked: Project, platform: Platform, judge: ScriptedJudge) -> None:
    platform.posts = [post(1)]
    run_pipeline(walked)
    Lead.objects.update(label=Label.IRRELEVANT, confidence=1, labelled_by_human=True)
    judge.prompt_version = "v2"
    run_pipeline(walked, refresh="judge", since="2020-01-01")
    result = Score.objects.get().plugin_results.get(plugin_name="relevance_judgment")
    assert Lead.objects.get().label == Label.IRRELEVANT
    assert result.plugin_score == 0


def test_a_lead_is_announced_once(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1), post(2)]
    run_pipeline(walked)
    assert run_pipeline(walked, refresh="score", since="2020-01-01").status == RunStatus.SUCCEEDED
    assert NotificationLog.objects.count() == 2
    assert RunEvent.objects.filter(type="new_lead").count() == 2


def test_only_the_best_of_a_run_are_drafted_and_running_again_adds_none(
    walked: Project, platform: Platform
) -> None:
    platform.posts = [post(number, likes=number) for number in range(1, 9)]
    run_pipeline(walked)
    best = Draft.objects.order_by("lead__post__platform_post_id").values_list(
        "lead__post__platform_post_id", flat=True
    )
    assert list(best) == ["00006", "00007", "00008"]
    run_pipeline(walked)
    assert Draft.objects.count() == 3


def test_irrelevant_leads_are_neither_announced_nor_drafted(
    walked: Project, platform: Platform, judge: ScriptedJudge
) -> None:
    platform.posts = [post(1, likes=999, replies=999, reposts=999, created_at=timezone.now())]
    judge.answers = {"Number": judge.verdict(Label.IRRELEVANT, 0.9)}
    run_pipeline(walked)
    assert Lead.objects.get().score >= 30
    assert not Draft.objects.exists()
    assert not NotificationLog.objects.exists()


def test_a_dead_stage_fails_the_run_and_keeps_what_was_done(
    walked: Project, platform: Platform, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.posts = [post(1)]
    monkeypatch.setattr(judge, "judge_batch", lambda _: 1 / 0)
    run = run_pipeline(walked)
    assert (run.status, run.error) == (RunStatus.FAILED, "ZeroDivisionError: division by zero")
    assert stages(walked) == {"00001": LeadStage.NORMALIZED}


def test_a_run_tells_of_each_stage_and_of_its_end(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1)]
    run = run_pipeline(walked)
    events = list(RunEvent.objects.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    told = [event.stage for event in events if event.type == "pipeline_progress" and event.stage]
    assert list(dict.fromkeys(told)) == ["collect", "normalize", "judge", "score", "notify", "draft"]
    assert (events[-1].type, events[-1].detail["status"]) == ("run_finished", "succeeded")
    assert AuditEntry.objects.filter(action="run.finish", target_id=str(run.pk)).count() == 1


def test_no_text_of_a_post_reaches_events_or_audit(walked: Project, platform: Platform) -> None:
    platform.posts = [post(1, text="xylophone tool wanted, any ideas for us? xylophone")]
    run_pipeline(walked)
    assert not [event for event in RunEvent.objects.all() if "xylophone" in str(event.detail)]
    assert not [entry for entry in AuditEntry.objects.all() if "xylophone" in str(entry.fields)]


def test_hostile_texts_are_stored_and_walk_on(walked: Project, platform: Platform) -> None:
    texts = [
        "nul \x00 byte looking for a tool today",
        "lone \ud83d surrogate looking for tools here",
        "x" * 300_000,
    ]
    platform.posts = [post(n, text=text, raw={"text": text}) for n, text in enumerate(texts, start=1)]
    run = run_pipeline(walked)
    assert run.status == RunStatus.SUCCEEDED
    stored = [
        *Post.objects.values_list("text", flat=True),
        *RawPost.objects.values_list("payload__text", flat=True),
    ]
    assert len(stored) == 6
    assert not [text for text in stored if "\x00" in text or "\ud83d" in text]
    assert max(len(text) for text in Post.objects.values_list("text", flat=True)) == 100_000


def test_a_fact_that_is_unknown_this_time_wipes_none_that_was_known(walked: Project, platform: Platform) -> None:
    other = ProjectFactory.create(slug="other")
    platform.posts = [post(1, likes=5, author=FetchedAuthor(id="a", followers=700, bio="editor"))]
    run_pipeline(walked)
    platform.posts = [post(1, likes=None, author=FetchedAuthor(id="a", followers=None, bio=""))]
    run_pipeline(other)
    author, stored = Author.objects.get(), Post.objects.get()
    assert (author.followers, author.bio, stored.likes) == (700, "editor", 5)


def test_facts_that_changed_are_taken_over(walked: Project, platform: Platform) -> None:
    other = ProjectFactory.create(slug="other")
    platform.posts = [post(1, likes=5)]
    run_pipeline(walked)
    platform.posts = [post(1, likes=9, author=FetchedAuthor(id="a1", handle="handle1", followers=900))]
    run_pipeline(other)
    assert (Author.objects.get().followers, Post.objects.get().likes) == (900, 9)


def test_a_process_that_slept_through_a_takeover_writes_nothing_more(
    walked: Project, platform: Platform, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.posts = [post(1)]
    stored = judge_stage._store

    def taken_over_meanwhile(*args: Any) -> None:
        stored(*args)
        Run.objects.update(lease_holder="elsewhere:1:token")

    monkeypatch.setattr(judge_stage, "_store", taken_over_meanwhile)
    with pytest.raises(LeaseLost):
        run_pipeline(walked)
    assert not Judgment.objects.exists()
    assert stages(walked) == {"00001": LeadStage.NORMALIZED}


def test_new_leads_are_put_into_the_outbox_and_old_ones_stay_untold(walked: Project, platform: Platform) -> None:
    """A target that is named later hears of what comes after that; a dry run tells nobody."""
    platform.posts = [post(1)]
    run_pipeline(walked)
    version = walked.active_config
    assert version is not None
    version.document["notifications"] |= {"enabled": True, "slack_webhook": "https://hooks.example.com/x"}
    version.save()
    platform.posts += [post(2)]
    plan_run(walked, RunOptions())
    assert not Notification.objects.exists()
    run_pipeline(walked)
    (message,) = Notification.objects.all()
    assert (message.target, message.status, message.tries) == ("slack", "waiting", 0)
    assert message.logs.get().lead.post.platform_post_id == "00002"
