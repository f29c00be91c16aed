"""Rows for tests: one factory per model, each as small as its constraints allow.

    LeadFactory.create(score=80)             a scored, relevant lead of a new project
    LeadFactory.create(project=project)      ... of this project
    DraftFactory.create(lead=lead)           a pending draft
    member(project, Role.REVIEWER)           a user with that role

People come from a fixed cast: Vera views, Remy reviews, Otto operates, Suri is the superuser, and Nils
belongs to no project. Products, posts and authors are invented.
"""

# mypy: disallow-untyped-calls=False
# (factory_boy's declarations carry no types)

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from experiments.models import ModelType, ModelVersion
from leads.judges.base import Label
from leads.models import (
    Author,
    Draft,
    HumanLabel,
    Judgment,
    LabelSource,
    LabelTask,
    LabelTaskKind,
    Lead,
    LeadQuery,
    LeadStage,
    Post,
    RawPost,
    Score,
    ScoringPluginResult,
)
from leads.search import index_leads
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Membership, Project, ProjectConfigVersion, Role

POSTED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
GENERATED = "Happy to help: Tidewater sends the reminders for you."


def document(**changes: Any) -> ProjectDocument:
    """A valid project.yaml of an invented product; `changes` replace whole top-level keys."""
    values = {
        "project_id": "tidewater",
        "project_name": "Tidewater",
        "description": "Reminders for unpaid invoices.",
        "queries": [{"text": "*", "label": "everything", "platform": "sample"}],
        "relevance": {
            "system_prompt": "Is the author looking for an invoicing tool?",
            "positive_signals": ["looking for an invoicing tool"],
            "negative_signals": ["selling an invoicing tool"],
        },
        "persona": {
            "name": "Mara",
            "role": "support",
            "tone": "plain and kind",
            "voice_notes": "Short sentences.",
            "example_reply": "We had the same trouble. This is what helped.",
        },
    }
    return ProjectDocument.model_validate({**values, **changes})


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        django_get_or_create = ("username",)

    username = Sequence(lambda n: f"person{n}")
    password = "!"  # cannot sign in with a password: tests sign in by force_login


class ProjectFactory(DjangoModelFactory[Project]):
    """A project with an active config version. `ProjectFactory.create(document=document(...))` to choose it."""

    class Meta:
        model = Project

    slug = Sequence(lambda n: f"project-{n}")
    name = "Tidewater"

    @classmethod
    def _create(cls, model_class: type[Project], *args: Any, **kwargs: Any) -> Project:
        chosen: ProjectDocument = kwargs.pop("document", None) or document(project_id=kwargs["slug"])
        project: Project = super()._create(model_class, *args, **kwargs)
        project.active_config = ProjectConfigVersion.objects.create(
            project=project, number=1, document=chosen.model_dump(mode="json"), source="", sha256="0" * 64
        )
        project.save(update_fields=["active_config"])
        return project


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    project = SubFactory(ProjectFactory)
    role = Role.REVIEWER


class AuthorFactory(DjangoModelFactory[Author]):
    class Meta:
        model = Author

    platform = "sample"
    platform_user_id = Sequence(lambda n: f"u{n}")
    handle = Sequence(lambda n: f"handle{n}")
    name = "Ada Harbour"
    bio = "Freelance editor"
    followers = 1200
    verified = False


class PostFactory(DjangoModelFactory[Post]):
    class Meta:
        model = Post

    platform = "sample"
    platform_post_id = Sequence(lambda n: f"p{n}")
    author = SubFactory(AuthorFactory, platform=SelfAttribute("..platform"))
    text = "Which tool do you use for invoices that nobody pays?"
    clean_text = SelfAttribute("text")
    language = "en"
    url = LazyAttribute(lambda post: f"https://posts.example/{post.platform_post_id}")
    posted_at = POSTED_AT
    likes = 3


class RawPostFactory(DjangoModelFactory[RawPost]):
    class Meta:
        model = RawPost

    post = SubFactory(PostFactory)
    payload = LazyAttribute(lambda raw: {"id": raw.post.platform_post_id, "text": raw.post.text})


