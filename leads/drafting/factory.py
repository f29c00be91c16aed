"""From a project and its configuration to the drafter that writes for it.

local/template             the project's own templates
openai/gpt-4o and so on    any model that LiteLLM reaches, fine-tuned or not
"""

from decimal import Decimal
from typing import Final

from experiments.hooks import objections
from experiments.models import ModelType, ModelVersion
from experiments.services import active_model, follow_config
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import DomainError
from signalops_site.core.llm.gateway import Gateway, known_model
from signalops_site.core.models import Project, Run

from ..judges.base import Findings
from .base import Drafter
from .llm import LlmDrafter
from .templates import MODEL_ID, TemplateDrafter

OF_JUDGES: Final = ("local/", "cascade:")


def active_drafter(project: Project, document: ProjectDocument, *, by: str) -> str:
    """The model id of the drafter that is active for a project: chosen as its judge is, else `local/template`."""
    named = document.llm.draft_model
    if named:
        return follow_config(project, named, by=by, model_type=ModelType.DRAFTER).model_id
    active = active_model(project, ModelType.DRAFTER)
    return active.model_id if active else MODEL_ID


def build_drafter(
    model_id: str, document: ProjectDocument, *, project: Project, run: Run | None, findings: Findings
) -> Drafter:
    """The drafter of that id. DomainError when nothing could run it."""
    templates = TemplateDrafter(document)
    if model_id == MODEL_ID:
        return templates
    if problem := why_no_drafter(model_id):
        raise DomainError(problem)
    llm = document.llm
    budget = None if llm.monthly_budget_usd is None else Decimal(str(llm.monthly_budget_usd))
    gateway = Gateway(project, run=run, budget_usd=budget, cache=llm.cache)
    return LlmDrafter(model_id, document, gateway=gateway, relief=templates, findings=findings)


def why_no_drafter(model_id: str) -> str:
    """A sentence why nothing here could draft with that model; '' when it can be run. Without network."""
    if model_id == MODEL_ID:
        return ""
    if model_id.startswith(OF_JUDGES):
        return f"There is no drafter {model_id!r}: it is {MODEL_ID}, or the name of a hosted model."
    return known_model(model_id)


def objection_to(model: ModelVersion) -> str:
    """Why the registry must not activate a drafter: nothing here could run it. '' when it can be run."""
    return why_no_drafter(model.model_id) if model.model_type == ModelType.DRAFTER else ""


objections.register("drafters", objection_to)
