"""Logging: one line per event, as JSON for programs or coloured for a person at a terminal, through structlog.

Everything goes through the standard library's loggers, ours and those of packages, and so through the same steps:
what the request or run has bound (`core.log_context`), the fields that we name ourselves, errors without the data
that they met (`core.failures`), and last a mask over whatever looks like a secret.

structlog is imported with the first line that is written: at start it would cost each command a tenth of a second.
"""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import cached_property
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .core.failures import safe_message
from .core.log_context import bound_values

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = ("auto", "json", "console")
FIELDS = ("method", "path", "route", "status", "duration_ms")
"""What our own lines may carry beside their sentence (`extra=`); docs/observability.md says what each means."""
QUIET = {
    # name -> the least that is passed on. Django repeats what our own request line says; the others would
    # write whole addresses, or what is sent to a model.
    "django.request": "ERROR",
    "django.server": "WARNING",
    "django.channels.server": "WARNING",
    "axes": "WARNING",
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "LiteLLM": "WARNING",
}
MASK = "[masked]"

Event = MutableMapping[str, Any]
Processor = Callable[[Any, str, Event], Event]

_SECRET_NAME = re.compile(
    r"password|passwd|token|secret|api_?key|authorization|cookie|encryption_key|credential", re.I
)
_SHORTEST_SECRET = 8
_PATTERNS = (
    # what an address carries: ?ticket=..., &access_token=..., OAuth's code and state
    (
        re.compile(r"([?&](?:[\w-]*(?:ticket|token|secret|password|key|sig)[\w-]*|code|state)=)[^&\s\"'#]+", re.I),
        r"\1",
    ),
    (
        re.compile(r"\b((?:authorization|(?:set-)?cookie|x-api-key|x-csrftoken)[\"']?\s*[:=]\s*)[^\r\n]+", re.I),
        r"\1",
    ),
    (re.compile(r"\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.I), r"\1"),
    (
        re.compile(r"\b((?:password|passwd|secret|api[_-]?key|token)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&}]+", re.I),
        r"\1",
    ),
    (re.compile(r"(\b[\w+.-]+://[^/\s:@]*:)[^@\s/]+(?=@)"), r"\1"),
    (re.compile(r"(\bDETAIL:\s*).*", re.S), r"\1"),  # PostgreSQL's, with the values of a row
)
_WORKER_FAILURE = re.compile(r"^(Failed '[^']*' \([^)]*\)) - .*", re.S)


def logging_config(level: str, *, as_json: bool) -> dict[str, Any]:
    """For settings.LOGGING: everything to standard error, from `level` on."""
    if level.upper() not in LEVELS:
        raise ImproperlyConfigured(f"LOG_LEVEL is one of {', '.join(LEVELS)}, not {level!r}.")
    lines = {"()": "signalops_site.logs.LineFormatter", "as_json": as_json, "with_data": level.upper() == "DEBUG"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": lines},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level.upper()},
        # `handlers: []` takes away those that Django gives its own loggers
        "loggers": {"django": {"handlers": []}} | {name: _quiet(least, level) for name, least in QUIET.items()},
    }


def wants_json(log_format: str) -> bool:
    """What LOG_FORMAT asks for; `auto` is for people at a terminal and for programs elsewhere."""
    if log_format not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT is one of {', '.join(FORMATS)}, not {log_format!r}.")
    return log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())


def _quiet(least: str, level: str) -> dict[str, Any]:
    return {"level": max(least, level.upper(), key=LEVELS.index), "handlers": [], "propagate": True}


class LineFormatter(logging.Formatter):
    """One record as one line. `with_data`: errors are told in full, with the values that they quote."""

    def __init__(self, *, as_json: bool, with_data: bool = False) -> None:
        super().__init__()
        self.as_json, self.with_data = as_json, with_data

    def format(self, record: logging.LogRecord) -> str:
        return self._structlog.format(record)

    @cached_property
    def _structlog(self) -> logging.Formatter:
        from structlog import dev, processors, stdlib  # noqa: PLC0415 - see above

        own: list[Any] = [
            processors.TimeStamper(fmt="iso", utc=True, key="at"),
            stdlib.add_log_level,
            stdlib.add_logger_name,
            stdlib.ExtraAdder(allow=FIELDS),
            _add_context,
            _shorten_worker_failures,
            _error_teller(with_data=self.with_data),
        ]
        last: Any = processors.JSONRenderer(serializer=_dumps) if self.as_json else _console(dev)
        return stdlib.ProcessorFormatter(
            foreign_pre_chain=own,
            processors=[stdlib.ProcessorFormatter.remove_processors_meta, _Mask(known_secrets()), last],
        )


def _console(dev: Any) -> Any:
    return dev.ConsoleRenderer(colors=sys.stderr.isatty(), timestamp_key="at")


def _dumps(value: object, **_options: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _add_context(_logger: Any, _method: str, event: Event) -> Event:
    for name, value in bound_values().items():
        event.setdefault(name, value)
    return event


def _shorten_worker_failures(_logger: Any, _method: str, event: Event) -> Event:
    """The worker repeats a job's whole traceback in its sentence, with the data that the error quotes."""
    if event.get("logger") == "django-q":
        event["event"] = _WORKER_FAILURE.sub(r"\1. The job's result has its traceback.", str(event["event"]))
    return event


def _error_teller(*, with_data: bool) -> Processor:
    def tell(_logger: Any, _method: str, event: Event) -> Event:
        error = _error_of(event.pop("exc_info", None))
        event.pop("stack_info", None)
        if error is not None:
            event["exception"] = "".join(traceback.format_exception(error)) if with_data else told_safely(error)
        return event

    return tell


def _error_of(
    exc_info: BaseException | tuple[type[BaseException], BaseException, TracebackType | None] | object,
) -> BaseException | None:
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def told_safely(error: BaseException) -> str:
    """A traceback: every file and line, every error's type, and of the messages only those that hold no data."""
    parts = []
    for cause in _with_causes(error):
        lines = "".join(traceback.format_tb(cause.__traceback__))
        message = safe_message(cause)
        parts.append(f"{lines}{type(cause).__qualname__}{f': {message}' if message else ''}")
    return "\n\n... which led to:\n\n".join(reversed(parts))


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class _Mask:
    """The last step before a line is rendered: no secret by its value, by its name, or by how it looks."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.secrets = secrets

    def __call__(self, _logger: Any, _method: str, event: Event) -> Event:
        masked: Event = self.value(dict(event))
        return masked

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                name: MASK if _SECRET_NAME.search(str(name)) else self.value(item) for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value if value is None or isinstance(value, bool | int | float) else self.text(str(value))

    def text(self, text: str) -> str:
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        for pattern, kept in _PATTERNS:
            text = pattern.sub(f"{kept}{MASK}", text)
        return text


def known_secrets() -> tuple[str, ...]:
    """The values of this process's secrets, the longest first: of settings, databases and the environment."""
    values = [getattr(settings, name) for name in dir(settings) if _names_a_secret(name)]
    values += [value for name, value in os.environ.items() if _names_a_secret(name)]
    values += [database.get("PASSWORD") for database in settings.DATABASES.values()]
    texts = {text for value in values for text in _texts(value) if len(text) >= _SHORTEST_SECRET}
    return tuple(sorted(texts, key=len, reverse=True))


def _texts(value: object) -> Iterator[str]:
    """A key, or several: in a list, or in one text with commas between them."""
    for part in value if isinstance(value, list | tuple) else [value]:
        if isinstance(part, str):
            yield from part.split(",")


def _names_a_secret(name: str) -> bool:
    return name.endswith(("KEY", "KEYS", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "SECRET_KEY_FALLBACKS"))
