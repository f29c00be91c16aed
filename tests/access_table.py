"""Who may ask what: one row for each route and method, and the world in which every cell is tried.

`tests/core/test_access_matrix.py` walks the URL table itself: a route or method without a row fails there, and
so does a row without a route. To add an endpoint, add its row to TABLE:

    ("lead-snooze", "POST"): Row(REVIEWER, at="lead", body={"days": 2}),

The first value is what it takes: OPEN (no sign-in), SIGNED_IN (anybody with an account), a role in the project
that the row is about, or SUPERUSER. `at` names the attribute of World whose id stands in the address; a slug in
an address is always the project's. `body` and `query` must hold, so that only permission can refuse; a callable
gets the World. `answers` are the statuses for whoever may; whoever may not gets

    401  no credentials, or such as have ended
    404  another project's: it is not theirs to see
    403  the role is too low (`too_low=404` where even the existence is hidden)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from connectors.models import Account
from experiments.models import Experiment, ExperimentStatus, ModelType, ModelVersion
from leads.identities import identity_of
from leads.models import (
    Draft,
    LabelTask,
    Lead,
    Notification,
    NotificationKind,
    NotificationTarget,
    Outcome,
    RunSchedule,
    Sequence,
    SequenceExit,
    Suppression,
)
from leads.pipeline.runner import RunOptions
from leads.services.schedules import Times, create_schedule
from leads.services.suppressions import suppress
from signalops_site.core.access.keys import IssuedKey, create_key, revoke_key
from signalops_site.core.access.tokens import issue_tokens
from signalops_site.core.config.versions import active_version
from signalops_site.core.erasing import ErasureRequest, erase_person
from signalops_site.core.models import ApiKey, AuditEntry, Membership, Project, Role, Run, RunStatus
from signalops_site.core.secrets import seal
from tests.factories import DraftFactory, LabelTaskFactory, ProjectFactory, UserFactory, document, member
from training.exports import ExportWish
from training.models import Export, ExportFormat, ExportType, PreferencePair

Need = Literal["open", "signed in", "superuser"] | Role
OPEN: Need = "open"
SIGNED_IN: Need = "signed in"
SUPERUSER: Need = "superuser"
VIEWER, REVIEWER, OPERATOR = Role.VIEWER, Role.REVIEWER, Role.OPERATOR


@dataclass(frozen=True)
class Asker:
    """Somebody with credentials, and what these make of them in the World's project."""

    name: str
    client: APIClient
    is_known: bool = True
    role: Role | None = None
    is_superuser: bool = False
    by_key: bool = False


@dataclass(frozen=True)
class World:
    """A project with one of everything, and everybody who may ask for it."""

    project: Project
    lead: Lead
    draft: Draft
    task: LabelTask
    run: Run
    live_run: Run
    schedule: RunSchedule
    suppression: Suppression
    erasure: AuditEntry
    member: Membership
    key: ApiKey
    account: Account
    experiment: Experiment
    model: ModelVersion
    pair: PreferencePair
    export: Export
    notification: Notification
    outcome: Outcome
    sequence: Sequence
    newcomer: User
    askers: tuple[Asker, ...]


Values = Mapping[str, Any]
Given = Values | Callable[[World], Values]


@dataclass(frozen=True)
class Row:
    need: Need
    at: str = ""
    query: Given = field(default_factory=dict)
    body: Given | None = None
    answers: tuple[int, ...] = (200,)
    too_low: int = 403
    by_key: bool = True
    """Whether an API key may at all."""

    def expected(self, asker: Asker) -> tuple[int, ...]:
        if self.need == OPEN:
            return self.answers
        if not asker.is_known:
            return (401,)
        if asker.by_key and not self.by_key:
            return (403,)
        return self.answers if self._suffices(asker) else (self._refusal(asker),)

    def _suffices(self, asker: Asker) -> bool:
        if isinstance(self.need, Role):
            return asker.role is not None and asker.role.rank >= self.need.rank
        return self.need == SIGNED_IN or asker.is_superuser

    def _refusal(self, asker: Asker) -> int:
        foreign = isinstance(self.need, Role) and asker.role is None
        return 404 if foreign else self.too_low


IN_PROJECT = {"project": "tidewater"}
EXPORTED = ExportWish(ExportType.DPO, ExportFormat.TRL).filters()

