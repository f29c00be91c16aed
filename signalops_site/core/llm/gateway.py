"""The gateway to language models: the one module that imports LiteLLM, and only when a model is asked.

    gateway = Gateway(project, run=run, budget_usd=Decimal(20))
    outcome = gateway.ask(request)                              # LlmAnswer or LlmFailure
    for index, outcome in gateway.ask_many(requests, concurrency=32):
        ...                                                     # as each ends; its row is committed by then

LiteLLM knows how to speak to each provider, and its prices. Everything else is ours: cache and ledger (`ledger`),
budget (`spending`), tries and fallbacks (`trying`), many at once (`shift`), traces (`tracing`). LiteLLM's own
retries, caches, callbacks, price downloads and messages are off.

A provider is asked at its own address, or at `<PROVIDER>_BASE_URL` (OPENAI_BASE_URL, ANTHROPIC_BASE_URL,
OLLAMA_BASE_URL ...), with the key that LiteLLM names (OPENAI_API_KEY ...). Without a key nothing is sent.
"""

import gc
import logging
import os
import re
import time
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from signalops_site.setting_values import web_address

from ..models import Project, Run
from . import tracing
from .answers import shape_of
from .ledger import Book, Try
from .prices import FREE, Price, most_tokens_in, price_in, worst_case
from .requests import NOTHING, FailureKind, LlmOutcome, LlmRequest
from .shift import Means, Shift
from .spending import SMALLEST, Purse
from .trying import CallFailed, Completion

log = logging.getLogger(__name__)

HOLD_TO_SCHEMAS = frozenset({"anthropic", "ollama", "ollama_chat"})
"""Providers that LiteLLM can hold to a schema in its own way, whatever its list of models says."""
OF_OUR_OWN = frozenset({"ollama", "ollama_chat", "hosted_vllm", "vllm", "lm_studio", "llamafile", "xinference"})
"""Providers that are programs on a machine of one's own: their models are free, whatever prices are known."""
NOT_OURS = frozenset({401, 402, 403, 404, 405, 410})
"""Statuses of who may not ask at all, or asks for what is not there; others of 4xx are about the one request."""
CODES_OF_NOT_OURS = frozenset({"insufficient_quota", "invalid_api_key", "model_not_found"})
_CODE = re.compile(r"[a-zA-Z0-9_.-]{1,60}")
MOST_TOKENS = 2**31 - 1
_PATIENCE = 5.0
"""Seconds that LiteLLM waits longer than we do, so that the cut is ours."""


class Gateway:
    """Asks models for one project (None: for nobody's account, as evaluations do), in one run or outside of any.

    `budget_usd` is the project's for the month; None counts without a limit. Without `cache` only what the same
    run has asked before is not asked again.
    """

    def __init__(
        self,
        project: Project | None,
        *,
        run: Run | None = None,
        budget_usd: Decimal | None = None,
        cache: bool = True,
    ) -> None:
        self._book = Book(project, run, all_runs=cache)
        self._purse = Purse(project, budget_usd)
        self._has_budget = project is not None and budget_usd is not None
        self._unpriced: dict[str, str] = {}
        self._origin = tracing.Origin(project.slug if project else "", run.pk if run else None)

    def ask(self, request: LlmRequest) -> LlmOutcome:
        return next(self.ask_many([request], concurrency=1))[1]

    def ask_many(
        self, requests: Sequence[LlmRequest], *, concurrency: int = 32
    ) -> Generator[tuple[int, LlmOutcome], None, None]:
        """(index, outcome) as each call ends, not in order. Not within a transaction: rows are committed first.

        Closing the iterator cuts what is under way, keeps what has ended, and gives the rest of the money back.
        """
        _silence_warnings()
        tracing.get_ready()
        routes = _Routes()
        means = Means(self._book, self._purse, routes.complete, routes.prompt_of, routes.worst_case, self._trace)
        yield from Shift(requests, means, concurrency=max(concurrency, 1))

    def unpriced(self, model: str) -> str:
        """A sentence when the budget cannot hold a model, since nobody knows its price; else empty."""
        if self._has_budget and model not in self._unpriced:
            told = f"No price is known for {model}: what it costs is not in the budget."
            self._unpriced[model] = "" if route_to(model).is_priced else told
        return self._unpriced.get(model, "")

    def _trace(self, request: LlmRequest, call: Try) -> None:
        tracing.record_call(request, call, self._origin, ended_at=time.time())


