"""The registry: what is active judges, one at a time, and the configuration says the same."""

import math

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from experiments.models import ModelType, ModelVersion
from experiments.selectors import entry_of
from experiments.serializers import ModelVersionSerializer, shown_for
from experiments.services import (
    ModelFacts,
    activate_model,
    active_model,
    deactivate_model,
    follow_config,
    provider_of,
    register_model,
    register_on_first_use,
    retire_model,
)
from leads.judges.factory import active_judge, is_fine_tuned
from leads.models import Judgment
from leads.pipeline.runner import RunOptions
from leads.services.runs import run_now
from signalops_site.core.config.reading import read_project
from signalops_site.core.config.versions import activate_version, active_document, import_project
from signalops_site.core.errors import Conflict, DomainError
from signalops_site.core.models import AuditEntry, Project
from tests.factories import LeadFactory, ModelVersionFactory, ProjectFactory, document

YAML = """\
# what we look for
project_id: ledger
project_name: Ledger
description: Invoices that pay themselves.
queries:
  - {text: "*", label: all, platform: sample}  # everything
relevance:
  system_prompt: >-
    Is the author looking
    for an invoicing tool?
  positive_signals: ["looking for"]
  negative_signals: ['selling']
  keywords_required: [invoice]
persona: {name: Mara, role: support, tone: kind, voice_notes: Short., example_reply: This helped.}
"""


@pytest.fixture
def ledger(db: None) -> Project:
    version, _ = import_project(read_project(YAML), by="test", activate=True)
    return version.project


def judge(model_id: str = "local/keyword", **values: object) -> ModelVersion:
    return ModelVersionFactory.create(model_id=model_id, **values)


def judge_of(project: Project) -> str:
    project.refresh_from_db()
    return active_judge(project, active_document(project), by="test")


def named_by(project: Project) -> str | None:
    project.refresh_from_db()
    return active_document(project).llm.judge_model


def test_a_model_is_registered_with_what_is_known_of_it(project: Project) -> None:
    facts = ModelFacts(display_name="Mine", training_examples=12, metrics={"mcc": 0.5})
    model = register_model("local/mine", model_type=ModelType.JUDGE, by="test", project=project, facts=facts)
    assert (model.provider, model.display_name, model.training_examples) == ("local", "Mine", 12)
    assert not model.is_active
    entry = AuditEntry.objects.get(action="model.register")
    assert (entry.project, entry.target_id) == (project, str(model.pk))


def test_an_id_is_registered_once(db: None) -> None:
    register_model("local/mine", model_type=ModelType.JUDGE, by="test")
    with pytest.raises(Conflict, match="registered already"):
        register_model("local/mine", model_type=ModelType.JUDGE, by="test")


@pytest.mark.parametrize("model_id", ["", " ", "two words", " local/x", "x" * 257, "a\x00b"])
def test_an_id_is_one_word(model_id: str, db: None) -> None:
    with pytest.raises(DomainError, match="one word"):
        register_model(model_id, model_type=ModelType.JUDGE, by="test")


@pytest.mark.parametrize(
    ("model_id", "provider"),
    [("local/default", "local"), ("openai/ft:x", "openai"), ("ft:gpt-4o:acme::1", "openai"), ("gpt-4o", "gpt-4o")],
)
def test_the_provider_is_read_from_the_id(model_id: str, provider: str) -> None:
    assert provider_of(model_id) == provider


def test_with_nothing_activated_the_built_in_judge_judges(ledger: Project) -> None:
    assert judge_of(ledger) == "local/default"


def test_the_active_model_of_all_projects_judges_where_none_was_chosen(ledger: Project) -> None:
    activate_model(judge(), by="test")
    assert judge_of(ledger) == "local/keyword"
    assert named_by(ledger) is None


def test_the_next_run_uses_the_model_that_was_activated(ledger: Project) -> None:
    LeadFactory.create(project=ledger, stage="normalized")
    activate_model(judge(), by="test", project=ledger)
    ledger.refresh_from_db()
    run_now(ledger, RunOptions.parse(stages=["judge"]), by="test")
    assert Judgment.objects.get().model_version.model_id == "local/keyword"


def test_activating_one_deactivates_the_other_of_its_scope(db: None) -> None:
    first, second = judge("local/default"), judge("local/keyword")
    activate_model(first, by="test")
    activate_model(second, by="test")
    assert list(ModelVersion.objects.filter(is_active=True)) == [second]
    actions = AuditEntry.objects.filter(action="model.activate")
    assert sorted(actions.values_list("target_id", flat=True)) == sorted([str(first.pk), str(second.pk)])