TABLE: dict[tuple[str, str], Row] = {
    # signing in and out
    ("csrf", "GET"): Row(OPEN),
    ("sign-in", "POST"): Row(OPEN, body={}, answers=(400,)),
    ("token", "POST"): Row(OPEN, body={}, answers=(400,)),
    ("token-refresh", "POST"): Row(OPEN, body={}, answers=(400,)),
    ("sign-out", "POST"): Row(SIGNED_IN, answers=(204,)),
    ("ws-ticket", "POST"): Row(SIGNED_IN),
    ("me", "GET"): Row(SIGNED_IN),
    # projects, members, keys
    ("projects", "GET"): Row(SIGNED_IN),
    ("project", "GET"): Row(VIEWER),
    ("members", "GET"): Row(OPERATOR, query=IN_PROJECT, by_key=False),
    ("members", "POST"): Row(
        OPERATOR, body={**IN_PROJECT, "username": "newcomer", "role": "viewer"}, answers=(201,), by_key=False
    ),
    ("member", "PATCH"): Row(OPERATOR, at="member", body={"role": "reviewer"}, by_key=False),
    ("member", "DELETE"): Row(OPERATOR, at="member", answers=(204,), by_key=False),
    ("keys", "GET"): Row(SIGNED_IN, by_key=False),
    ("keys", "POST"): Row(
        OPERATOR,
        body={"name": "Export", "role": "viewer", "projects": ["tidewater"]},
        answers=(201,),
        by_key=False,
    ),
    ("key", "DELETE"): Row(OPERATOR, at="key", answers=(204,), too_low=404, by_key=False),
    # runs
    ("runs", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("runs", "POST"): Row(REVIEWER, body=IN_PROJECT, answers=(201,)),
    ("run", "GET"): Row(VIEWER, at="run"),
    ("run-events", "GET"): Row(VIEWER, at="run"),
    ("run-cancel", "POST"): Row(REVIEWER, at="live_run"),
    ("run-retry", "POST"): Row(REVIEWER, at="run", answers=(201,)),
    ("schedules", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("schedules", "POST"): Row(REVIEWER, body={**IN_PROJECT, "label": "new", "every_minutes": 30}, answers=(201,)),
    ("schedule", "PATCH"): Row(REVIEWER, at="schedule", body={"every_minutes": 90}),
    ("schedule", "DELETE"): Row(REVIEWER, at="schedule", answers=(204,)),
    ("schedule-pause", "POST"): Row(REVIEWER, at="schedule"),
    ("schedule-resume", "POST"): Row(REVIEWER, at="schedule"),
    # leads and the queue
    ("lead-list", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("lead-detail", "GET"): Row(VIEWER, at="lead"),
    ("lead-label", "POST"): Row(REVIEWER, at="lead", body={"label": "relevant"}),
    ("lead-note", "POST"): Row(REVIEWER, at="lead", body={"text": "Answer on Monday."}),
    ("lead-outcomes", "GET"): Row(VIEWER, at="lead"),
    ("lead-outcomes", "POST"): Row(REVIEWER, at="lead", body={"type": "booking"}, answers=(409,)),
    ("outcome-withdraw", "POST"): Row(REVIEWER, at="outcome", answers=(200, 409)),
    ("queue-list", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("queue-detail", "GET"): Row(VIEWER, at="draft"),
    ("queue-approve", "POST"): Row(REVIEWER, at="draft", body={"seconds_spent": 4}),
    ("queue-edit", "POST"): Row(REVIEWER, at="draft", body={"text": "Glad to help."}),
    ("queue-reject", "POST"): Row(REVIEWER, at="draft", body={"reason": "wrong_tone"}),
    ("queue-undo", "POST"): Row(REVIEWER, at="draft", answers=(409,)),  # nobody has decided yet
    # following up; the World's lead has a draft, and its sequence is over
    ("sequences", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("lead-sequence", "POST"): Row(REVIEWER, at="lead", body={"plan": "gentle"}, answers=(409,)),  # answered
    ("sequence-plans", "GET"): Row(SIGNED_IN),
    ("sequence-stop", "POST"): Row(REVIEWER, at="sequence", answers=(409,)),
    # sending; the World's draft is pending, and sending of the project is not paused by itself
    ("send-preview", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("send", "POST"): Row(REVIEWER, body={**IN_PROJECT, "drafts": [1]}),
    ("queue-assist", "POST"): Row(REVIEWER, at="draft", body={}, answers=(409,)),
    ("queue-posted", "POST"): Row(REVIEWER, at="draft", body={}, answers=(409,)),
    ("pauses", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("pause", "POST"): Row(REVIEWER, body=IN_PROJECT, answers=(201,)),
    ("resume", "POST"): Row(REVIEWER, body=IN_PROJECT, answers=(409,)),
    # experiments and the model registry; the World's experiment is paused, its own model is not active
    ("experiments", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("experiments", "POST"): Row(OPERATOR, body={**IN_PROJECT, "canary_model": "local/keyword"}, answers=(201,)),
    ("experiment-sample-size", "GET"): Row(SIGNED_IN),
    ("experiment", "GET"): Row(VIEWER, at="experiment"),
    ("experiment-results", "GET"): Row(VIEWER, at="experiment"),
    ("experiment-pause", "POST"): Row(OPERATOR, at="experiment"),
    ("experiment-resume", "POST"): Row(OPERATOR, at="experiment"),
    ("experiment-stop", "POST"): Row(OPERATOR, at="experiment"),
    ("experiment-promote", "POST"): Row(OPERATOR, at="experiment"),
    ("experiment-rollback", "POST"): Row(OPERATOR, at="experiment"),
    ("models", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("models", "POST"): Row(OPERATOR, body={**IN_PROJECT, "model_id": "local/new"}, answers=(201,)),
    ("model-activate", "POST"): Row(OPERATOR, at="model", body={}),
    ("model-deactivate", "POST"): Row(OPERATOR, at="model", body={}, answers=(409,)),
    ("model-retire", "POST"): Row(OPERATOR, at="model", answers=(409,)),  # the experiment needs it
    ("stats", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("stats-timeline", "GET"): Row(VIEWER, query={**IN_PROJECT, "days": 7}),
    ("stats-outcomes", "GET"): Row(VIEWER, query={**IN_PROJECT, "days": 7}),
    # the blind lane; nobody in this world has been handed the task, or has answered one
    ("labels", "GET"): Row(REVIEWER, query=IN_PROJECT),
    ("labels-next", "GET"): Row(REVIEWER, query=IN_PROJECT),
    ("labels-undo", "POST"): Row(REVIEWER, body=IN_PROJECT, answers=(409,)),
    ("label-answer", "POST"): Row(REVIEWER, at="task", body={"label": "relevant"}, answers=(409,)),
    ("label-skip", "POST"): Row(REVIEWER, at="task", answers=(409,)),
    # training; the World's export is still queued, so another cannot be started and there is nothing to download
    ("pairs", "GET"): Row(VIEWER, query=IN_PROJECT),
    ("pairs", "POST"): Row(
        REVIEWER,
        body=lambda world: {**IN_PROJECT, "draft": world.draft.pk, "chosen_text": "We had that, too."},
        answers=(201,),
    ),
    ("pair", "GET"): Row(VIEWER, at="pair"),
    ("pair", "DELETE"): Row(OPERATOR, at="pair", answers=(204,)),
    ("exports", "GET"): Row(OPERATOR, query=IN_PROJECT),
    ("exports", "POST"): Row(OPERATOR, body={**IN_PROJECT, "format": "trl"}, answers=(409,)),
    ("export", "GET"): Row(OPERATOR, at="export"),
    ("export", "DELETE"): Row(OPERATOR, at="export", answers=(204,)),
    ("export-download", "GET"): Row(OPERATOR, at="export", answers=(409,)),
    # the do-not-contact list; the World's entry is of its project. Erasing reaches across projects
    ("suppressions", "GET"): Row(OPERATOR, query=IN_PROJECT),
    ("suppressions", "POST"): Row(
        OPERATOR, body={**IN_PROJECT, "kind": "domain", "value": "example.org"}, answers=(201,)
    ),
    ("suppression", "DELETE"): Row(OPERATOR, at="suppression", answers=(204,)),
    ("suppression-check", "POST"): Row(OPERATOR, body={**IN_PROJECT, "value": "ada"}),
    ("suppressions-import", "POST"): Row(OPERATOR, body={**IN_PROJECT, "csv": "platform,handle\nsample,ada\n"}),
    ("suppressions-export", "GET"): Row(OPERATOR, query=IN_PROJECT),
    ("erasures", "GET"): Row(SUPERUSER),
    ("erasures", "POST"): Row(SUPERUSER, body={"platform": "sample", "handle": "nobody"}, answers=(201,)),
    ("erasure-preview", "POST"): Row(SUPERUSER, body={"platform": "sample", "handle": "nobody"}),
    ("erasure", "GET"): Row(SUPERUSER, at="erasure"),
    # connectors; no platform is asked: `sample` has no accounts, which is found out after who may
    ("platforms", "GET"): Row(SIGNED_IN),
    ("policies", "GET"): Row(SIGNED_IN),
    ("accounts", "GET"): Row(OPERATOR, query=IN_PROJECT),
    ("accounts", "POST"): Row(
        OPERATOR, body={**IN_PROJECT, "platform": "sample", "credentials": {}}, answers=(400,)
    ),
    ("account", "GET"): Row(OPERATOR, at="account", too_low=404),
    ("account", "PATCH"): Row(OPERATOR, at="account", body={"credentials": {}}, answers=(400,), too_low=404),
    ("account", "DELETE"): Row(OPERATOR, at="account", answers=(204,), too_low=404),
    ("account-test", "POST"): Row(OPERATOR, at="account", answers=(400,), too_low=404),
    ("account-connect", "POST"): Row(OPERATOR, at="account", answers=(400,), too_low=404, by_key=False),
    ("account-callback", "GET"): Row(
        SIGNED_IN, answers=(302,), by_key=False
    ),  # on to the dashboard, whatever came
    ("account-tier", "POST"): Row(OPERATOR, at="account", body={"tier": "self-serve"}, too_low=404),
    ("account-budget", "POST"): Row(
        OPERATOR, at="account", body={"posts_limit": 1000, "usd_limit": None}, too_low=404
    ),
    ("query-preview", "POST"): Row(
        OPERATOR, body={**IN_PROJECT, "platform": "file", "text": "invoice"}, answers=(400,)
    ),
    # notifications; the project's configuration names no target, which is found out after who may
    ("notifications", "GET"): Row(OPERATOR, query=IN_PROJECT),
    ("notifications-state", "GET"): Row(OPERATOR, query=IN_PROJECT),
    ("notifications-test", "POST"): Row(OPERATOR, body={**IN_PROJECT, "target": "slack"}, answers=(400,)),
    ("notifications-replay", "POST"): Row(OPERATOR, body=IN_PROJECT),
    ("notification-replay", "POST"): Row(OPERATOR, at="notification", answers=(409,), too_low=404),  # it waits
    # the audit log, metrics
    ("audit", "GET"): Row(OPERATOR, query=IN_PROJECT),
    ("api-metrics", "GET"): Row(SUPERUSER, too_low=404),
    ("metrics", "GET"): Row(SUPERUSER, too_low=404),
    # health, documentation, pages
    ("health-live", "GET"): Row(OPEN),
    ("health-ready", "GET"): Row(OPEN),
    ("schema", "GET"): Row(OPEN),
    ("docs", "GET"): Row(OPEN),
    ("dashboard", "GET"): Row(OPEN, answers=(200, 503)),  # 503: the dashboard is not built
}

SOCKETS: dict[str, Need] = {"ws-pipeline": VIEWER}


def build_world() -> World:
    allowed = document(experiments={"enabled": True})
    project = ProjectFactory.create(slug="tidewater", document=allowed)
    elsewhere = ProjectFactory.create(slug="elsewhere")
    viewer, reviewer, operator = (member(project, role) for role in Role)
    outsider = member(elsewhere, Role.OPERATOR, username="olga")
    superuser = UserFactory.create(username="suri", is_superuser=True, is_staff=True)
    draft = DraftFactory.create(lead__project=project)
    config = active_version(project)
    return World(
        project=project,
        lead=draft.lead,
        draft=draft,
        task=LabelTaskFactory.create(lead=draft.lead),
        run=Run.objects.create(project=project, trigger="command", config_version=config, status=RunStatus.FAILED),
        live_run=Run.objects.create(project=project, kind="probe", trigger="command", config_version=config),
        schedule=create_schedule(
            project, label="hourly", times=Times(60), options=RunOptions(), by="command:test"
        ),
        suppression=suppress(
            identity_of("handle", platform="sample", value="bea"), project=project, by="command:test"
        )[0],
        erasure=_erasure(),
        member=Membership.objects.get(user=viewer),
        key=_key(operator, Role.VIEWER, project).key,
        account=Account.objects.create(project=project, platform="sample", label="main", credentials=seal({})),
        experiment=Experiment.objects.create(
            project=project,
            experiment_id="tidewater-1",
            primary_model="local/default",
            canary_model="local/keyword",
            canary_pct=0.5,
            status=ExperimentStatus.PAUSED,
            margin=0.05,
            max_n=200,
            salt="salt",
        ),
        model=ModelVersion.objects.create(
            model_id="local/keyword", provider="local", model_type=ModelType.JUDGE, project=project
        ),
        pair=PreferencePair.objects.create(
            draft=draft, project=project, prompt="?", chosen_text="good", rejected_text="bad", source="edit"
        ),
        export=Export.objects.create(project=project, type="dpo", format="trl", filters=EXPORTED),
        outcome=Outcome.objects.create(
            project=project, draft=draft, type="booking", reference="by hand", source="person"
        ),
        notification=Notification.objects.create(
            project=project, target=NotificationTarget.SLACK, kind=NotificationKind.TEST
        ),
        sequence=Sequence.objects.create(
            lead=draft.lead, plan="full", ended_at=timezone.now(), exit=SequenceExit.FINISHED
        ),
        newcomer=UserFactory.create(username="newcomer"),
        askers=(
            Asker("a stranger", APIClient(), is_known=False),
            Asker("a closed account", _closed(project), is_known=False),
            Asker("a viewer", _session(viewer), role=Role.VIEWER),
            Asker("a reviewer", _session(reviewer), role=Role.REVIEWER),
            Asker("an operator", _session(operator), role=Role.OPERATOR),
            Asker("an operator of another project", _session(outsider)),
            Asker("somebody without a project", _session(UserFactory.create(username="nils"))),
            Asker("a superuser", _session(superuser), role=Role.OPERATOR, is_superuser=True),
            Asker("a viewer's token", _bearer(viewer), role=Role.VIEWER),
            Asker("a reviewer's token", _bearer(reviewer), role=Role.REVIEWER),
            Asker("a superuser's token", _bearer(superuser), role=Role.OPERATOR, is_superuser=True),
            *_key_askers(project, elsewhere, superuser=superuser),
        ),
    )


def _erasure() -> AuditEntry:
    erase_person(ErasureRequest("sample", handle="somebody else"), by="command:test")
    return AuditEntry.objects.get(action="person.erase")


def _key_askers(project: Project, elsewhere: Project, *, superuser: User) -> list[Asker]:
    """One person operates both projects; what the keys may differs all the same."""
    owner = member(project, Role.OPERATOR, username="kim")
    member(elsewhere, Role.OPERATOR, username="kim")
    expired, revoked = _key(owner, Role.OPERATOR), _key(owner, Role.OPERATOR)
    ApiKey.objects.filter(pk=expired.key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoke_key(revoked.key, by=owner)
    return [
        *(
            Asker(f"a {role} key", _by_key(_key(owner, role, project)), role=role, by_key=True)
            for role in (Role.VIEWER, Role.REVIEWER, Role.OPERATOR)
        ),
        Asker("a key for all projects", _by_key(_key(owner, Role.OPERATOR)), role=Role.OPERATOR, by_key=True),
        Asker("a key for another project", _by_key(_key(owner, Role.OPERATOR, elsewhere)), by_key=True),
        Asker("a superuser's key", _by_key(_key(superuser, Role.OPERATOR)), role=Role.OPERATOR, by_key=True),
        Asker("an expired key", _by_key(expired), is_known=False),
        Asker("a revoked key", _by_key(revoked), is_known=False),
        Asker("an expired key beside a session", _by_key(expired, _session(owner)), is_known=False),
    ]


def _key(owner: User, role: Role, *projects: Project) -> IssuedKey:
    return create_key(name="for tests", role=role, projects=projects, by=owner)


def _session(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def _closed(project: Project) -> APIClient:
    user = member(project, Role.OPERATOR, username="cleo")
    client = _session(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return client


def _bearer(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user).access}")
    return client


def _by_key(issued: IssuedKey, client: APIClient | None = None) -> APIClient:
    client = client or APIClient()
    client.credentials(HTTP_X_API_KEY=issued.text)
    return client
