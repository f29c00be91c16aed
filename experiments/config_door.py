"""The registry's door to project.yaml: which judge a project's configuration names.

One truth, two doors: activating a model for a project writes it into a new configuration version, and
naming one there activates it. The YAML is edited as text, so comments and order stay as their author left them.
"""

from collections.abc import Iterable
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from signalops_site.core import audit
from signalops_site.core.config.reading import dump_yaml, read_project
from signalops_site.core.config.versions import document_of, import_project
from signalops_site.core.models import Project, ProjectConfigVersion


def judge_named_by(project: Project) -> str | None:
    """`llm.judge_model` of the project's active configuration; None when it names none or there is none."""
    version = project.active_config
    return document_of(version).llm.judge_model if version else None


def projects_naming(model_id: str) -> Iterable[Project]:
    """Projects whose active configuration names the model as their judge."""
    return Project.objects.filter(active_config__document__llm__judge_model=model_id)


def name_judge(project: Project, model_id: str | None, *, by: audit.Actor) -> None:
    """Make a new active version whose `llm.judge_model` is this, or that names none.

    ConfigError when the configuration does not hold with it. Nothing is written when it says so already, or
    when the project has no configuration yet.
    """
    version = project.active_config
    if version is None or judge_named_by(project) == model_id:
        return
    note = f"judge {model_id} activated in the registry" if model_id else "judge deactivated in the registry"
    import_project(read_project(_with_judge(version, model_id)), by=by, activate=True, note=note)


def _with_judge(version: ProjectConfigVersion, model_id: str | None) -> str:
    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096  # long lines stay as they are
    yaml.preserve_quotes = True
    tree = yaml.load(version.source or dump_yaml(version.document))
    section = tree.setdefault("llm", CommentedMap())
    if model_id is None:
        section.pop("judge_model", None)
    else:
        section["judge_model"] = model_id
    stream = StringIO()
    yaml.dump(tree, stream)
    return stream.getvalue()
