"""Between the tables and the drafters: what a lead tells them, and the rows that become of what they write."""

import re
from collections.abc import Mapping

from experiments.models import ModelType
from experiments.services import register_on_first_use
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.models import Project, Run

from ..models import Draft, Lead
from .base import DraftFacts, FollowUp, Written
from .quoting import telling_line

FIRST_NAME = re.compile(r"[^\W\d_][\w'\u2019-]*")


def facts_of(lead: Lead, *, follow_up: FollowUp | None = None) -> DraftFacts:
    """Expects a lead with its post, author and queries."""
    post, author = lead.post, lead.post.author
    text = post.clean_text or post.text
    return DraftFacts(
        text=text,
        platform=post.platform,
        query=next((query.label for query in lead.queries.all()), ""),
        topic=telling_line(text),
        author_name=_first_name(author.name) if author else "",
        author_handle=author.handle if author else "",
        language=post.language,
        subject=f"lead:{lead.pk}",
        follow_up=follow_up,
    )


def _first_name(name: str) -> str:
    """What one would call somebody; "" for what is no name, such as "Tune Garage!" or "x_99"."""
    words = name.split()
    return words[0] if len(words) in (2, 3) and all(FIRST_NAME.fullmatch(word) for word in words) else ""


def drafts_of(
    written: Mapping[int, Written], *, project: Project, document: ProjectDocument, run: Run | None = None
) -> list[Draft]:
    """Drafts of these replies, by lead, not stored. A model that is new here is registered."""
    names = {reply.model for reply in written.values()}
    models = {name: register_on_first_use(name, model_type=ModelType.DRAFTER, project=project) for name in names}
    return [
        Draft(
            lead_id=pk,
            run=run,
            text_generated=reply.text,
            tone=document.persona.tone[:200],
            template_used=reply.template,
            model_version=models[reply.model],
            prompt=reply.prompt,
        )
        for pk, reply in written.items()
    ]