# ---------------------------------------------------------------- which way a model is reached


@dataclass(frozen=True, slots=True)
class Route:
    """How LiteLLM reaches a model. `problem` is a sentence when it cannot, as things stand."""

    model: str
    provider: str = ""
    base_url: str = ""
    takes_schema: bool = False
    price: Price = FREE
    problem: str = ""

    @property
    def is_priced(self) -> bool:
        return self.price.is_known or self.provider in OF_OUR_OWN

    def prompt_of(self, request: LlmRequest) -> Completion:
        """What reading the request alone takes at most."""
        read = replace(request, max_tokens=0)
        extra = self._extra(request)
        cost = worst_case(read, self.price, extra=extra)
        return Completion("", tokens_in=most_tokens_in(read, extra=extra), cost=cost)

    def _extra(self, request: LlmRequest) -> int:
        return len(shape_of(request.schema).instruction.encode()) if request.schema is not None else 0

    def worst_case(self, request: LlmRequest) -> Decimal:
        """Without a known price the least that there is: where nothing is left, it is not asked."""
        return worst_case(request, self.price, extra=self._extra(request)) if self.is_priced else SMALLEST


class _Routes:
    """The ways of one `ask_many`: keys and addresses are read once for all of its calls."""

    def __init__(self) -> None:
        self._known: dict[str, Route] = {}

    def to(self, model: str) -> Route:
        if model not in self._known:
            self._known[model] = route_to(model)
        return self._known[model]

    def worst_case(self, request: LlmRequest) -> Decimal:
        """With all fallbacks: an answer that is malformed is paid for, too."""
        routes = [self.to(model) for model in (request.model, *request.fallbacks)]
        return sum((route.worst_case(request) for route in routes), NOTHING)

    def prompt_of(self, model: str, request: LlmRequest) -> Completion:
        return self.to(model).prompt_of(request)

    async def complete(self, model: str, request: LlmRequest, seconds: float) -> Completion:
        route = self.to(model)
        if route.problem:
            raise CallFailed(FailureKind.REFUSED, route.problem, attempts=0, is_of_the_model=True)
        return await _complete(route, request, seconds)


def route_to(model: str) -> Route:
    """Without network. The variable of a missing key is named, never its value."""
    if problem := known_model(model):
        return Route(model, problem=problem)
    litellm = _litellm()
    plain, provider, _key, _address = litellm.get_llm_provider(model)
    try:
        base_url = base_url_of(provider)
    except ImproperlyConfigured as error:
        return Route(model, provider, problem=f"{model}: {error}")
    return Route(
        model,
        provider,
        base_url,
        takes_schema=provider in HOLD_TO_SCHEMAS or bool(litellm.supports_response_schema(model)),
        price=_price_of(model, plain, provider),
        problem=_missing_key(model, has_address=bool(base_url)),
    )


def known_model(model: str) -> str:
    """Empty, or a sentence why LiteLLM could not reach a model of that name. Without network."""
    litellm = _litellm()
    try:
        litellm.get_llm_provider(model)
    except litellm.exceptions.BadRequestError:
        return f"{model}: no provider is known by that name; a model is named such as openai/gpt-4o-mini."
    return ""


def missing_key(model: str) -> str:
    """Empty, or a sentence that names the variables without which a model's provider refuses."""
    return route_to(model).problem


def base_url_of(provider: str) -> str:
    """`<PROVIDER>_BASE_URL`, empty when it is not set. ImproperlyConfigured when it is no address."""
    name = f"{re.sub(r'[^A-Za-z0-9]', '_', provider).upper()}_BASE_URL"
    return web_address(name, os.environ.get(name, "").strip())


