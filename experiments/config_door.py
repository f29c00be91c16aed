"""The registry's door to project.yaml: which judge and which drafter a project's configuration names.

One truth, two doors: activating a model for a project writes it into a new configuration version, and
naming one there activates it. The YAML is edited as text, so comments and order stay as their author left them.
"""

from collections.abc import Iterable, Iterator
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from signalops_site.core import audit
from signalops_site.core.config.reading import dump_yaml, read_project
from signalops_site.core.config.schema import ProjectDocument
from signalops_site.core.config.versions import document_of, import_project
from signalops_site.core.models import Project, ProjectConfigVersion

from .models import ModelType

KEYS = {ModelType.JUDGE: "judge_model", ModelType.DRAFTER: "draft_model"}
"""Under `llm`, by what the model does."""


def named_by(project: Project, model_type: str) -> str | None:
    """The model that the active configuration names for that; None when it names none or there is none."""
    version = project.active_config
    return None if version is None else named_in(document_of(version), model_type)


def named_in(document: ProjectDocument, model_type: str) -> str | None:
    named: str | None = getattr(document.llm, KEYS[ModelType(model_type)])
    return named


def judge_named_by(project: Project) -> str | None:
    return named_by(project, ModelType.JUDGE)


def projects_naming(model_id: str, *, model_type: ModelType) -> Iterable[Project]:
    """Projects whose active configuration names the model for that: first, to step in, or within a cascade."""
    projects = Project.objects.exclude(active_config=None).select_related("active_config").order_by("slug")
    return [each for each in projects if any(asks(named, model_id) for named in _all_named_by(each, model_type))]


def asks(named: str, model_id: str) -> bool:
    """Whether who is named so asks the model: by itself, or as a part of `cascade:FIRST>SECOND`."""
    return model_id in {named, *named.removeprefix("cascade:").split(">")}


def _all_named_by(project: Project, model_type: ModelType) -> Iterator[str]:
    """Of the document as it is stored: one of an earlier release may not fit any more."""
    llm = project.active_config.document.get("llm") or {} if project.active_config else {}
    last = ("judge_fallback_model",) if model_type == ModelType.JUDGE else ()
    single = (llm.get(key) for key in (KEYS[model_type], *last))
    yield from (named for named in (*single, *(llm.get("fallback_models") or ())) if named)


def name_model(project: Project, model_type: str, model_id: str | None, *, by: audit.Actor) -> None:
    """Make a new active version that names this model for that, or none.

    ConfigError when the configuration does not hold with it. Nothing is written when it says so already, or
    when the project has no configuration yet.
    """
    version, kind = project.active_config, ModelType(model_type)
    if version is None or named_by(project, kind) == model_id:
        return
    note = f"{kind} {model_id} activated in the registry" if model_id else f"{kind} deactivated in the registry"
    import_project(read_project(_with_model(version, KEYS[kind], model_id)), by=by, activate=True, note=note)


def _with_model(version: ProjectConfigVersion, key: str, model_id: str | None) -> str:
    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096  # long lines stay as they are
    yaml.preserve_quotes = True
    tree = yaml.load(version.source or dump_yaml(version.document))
    section = tree.setdefault("llm", CommentedMap())
    if model_id is None:
        section.pop(key, None)
    else:
        section[key] = model_id
    stream = StringIO()
    yaml.dump(tree, stream)
    return stream.getvalue()
