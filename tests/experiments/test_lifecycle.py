"""From creation to its end: who may, what is refused, and who judges afterwards."""

import pytest
from django.contrib.auth.models import User

from experiments import lifecycle
from experiments.admin.registry import _activate
from experiments.lifecycle import (
    Design,
    create_experiment,
    outcome_of,
    pause_experiment,
    promote_canary,
    resume_experiment,
    roll_back,
    stop_experiment,
)
from experiments.models import (
    AbResult,
    Experiment,
    ExperimentMode,
    ExperimentStatus,
    ModelType,
    ModelVersion,
    Verdict,
)
from experiments.results import record_human_label
from experiments.selectors import active_experiment, entry_of
from experiments.services import activate_model, judge_of, retire_model
from leads.judges.factory import active_judge
from signalops_site.core.config.versions import active_document
from signalops_site.core.errors import Conflict, DomainError, NotAllowed
from signalops_site.core.models import AuditEntry, Project, Role
from tests.factories import ModelVersionFactory, ProjectFactory, document, member

from .builders import experiment_in, pair

KEYWORD = Design("local/keyword")


@pytest.fixture
def ledger(db: None) -> Project:
    """A project whose configuration allows experiments, an eighth of the authors to the canary."""
    allowed = document(project_id="ledger", experiments={"enabled": True, "default_canary_pct": 0.125})
    return ProjectFactory.create(slug="ledger", document=allowed)


@pytest.fixture
def experiment(ledger: Project) -> Experiment:
    return create_experiment(ledger, KEYWORD, by="test")


def judge_named_now(project: Project) -> str:
    project.refresh_from_db()
    return active_judge(project, active_document(project), by="test")


def test_an_experiment_takes_what_is_not_said_from_its_project(ledger: Project) -> None:
    made = create_experiment(ledger, Design("local/keyword", hypothesis=" Cheaper. "), by="test")
    assert (made.primary_model, made.canary_model) == ("local/default", "local/keyword")
    assert (made.canary_pct, made.mode, made.status) == (0.125, ExperimentMode.SHADOW, ExperimentStatus.ACTIVE)
    assert (made.experiment_id, made.hypothesis, len(made.salt)) == ("ledger-1", "Cheaper.", 16)
    entry = AuditEntry.objects.get(action="experiment.create")
    assert (entry.project, entry.target_id) == (ledger, str(made.pk))
    assert active_experiment(ledger) == made


def test_its_models_are_in_the_registry_from_then_on(experiment: Experiment) -> None:
    assert set(ModelVersion.objects.values_list("model_id", flat=True)) == {"local/default", "local/keyword"}


def test_the_primary_is_the_judge_that_the_configuration_names(db: None) -> None:
    allowed = document(project_id="ledger", experiments={"enabled": True}, llm={"judge_model": "local/keyword"})
    project = ProjectFactory.create(slug="ledger", document=allowed)
    assert create_experiment(project, Design("local/default"), by="test").primary_model == "local/keyword"


def test_where_experiments_are_switched_off_none_is_created(project: Project) -> None:
    with pytest.raises(Conflict, match="enabled: true"):
        create_experiment(project, KEYWORD, by="test")


def test_switching_experiments_off_ends_their_part_in_judging(project: Project) -> None:
    experiment_in(project)
    assert active_experiment(project) is None


