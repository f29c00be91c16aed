"""The admin as a superuser walks it: every page answers, and none asks more of the database when it grows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Success
from django_q.signing import SignedPackage

from connectors.models import Account, QueryCursor
from experiments.models import Experiment, ExperimentStatus, ModelType, ModelVersion, Variant
from experiments.results import Observation, record_observations
from leads.identities import identity_of
from leads.models import (
    Decision,
    DecisionKind,
    Delivery,
    DeliveryMode,
    DraftStatus,
    Hold,
    Interaction,
    Lead,
    MentionCursor,
    Notification,
    Outcome,
    Post,
    RunSchedule,
    Sequence,
    Step,
    StepKind,
    Touch,
)
from leads.pipeline.runner import RunOptions
from leads.services.schedules import Times, create_schedule
from leads.services.suppressions import suppress
from signalops_site.core import audit
from signalops_site.core.access.keys import create_key
from signalops_site.core.admin.base import InfinitePaginator
from signalops_site.core.models import (
    ApiKey,
    AuditEntry,
    BeatJob,
    BudgetMonth,
    BudgetUnit,
    LlmCall,
    Pause,
    Project,
    ProjectConfigVersion,
    Role,
    Run,
    RunEvent,
    RunStatus,
    WorkerCluster,
)
from signalops_site.core.secrets import seal
from tests.factories import (
    AuthorFactory,
    DraftFactory,
    HumanLabelFactory,
    JudgmentFactory,
    LeadFactory,
    MembershipFactory,
    PostFactory,
    ProjectFactory,
    RawPostFactory,
    ScoreFactory,
    UserFactory,
)
from training.models import Export, PairSource, PreferencePair

SECRET = "tell-nobody"


@pytest.fixture
def suri(superuser: User, client: Client) -> Client:
    client.force_login(superuser)
    return client


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def registered() -> list[type[Model]]:
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def fill(project: Project, by: User, *, start: int, count: int) -> None:
    """`count` rows in every table that the admin shows."""
    version = project.config_versions.get(number=1)
    for n in range(start, start + count):
        user = UserFactory.create(username=f"member{n}")
        MembershipFactory.create(user=user, project=project)
        other = ProjectFactory.create(slug=f"project-of-{n}")
        create_key(name=f"key {n}", role=Role.VIEWER, projects=[other], by=by)
        author = AuthorFactory.create(handle=f"author{n}", platform_user_id=f"author{n}")
        post = PostFactory.create(author=author, platform_post_id=f"post{n}")
        RawPostFactory.create(post=post)
        lead = LeadFactory.create(project=project, post=post)
        model = ModelVersion.objects.create(model_id=f"local/{n}", provider="local", model_type=ModelType.JUDGE)
        JudgmentFactory.create(lead=lead, model_version=model)
        fill_experiment(project, n)
        ScoreFactory.create(lead=lead)
        HumanLabelFactory.create(lead=lead, user=user)
        draft = DraftFactory.create(lead=lead, status=DraftStatus.EDITED, reviewer=user, text_final="Yes.")
        Decision.objects.create(lead=lead, draft=draft, user=user, kind=DecisionKind.EDIT)
        Hold.objects.create(draft=draft, user=user, since=draft.created_at, until=draft.created_at)
        delivery = {"project": project, "platform": "sample", "mode": DeliveryMode.API}
        Delivery.objects.create(draft=draft, queued_by=user, **delivery)
        sequence = Sequence.objects.create(lead=lead, plan="gentle", started_by=user)
        step = Step.objects.create(sequence=sequence, number=1, kind=StepKind.FOLLOW_UP, wait_days=7)
        Touch.objects.create(step=step, draft=draft)
        Pause.objects.create(project=other, by=user, why="A test.")
        came = {"type": "booking", "reference": "by hand", "source": "person", "by": user}
        Outcome.objects.create(project=project, draft=draft, withdrawn_by=user, **came)
        pair = {"prompt": "?", "chosen_text": "good", "rejected_text": "bad", "source": PairSource.EDIT}
        PreferencePair.objects.create(draft=draft, project=project, **pair)
        Export.objects.create(project=project, type="dpo", format="trl", filters={"since": None}, requested_by=by)
        run = Run.objects.create(
            project=project, trigger="api", status=RunStatus.PARTIAL, config_version=version, requested_by=user
        )
        RunEvent.objects.create(project=project, seq=n, run=run, type="pipeline_progress", stage="judge", done=n)
        schedule = create_schedule(project, label=f"{n}", times=Times(60), options=RunOptions(), by=user)
        RunSchedule.objects.filter(pk=schedule.pk).update(last_run=run, last_outcome="started", paused_by=user)
        suppress(identity_of("domain", value=f"example{n}.org"), project=project, reason="asked", by=by)
        audit.record("test.act", by=user, project=project, on=run, fields={"n": n})
        Account.objects.create(
            project=project,
            platform="bluesky",
            label=f"account {n}",
            base_url="x",
            credentials=seal({"k": SECRET}),
        )
        account = Account.objects.get(label=f"account {n}")
        spoke = {"author_digest": "0" * 64, "kind": "mention"}
        Interaction.objects.create(platform="bluesky", account=account, platform_post_id=f"post{n}", **spoke)
        MentionCursor.objects.create(platform="bluesky", account=account)
        QueryCursor.objects.create(project=project, platform="sample", query=f"query {n}")
        ProjectConfigVersion.objects.create(
            project=project, number=n + 100, document=version.document, source="project_id: x", author=user
        )
        BudgetMonth.objects.create(scope=f"account:{n}", unit=BudgetUnit.POSTS, month=date(2026, 11, 1), settled=n)
        LlmCall.objects.create(
            project=project, run=run, purpose="judge", model="openai/one", subject=f"lead:{n}", status="answered"
        )
        Notification.objects.create(
            project=project, target="slack", kind="alert", status="failed", error="It broke."
        )
        fill_jobs(n)


def fill_experiment(project: Project, n: int) -> None:
    models = {"primary_model": "local/default", "canary_model": "local/keyword"}
    design = {"canary_pct": 0.5, "margin": 0.05, "max_n": 200, "salt": "s", "status": ExperimentStatus.PAUSED}
    made = Experiment.objects.create(project=project, experiment_id=f"experiment-{n}", **models, **design)
    record_observations(made, [Observation(f"lead:{n}", f"x:{n}", Variant.CANARY, "local/keyword", "relevant")])


def fill_jobs(n: int) -> None:
    now = timezone.now()
    times = {"started": now, "stopped": now + timedelta(seconds=1)}
    for success in (True, False):
        task = {"id": f"{success:d}{n:031d}", "name": f"job {n}", "func": "leads.tasks.run_pipeline"}
        Success(success=success, kwargs={"run_id": n}, **task, **times).save()
    Schedule.objects.create(name=f"schedule {n}", func="leads.tasks.run_pipeline")
    payload = SignedPackage.dumps({"id": f"{n}", "name": f"job {n}", "func": "f", "args": (), "kwargs": {"n": n}})
    OrmQ.objects.create(key="runs", payload=payload, lock=now)
    BeatJob.objects.create(name=f"beat {n}", started_at=now, error="it broke")
    WorkerCluster.objects.create(name="runs", host="here", pid=n, started_at=now, seen_at=now)


def queries_of(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        response = client.get(url)
    assert response.status_code == 200, url
    return [query["sql"] for query in caught.captured_queries]


def counts_of(client: Client, page: Callable[[type[Model]], str]) -> dict[str, int]:
    for model in registered():  # once unmeasured: what Django looks up only the first time
        client.get(page(model))
    return {model._meta.label: len(queries_of(client, page(model))) for model in registered()}


def change_page(model: type[Model]) -> str:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"there is no {model._meta.label} to look at"
    return address(model, "change", row.pk)


def test_every_page_answers_and_asks_no_more_when_there_is_more(
    suri: Client, superuser: User, project: Project
) -> None:
    pages: list[Callable[[type[Model]], str]] = [lambda model: address(model, "changelist"), change_page]
    fill(project, superuser, start=1, count=5)
    few = [counts_of(suri, page) for page in pages]
    fill(project, superuser, start=6, count=45)
    many = [counts_of(suri, page) for page in pages]
    assert few == many


def test_big_tables_are_never_counted(suri: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=2)
    big = [model for model, page in admin.site._registry.items() if page.paginator is InfinitePaginator]
    assert {Lead, Post, RunEvent, AuditEntry} <= set(big)
    for model in big:
        asked = queries_of(suri, address(model, "changelist"))
        assert not [sql for sql in asked if "COUNT(" in sql], model._meta.label


def test_two_thousand_leads_are_paged_without_counting(suri: Client, project: Project) -> None:
    posts = [Post(platform="sample", platform_post_id=f"many{n}", text="hello") for n in range(2000)]
    Post.objects.bulk_create(posts)
    Lead.objects.bulk_create([Lead(project=project, post=post) for post in posts])
    first = queries_of(suri, address(Lead, "changelist"))
    assert len(queries_of(suri, address(Lead, "changelist") + "?p=40")) == len(first)
    assert ">Older</a>" in suri.get(address(Lead, "changelist") + "?p=39").content.decode()
    last = suri.get(address(Lead, "changelist") + "?p=40").content.decode()
    assert ">Older</a>" not in last
    assert ">Newer</a>" in last


def test_a_search_finds_rows_by_their_keys(suri: Client, project: Project) -> None:
    author = AuthorFactory.create(handle="ada_h", platform_user_id="u-ada")
    lead = LeadFactory.create(project=project, post=PostFactory.create(author=author, platform_post_id="p-ada"))
    LeadFactory.create(project=project)
    for term in (str(lead.pk), "@ada_h", "ada_h", "sample:p-ada"):
        assert found(suri, Lead, term) == [lead.pk], term
    assert found(suri, Post, "ada_h") == [lead.post_id]
    assert found(suri, type(author), "sample:u-ada") == [author.pk]
    assert found(suri, Lead, "9" * 40) == []
    assert found(suri, Lead, "nobody") == []


def found(client: Client, model: type[Model], term: str) -> list[int]:
    response = client.get(address(model, "changelist"), {"q": term})
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


READ_ONLY = [model for model in registered() if model is not User]


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model._meta.label)
def test_nothing_is_written_past_the_services(
    model: type[Model], suri: Client, superuser: User, project: Project
) -> None:
    fill(project, superuser, start=1, count=1)
    page = change_page(model)
    row = page.rstrip("/").rsplit("/", 2)[-2]
    before = model._default_manager.count()
    assert suri.post(page, {"name": "changed"}).status_code == 403
    assert suri.post(address(model, "delete", row), {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": row, "post": "yes"}
    assert suri.post(address(model, "changelist"), selected).status_code == 405
    assert model._default_manager.count() == before
    content = suri.get(page).content.decode()
    assert "deletelink" not in content
    assert 'name="_save"' not in content


def test_the_audit_log_takes_nothing_from_a_superuser_either(suri: Client, superuser: User) -> None:
    entry = audit.record("test.act", by=superuser)
    assert suri.post(address(AuditEntry, "add"), {"action": "forged"}).status_code == 403
    assert suri.get(address(AuditEntry, "add")).status_code == 403
    assert suri.post(address(AuditEntry, "change", entry.pk), {"action": "forged"}).status_code == 403
    assert suri.post(address(AuditEntry, "delete", entry.pk), {"post": "yes"}).status_code == 403
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["test.act"]


@pytest.fixture(params=["nobody", "operator", "staff"])
def stranger(request: pytest.FixtureRequest, client: Client, operator: User) -> Client:
    """Somebody who may not come in: signed out, a project's operator, and staff who is no superuser."""
    if request.param == "operator":
        client.force_login(operator)
    if request.param == "staff":
        client.force_login(UserFactory.create(username="stefan", is_staff=True))
    return client