def _missing_key(model: str, *, has_address: bool) -> str:
    found = _litellm().validate_environment(model)
    missing = [
        name
        for name in found.get("missing_keys", [])
        if not name.endswith(("_API_BASE", "_BASE_URL")) or not (has_address or name == "OLLAMA_API_BASE")
    ]
    return f"{model} needs {' and '.join(sorted(missing))} in the environment." if missing else ""


@cache
def _price_of(model: str, plain: str, provider: str) -> Price:
    """A model without a known price is told once, and counted as free."""
    litellm = _litellm()
    for named in ({"model": model}, {"model": plain, "custom_llm_provider": provider}, {"model": plain}):
        try:
            price = price_in(litellm.get_model_info(**named))
        except Exception as error:  # noqa: BLE001 - a plain one, for a model that it does not list
            log.debug("LiteLLM has no price for %s (%s)", named, type(error).__name__)
        else:
            if price.is_known:
                return price
    log.warning("no price is known for the model %s: its calls count as free", model)
    return FREE


# ---------------------------------------------------------------- LiteLLM


@cache
def _litellm() -> Any:
    """LiteLLM, silent and without network of its own. Importing it takes seconds and 160 MB."""
    os.environ.update(
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        LITELLM_MODE="PRODUCTION",
        EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER="true",
    )  # else it reads a .env, too
    with warnings.catch_warnings(), _garbage_left_alone():
        warnings.simplefilter("ignore")
        import litellm  # noqa: PLC0415 - see above
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.num_retries = 0
    for name in ("callbacks", "input_callback", "success_callback", "failure_callback", "service_callback"):
        setattr(litellm, name, [])
    return litellm


@contextmanager
def _garbage_left_alone() -> Iterator[None]:
    """For an import of half a million objects that all stay. Searched for garbage, they would take a third of the
    import's time, and later a third of a second now and then, while every call waits.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


@cache
def _internal_call() -> Any:
    from litellm._internal_context import is_internal_call  # noqa: PLC0415 - see above

    return is_internal_call


@cache
def _unlogged() -> Any:
    """LiteLLM's log of a call, which would price it anew, copy it and hand it to callbacks: half of its time."""
    from litellm.litellm_core_utils.litellm_logging import Logging  # noqa: PLC0415 - see above

    class Unlogged(Logging):
        def __init__(self, model: str) -> None:
            super().__init__(
                model=model,
                messages=None,
                stream=False,
                call_type="acompletion",
                start_time=datetime.now(tz=UTC),
                litellm_call_id="",
                function_id="",
                kwargs={},
            )

        def response_cost_calculator(self, *_arguments: object, **_named: object) -> None: ...

        def pre_call(self, *_arguments: object, **_named: object) -> None: ...

        def post_call(self, *_arguments: object, **_named: object) -> None: ...

        def should_run_prompt_management_hooks(self, *_arguments: object, **_named: object) -> bool:
            return False

    return Unlogged


def _silence_warnings() -> None:
    """LiteLLM builds pydantic's schemas as it goes, of annotations that pydantic warns of."""
    warnings.filterwarnings("ignore", category=UserWarning, module=r"pydantic\._internal\._generate_schema")


async def _complete(route: Route, request: LlmRequest, seconds: float) -> Completion:
    litellm = _litellm()
    _internal_call().set(True)
    try:
        response = await litellm.acompletion(
            model=route.model,
            messages=_messages(route, request),
            max_tokens=request.max_tokens,
            timeout=seconds + _PATIENCE,
            max_retries=0,
            litellm_logging_obj=_unlogged()(route.model),
            **_options(route, request),
        )
    except Exception as error:
        raise _failure_of(error, route) from error
    try:
        return _completion(response, route, request)
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise CallFailed(FailureKind.MALFORMED, f"{route.model}: its answer has not the form of one.") from error


