"""From a model id and a project's configuration to the judge that answers for it."""

from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import DomainError

from . import keyword
from .base import Judge, JudgeContext

DEFAULT_MODEL_ID = "local/default"
LOCAL_MODEL_IDS = (DEFAULT_MODEL_ID, keyword.MODEL_ID)


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
