"""What leads say of a project.yaml: do its templates render, are its judge and platforms known, what to stream,
and where to send notifications?"""

from collections.abc import Iterator

from signalops_site.core.config.reading import nearest
from signalops_site.core.config.schema import Llm, ProjectDocument
from signalops_site.core.errors import ConfigProblem

from .drafting.factory import why_no_drafter
from .drafting.templates import TemplateFailed, check_template
from .identities import platforms
from .judges.cascade import PREFIX
from .judges.factory import LOCAL, LOCAL_MODEL_IDS, why_no_judge
from .notifying.targets import check_notifications
from .sending.quiet_hours import QuietHours
from .sequences.plans import AT_SEND


def check_leads_sections(document: ProjectDocument) -> Iterator[ConfigProblem]:
    yield from _check_templates(document)
    yield from _check_judges(document.llm)
    yield from _check_drafter(document.llm.draft_model)
    yield from check_notifications(document.notifications)
    yield from _check_retention(document)
    yield from _check_quiet_hours(document.sending.quiet_hours)
    yield from _check_follow_up(document.sending.follow_up)
    if document.stream.enabled and not document.stream.rules:
        yield ConfigProblem(
            "stream.rules", "there is nothing to follow: name what, or set stream.enabled to false"
        )


def _check_retention(document: ProjectDocument) -> Iterator[ConfigProblem]:
    """A platform of which nothing is known may be a package's that is not installed here, or a slip: say so."""
    known = platforms()
    for name in document.retention:
        if name not in known:
            yield ConfigProblem(f"retention.{name}", f"there is no platform {name!r}{nearest(name, known)}")


def _check_judges(llm: Llm) -> Iterator[ConfigProblem]:
    named = [("llm.judge_model", llm.judge_model), ("llm.judge_fallback_model", llm.judge_fallback_model)]
    named += [(f"llm.fallback_models.{place}", model_id) for place, model_id in enumerate(llm.fallback_models)]
    for path, model_id in named:
        if model_id is not None and (problem := _problem_with(path, model_id)):
            yield ConfigProblem(path, problem)


def _problem_with(path: str, model_id: str) -> str:
    if path != "llm.judge_model" and model_id.startswith(PREFIX):
        return "a cascade judges by itself and steps in for nobody: name one of its parts"
    problem = why_no_judge(model_id)
    if problem and model_id.startswith(LOCAL):
        return f"there is no local judge {model_id!r}{nearest(model_id, LOCAL_MODEL_IDS)}"
    return problem


def _check_drafter(model_id: str | None) -> Iterator[ConfigProblem]:
    if model_id and (problem := why_no_drafter(model_id)):
        yield ConfigProblem("llm.draft_model", problem)


def _check_quiet_hours(text: str | None) -> Iterator[ConfigProblem]:
    try:
        if text:
            QuietHours.parse(text)
    except ValueError as error:
        yield ConfigProblem("sending.quiet_hours", str(error))


def _check_follow_up(name: str | None) -> Iterator[ConfigProblem]:
    """One that writes to people directly takes their answer first, so no send begins it."""
    if name is not None and name not in AT_SEND:
        yield ConfigProblem("sending.follow_up", f"no send begins a sequence {name!r}{nearest(name, AT_SEND)}")


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