class LeadFactory(DjangoModelFactory[Lead]):
    """A scored, relevant lead without judgment or score rows; those have factories of their own."""

    class Meta:
        model = Lead

    project = SubFactory(ProjectFactory)
    post = SubFactory(PostFactory)
    stage = LeadStage.SCORED
    label = Label.RELEVANT
    confidence = 0.8
    score = 70.0
    scored_at = POSTED_AT

    @classmethod
    def _create(cls, model_class: type[Lead], *args: Any, **kwargs: Any) -> Lead:
        lead: Lead = super()._create(model_class, *args, **kwargs)
        index_leads([lead.pk])
        return lead


class LeadQueryFactory(DjangoModelFactory[LeadQuery]):
    class Meta:
        model = LeadQuery

    lead = SubFactory(LeadFactory)
    label = "everything"


class ModelVersionFactory(DjangoModelFactory[ModelVersion]):
    class Meta:
        model = ModelVersion
        django_get_or_create = ("model_id", "model_type", "project")

    model_id = "local/default"
    project = None
    provider = "local"
    model_type = ModelType.JUDGE


class JudgmentFactory(DjangoModelFactory[Judgment]):
    class Meta:
        model = Judgment

    lead = SubFactory(LeadFactory)
    model_version = SubFactory(ModelVersionFactory)
    prompt_version = "abcdef0123456789"
    label = Label.RELEVANT
    confidence = 0.8
    reasoning = "Asks for a tool."
    latency_ms = 2.5


class ScoreFactory(DjangoModelFactory[Score]):
    """A score with the results of two plugins, 30 and 40 points of the total of 70."""

    class Meta:
        model = Score

    lead = SubFactory(LeadFactory)
    total = SelfAttribute("lead.score")
    components = {"relevance_judgment": 30.0, "recency": 40.0}
    rules = [{"name": "asks", "boost": 5.0}]
    scoring_plugins = [
        {"name": "relevance_judgment", "version": "1"},
        {"name": "recency", "version": "1"},
    ]
    version = "1"

    @classmethod
    def _create(cls, model_class: type[Score], *args: Any, **kwargs: Any) -> Score:
        score: Score = super()._create(model_class, *args, **kwargs)
        for plugin, points in score.components.items():
            ScoringPluginResult.objects.create(
                score=score,
                plugin_name=plugin,
                plugin_version="1",
                plugin_score=points * 2,
                weight=0.5,
                contribution=points,
                reason=f"{plugin} said so",
            )
        return score


class DraftFactory(DjangoModelFactory[Draft]):
    """A pending draft; its lead stands at the stage `drafted`."""

    class Meta:
        model = Draft

    lead = SubFactory(LeadFactory, stage=LeadStage.DRAFTED)
    text_generated = GENERATED
    tone = "plain"
    template_used = "offer"
    model_version = SubFactory(ModelVersionFactory, model_id="local/template", model_type=ModelType.DRAFTER)
    prompt = "Answer the post in two sentences."


class HumanLabelFactory(DjangoModelFactory[HumanLabel]):
    class Meta:
        model = HumanLabel

    lead = SubFactory(LeadFactory)
    user = SubFactory(UserFactory)
    label = Label.RELEVANT
    source = LabelSource.CORRECTION
    role_rank = Role.REVIEWER.rank


class LabelTaskFactory(DjangoModelFactory[LabelTask]):
    """An open task of the random share, which nobody has been handed."""

    class Meta:
        model = LabelTask

    lead = SubFactory(LeadFactory)
    project = SelfAttribute("lead.project")
    kind = LabelTaskKind.RANDOM
    sampling_probability = 0.05
    place = Sequence(lambda n: n)


def member(project: Project, role: Role, *, username: str | None = None) -> User:
    """A user with that role in the project, called as the cast is unless a name is given."""
    cast = {Role.VIEWER: "vera", Role.REVIEWER: "remy", Role.OPERATOR: "otto"}
    user = UserFactory.create(username=username or cast[role])
    MembershipFactory.create(user=user, project=project, role=role)
    return user