@pytest.mark.parametrize(
    ("design", "sentence"),
    [
        (Design("local/keyword", canary_pct=0.0), "between 0 and 1"),
        (Design("local/keyword", canary_pct=1.0), "between 0 and 1"),
        (Design("local/keyword", canary_pct=10), "such as 0.1; it is 10"),
        (Design("local/keyword", canary_pct=float("nan")), "between 0 and 1"),
        (Design("local/keyword", margin=0), "margin"),
        (Design("local/keyword", max_n=0), "planned number"),
        (Design("local/keyword", mode="both"), "one of canary, shadow"),
        (Design("local/keyword", hypothesis="x" * 2001), "at most 2,000"),
        (Design("local/default"), "named twice"),
        (Design("two words"), "one word"),
        (Design("local/nowhere"), "local/nowhere"),
    ],
)
def test_a_design_that_does_not_hold_is_refused(ledger: Project, design: Design, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        create_experiment(ledger, design, by="test")
    assert not Experiment.objects.exists()
    assert not ModelVersion.objects.filter(model_id="local/nowhere").exists()


def test_what_another_project_registered_blocks_nobody(ledger: Project, other_project: Project) -> None:
    theirs = ModelVersionFactory.create(model_id="local/keyword", project=other_project)
    create_experiment(ledger, KEYWORD, by="test")
    assert entry_of("local/keyword", model_type=ModelType.JUDGE, project=ledger) != theirs


def test_a_model_that_drafts_may_judge_as_well(ledger: Project) -> None:
    drafter = ModelVersionFactory.create(model_id="openai/gpt-4.1", model_type=ModelType.DRAFTER)
    experiment = create_experiment(ledger, Design("openai/gpt-4.1"), by="test")
    promote_canary(experiment, by="test")
    assert judge_named_now(ledger) == "openai/gpt-4.1"
    drafter.refresh_from_db()
    assert not drafter.is_active
    with pytest.raises(Conflict, match="no local judge"):
        create_experiment(ledger, Design("local/template"), by="test")


def test_a_second_one_waits_until_the_first_is_over(ledger: Project, experiment: Experiment) -> None:
    with pytest.raises(Conflict, match="ledger-1 is active"):
        create_experiment(ledger, KEYWORD, by="test")
    stop_experiment(experiment, by="test")
    assert create_experiment(ledger, KEYWORD, by="test").experiment_id == "ledger-2"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER])
def test_experiments_take_an_operator(ledger: Project, experiment: Experiment, role: Role) -> None:
    low = member(ledger, role)
    for act in (pause_experiment, resume_experiment, stop_experiment, promote_canary, roll_back):
        with pytest.raises(NotAllowed, match="operator"):
            act(experiment, by=low)
    with pytest.raises(NotAllowed, match="operator"):
        create_experiment(ledger, KEYWORD, by=low)
    experiment.refresh_from_db()
    assert experiment.status == ExperimentStatus.ACTIVE


def test_an_operator_may(ledger: Project) -> None:
    otto: User = member(ledger, Role.OPERATOR)
    made = create_experiment(ledger, KEYWORD, by=otto)
    assert promote_canary(made, by=otto).status == ExperimentStatus.COMPLETED


def test_a_paused_experiment_goes_on_with_the_same_arms(ledger: Project, experiment: Experiment) -> None:
    paused = pause_experiment(experiment, by="test")
    assert active_experiment(ledger) is None
    assert pause_experiment(paused, by="test").status == ExperimentStatus.PAUSED
    resumed = resume_experiment(paused, by="test")
    assert (active_experiment(ledger), resumed.salt) == (experiment, experiment.salt)
    assert resume_experiment(resumed, by="test").status == ExperimentStatus.ACTIVE
    assert AuditEntry.objects.filter(action="experiment.pause").count() == 1
    assert AuditEntry.objects.filter(action="experiment.resume").count() == 1


def test_a_paused_one_stays_so_while_another_is_active(ledger: Project, experiment: Experiment) -> None:
    pause_experiment(experiment, by="test")
    create_experiment(ledger, KEYWORD, by="test")
    with pytest.raises(Conflict, match="ledger-2 is active"):
        resume_experiment(experiment, by="test")


