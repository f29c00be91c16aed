"""Keyset pages: no row is skipped or repeated, and the ten-thousandth page is as fast as the first.

A view offers named orderings. Each is one unique column, or a column and a unique one that breaks its
ties, in the same direction; no column may hold NULL (databases sort it differently):

    keyset_orderings = {"score": ("-score", "-id"), "created": ("-created_at", "-id")}

The first is the default. A cursor holds the position of a row, not a count of rows: what is inserted
or deleted while somebody pages moves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar, cast

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.core.exceptions import ValidationError as InvalidValue
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model, QuerySet
from django.http import QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

ModelT = TypeVar("ModelT", bound=Model)
RowT = TypeVar("RowT")

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Ordering:
    """One named ordering: its columns as Django lookups, all in one direction."""

    name: str
    columns: tuple[str, ...]
    descending: bool

    @classmethod
    def of(cls, name: str, terms: Sequence[str]) -> "Ordering":
        descending = {term.startswith("-") for term in terms}
        if len(terms) not in {1, 2} or len(descending) != 1:
            raise ImproperlyConfigured(f"Ordering {name!r}: one or two columns in one direction, not {terms!r}.")
        return cls(name, tuple(term.removeprefix("-") for term in terms), descending.pop())

    def position(self, row: object) -> tuple[Any, ...]:
        values = tuple(attrgetter(column.replace("__", "."))(row) for column in self.columns)
        if any(value is None for value in values):
            raise ImproperlyConfigured(f"Ordering {self.name!r} met a NULL in {self.columns}.")
        return values

    def sort(self, queryset: QuerySet[ModelT, RowT], *, backwards: bool) -> QuerySet[ModelT, RowT]:
        prefix = "-" if self.descending != backwards else ""
        return queryset.order_by(*(f"{prefix}{column}" for column in self.columns))

    def beyond(self, queryset: QuerySet[ModelT, RowT], cursor: "Cursor") -> QuerySet[ModelT, RowT]:
        """The rows on the cursor's far side.

        `x <= X AND NOT (x = X AND id >= I)` rather than the usual `x < X OR (x = X AND id < I)`, which
        databases answer by walking the index from its start.
        """
        falling = self.descending != cursor.backwards
        strict, loose = ("lt", "lte") if falling else ("gt", "gte")
        *values, last = cursor.position
        if not values:
            return queryset.filter(**{f"{self.columns[-1]}__{loose if cursor.inclusive else strict}": last})
        other_side = ("gt" if falling else "lt") + ("" if cursor.inclusive else "e")
        return queryset.filter(**{f"{self.columns[0]}__{loose}": values[0]}).exclude(
            **{self.columns[0]: values[0], f"{self.columns[1]}__{other_side}": last}
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row's place in an ordering, and where to go from it. `inclusive`: the row itself belongs to the page."""

    position: tuple[Any, ...]
    backwards: bool = False
    inclusive: bool = False


class KeysetPagination(BasePagination):
    """`?cursor=&page_size=&ordering=&count=exact`; answers `{results, next, previous}` and `count` when asked."""

    ordering: Ordering
    cursor: Cursor | None
    next: str | None
    previous: str | None
    count: int | None

    def paginate_queryset(
        self,
        queryset: QuerySet[ModelT, RowT] | Sequence[RowT],
        request: Request,
        view: APIView | None = None,
    ) -> list[RowT]:
        rows = cast("QuerySet[Any, RowT]", queryset)
        size = _page_size(request.query_params, usual=usual_page_size(view))
        self.ordering = _ordering(request.query_params, orderings_of(view))
        salt = _salt(rows, self.ordering)
        self.cursor = _read_cursor(request.query_params.get("cursor"), rows, self.ordering, salt)
        self.count = rows.count() if _wants_count(request.query_params) else None
        page, more = self._fetch(rows, size)
        forward, back = self._neighbours(page, more)
        self.next = _link(request, forward, salt)
        self.previous = _link(request, back, salt)
        return page

    def _fetch(self, queryset: QuerySet[Any, RowT], size: int) -> tuple[list[RowT], bool]:
        """One page in reading order, and whether there is more in the direction of travel.

        The keys come first and their rows after: where no index has the rows in order, what is sorted is then as
        small as can be, and nothing is computed for rows that are not shown.
        """
        backwards = self.cursor is not None and self.cursor.backwards
        found = self.ordering.sort(queryset, backwards=backwards)
        if self.cursor is not None:
            found = self.ordering.beyond(found, self.cursor)
        keys = list(found.values_list("pk", flat=True)[: size + 1])
        shown = queryset.all()
        shown.query.clear_where()  # the keys have passed every filter; a second time only costs
        rows = shown.in_bulk(keys[:size])
        page = [rows[key] for key in keys[:size] if key in rows]
        return (page[::-1] if backwards else page), len(keys) > size

    def _neighbours(self, page: list[RowT], more: bool) -> tuple[Cursor | None, Cursor | None]:
        """Cursors of the next and the previous page; None where there is none.

        A page that came out empty (its rows are gone by now) turns round at the place it was asked for.
        """
        came = self.cursor
        if not page:
            turn = came and Cursor(came.position, not came.backwards, inclusive=not came.inclusive)
            return (turn, None) if came and came.backwards else (None, turn)
        backwards = came is not None and came.backwards
        has_next, has_previous = (True, more) if backwards else (more, came is not None)
        after = Cursor(self.ordering.position(page[-1])) if has_next else None
        before = Cursor(self.ordering.position(page[0]), backwards=True) if has_previous else None
        return after, before

    def get_paginated_response(self, data: Any) -> Response:
        counted = {} if self.count is None else {"count": self.count}
        return Response({"results": data, "next": self.next, "previous": self.previous, **counted})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri-reference"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link | {"description": "path and query of the page after this one; null at the end"},
                "previous": link | {"description": "path and query of the page before; null at the start"},
                "count": {"type": "integer", "description": "all rows of the list; with `count=exact` only"},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": usual_page_size(view)}
        names = list(orderings_of(view))
        parameters = [
            _parameter("cursor", {"type": "string"}, "from a `next` or `previous` link; opaque"),
            _parameter("page_size", size, "rows per page"),
            _parameter("count", {"type": "string", "enum": [EXACT]}, "also count all rows, which takes time"),
        ]
        if len(names) > 1:
            choice = {"type": "string", "enum": names, "default": names[0]}
            parameters.append(_parameter("ordering", choice, "the order of the rows"))
        return parameters


