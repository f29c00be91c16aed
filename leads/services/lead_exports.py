"""Taking chosen leads out as a file: who took which ones is in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from signalops_site.core import audit
from signalops_site.core.models import Project, Role
from signalops_site.core.permissions import require_role

from ..lead_files import write_leads
from ..models import Lead
from ..selectors import leads_of, with_posts_there
from ..suppression import suppressed_leads
from .bulk import require_few


@dataclass(frozen=True, slots=True)
class LeadsFile:
    """`left_out`: how many of those asked for are not in it."""

    content: str
    left_out: int


@transaction.atomic
def export_leads(project: Project, lead_ids: Sequence[int], *, by: User) -> LeadsFile:
    """A CSV of these leads, in the order given. Left out are those whose posts are gone, those of other projects,
    and those whose authors are on the do-not-contact list: a file goes where the list does not reach.
    """
    require_role(by, project, Role.REVIEWER)
    wanted = list(dict.fromkeys(lead_ids))
    require_few(len(wanted))
    found = _found(project, wanted)
    suppressed = suppressed_leads(list(found.values()))
    rows = [found[pk] for pk in wanted if pk in found and pk not in suppressed]
    ids = [lead.pk for lead in rows]
    audit.record("lead.export", by=by, project=project, fields={"leads": ids})
    return LeadsFile("".join(write_leads(rows)), left_out=len(wanted) - len(rows))


def _found(project: Project, lead_ids: Sequence[int]) -> dict[int, Lead]:
    leads = with_posts_there(leads_of(project)).select_related("project", "post__author", "assignee")
    return leads.prefetch_related("queries").in_bulk(lead_ids)