def test_a_model_that_is_active_for_all_judges_where_none_was_chosen(ledger: Project) -> None:
    assert judge_of(ledger) == "local/default"
    activate_model(judge("local/keyword"), by="test")
    assert judge_of(ledger) == "local/keyword"


def test_a_project_s_own_model_goes_before_that_of_all(ledger: Project) -> None:
    activate_model(judge("local/default"), by="test")
    own = judge("local/keyword", project=ledger)
    activate_model(own, by="test")
    assert judge_of(ledger) == "local/keyword"
    assert active_model(ledger, ModelType.JUDGE) == own
    assert ModelVersion.objects.filter(is_active=True).count() == 2


def test_the_configuration_says_the_same_and_keeps_its_comments(ledger: Project) -> None:
    activate_model(judge(project=ledger), by="test")
    ledger.refresh_from_db()
    assert ledger.active_config is not None
    assert ledger.active_config.number == 2
    assert ledger.active_config.note == "judge local/keyword activated in the registry"
    source = ledger.active_config.source
    assert "# what we look for" in source
    assert "# everything" in source
    assert source.rstrip().endswith("llm:\n  judge_model: local/keyword")
    assert active_document(ledger).relevance == read_project(YAML).require().relevance


def test_a_project_without_a_source_gets_one(project: Project) -> None:
    activate_model(judge(), by="test", project=project)
    assert named_by(project) == "local/keyword"


def test_activating_twice_makes_no_second_version(ledger: Project) -> None:
    model = judge()
    activate_model(model, by="test", project=ledger)
    activate_model(model, by="test", project=ledger)
    assert ledger.config_versions.count() == 2


def test_deactivating_takes_it_out_of_the_configuration(ledger: Project) -> None:
    model = judge(project=ledger)
    activate_model(model, by="test")
    deactivate_model(model, by="test")
    assert named_by(ledger) is None
    assert judge_of(ledger) == "local/default"
    with pytest.raises(Conflict, match="not active"):
        deactivate_model(model, by="test")


def test_a_model_that_nothing_can_run_changes_nothing(ledger: Project) -> None:
    activate_model(judge("local/default"), by="test")
    before = ledger.config_versions.count()
    with pytest.raises(Conflict, match="no provider is known"):
        activate_model(judge("nobody-s/large"), by="test", project=ledger)
    assert judge_of(ledger) == "local/default"
    assert ledger.config_versions.count() == before


def test_what_only_judges_cannot_be_activated_to_draft(db: None) -> None:
    drafter = judge("local/keyword", model_type=ModelType.DRAFTER)
    with pytest.raises(Conflict, match="There is no drafter 'local/keyword'"):
        activate_model(drafter, by="test")


def test_a_model_of_one_project_is_no_other_s(ledger: Project, other_project: Project) -> None:
    with pytest.raises(Conflict, match="belongs to the project 'ledger'"):
        activate_model(judge(project=ledger), by="test", project=other_project)


def test_naming_a_judge_in_the_configuration_activates_it(ledger: Project) -> None:
    own = judge("local/default", project=ledger)
    activate_model(own, by="test")
    judge("local/keyword", project=ledger)
    import_project(read_project(YAML + "llm: {judge_model: local/keyword}\n"), by="test", activate=True)
    assert judge_of(ledger) == "local/keyword"
    assert ModelVersion.objects.get(is_active=True).model_id == "local/keyword"


def test_a_judge_that_a_configuration_names_is_registered_on_first_use(project: Project) -> None:
    follow_config(project, "local/keyword", by="test")
    model = ModelVersion.objects.get()
    assert (model.project, model.is_active) == (None, False)


def test_a_model_in_use_is_not_retired(ledger: Project) -> None:
    model = judge()
    activate_model(model, by="test", project=ledger)
    with pytest.raises(Conflict, match="project ledger"):
        retire_model(model, by="test")
    deactivate_model(model, by="test", project=ledger)
    assert retire_model(model, by="test").retired_at is not None