def test_stopping_leaves_the_judge_and_keeps_the_verdict(ledger: Project, experiment: Experiment) -> None:
    for n in range(60):
        pair(experiment, f"lead:{n}", "irrelevant", "relevant")
        record_human_label(ledger, f"lead:{n}", "relevant", blind=True)
    stopped = stop_experiment(experiment, by="test")
    assert (stopped.status, stopped.verdict, outcome_of(stopped)) == (
        "completed",
        Verdict.CANARY_BETTER,
        "stopped",
    )
    assert stopped.ended_at is not None
    assert judge_named_now(ledger) == "local/default"
    assert AbResult.objects.count() == 120
    assert stop_experiment(stopped, by="test").ended_at == stopped.ended_at
    assert AuditEntry.objects.filter(action="experiment.stop").count() == 1


def test_what_is_completed_neither_pauses_nor_resumes(experiment: Experiment) -> None:
    stop_experiment(experiment, by="test")
    for act in (pause_experiment, resume_experiment):
        with pytest.raises(Conflict, match="completed"):
            act(experiment, by="test")


def test_the_promoted_canary_judges_in_registry_and_configuration(ledger: Project, experiment: Experiment) -> None:
    promoted = promote_canary(experiment, by="test")
    assert (promoted.status, outcome_of(promoted)) == (ExperimentStatus.COMPLETED, "promoted")
    assert judge_named_now(ledger) == "local/keyword"
    assert active_document(ledger).llm.judge_model == "local/keyword"
    assert judge_of(ledger) == "local/keyword"
    actions = list(AuditEntry.objects.filter(project=ledger).order_by("sequence").values_list("action", flat=True))
    assert actions[-2:] == ["model.activate", "experiment.promote"]
    with pytest.raises(Conflict, match="promoted already"):
        promote_canary(experiment, by="test")


def test_a_stopped_experiment_can_still_be_promoted(ledger: Project, experiment: Experiment) -> None:
    stopped = stop_experiment(experiment, by="test")
    promoted = promote_canary(stopped, by="test")
    assert (outcome_of(promoted), promoted.ended_at) == ("promoted", stopped.ended_at)
    assert judge_named_now(ledger) == "local/keyword"


