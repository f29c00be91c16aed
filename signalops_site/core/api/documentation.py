"""The API on one page, for people."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


@require_safe
@never_cache
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation on one page, without scripts or anything from elsewhere."""
    response = render(request, "core/api_docs.html", {"tags": _operations_by_tag()})
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return response


@cache
def _operations_by_tag() -> list[dict[str, Any]]:
    """The schema as the page shows it; it cannot change while the process lives."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    tags: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            shown = _shown(path, method, operation)
            tags.setdefault(operation.get("tags", ["Other"])[0], []).append(shown)
    return [{"name": name, "operations": tags[name]} for name in sorted(tags)]


def _shown(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "description": operation.get("description", ""),
        "is_open": {} in operation.get("security", [{}]) or not operation.get("security"),
        "parameters": operation.get("parameters", []),
        "body": [_type_name(media["schema"]) for media in body.values()][:1],
        "responses": [
            {
                "status": status,
                "body": [_type_name(m.get("schema", {})) for m in answer.get("content", {}).values()][:1],
            }
            for status, answer in sorted(operation["responses"].items())
        ],
    }


def _type_name(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "items" in schema:
        return f"list of {_type_name(schema['items'])}"
    return str(schema.get("type", "any"))
