"""From a project and its configuration to the judge that answers for it."""

from experiments.hooks import objections
from experiments.models import ModelType, ModelVersion
from experiments.services import active_model, follow_config
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import DomainError
from signalops_site.core.models import Project

from . import keyword
from .base import Judge, JudgeContext

DEFAULT_MODEL_ID = "local/default"
LOCAL_MODEL_IDS = (DEFAULT_MODEL_ID, keyword.MODEL_ID)


def active_judge(project: Project, document: ProjectDocument, *, by: str) -> str:
    """The model id of the judge that is active for a project, by this version of its configuration.

    The model that the configuration names, else the registry's active one for the project, else the one for
    all projects, else `local/default`. A named one is registered and shown as active from its first use.
    """
    named = document.llm.judge_model
    if named:
        return follow_config(project, named, by=by).model_id
    active = active_model(project, ModelType.JUDGE)
    return active.model_id if active else DEFAULT_MODEL_ID


def judge_in_use(project: Project, document: ProjectDocument) -> str:
    """As `active_judge`, for somebody who only looks: nothing is registered."""
    active = None if document.llm.judge_model else active_model(project, ModelType.JUDGE)
    return document.llm.judge_model or (active.model_id if active else DEFAULT_MODEL_ID)


def build_judge(model_id: str, document: ProjectDocument) -> Judge:
    """The judge of that id for one project. DomainError names the known ones when there is none."""
    context = JudgeContext.from_document(document)
    return build_judge_for(model_id, context)


def build_judge_for(model_id: str, context: JudgeContext) -> Judge:
    """As `build_judge`, for a context that does not come from a stored configuration."""
    match model_id:
        case keyword.MODEL_ID:
            return keyword.KeywordJudge(context)
        case "local/default":
            from .local import build_default  # noqa: PLC0415 - scikit-learn, only where it is used

            return build_default(context)
    known = ", ".join(LOCAL_MODEL_IDS)
    if model_id.startswith("local/"):
        raise DomainError(f"There is no local judge {model_id!r}. There are: {known}.")
    raise DomainError(
        f"The judge {model_id!r} needs the LLM gateway, which this version does not have yet. There are: {known}."
    )


def objection_to(model: ModelVersion) -> str:
    """Why the registry must not activate a model: nothing here could run it. '' when it can be run."""
    if model.model_type == ModelType.DRAFTER:
        return "Drafts come from the project's templates; there is no other drafter to activate yet."
    if model.model_id in LOCAL_MODEL_IDS:
        return ""
    known = ", ".join(LOCAL_MODEL_IDS)
    return f"Nothing here can run the judge {model.model_id!r} yet. There are: {known}."


objections.register("judges", objection_to)
