"""From a project and its configuration to the judge that answers for it.

local/default  local/keyword              judges on this machine
openai/gpt-4o-mini and so on              any model that LiteLLM reaches
ft:...  or with a base model in the       the same, by the short prompt that it was trained on
    registry
cascade:local/default>openai/...          the local one where it is sure, else the model
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from experiments.hooks import objections
from experiments.models import ModelType, ModelVersion
from experiments.selectors import entry_of
from experiments.services import active_model, follow_config
from signalops_site.core.config.schema import Llm, ProjectDocument
from signalops_site.core.errors import DomainError
from signalops_site.core.llm.gateway import known_model
from signalops_site.core.models import Project, Run

from . import keyword
from .base import Findings, Judge, JudgeContext, StreamingJudge
from .cascade import PREFIX, CascadeJudge, NoCascade, parts_of
from .llm import Account, LlmJudge

DEFAULT_MODEL_ID: Final = "local/default"
LOCAL_MODEL_IDS: Final = (DEFAULT_MODEL_ID, keyword.MODEL_ID)
LOCAL: Final = "local/"
NOBODY_STEPS_IN: Final[Mapping[str, object]] = {"fallback_models": [], "judge_fallback_model": None}


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


def build_judge(
    model_id: str,
    document: ProjectDocument,
    *,
    project: Project | None = None,
    run: Run | None = None,
    tags: tuple[str, ...] = (),
    findings: Findings | None = None,
    is_alone: bool = False,
) -> Judge:
    """The judge of that id for one project, with those that step in for it. DomainError when the id is no judge's.

    `is_alone`: nobody steps in, not even past the budget, and what it fails on stays unanswered.

    A model that turns out not to be there, or to want a key, fails when it is asked, so that others can step in.
    Calls are on the account of `project` (None: nobody's). Judges that share `findings` tell a problem once.
    """
    context = JudgeContext.from_document(document)
    llm = document.llm.model_copy(update=NOBODY_STEPS_IN) if is_alone else document.llm
    workshop = _Workshop(context, llm, Account(project, run, tags), findings or Findings(), is_alone=is_alone)
    return workshop.build(model_id)


def build_judge_for(model_id: str, context: JudgeContext, *, llm: Llm | None = None) -> Judge:
    """The judge of that id and no other, on nobody's account: for evaluations. Nothing is remembered for it.

    `llm` gives the settings of calls.
    """
    alone = (llm or Llm()).model_copy(update={**NOBODY_STEPS_IN, "monthly_budget_usd": None, "cache": False})
    return _Workshop(context, alone, Account(), Findings()).build(model_id)


def why_no_judge(model_id: str) -> str:
    """A sentence why nothing here could run a judge of that id; '' when it can be run. Without network.

    For a model of a provider, LiteLLM is asked whether it knows the way, which takes seconds the first time.
    """
    return _misnamed(model_id) or next((told for told in map(known_model, _models_in(model_id)) if told), "")


def _misnamed(model_id: str) -> str:
    """As far as the name itself tells."""
    if model_id.startswith(PREFIX):
        try:
            first, second = parts_of(model_id)
        except NoCascade as error:
            return str(error)
        if not first.startswith(LOCAL) or second.startswith(LOCAL):
            return f"{model_id!r}: a cascade begins with a local judge and ends with a model of a provider."
        return _misnamed(first)
    if model_id.startswith(LOCAL) and model_id not in LOCAL_MODEL_IDS:
        return f"There is no local judge {model_id!r}. There are: {', '.join(LOCAL_MODEL_IDS)}."
    return ""


def _models_in(model_id: str) -> list[str]:
    """The models of providers that a judge asks."""
    parts = parts_of(model_id) if model_id.startswith(PREFIX) else (model_id,)
    return [part for part in parts if not part.startswith(LOCAL)]


def is_fine_tuned(model_id: str, *, project: Project | None) -> bool:
    """Whether a judge is asked by the short prompt: by its name, or by its base model in the registry.

    Another project's entry says nothing about how this one asks. Where no project asks, any does.
    """
    if model_id.startswith("ft:") or "/ft:" in model_id:
        return True
    if project is None:
        judges = ModelVersion.objects.filter(model_id=model_id, model_type=ModelType.JUDGE)
        return judges.exclude(base_model="").exists()
    entry = entry_of(model_id, model_type=ModelType.JUDGE, project=project)
    return entry is not None and entry.base_model != ""


def objection_to(model: ModelVersion) -> str:
    """Why the registry must not activate a model: nothing here could run it. '' when it can be run."""
    return why_no_judge(model.model_id) if model.model_type == ModelType.JUDGE else ""


objections.register("judges", objection_to)


class _Workshop:
    """Builds judges of one project that share an account and what they find out."""

    def __init__(
        self, context: JudgeContext, llm: Llm, account: Account, findings: Findings, *, is_alone: bool = False
    ) -> None:
        self._context = context
        self._llm = llm
        self._account = account
        self._findings = findings
        self._is_alone = is_alone

    def build(self, model_id: str) -> Judge:
        if problem := _misnamed(model_id):
            raise DomainError(problem)
        if model_id.startswith(LOCAL):
            return self._local(model_id)
        if model_id.startswith(PREFIX):
            first, second = parts_of(model_id)
            return CascadeJudge(model_id, self._local(first), self._model(second))
        return self._model(model_id)

    def _local(self, model_id: str) -> Judge:
        if model_id == keyword.MODEL_ID:
            return keyword.KeywordJudge(self._context)
        from .local import build_default  # noqa: PLC0415 - scikit-learn, only where it is used

        return build_default(self._context)

    def _model(self, model_id: str) -> StreamingJudge:
        """A provider's model, before all those that step in for it."""
        last = self._llm.judge_fallback_model
        chain = [model_id, *self._llm.fallback_models, *([last] if last else [])]
        return self._chain(list(dict.fromkeys(chain)))

    def _chain(self, chain: Sequence[str]) -> LlmJudge:
        """The first, with those right behind it that share its prompt; the rest is its relief."""
        is_short = self._is_fine_tuned(chain[0])
        same = 1
        while same < len(chain) and self._shares_prompt(chain[same], is_short=is_short):
            same += 1
        return LlmJudge(
            chain[0],
            self._context,
            account=self._account,
            llm=self._llm,
            findings=self._findings,
            is_short=is_short,
            fallbacks=chain[1:same],
            relief=self._relief(chain[same:]),
            past_budget=None if self._is_alone else cache(lambda: self._local(_first_local(chain))),
        )

    def _shares_prompt(self, model_id: str, *, is_short: bool) -> bool:
        return not model_id.startswith(LOCAL) and self._is_fine_tuned(model_id) == is_short

    def _is_fine_tuned(self, model_id: str) -> bool:
        return is_fine_tuned(model_id, project=self._account.project)

    def _relief(self, rest: Sequence[str]) -> Judge | None:
        if not rest:
            return None
        return self._local(rest[0]) if rest[0].startswith(LOCAL) else self._chain(rest)


def _first_local(chain: Sequence[str]) -> str:
    return next((model_id for model_id in chain if model_id.startswith(LOCAL)), DEFAULT_MODEL_ID)
