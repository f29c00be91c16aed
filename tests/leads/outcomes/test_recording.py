"""What people record, what a share of noes does, and what a demo shows."""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from connectors.base import Replying, connector_for
from leads.models import Delivery, Interaction, MentionCursor, Notification, Outcome, OutcomeType
from leads.outcomes.metrics import outcome_metrics
from leads.outcomes.negatives import check_share
from leads.outcomes.recording import record_by_hand, record_outcome, withdraw_outcome
from leads.sending.authors import digest_of_person
from signalops_site.core.erasing import ErasureRequest, erase_person
from signalops_site.core.errors import Conflict, NotAllowed, NotFound
from signalops_site.core.models import AuditEntry, Pause, Project, Role
from signalops_site.core.pauses import pause_of, pause_sending, resume_sending
from signalops_site.doctor.sending import examine_outcomes
from tests.factories import DraftFactory, member

from .conftest import Sent, later

pytestmark = pytest.mark.django_db


def test_a_person_records_takes_back_and_records_again(project: Project, remy: User, sent: Sent) -> None:
    delivery, unsent = sent(), DraftFactory.create(lead__project=project)
    draft = delivery.draft
    assert draft is not None
    with pytest.raises(Conflict, match="Nothing was sent"):
        record_by_hand(unsent.lead, kind="booking", by=remy)
    with pytest.raises(NotFound):
        record_by_hand(draft.lead, kind="booking", draft_id=unsent.pk, by=remy)
    with pytest.raises(NotAllowed):
        record_by_hand(draft.lead, kind="booking", by=member(project, Role.VIEWER))

    booking = record_by_hand(draft.lead, kind="booking", note="A call on Monday", by=remy)
    with pytest.raises(Conflict, match="recorded already"):
        record_by_hand(draft.lead, kind="booking", by=remy)
    assert record_by_hand(draft.lead, kind="booking", reference="second", by=remy).pk != booking.pk

    no = record_by_hand(draft.lead, kind="negative", by=remy)
    assert pause_of(project) is not None
    withdraw_outcome(no, by=remy)
    with pytest.raises(Conflict, match="taken back already"):
        withdraw_outcome(no, by=remy)
    resume_sending(project, by=remy)
    assert record_by_hand(draft.lead, kind="negative", by=remy).pk == no.pk
    assert pause_of(project) is not None, "it stands again"
    told = AuditEntry.objects.filter(action__startswith="outcome.").order_by("pk")
    acts = ["record", "record", "record", "withdraw", "record"]
    assert list(told.values_list("action", "actor_name")) == [(f"outcome.{act}", "remy") for act in acts]
    assert "Monday" not in str(list(told.values_list("fields", flat=True)))


def test_above_five_percent_sending_pauses_once_for_each_crossing(
    project: Project, remy: User, sent: Sent
) -> None:
    deliveries = [sent() for _ in range(21)]

    def no(number: int) -> None:
        draft = deliveries[number].draft
        assert draft is not None
        record_outcome(draft, kind=OutcomeType.NEGATIVE, reference=str(number))

    no(0)
    assert [pause.why for pause in Pause.objects.all()] == [
        f"What was sent with draft {deliveries[0].draft_id} was answered badly"
    ]
    no(1)
    assert "2 of the 21 replies of the last 30 days (10%)" in Pause.objects.latest("pk").why
    no(2)
    assert "above" not in Pause.objects.latest("pk").why, "it was told"
    assert not check_share(project)
    assert Notification.objects.filter(kind="alert").count() == 3

    Outcome.objects.filter(reference__in=("1", "2")).update(withdrawn_at=timezone.now())
    assert not check_share(project), "it has fallen"
    resume_sending(project, by=remy)
    Outcome.objects.update(withdrawn_at=None)
    assert check_share(project)
    assert not check_share(project)
    assert pause_of(project) is not None

    resume_sending(project, by=remy)
    forever = pause_sending(project, by=remy)
    no(3)
    assert pause_of(project) == forever