def _messages(route: Route, request: LlmRequest) -> list[dict[str, str]]:
    messages = [{"role": each.role, "content": each.content} for each in request.messages]
    if request.schema is None or route.takes_schema:
        return messages
    told = {"role": "system", "content": shape_of(request.schema).instruction}
    place = next((place for place, each in enumerate(messages) if each["role"] != "system"), len(messages))
    return [*messages[:place], told, *messages[place:]]


def _options(route: Route, request: LlmRequest) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if route.base_url:
        options["api_base"] = route.base_url
    if request.schema is not None:
        options["response_format"] = {"type": "json_object"}
        if route.takes_schema:
            shape = shape_of(request.schema)
            told = {"name": "answer", "strict": shape.is_strict, "schema": shape.sent}
            options["response_format"] = {"type": "json_schema", "json_schema": told}
    return options


def _completion(response: Any, route: Route, request: LlmRequest) -> Completion:
    """Who does not say what was used is taken to have used all that was reserved."""
    choice, usage = response.choices[0], response.usage
    tokens_in, tokens_out = _tokens(usage.prompt_tokens), _tokens(usage.completion_tokens)
    reread = _tokens(getattr(usage.prompt_tokens_details, "cached_tokens", 0))
    cost = route.price.of(tokens_in=tokens_in, tokens_out=tokens_out, reread=min(reread, tokens_in))
    if not (tokens_in or tokens_out) and route.is_priced:
        cost = route.worst_case(request)
    written = Completion(_clean(choice.message.content or ""), tokens_in, tokens_out, cost)
    if choice.finish_reason == "content_filter" or getattr(choice.message, "refusal", None):
        raise CallFailed(FailureKind.REFUSED, f"{route.model} declined to answer.", completion=written)
    if choice.finish_reason == "length":
        reason = f"{route.model}: its answer is cut: max_tokens is too small for it."
        raise CallFailed(FailureKind.MALFORMED, reason, completion=written)
    return written


def _tokens(told: Any) -> int:
    """A count that the ledger can hold, whatever a provider says."""
    return min(max(int(told or 0), 0), MOST_TOKENS)


def _clean(text: str) -> str:
    """What every database takes: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


# ---------------------------------------------------------------- what went wrong


def _failure_of(error: Exception, route: Route) -> CallFailed:
    """By status. What a provider wrote is not repeated: it may quote the prompt, or the key."""
    status = getattr(error, "status_code", None)
    status = status if isinstance(status, int) else 0
    kind = _kind_of(error, status)
    told = ", ".join(str(part) for part in (status or type(error).__name__, _code_of(error)) if part)
    match kind:
        case FailureKind.RATE_LIMITED:
            reason = f"{route.model} asks to wait ({told})."
        case FailureKind.REFUSED:
            reason = f"{route.model} refused the request ({told})."
        case FailureKind.TIMEOUT:
            reason = f"{route.model} took too long ({told})."
        case _:
            reason = f"{route.model} could not be reached or is in trouble ({told})."
    is_of_the_model = kind is FailureKind.REFUSED and (status in NOT_OURS or _code_of(error) in CODES_OF_NOT_OURS)
    return CallFailed(kind, reason, retry_after=_retry_after(error), is_of_the_model=is_of_the_model)


def _kind_of(error: Exception, status: int) -> FailureKind:
    if isinstance(error, _litellm().exceptions.Timeout) or status == 408:
        return FailureKind.TIMEOUT
    if status == 429:
        return FailureKind.REFUSED if _code_of(error) == "insufficient_quota" else FailureKind.RATE_LIMITED
    return FailureKind.REFUSED if 400 <= status < 500 else FailureKind.UNAVAILABLE


def _code_of(error: Exception) -> str:
    """The provider's own name for it (`model_not_found`), where it has the form of one."""
    body = getattr(error, "body", None)
    code = getattr(error, "code", None) or (body.get("code") if isinstance(body, dict) else None)
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _retry_after(error: Exception) -> float | None:
    response = getattr(error, "response", None)
    headers = getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None) or {}
    value = headers.get("retry-after", "")
    try:
        return max(float(value), 0.0)
    except ValueError:
        return None