def orderings_of(view: APIView | None) -> Mapping[str, Sequence[str]]:
    offered: Mapping[str, Sequence[str]] | None = getattr(view, "keyset_orderings", None)
    return offered or {"newest": ("-id",)}


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def usual_page_size(view: APIView | None) -> int:
    """A view whose rows are heavy offers fewer of them: `keyset_page_size`."""
    return int(getattr(view, "keyset_page_size", DEFAULT_PAGE_SIZE))


def _page_size(query: QueryDict, *, usual: int) -> int:
    text = query.get("page_size", str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise ValidationError({"page_size": [f"is a whole number from 1 to {MAX_PAGE_SIZE}"]})
    return int(text)


def _wants_count(query: QueryDict) -> bool:
    if query.get("count", EXACT) != EXACT:
        raise ValidationError({"count": [f"can only be {EXACT!r}"]})
    return "count" in query


def _ordering(query: QueryDict, offered: Mapping[str, Sequence[str]]) -> Ordering:
    name = query.get("ordering") or next(iter(offered))
    if name not in offered:
        raise ValidationError({"ordering": [f"is one of {', '.join(offered)}"]})
    return Ordering.of(name, offered[name])


def _salt(queryset: QuerySet[Any, Any], ordering: Ordering) -> str:
    """A cursor of another list or ordering does not fit, so it must not verify."""
    return f"keyset:{queryset.model._meta.label_lower}:{ordering.name}"


def _link(request: Request, cursor: Cursor | None, salt: str) -> str | None:
    if cursor is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = _write_cursor(cursor, salt)
    return f"{request.path}?{query.urlencode()}"


class _CursorJson(signing.JSONSerializer):
    """JSON that keeps microseconds: Django's own encoder cuts them to milliseconds, and rows would be skipped."""

    def dumps(self, obj: Any) -> bytes:
        return _ExactEncoder(separators=(",", ":")).encode(obj).encode()


class _ExactEncoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _write_cursor(cursor: Cursor, salt: str) -> str:
    content = [list(cursor.position), int(cursor.backwards), int(cursor.inclusive)]
    return signing.dumps(content, salt=salt, serializer=_CursorJson)


def _read_cursor(text: str | None, queryset: QuerySet[Any, Any], ordering: Ordering, salt: str) -> Cursor | None:
    if not text:
        return None
    try:
        values, backwards, inclusive = signing.loads(text, salt=salt, serializer=_CursorJson)
        fields = [_field_of(queryset, column) for column in ordering.columns]
        position = tuple(field.to_python(value) for field, value in zip(fields, values, strict=True))
    except (signing.BadSignature, InvalidValue, ValueError, TypeError) as error:
        message = "is not a cursor of this list and ordering; start again without one"
        raise ValidationError({"cursor": [message]}) from error
    return Cursor(position, bool(backwards), bool(inclusive))


def _field_of(queryset: QuerySet[Any, Any], column: str) -> "Field[Any, Any]":
    """The field behind an annotation, a column, or a column of a related table (`lead__score`)."""
    if column in queryset.query.annotations:
        return queryset.query.annotations[column].output_field
    *relations, name = column.split("__")
    model: Any = queryset.model
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if not isinstance(field, Field):
        raise FieldDoesNotExist(f"{column} is no column of {queryset.model.__name__}")
    return field
