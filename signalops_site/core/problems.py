"""Every refusal of the API, as `application/problem+json` (RFC 9457): one shape, made in one place.

`type` is a stable name that a program may branch on (`urn:signalops:problem:run-is-live`), `detail` a
sentence for people, `errors` what is wrong part by part: `{path, message}`, with dotted paths.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views import defaults
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions, serializers
from rest_framework.views import set_rollback

from .errors import ConfigError, DomainError
from .log_context import current_request_id

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"
NOT_HERE = "There is no such thing here, or it is not yours to see."
TITLES = {
    400: "The request does not hold",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "This method is not offered here",
    406: "No such representation",
    409: "The state has moved on",
    413: "The body is too large",
    415: "This media type is not read here",
    422: "The configuration does not hold",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Not reachable right now",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error answer says. `kind` is the last part of `type`."""

    status: int
    kind: str
    title: str
    detail: str
    errors: tuple[Mapping[str, Any], ...] = ()

    def response(self, headers: Mapping[str, str] | None = None) -> JsonResponse:
        content = asdict(self) | {"errors": list(self.errors)}
        content = {"type": f"urn:signalops:problem:{content.pop('kind')}"} | content
        return JsonResponse(content, status=self.status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


class ProblemItemSerializer(serializers.Serializer[Any]):
    """One part that is wrong. Line and column only come with a project.yaml."""

    path = serializers.CharField(help_text="dotted; empty when the whole is meant")
    message = serializers.CharField()
    line = serializers.IntegerField(required=False, allow_null=True)
    column = serializers.IntegerField(required=False, allow_null=True)


class ProblemSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="a stable name for programs")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence for people")

    def get_fields(self) -> dict[str, Any]:
        """`errors` is added here: as an attribute it would hide the serializer's own."""
        return super().get_fields() | {"errors": ProblemItemSerializer(many=True)}


def problem_responses(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """For `extend_schema(responses={200: ..., **problem_responses(404)})`."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, description=TITLES[status]) for status in statuses
    }


def problem_details(error: Exception, context: Mapping[str, Any]) -> HttpResponseBase:
    """Django REST framework's exception handler."""
    set_rollback()
    if isinstance(error, RequestDataTooBig):
        return _with_title(413, "too-large", "The body is larger than this server reads.").response()
    if not isinstance(error, DomainError | exceptions.APIException | Http404 | PermissionDenied):
        return _unexpected(error, context.get("request"))
    return _problem_of(error).response(_headers_of(error))


def _problem_of(error: Exception) -> Problem:
    match error:
        case ConfigError():
            return _of_domain(error, "Mend the lines that are named.", map(asdict, error.problems))
        case DomainError():
            return _of_domain(error, error.detail)
        case exceptions.ValidationError():
            errors = tuple(_flatten(error.detail))
            return _with_title(400, "validation", " ".join(_sentence(item) for item in errors), errors)
        case exceptions.APIException():
            return _with_title(error.status_code, _kebab(type(error).__name__), _text_of(error.detail))
        case Http404():
            return _with_title(404, "not-found", NOT_HERE)
        case _:
            return _with_title(403, "not-allowed", "This is not yours to do.")


def _of_domain(error: DomainError, detail: str, errors: Iterable[Mapping[str, Any]] = ()) -> Problem:
    items = tuple({key: item[key] for key in item if key != "severity"} for item in errors)
    return Problem(error.status, _kebab(type(error).__name__), error.title, detail, items)


def _with_title(status: int, kind: str, detail: str, errors: tuple[Mapping[str, Any], ...] = ()) -> Problem:
    return Problem(status, kind, TITLES.get(status, "The request was refused"), detail, errors)


def _headers_of(error: Exception) -> dict[str, str]:
    """`WWW-Authenticate` belongs to a 401; `Retry-After` (seconds) to a 429."""
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(auth_header)
    if (seconds := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, ceil(seconds)))
    return headers


def _flatten(detail: Any, path: str = "") -> Iterable[dict[str, str]]:
    """DRF's nested details as one flat list; list positions are part of the path, messages are not."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            part = "" if key == "non_field_errors" else str(key)
            yield from _flatten(value, ".".join(filter(None, (path, part))))
    elif isinstance(detail, list):
        for position, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _flatten(value, ".".join(filter(None, (path, str(position)))) if nested else path)
    else:
        yield {"path": path, "message": str(detail)}


def _sentence(item: Mapping[str, str]) -> str:
    return f"{item['path']}: {item['message']}" if item["path"] else item["message"]


def _text_of(detail: Any) -> str:
    return " ".join(item["message"] for item in _flatten(detail))


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _unexpected(error: Exception, request: HttpRequest | None) -> JsonResponse:
    """Log with the request's id, tell Django (monitors and the test client listen); say nothing else."""
    log.error("request %s failed", current_request_id(), exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return _internal().response()


def _internal() -> Problem:
    request_id = current_request_id()
    return _with_title(500, "internal", f"The error was logged. Its request id is {request_id or 'unknown'}.")


def _is_api(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith(API_PREFIX)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return _with_title(400, "bad-request", "The request could not be read.").response()
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return _with_title(403, "not-allowed", "This is not yours to do.").response()
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return _with_title(404, "not-found", "There is no such address in this API.").response()
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return _internal().response() if _is_api(request) else defaults.server_error(request)