def test_a_retired_model_does_not_judge_again(ledger: Project) -> None:
    model = retire_model(judge(), by="test")
    with pytest.raises(Conflict, match="is retired"):
        activate_model(model, by="test")
    with pytest.raises(Conflict, match="retired already"):
        retire_model(model, by="test")
    with pytest.raises(Conflict, match="name another one"):
        import_project(read_project(YAML + "llm: {judge_model: local/keyword}\n"), by="test", activate=True)
    assert named_by(ledger) is None


@pytest.mark.parametrize("of_a_project", [True, False])
def test_the_database_keeps_one_active_model_per_scope(of_a_project: bool, db: None) -> None:
    scope = ProjectFactory.create() if of_a_project else None
    judge("local/a", project=scope, is_active=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        judge("local/b", project=scope, is_active=True)


def test_the_database_keeps_retired_models_inactive(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        judge(is_active=True, retired_at=timezone.now())


def test_what_a_configuration_names_goes_before_what_is_active_for_all(project: Project) -> None:
    activate_model(judge("local/default"), by="test")
    named = document(llm={"judge_model": "local/keyword"})
    assert active_judge(project, named, by="test") == "local/keyword"


def test_another_project_s_base_model_changes_no_prompt_here(ledger: Project, other_project: Project) -> None:
    facts = ModelFacts(base_model="gpt-4o-mini")
    kind = ModelType.JUDGE
    register_model("openai/tuned", model_type=kind, project=other_project, facts=facts, by="test")
    assert not is_fine_tuned("openai/tuned", project=ledger)
    assert is_fine_tuned("openai/tuned", project=other_project)
    register_model("openai/tuned-for-all", model_type=kind, facts=facts, by="test")
    assert is_fine_tuned("openai/tuned-for-all", project=ledger)


def test_a_model_that_another_project_retired_still_judges_here(ledger: Project, other_project: Project) -> None:
    retire_model(judge(project=other_project), by="test")
    import_project(read_project(YAML + "llm: {judge_model: local/keyword}\n"), by="test", activate=True)
    assert judge_of(ledger) == "local/keyword"


def test_what_another_project_names_does_not_keep_an_own_model_in_service(
    ledger: Project, other_project: Project
) -> None:
    own = judge(project=other_project)
    import_project(read_project(YAML + "llm: {judge_model: local/keyword}\n"), by="test", activate=True)
    assert retire_model(own, by="test").retired_at is not None


def test_a_person_is_not_told_of_projects_that_they_cannot_see(
    ledger: Project, project: Project, operator: User
) -> None:
    model = judge()
    activate_model(model, by="test", project=ledger)
    with pytest.raises(Conflict, match=r"in use \(another project\)"):
        retire_model(model, by=operator)
    activate_model(model, by="test", project=project)
    with pytest.raises(Conflict, match=r"in use \(project tidewater and another project\)"):
        retire_model(model, by=operator)


def test_activating_a_configuration_activates_the_models_that_it_names(ledger: Project) -> None:
    own = judge(project=ledger)
    drafter = judge("local/template", model_type=ModelType.DRAFTER, project=ledger)
    llm = "llm: {judge_model: local/keyword, draft_model: local/template}\n"
    import_project(read_project(YAML + llm), by="test", activate=True)
    assert active_model(ledger, ModelType.JUDGE) == own
    assert active_model(ledger, ModelType.DRAFTER) == drafter


def test_a_configuration_that_names_no_model_takes_the_project_s_own_out_of_service(ledger: Project) -> None:
    first = ledger.config_versions.get()
    activate_model(judge(project=ledger), by="test")
    activate_version(first, by="test")
    assert judge_of(ledger) == "local/default"
    assert not ModelVersion.objects.filter(is_active=True).exists()
    actions = list(AuditEntry.objects.order_by("-sequence").values_list("action", flat=True)[:2])
    assert actions == ["config.activate", "model.deactivate"]


def test_what_is_active_for_all_stays_so_when_a_configuration_names_another(ledger: Project) -> None:
    activate_model(judge("local/default"), by="test")
    import_project(read_project(YAML + "llm: {judge_model: local/keyword}\n"), by="test", activate=True)
    assert ModelVersion.objects.get(is_active=True).model_id == "local/default"


def test_a_drafter_that_a_project_has_chosen_is_shown_as_active_and_in_use(ledger: Project) -> None:
    drafter = judge("local/template", model_type=ModelType.DRAFTER)
    other = judge("openai/gpt-4o", model_type=ModelType.DRAFTER)
    activate_model(other, by="test", project=ledger)
    ledger.refresh_from_db()
    shown = ModelVersionSerializer([drafter, other], many=True, context=shown_for(ledger)).data
    assert [(row["active_in_project"], row["in_use"]) for row in shown] == [(False, False), (True, True)]


@pytest.mark.parametrize(
    "llm",
    [
        "fallback_models: [openai/gpt-4o-mini]",
        "judge_fallback_model: openai/gpt-4o-mini",
        "judge_model: 'cascade:local/default>openai/gpt-4o-mini'",
    ],
)
def test_a_model_that_steps_in_or_is_part_of_a_cascade_is_in_use(ledger: Project, llm: str) -> None:
    model = judge("openai/gpt-4o-mini")
    import_project(read_project(YAML + f"llm: {{{llm}}}\n"), by="test", activate=True)
    with pytest.raises(Conflict, match="project ledger"):
        retire_model(model, by="test")


def test_a_part_of_a_cascade_that_is_active_for_all_is_in_use(db: None) -> None:
    model = judge("openai/gpt-4o-mini")
    activate_model(judge("cascade:local/default>openai/gpt-4o-mini"), by="test")
    with pytest.raises(Conflict, match="in use"):
        retire_model(model, by="test")


def test_an_id_has_an_entry_in_each_project_and_for_each_task(ledger: Project, other_project: Project) -> None:
    mine, theirs = (
        register_model("local/keyword", model_type=ModelType.JUDGE, by="test", project=each)
        for each in (ledger, other_project)
    )
    drafter = register_model("local/keyword", model_type=ModelType.DRAFTER, by="test")
    assert len({mine.pk, theirs.pk, drafter.pk}) == 3
    with pytest.raises(Conflict, match="registered already"):
        register_model("local/keyword", model_type=ModelType.JUDGE, by="test", project=ledger)
    activate_model(mine, by="test")
    assert judge_of(other_project) == "local/default"
    retire_model(theirs, by="test")
    assert judge_of(ledger) == "local/keyword"


def test_a_project_s_own_entry_counts_before_that_of_all(ledger: Project, other_project: Project) -> None:
    of_all = judge()
    assert (entry(ledger), entry(other_project)) == (of_all, of_all)
    own = judge(project=ledger)
    assert (entry(ledger), entry(other_project)) == (own, of_all)
    activate_model(own, by="test")
    retire_model(of_all, by="test")
    assert judge_of(ledger) == "local/keyword"


def entry(project: Project) -> ModelVersion | None:
    return entry_of("local/keyword", model_type=ModelType.JUDGE, project=project)


def test_what_its_first_use_registered_learns_its_facts_by_registering(ledger: Project) -> None:
    """As with a model of one's own that the configuration named first."""
    used = register_on_first_use("openai/my-own", model_type=ModelType.JUDGE, project=ledger)
    facts = ModelFacts(base_model="llama-3")
    assert register_model("openai/my-own", model_type=ModelType.JUDGE, by="test", facts=facts) == used
    assert is_fine_tuned("openai/my-own", project=ledger)
    with pytest.raises(Conflict, match="registered already"):
        register_model("openai/my-own", model_type=ModelType.JUDGE, by="test", facts=facts)


@pytest.mark.parametrize(("model_id", "model_type"), [("local/default", "judge"), ("local/template", "drafter")])
def test_what_works_where_nothing_is_chosen_is_never_retired(model_id: str, model_type: str, db: None) -> None:
    built_in = judge(model_id, model_type=ModelType(model_type))
    with pytest.raises(Conflict, match="never retired"):
        retire_model(built_in, by="test")


@pytest.mark.parametrize(
    "metrics", [{"a": math.nan}, {"a": [{"b": math.inf}]}, {"a": "\0"}, {"\0": 1}, {"a": "\ud800"}]
)
def test_metrics_that_no_database_keeps_are_refused(metrics: dict[str, object], db: None) -> None:
    with pytest.raises(DomainError, match="etrics"):
        register_model("x/y", model_type=ModelType.JUDGE, by="test", facts=ModelFacts(metrics=metrics))
    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize("model_id", ["cascade:", "cascade:local/default", "<b>", "a>b", 'x/"y"'])
def test_an_id_that_could_be_none_is_refused(model_id: str, db: None) -> None:
    with pytest.raises(DomainError, match="model id"):
        register_model(model_id, model_type=ModelType.JUDGE, by="test")