def test_the_api_lists_records_takes_back_and_counts(
    project: Project, remy: User, sent: Sent, viewer_api: APIClient
) -> None:
    api = APIClient()
    api.force_authenticate(remy)
    draft = sent().draft
    assert draft is not None
    record_outcome(draft, kind=OutcomeType.LIKE_RECEIVED, reference="likes:4", count=4)
    place = f"/api/leads/{draft.lead_id}/outcomes/"
    made = api.post(place, {"type": "link_click", "note": "the pricing page"}, format="json")
    assert (made.status_code, made.json()["by"], made.json()["note"]) == (201, "remy", "the pricing page")
    no = api.post(place, {"type": "negative"}, format="json").json()
    assert api.post(place, {"type": "applause"}, format="json").status_code == 400

    listed = viewer_api.get(place).json()
    assert listed["may_record"] is True
    assert [each["type"] for each in listed["results"]] == ["negative", "link_click", "like_received"]
    stats = viewer_api.get("/api/stats/outcomes/?project=tidewater").json()
    counts = {each["type"]: (each["count"], each["replies"]) for each in stats["types"]}
    assert (counts["like_received"], counts["negative"], counts["booking"]) == ((4, 1), (1, 1), (0, 0))
    assert stats["platforms"] == [{"platform": "quay", "sent": 1, "answered": 0, "negative": 1}]
    assert (stats["sent"], stats["share"], stats["above_limit"]) == (1, {"sent": 1, "negative": 1}, False)
    assert viewer_api.post(f"/api/outcomes/{no['id']}/withdraw/").status_code == 403
    assert api.post(f"/api/outcomes/{no['id']}/withdraw/").json()["withdrawn_by"] == "remy"
    after = viewer_api.get("/api/stats/outcomes/?project=tidewater&days=7").json()
    assert (after["platforms"][0]["negative"], after["share"]["negative"]) == (0, 0)
    assert len(viewer_api.get(place).json()["results"]) == 3
    samples = [sample for family in outcome_metrics() for sample in family.samples]
    assert {s.labels["type"]: s.value for s in samples if s.name == "signalops_outcomes"}["like_received"] == 4


def test_a_demo_shows_outcomes_and_says_that_they_are_simulated(
    project: Project, sent: Sent, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    sample = connector_for("sample")
    assert isinstance(sample, Replying)
    for number in range(12):
        reply = sample.reply("s-001", f"Yes {number}.", key=f"{number:032x}")
        sent("sample", post_id=reply.id)
    notes = tmp_path / "sample_replies.jsonl"
    rows = [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]
    long_ago = (timezone.now() - timedelta(hours=2)).isoformat()
    notes.write_text("".join(f"{json.dumps({**row, 'at': long_ago})}\n" for row in rows), encoding="utf-8")

    assert track_by_command("--dry-run") == {"dry_run": True, "replies": {"sample": 12}, "accounts": ["sample"]}
    assert not Outcome.objects.exists()
    first = track_by_command()
    assert first["looks"] == {"live": 12}
    assert first["heard"]["sample"]["outcomes"] == Outcome.objects.exclude(type="like_received").count()
    kinds = set(Outcome.objects.values_list("type", flat=True))
    assert {"like_received", "reply_received"} <= kinds
    assert all(details["simulated"] for details in Outcome.objects.values_list("details", flat=True))
    known = Outcome.objects.count()
    later()
    track_by_command()
    assert Outcome.objects.count() == known
    assert "0 replies were looked at" in tell_by_command()


def track_by_command(*options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("trackoutcomes", "--project", "tidewater", "--json", *options, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def tell_by_command() -> str:
    out = io.StringIO()
    call_command("trackoutcomes", "--project", "tidewater", stdout=out)
    return out.getvalue()


def test_the_doctor_says_what_nobody_looks_at(project: Project, sent: Sent) -> None:
    assert [seen.level for seen in examine_outcomes()] == ["ok"]
    sent("bluesky", hours_ago=60)
    cursor = MentionCursor.objects.create(platform="bluesky", last_error="The budget is spent.")
    MentionCursor.objects.filter(pk=cursor.pk).update(looked_at=datetime(2026, 1, 1, tzinfo=timezone.now().tzinfo))
    told = [seen.message for seen in examine_outcomes()]
    assert told == [
        "bluesky: 1 reply should have been looked at a day ago and more.",
        "Mentions of bluesky have not been read for a day: The budget is spent.",
    ]


def test_an_erased_person_is_forgotten_in_what_came_of_others_drafts(
    project: Project, sent: Sent, superuser: User
) -> None:
    draft = sent("bluesky").draft
    assert draft is not None
    digest = digest_of_person("bluesky", "u-bea")
    record_outcome(
        draft,
        kind=OutcomeType.REPLY_RECEIVED,
        reference="1",
        author_digest=digest,
        details={"url": "https://bluesky.example/bea/1"},
    )
    Interaction.objects.create(platform="bluesky", author_digest=digest, platform_post_id="1", kind="reply")
    erase_person(ErasureRequest("bluesky", platform_user_id="u-bea"), by=superuser)
    assert (Outcome.objects.count(), Interaction.objects.count()) == (0, 0)
    assert Delivery.objects.count() == 1
