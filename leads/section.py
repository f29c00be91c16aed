"""What leads say of a project.yaml: do its templates render, is there such a judge, and anything to stream?"""

from collections.abc import Iterator

from signalops_site.core.config.reading import nearest
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.errors import ConfigProblem

from .drafting.templates import TemplateFailed, check_template
from .judges.factory import LOCAL_MODEL_IDS


def check_leads_sections(document: ProjectDocument) -> Iterator[ConfigProblem]:
    yield from _check_templates(document)
    yield from _check_judge(document.llm.judge_model)
    if document.stream.enabled and not document.stream.rules:
        yield ConfigProblem(
            "stream.rules", "there is nothing to follow: name what, or set stream.enabled to false"
        )


def _check_judge(model_id: str | None) -> Iterator[ConfigProblem]:
    if model_id is None or model_id in LOCAL_MODEL_IDS:
        return
    if model_id.startswith("local/"):
        message = f"there is no local judge {model_id!r}{nearest(model_id, LOCAL_MODEL_IDS)}"
        yield ConfigProblem("llm.judge_model", message)
    else:
        message = f"{model_id!r} is not active yet: it arrives with the LLM gateway"
        yield ConfigProblem("llm.judge_model", message, severity="warning")


def _check_templates(document: ProjectDocument) -> Iterator[ConfigProblem]:
    seen: set[str] = set()
    for index, template in enumerate(document.templates):
        if template.id in seen:
            yield ConfigProblem(f"templates.{index}.id", f"two templates have the id {template.id!r}")
        seen.add(template.id)
        try:
            check_template(template.template)
        except TemplateFailed as error:
            yield ConfigProblem(f"templates.{index}.template", error.detail)
