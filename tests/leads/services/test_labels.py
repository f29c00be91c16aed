"""Corrections: whose label counts, and what the next run does with the lead."""

import pytest
from django.contrib.auth.models import User

from leads.judges.base import Label
from leads.models import Decision, HumanLabel, Lead, LeadStage
from leads.services.labels import effective_human_label, label_lead
from signalops_site.core.errors import DomainError, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Project

from ...factories import LeadFactory

pytestmark = pytest.mark.django_db


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def test_a_correction_becomes_the_leads_label_and_sends_it_back_to_scoring(
    project: Project, reviewer: User
) -> None:
    lead = LeadFactory.create(project=project, error="broke", attempts=3)

    label_lead(lead, label="irrelevant", reason="a job advert", by=reviewer)

    lead = fresh(lead)
    assert (lead.label, lead.confidence, lead.labelled_by_human) == (Label.IRRELEVANT, 1.0, True)
    assert (lead.stage, lead.error, lead.attempts) == (LeadStage.JUDGED, "", 0)
    assert HumanLabel.objects.get().reason == "a job advert"
    assert Decision.objects.get().kind == "label"
    assert AuditEntry.objects.get().fields == {"changed": ["label", "stage"]}


@pytest.mark.parametrize("stage", ["collected", "normalized", "judged", "drafted", "reviewed"])
def test_a_lead_at_any_other_stage_stays_there(project: Project, reviewer: User, stage: str) -> None:
    lead = LeadFactory.create(project=project, stage=stage)

    label_lead(lead, label="maybe", by=reviewer)

    assert (fresh(lead).stage, fresh(lead).label) == (stage, Label.MAYBE)


@pytest.mark.parametrize(
    ("label", "stage", "reason"), [("relevant", "judged", ""), ("irrelevant", "filtered", "followers")]
)
def test_a_person_can_overrule_a_filter(
    project: Project, reviewer: User, label: str, stage: str, reason: str
) -> None:
    lead = LeadFactory.create(project=project, stage="filtered", filter_reason="followers", label="")

    label_lead(lead, label=label, by=reviewer)

    assert (fresh(lead).stage, fresh(lead).filter_reason) == (stage, reason)


def test_the_highest_role_counts_and_of_equals_the_latest(
    project: Project, reviewer: User, operator: User, superuser: User
) -> None:
    lead = LeadFactory.create(project=project)
    label_lead(lead, label="maybe", by=operator)
    label_lead(lead, label="irrelevant", by=reviewer)
    assert fresh(lead).label == Label.MAYBE

    label_lead(lead, label="relevant", by=superuser)

    assert fresh(lead).label == Label.RELEVANT
    counted = effective_human_label(lead)
    assert counted is not None
    assert counted.user == superuser


def test_labelling_again_replaces_ones_own_label(project: Project, reviewer: User) -> None:
    lead = LeadFactory.create(project=project)
    label_lead(lead, label="maybe", by=reviewer)
    label_lead(lead, label="Irrelevant ", by=reviewer)

    assert HumanLabel.objects.get().label == Label.IRRELEVANT


def test_an_unknown_label_is_refused_with_the_known_ones(project: Project, reviewer: User) -> None:
    with pytest.raises(DomainError, match="relevant, maybe, irrelevant"):
        label_lead(LeadFactory.create(project=project), label="great", by=reviewer)


def test_viewers_strangers_and_vanished_leads_are_refused(
    project: Project, viewer: User, outsider: User, reviewer: User
) -> None:
    lead = LeadFactory.create(project=project)
    with pytest.raises(NotAllowed):
        label_lead(lead, label="maybe", by=viewer)
    with pytest.raises(NotFound):
        label_lead(lead, label="maybe", by=outsider)
    Lead.objects.all().delete()
    with pytest.raises(NotFound):
        label_lead(lead, label="maybe", by=reviewer)


def test_a_copy_that_a_person_finds_relevant_stands_for_itself(project: Project, reviewer: User) -> None:
    original = LeadFactory.create(project=project)
    copy = LeadFactory.create(project=project, stage="filtered", filter_reason="copy of lead 1", copy_of=original)
    label_lead(copy, label="relevant", by=reviewer)
    assert (fresh(copy).stage, fresh(copy).copy_of) == ("judged", None)