def test_nothing_changes_when_a_promotion_fails(
    ledger: Project, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(lifecycle, "_complete", broken)
    with pytest.raises(RuntimeError):
        promote_canary(experiment, by="test")
    experiment.refresh_from_db()
    assert experiment.status == ExperimentStatus.ACTIVE
    assert judge_named_now(ledger) == "local/default"
    assert ledger.config_versions.count() == 1


def test_a_promotion_is_rolled_back(ledger: Project, experiment: Experiment) -> None:
    rolled = roll_back(promote_canary(experiment, by="test"), by="test")
    assert outcome_of(rolled) == "rolled_back"
    assert judge_named_now(ledger) == "local/default"
    for act in (roll_back, promote_canary):
        with pytest.raises(Conflict, match="rolled back"):
            act(rolled, by="test")


def test_rolling_back_a_live_experiment_ends_it(ledger: Project, experiment: Experiment) -> None:
    activate_model(ModelVersion.objects.get(model_id="local/keyword"), by="test", project=ledger)
    rolled = roll_back(experiment, by="test")
    assert (rolled.status, outcome_of(rolled)) == (ExperimentStatus.COMPLETED, "rolled_back")
    assert judge_named_now(ledger) == "local/default"


def test_a_judge_that_was_chosen_since_is_not_rolled_back(ledger: Project, experiment: Experiment) -> None:
    promote_canary(experiment, by="test")
    activate_model(ModelVersion.objects.get(model_id="local/default"), by="test", project=ledger)
    with pytest.raises(Conflict, match="by now"):
        roll_back(experiment, by="test")


def test_a_third_judge_that_was_chosen_during_an_experiment_is_not_rolled_back(
    ledger: Project, experiment: Experiment
) -> None:
    third = ModelVersionFactory.create(model_id="openai/gpt-4o-mini")
    activate_model(third, by="test", project=ledger)
    with pytest.raises(Conflict, match="'openai/gpt-4o-mini' by now"):
        roll_back(experiment, by="test")
    experiment.refresh_from_db()
    assert experiment.status == ExperimentStatus.ACTIVE
    assert judge_of(ledger_again(ledger)) == "openai/gpt-4o-mini"


def ledger_again(ledger: Project) -> Project:
    return Project.objects.get(pk=ledger.pk)


@pytest.mark.parametrize("promoted", [True, False])
def test_a_project_that_followed_the_judge_of_all_follows_it_again(ledger: Project, promoted: bool) -> None:
    experiment = create_experiment(ledger, KEYWORD, by="test")
    roll_back(promote_canary(experiment, by="test") if promoted else experiment, by="test")
    assert active_document(ledger_again(ledger)).llm.judge_model is None
    assert ledger.config_versions.count() == (3 if promoted else 1)
    activate_model(ModelVersionFactory.create(model_id="openai/gpt-4o-mini"), by="test")
    assert judge_of(ledger_again(ledger)) == "openai/gpt-4o-mini"


def test_a_judge_that_was_named_is_named_again(ledger: Project) -> None:
    activate_model(ModelVersionFactory.create(model_id="openai/gpt-4o-mini"), by="test", project=ledger)
    experiment = create_experiment(ledger_again(ledger), KEYWORD, by="test")
    roll_back(promote_canary(experiment, by="test"), by="test")
    assert active_document(ledger_again(ledger)).llm.judge_model == "openai/gpt-4o-mini"


def test_an_experiment_of_an_earlier_release_is_rolled_back_to_its_primary(ledger: Project) -> None:
    experiment = experiment_in(ledger)
    roll_back(promote_canary(experiment, by="test"), by="test")
    assert active_document(ledger_again(ledger)).llm.judge_model == "local/default"


def test_a_primary_that_was_not_the_judge_is_it_after_a_roll_back(ledger: Project) -> None:
    ModelVersionFactory.create(model_id="openai/gpt-4o-mini")
    design = Design("local/keyword", primary_model="openai/gpt-4o-mini")
    roll_back(create_experiment(ledger, design, by="test"), by="test")
    assert active_document(ledger_again(ledger)).llm.judge_model == "openai/gpt-4o-mini"


def test_what_was_only_stopped_has_nothing_to_roll_back(experiment: Experiment) -> None:
    stop_experiment(experiment, by="test")
    with pytest.raises(Conflict, match="nothing to roll back"):
        roll_back(experiment, by="test")


def test_a_model_in_an_experiment_is_not_retired(experiment: Experiment) -> None:
    canary = ModelVersion.objects.get(model_id="local/keyword")
    with pytest.raises(Conflict, match="takes part in the experiment ledger-1"):
        retire_model(canary, by="test")
    stop_experiment(experiment, by="test")
    assert retire_model(canary, by="test").retired_at is not None


def test_a_retired_canary_is_not_promoted(ledger: Project, experiment: Experiment) -> None:
    stop_experiment(experiment, by="test")
    retire_model(ModelVersion.objects.get(model_id="local/keyword"), by="test")
    with pytest.raises(Conflict, match="retired"):
        promote_canary(experiment, by="test")
    assert judge_named_now(ledger) == "local/default"


def test_ids_are_unique_over_projects_whose_slugs_begin_alike(db: None) -> None:
    ids = set()
    for ending in ("a", "b"):
        slug = "p" * 60 + ending
        made = ProjectFactory.create(slug=slug, document=document(project_id=slug, experiments={"enabled": True}))
        ids.add(create_experiment(made, KEYWORD, by="test").experiment_id)
    assert ids == {"p" * 52 + "-1", "p" * 52 + "-2"}


def test_activating_a_judge_during_an_experiment_says_who_judges_until_then(
    ledger: Project, experiment: Experiment, superuser: User
) -> None:
    model = ModelVersion.objects.get(model_id="local/keyword")
    assert _activate(model, superuser, {"project": ledger}).endswith(
        "The models of the experiment ledger-1 judge until that is paused or over."
    )
    stop_experiment(experiment, by="test")
    assert _activate(model, superuser, {"project": ledger}).endswith("The next run uses it.")
