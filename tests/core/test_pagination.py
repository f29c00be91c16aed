from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from leads.models import Draft, Lead
from signalops_site.core.config.versions import active_version
from signalops_site.core.models import Project, Run
from signalops_site.core.pagination import KeysetPagination, Ordering, _field_of
from tests.factories import DraftFactory, LeadFactory

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


class LeadsView(APIView):
    keyset_orderings = {
        "score": ("-score", "-id"),
        "created": ("-created_at", "-id"),
        "oldest": ("created_at", "id"),
        "last": ("-id",),
        "first": ("id",),
    }


class DraftsView(APIView):
    keyset_orderings = {"score": ("-lead__score", "-id")}


class ScoredView(APIView):
    keyset_orderings = {"scored": ("-scored_at", "-id")}


class AnnotatedView(APIView):
    keyset_orderings = {"sureness": ("-sureness", "-id")}


def page_of(queryset: QuerySet[Any], view: APIView, **query: Any) -> dict[str, Any]:
    paginator = KeysetPagination()
    request = Request(APIRequestFactory().get("/api/rows/", query))
    rows = paginator.paginate_queryset(queryset, request, view)
    return dict(paginator.get_paginated_response([row.pk for row in rows]).data)


def follow(link: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def walk(
    queryset: QuerySet[Any], view: APIView, *, between: Callable[[], object] = lambda: None, **query: Any
) -> list[list[int]]:
    pages = [page_of(queryset, view, **query)]
    while pages[-1]["next"]:
        between()
        pages.append(page_of(queryset, view, **follow(pages[-1]["next"])))
    return [page["results"] for page in pages]


def flat(pages: list[list[int]]) -> list[int]:
    return [pk for page in pages for pk in page]


@pytest.fixture
def leads(project: Project) -> list[Lead]:
    """23 leads with three scores, and dates that differ by microseconds or not at all."""
    scores = [0.1 + 0.2, 0.3, 70.0]
    made = [LeadFactory.create(project=project, score=scores[number % 3]) for number in range(23)]
    for number, lead in enumerate(made):
        Lead.objects.filter(pk=lead.pk).update(created_at=NOON + timedelta(microseconds=number // 4))
    return made


@pytest.mark.parametrize("size", [1, 2, 5, 22, 23, 24])
@pytest.mark.parametrize(
    ("ordering", "terms"),
    [
        ("score", ("-score", "-id")),
        ("created", ("-created_at", "-id")),
        ("oldest", ("created_at", "id")),
        ("last", ("-id",)),
        ("first", ("id",)),
    ],
)
def test_ties_neither_skip_nor_repeat_a_row(
    leads: list[Lead], size: int, ordering: str, terms: tuple[str, ...]
) -> None:
    expected = list(Lead.objects.order_by(*terms).values_list("pk", flat=True))
    pages = walk(Lead.objects.all(), LeadsView(), page_size=size, ordering=ordering)
    assert flat(pages) == expected
    assert all(len(page) == size for page in pages[:-1])


@pytest.mark.parametrize("ordering", LeadsView.keyset_orderings)
def test_walking_back_gives_the_same_pages(leads: list[Lead], ordering: str) -> None:
    forward = [page_of(Lead.objects.all(), LeadsView(), page_size=5, ordering=ordering)]
    while forward[-1]["next"]:
        forward.append(page_of(Lead.objects.all(), LeadsView(), **follow(forward[-1]["next"])))
    back = [forward[-1]]
    while back[-1]["previous"]:
        back.append(page_of(Lead.objects.all(), LeadsView(), **follow(back[-1]["previous"])))
    assert [page["results"] for page in back[::-1]] == [page["results"] for page in forward]
    assert forward[0]["previous"] is None
    assert back[-1]["next"] is not None


def test_rows_that_arrive_between_pages_move_nothing(leads: list[Lead], project: Project) -> None:
    expected = list(Lead.objects.order_by("-score", "-id").values_list("pk", flat=True))
    seen = walk(
        Lead.objects.all(),
        LeadsView(),
        between=lambda: LeadFactory.create(project=project, score=99),
        page_size=4,
    )
    assert flat(seen) == expected


def test_rows_that_go_between_pages_take_nothing_with_them(leads: list[Lead]) -> None:
    expected = list(Lead.objects.order_by("-score", "-id").values_list("pk", flat=True))
    first = page_of(Lead.objects.all(), LeadsView(), page_size=4)
    Lead.objects.filter(pk__in=first["results"]).delete()
    second = page_of(Lead.objects.all(), LeadsView(), **follow(first["next"]))
    assert second["results"] == expected[4:8]


@pytest.mark.parametrize("ordering", LeadsView.keyset_orderings)
def test_an_emptied_page_leads_back(leads: list[Lead], ordering: str) -> None:
    first = page_of(Lead.objects.all(), LeadsView(), page_size=20, ordering=ordering)
    Lead.objects.exclude(pk__in=first["results"]).delete()
    empty = page_of(Lead.objects.all(), LeadsView(), **follow(first["next"]))
    assert (empty["results"], empty["next"]) == ([], None)
    assert page_of(Lead.objects.all(), LeadsView(), **follow(empty["previous"]))["results"] == first["results"]


def test_a_column_of_a_related_table_orders_too(leads: list[Lead]) -> None:
    for lead in leads:
        DraftFactory.create(lead=lead)
    expected = list(Draft.objects.order_by("-lead__score", "-id").values_list("pk", flat=True))
    assert flat(walk(Draft.objects.select_related("lead"), DraftsView(), page_size=3)) == expected


def test_an_annotation_orders_too(leads: list[Lead]) -> None:
    rows = Lead.objects.annotate(sureness=F("score") * 2)
    expected = list(rows.order_by("-sureness", "-id").values_list("pk", flat=True))
    assert flat(walk(rows, AnnotatedView(), page_size=4)) == expected


def test_a_page_is_two_queries_without_offset_or_count(leads: list[Lead]) -> None:
    first = page_of(Lead.objects.all(), LeadsView(), page_size=4)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_of(Lead.objects.all(), LeadsView(), **follow(first["next"]))
    assert len(queries) == 2
    assert "OFFSET" not in queries[0]["sql"]
    assert "COUNT" not in queries[0]["sql"]
    assert " OR " not in queries[0]["sql"]


def test_a_count_is_given_when_asked_for(leads: list[Lead]) -> None:
    page = page_of(Lead.objects.all(), LeadsView(), page_size=4, count="exact")
    assert page["count"] == 23
    assert page_of(Lead.objects.all(), LeadsView(), **follow(page["next"]))["count"] == 23
    assert "count" not in page_of(Lead.objects.all(), LeadsView())


def test_links_keep_the_filters(leads: list[Lead]) -> None:
    page = page_of(Lead.objects.all(), LeadsView(), page_size=4, label="relevant")
    assert page["next"].startswith("/api/rows/?")
    assert follow(page["next"])["label"] == "relevant"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cursor", "x"),
        ("cursor", "\x00"),
        ("cursor", "W10:1:é"),
        ("page_size", "0"),
        ("page_size", "201"),
        ("page_size", "²"),
        ("page_size", "-1"),
        ("page_size", "many"),
        ("ordering", "password"),
        ("count", "yes"),
    ],
)
def test_a_broken_parameter_is_named(db: None, name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        page_of(Lead.objects.all(), LeadsView(), **{name: value})
    assert name in refused.value.get_full_details()


def test_a_cursor_that_was_changed_or_belongs_elsewhere_is_refused(leads: list[Lead]) -> None:
    cursor = follow(page_of(Lead.objects.all(), LeadsView(), page_size=4)["next"])["cursor"]
    for query in ({"cursor": cursor[:-1]}, {"cursor": f"a{cursor}"}, {"cursor": cursor, "ordering": "created"}):
        with pytest.raises(ValidationError):
            page_of(Lead.objects.all(), LeadsView(), **query)
    with pytest.raises(ValidationError):
        page_of(Draft.objects.all(), DraftsView(), cursor=cursor)


def lists_of_the_api() -> list[type[Any]]:
    """Every view below /api/ that offers orderings of its own."""
    found: dict[str, type[Any]] = {}

    def collect(patterns: list[Any]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                collect(pattern.url_patterns)
                continue
            view = getattr(pattern.callback, "cls", None)
            if view is not None and hasattr(view, "keyset_orderings"):
                found[view.__name__] = view

    collect(get_resolver().url_patterns)
    return list(found.values())


def test_no_list_is_ordered_by_a_column_that_may_hold_null(superuser: User, project: Project) -> None:
    run = Run.objects.create(project=project, trigger="api", config_version=active_version(project))
    orderings: list[tuple[str, tuple[str, ...]]] = []
    for cls in lists_of_the_api():
        view = cls(request=_asked_by(superuser), kwargs={"pk": run.pk}, action="list", format_kwarg=None)
        rows = view.get_queryset()
        for name, terms in cls.keyset_orderings.items():
            columns = Ordering.of(name, terms).columns
            fields = [_field_of(rows, column) for column in columns]
            assert not any(field.null for field in fields), (cls.__name__, name)
            orderings.append((cls.__name__, columns))
    assert len(orderings) >= 9


def _asked_by(user: User) -> Request:
    request = Request(APIRequestFactory().get("/", {"project": "tidewater"}))
    request.user = user
    return request


def test_a_row_without_a_place_in_the_order_is_an_error_of_ours(leads: list[Lead]) -> None:
    Lead.objects.update(scored_at=None)
    with pytest.raises(ImproperlyConfigured, match="met a NULL"):
        page_of(Lead.objects.all(), ScoredView(), page_size=4)
