"""Pairs and exports in the admin: added and removed through the services."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from signalops_site.core.models import Project
from training.models import Export, PreferencePair

from ..factories import DraftFactory

pytestmark = pytest.mark.django_db
PAIRS = "/admin/training/preferencepair/"


@pytest.fixture
def admin_client(superuser: User, client: Client) -> Client:
    client.force_login(superuser)
    return client


def test_a_pair_is_added_by_hand_and_removed(admin_client: Client, project: Project) -> None:
    draft = DraftFactory.create(lead__project=project)
    refused = admin_client.post(f"{PAIRS}add/", {"draft": draft.pk, "chosen": draft.text_generated.upper()})
    assert b"nothing to learn from" in refused.content
    missing = admin_client.post(f"{PAIRS}add/", {"draft": draft.pk + 1, "chosen": "Yes."})
    assert b"There is no draft" in missing.content

    admin_client.post(f"{PAIRS}add/", {"draft": draft.pk, "chosen": "We had that, too."})
    pair = PreferencePair.objects.get()
    assert (pair.source, pair.licence, pair.rejected_text) == ("manual", "permitted", draft.text_generated)

    admin_client.post(f"{PAIRS}{pair.pk}/act/remove/")
    assert not PreferencePair.objects.exists()


def test_an_export_s_file_is_removed(admin_client: Client, project: Project) -> None:
    export = Export.objects.create(project=project, type="dpo", format="trl")
    admin_client.post(f"/admin/training/export/{export.pk}/act/remove/")
    export.refresh_from_db()
    assert (export.state, export.problem) == ("removed", "A person removed it.")
