"""The draft stage with a language model: what it writes, what it stores, and who is told when it cannot."""

from collections.abc import Iterator, Sequence

import pytest

from experiments.models import ModelType, ModelVersion
from experiments.services import activate_model, register_model
from leads.drafting.base import DraftFacts, NotWritten, Written
from leads.drafting.llm import LlmDrafter
from leads.drafting.templates import MODEL_ID
from leads.identities import identity_of
from leads.models import Draft, Lead, LeadStage, Post
from leads.services.suppressions import suppress
from signalops_site.core.models import LlmCall, Project, RunStatus
from tests.factories import ProjectFactory, document
from tests.llm_stand_in import StandIn, fails, says

from .conftest import Platform, ScriptedJudge, post, run_pipeline

pytestmark = pytest.mark.django_db
MODEL = "openai/gpt-4o-mini"
REPLY = {"template": "", "text": "I work on Tidewater: it may fit."}


@pytest.fixture
def drafting(platform: Platform, judge: ScriptedJudge) -> Project:
    given = document(project_id="tidewater", llm={"draft_model": MODEL}, drafts={"min_score": 0})
    return ProjectFactory.create(slug="tidewater", document=given)


def test_the_model_that_the_configuration_names_drafts(
    drafting: Project, platform: Platform, provider: StandIn
) -> None:
    provider.script = lambda _asked: says(REPLY)
    platform.posts = [post(1), post(2)]

    run = run_pipeline(drafting)

    drafts = Draft.objects.select_related("model_version")
    assert run.stages["draft"]["done"] == 2
    assert {(draft.text_generated, draft.model_version.model_id) for draft in drafts} == {(REPLY["text"], MODEL)}
    assert {draft.model_version.model_type for draft in drafts} == {ModelType.DRAFTER}
    subjects = LlmCall.objects.filter(purpose="draft", run=run).values_list("subject", flat=True)
    assert set(subjects) == {f"lead:{pk}" for pk in Lead.objects.values_list("pk", flat=True)}


def test_leads_without_a_reply_wait(drafting: Project, platform: Platform, provider: StandIn) -> None:
    provider.script = lambda _asked: fails(401)
    platform.posts = [post(1), post(2)]

    run = run_pipeline(drafting)

    assert run.status == RunStatus.PARTIAL
    assert len(run.stages["draft"]["problems"]) == 1
    assert not Draft.objects.exists()
    assert set(Lead.objects.values_list("stage", "error_stage", "attempts")) == {(LeadStage.SCORED, "draft", 1)}


def test_who_is_erased_while_a_reply_is_written_leaves_nothing(
    drafting: Project, platform: Platform, provider: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.script = lambda _asked: says(REPLY)
    platform.posts = [post(1), post(2)]
    erased: list[int] = []

    def watched(drafter: LlmDrafter, asked: Sequence[DraftFacts]) -> Iterator[tuple[int, Written | NotWritten]]:
        replies = list(write(drafter, asked))
        lead = Lead.objects.order_by("pk")[0]
        erased.append(lead.pk)
        Post.objects.filter(pk=lead.post_id).delete()
        yield from replies

    write = LlmDrafter.write
    monkeypatch.setattr(LlmDrafter, "write", watched)
    run = run_pipeline(drafting)

    assert (run.status, run.stages["draft"]["done"]) == (RunStatus.SUCCEEDED, 1)
    assert Draft.objects.count() == 1
    assert not LlmCall.objects.exclude(answer="").filter(subject=f"lead:{erased[0]}").exists()


def test_activating_a_drafter_swaps_it_in_on_the_next_run(
    walked: Project, platform: Platform, provider: StandIn
) -> None:
    provider.script = lambda _asked: says(REPLY)
    platform.posts = [post(1)]
    run_pipeline(walked)
    model = register_model(MODEL, model_type=ModelType.DRAFTER, by="test", project=walked)

    activate_model(model, by="test", project=walked)
    platform.posts = [post(2)]
    run_pipeline(Project.objects.get(pk=walked.pk))

    assert list(Draft.objects.order_by("pk").values_list("model_version__model_id", flat=True)) == [
        MODEL_ID,
        MODEL,
    ]


def test_a_drafter_s_place_in_the_configuration_is_its_own(walked: Project) -> None:
    model = register_model(MODEL, model_type=ModelType.DRAFTER, by="test", project=walked)

    activate_model(model, by="test", project=walked)

    version = Project.objects.get(pk=walked.pk).active_config
    assert version is not None
    assert (version.document["llm"]["draft_model"], version.document["llm"].get("judge_model")) == (MODEL, None)
    assert ModelVersion.objects.get(pk=model.pk).is_active


def test_who_is_on_the_do_not_contact_list_is_passed_over_and_the_run_says_so(
    drafting: Project, platform: Platform, provider: StandIn
) -> None:
    provider.script = lambda _asked: says(REPLY)
    platform.posts = [post(1), post(2)]
    run_pipeline(drafting, stages=["collect", "normalize", "judge", "score"])
    kept, passed_over = Lead.objects.select_related("post__author").order_by("pk")
    handle = passed_over.post.author.handle if passed_over.post.author else ""
    who = identity_of("handle", platform=passed_over.post.platform, value=handle)
    suppress(who, project=drafting, by="command:test")

    run = run_pipeline(drafting)

    assert list(Draft.objects.values_list("lead", flat=True)) == [kept.pk]
    assert (run.stages["draft"]["skipped"], run.stages["draft"]["reasons"]) == (1, {"do-not-contact": 1})
    subjects = set(LlmCall.objects.filter(purpose="draft").values_list("subject", flat=True))
    assert subjects == {f"lead:{kept.pk}"}