def test_only_superusers_come_in(stranger: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=1)
    pages = [reverse("admin:index"), *(address(model, "changelist") for model in registered())]
    for page in [*pages, *(change_page(model) for model in registered())]:
        response = stranger.get(page)
        assert response.status_code == 302, page
        assert response["Location"].startswith(reverse("admin:login")), page
    run = Run.objects.get()
    assert stranger.post(address(Run, "act", run.pk, "retry")).status_code == 302
    assert Run.objects.count() == 1


def test_signing_in_leads_to_the_overview(client: Client, superuser: User) -> None:
    superuser.set_password("a-long-enough-1")
    superuser.save()
    form = client.get(reverse("admin:login"), follow=True)
    values = {"username": "suri", "password": "a-long-enough-1"}
    assert client.post(form.context["app_path"], values)["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_member_is_told_whose_the_admin_is(client: Client, operator: User) -> None:
    client.force_login(operator)
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403
    page = response.content.decode()
    assert "You are signed in as otto" in page
    assert "To the dashboard" in page


def test_the_overview_shows_the_latest_runs_and_acts(suri: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=2)
    page = suri.get(reverse("admin:index")).content.decode()
    assert "Partial" in page
    assert "test.act" in page


def test_no_page_names_another_host(suri: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=1)
    for url in (reverse("admin:index"), address(Lead, "changelist"), address(ModelVersion, "add")):
        page = suri.get(url).content.decode()
        assert 'src="http' not in page
        assert "url(http" not in page
        assert '<link href="http' not in page


HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def test_what_posts_say_is_text(suri: Client, project: Project) -> None:
    author = AuthorFactory.create(handle=HOSTILE, name=HOSTILE, bio=HOSTILE)
    post = PostFactory.create(author=author, text=HOSTILE, clean_text=HOSTILE, url="javascript:alert(1)")
    RawPostFactory.create(post=post, payload={"text": HOSTILE})
    lead = LeadFactory.create(project=project, post=post, error=HOSTILE)
    JudgmentFactory.create(lead=lead, reasoning=HOSTILE)
    DraftFactory.create(lead=lead, text_generated=HOSTILE, prompt=HOSTILE)
    for row in (author, post, lead, lead.judgments.get(), lead.drafts.get()):
        for url in (address(type(row), "change", row.pk), address(type(row), "changelist")):
            page = suri.get(url).content.decode()
            assert "<script>alert" not in page, url
            assert "<img src=x" not in page, url
    assert 'href="javascript:' not in suri.get(address(Post, "change", post.pk)).content.decode()


def test_a_post_is_linked_where_it_is_on_the_web(suri: Client) -> None:
    post = PostFactory.create(url="https://posts.example/1?a=1&b=2")
    page = suri.get(address(Post, "change", post.pk)).content.decode()
    assert 'href="https://posts.example/1?a=1&amp;b=2"' in page
    assert 'rel="noopener noreferrer nofollow ugc"' in page


def test_the_digest_of_a_key_is_on_no_page(suri: Client, superuser: User, project: Project) -> None:
    key = create_key(name="bot", role=Role.VIEWER, projects=[project], by=superuser).key
    for url in (address(ApiKey, "changelist"), address(ApiKey, "change", key.pk)):
        assert key.digest not in suri.get(url).content.decode()


def test_the_credentials_of_an_account_are_on_no_page(suri: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=1)
    for url in (address(Account, "changelist"), change_page(Account)):
        page = suri.get(url).content.decode()
        assert "account 1" in page
        assert SECRET not in page
        assert str(Account.objects.values_list("credentials", flat=True).get()) not in page


def test_a_project_shows_its_versions_and_members(suri: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=1)
    page = suri.get(address(Project, "change", project.pk)).content.decode()
    assert ">tidewater v101</a> <span>20" in page
    assert ">member1</a> <span>Reviewer</span>" in page


def test_a_run_shows_its_stages_and_latest_events(suri: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=1)
    run = Run.objects.get()
    Run.objects.update(
        stages={"judge": {"done": 7, "failed": 1, "skipped": 0, "seconds": 1.5, "problems": ["oh"]}}
    )
    page = suri.get(address(Run, "change", run.pk)).content.decode()
    assert "<tr><th>judge</th><td>7</td><td>1</td><td>0</td><td>1.5</td></tr>" in page
    assert ">oh</pre>" in page
    assert "<td>pipeline_progress</td><td>judge</td><td>1</td>" in page
    assert f'href="{address(RunEvent, "changelist")}?run__id__exact={run.pk}"' in page
    assert suri.get(address(RunEvent, "changelist"), {"run__id__exact": run.pk}).context["cl"].result_list


def test_a_lead_shows_what_was_made_of_it(suri: Client, superuser: User, project: Project) -> None:
    fill(project, superuser, start=1, count=1)
    lead = Lead.objects.get()
    page = suri.get(address(Lead, "change", lead.pk)).content.decode()
    for shown in ("by local/1", ">relevant 0.80</a>", ">member1: relevant</a>", ">70.0</a>", "(edited)</a>"):
        assert shown in page


def test_accounts_are_made_changed_and_closed_and_each_is_audited(suri: Client) -> None:
    passwords = {"password1": "a-long-enough-1", "password2": "a-long-enough-1", "usable_password": "true"}
    assert suri.post(address(User, "add"), {"username": "nora", **passwords}).status_code == 302
    nora = User.objects.get(username="nora")
    page = address(User, "change", nora.pk)
    assert suri.get(page).status_code == 200
    assert suri.post(page, {"username": "nora", "is_superuser": "on", "is_active": "on"}).status_code == 302
    nora.refresh_from_db()
    assert (nora.is_superuser, nora.is_staff) == (True, True)
    suri.post(page, {"username": "nora"})
    nora.refresh_from_db()
    assert (nora.is_active, nora.is_staff) == (False, False)
    password = reverse("admin:auth_user_password_change", args=[nora.pk])
    assert (
        suri.post(
            password, {**passwords, "password1": "another-long-2", "password2": "another-long-2"}
        ).status_code
        == 302
    )
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["user.create", "user.change", "user.change", "user.change"]
    assert not LogEntry.objects.exists()
    assert suri.post(address(User, "delete", nora.pk), {"post": "yes"}).status_code == 403
