"""What lists can be narrowed to. A value that cannot be read is refused by name, never ignored."""

from typing import Any, cast

import django_filters
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.db.models.functions import Upper
from rest_framework.request import Request

from signalops_site.core.authentication import signed_in
from signalops_site.core.filters import STORABLE, StrictFilterSet
from signalops_site.core.permissions import visible_project, visible_projects

from . import selectors, selectors_desk
from .judges.base import Label
from .models import Author, Draft, DraftStatus, Lead, LeadStage
from .models.deliveries import SHOWN_STATUSES
from .search import matching

ALL = "all"
NOBODY = "none"
ASSIGNEE = "a user name, `me`, or `none`: nobody's"
SNOOZED = [("true", "only those that are put off"), ("false", "without them"), (ALL, "both")]
PUT_OFF = "`true`: only what is put off; `all`: that too. Left out, it is in no list until its time"
BIGGEST = 2**63
FEW = 500
"""Accounts of one handle: platforms give freed ones away again, but not that often."""


class LeadFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="in_project", label="the project's slug; left out: all of yours")
    label = django_filters.ChoiceFilter(choices=Label.choices)
    stage = django_filters.ChoiceFilter(
        choices=LeadStage.choices, label="left out: all but `gone`, whose posts are gone at their platform"
    )
    min_score = django_filters.NumberFilter(field_name="score", lookup_expr="gte")
    max_score = django_filters.NumberFilter(field_name="score", lookup_expr="lte")
    platform = django_filters.CharFilter(method="of_platform")
    query = django_filters.CharFilter(method="of_query", label="label of a query that found the post")
    author = django_filters.CharFilter(method="by_author", label="handle, in any case, with or without @")
    assignee = django_filters.CharFilter(method="assigned_to", label=ASSIGNEE)
    snoozed = django_filters.ChoiceFilter(choices=SNOOZED, method="put_off", label=PUT_OFF)
    language = django_filters.CharFilter(method="in_language", label="ISO 639-1")
    copy_of = django_filters.NumberFilter(method="repeating", label="a lead's id: the leads that repeat its text")
    copies = django_filters.BooleanFilter(
        method="with_copies",
        label="`true`: copies too. Left out, they are shown with `stage=filtered` and `copy_of` alone",
    )
    created_after = django_filters.DateTimeFilter(
        field_name="created_at", lookup_expr="gte", validators=STORABLE, label="collected then or later"
    )
    created_before = django_filters.DateTimeFilter(
        field_name="created_at", lookup_expr="lt", validators=STORABLE, label="collected before then"
    )
    q = django_filters.CharFilter(
        method="containing",
        label='words of the text, the author or the note, in any inflection; "in a row", begin*, -without',
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Lists leave out copies, which stand under their original, and posts that are gone, unless asked."""
        asked = self.form.cleaned_data
        chosen = super().filter_queryset(queryset)
        if not asked.get("stage"):
            chosen = selectors.with_posts_there(chosen)
        if not asked.get("snoozed"):
            chosen = selectors_desk.awake(chosen)
        if asked.get("copies") or asked.get("copy_of") is not None or asked.get("stage") == LeadStage.FILTERED:
            return chosen
        return chosen.filter(copy_of__isnull=True)

    def repeating(self, leads: QuerySet[Lead], _name: str, original: Any) -> QuerySet[Lead]:
        return leads.filter(copy_of=int(original)) if 0 < original < BIGGEST else leads.none()

    def with_copies(self, leads: QuerySet[Lead], _name: str, _wanted: bool) -> QuerySet[Lead]:
        """Decided for the whole list, in `filter_queryset`."""
        return leads

    def in_project(self, leads: QuerySet[Lead], _name: str, slug: str) -> QuerySet[Lead]:
        return leads.filter(project=visible_project(_asker(self), slug))

    def by_author(self, leads: QuerySet[Lead], _name: str, handle: str) -> QuerySet[Lead]:
        authors = Author.objects.annotate(upper=Upper("handle")).filter(upper=handle.removeprefix("@").upper())
        return selectors.with_posts(leads, author__in=list(authors.values_list("pk", flat=True)[:FEW]))

    def of_platform(self, leads: QuerySet[Lead], _name: str, platform: str) -> QuerySet[Lead]:
        return selectors.with_posts(leads, platform=platform)

    def in_language(self, leads: QuerySet[Lead], _name: str, language: str) -> QuerySet[Lead]:
        return selectors.with_posts(leads, language=language)

    def of_query(self, leads: QuerySet[Lead], _name: str, label: str) -> QuerySet[Lead]:
        return selectors.found_by(leads, label=label)

    def assigned_to(self, leads: QuerySet[Lead], _name: str, username: str) -> QuerySet[Lead]:
        return selectors_desk.assigned_to(leads, _assignee(self, username))

    def put_off(self, leads: QuerySet[Lead], _name: str, which: str) -> QuerySet[Lead]:
        if which == ALL:
            return leads
        return selectors_desk.asleep(leads) if which == "true" else selectors_desk.awake(leads)

    def containing(self, leads: QuerySet[Lead], _name: str, asked: str) -> QuerySet[Lead]:
        slug = self.form.cleaned_data.get("project")
        within = visible_projects(_asker(self))
        return matching(leads, asked, projects=within.filter(slug=slug) if slug else within)


class QueueFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="in_project", label="the project's slug; left out: all of yours")
    status = django_filters.ChoiceFilter(
        choices=[*SHOWN_STATUSES, (ALL, "All")], method="with_status", label="`pending` when left out"
    )
    assignee = django_filters.CharFilter(method="assigned_to", label=ASSIGNEE)
    snoozed = django_filters.ChoiceFilter(choices=SNOOZED, method="put_off", label=PUT_OFF)

    class Meta:
        model = Draft
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filters that were left out are not called; these mean `pending` and `false` then."""
        asked, chosen = self.form.cleaned_data, super().filter_queryset(queryset)
        if not asked.get("snoozed"):
            chosen = selectors_desk.awake_drafts(chosen)
        return chosen if asked.get("status") else chosen.filter(status=DraftStatus.PENDING)

    def in_project(self, drafts: QuerySet[Draft], _name: str, slug: str) -> QuerySet[Draft]:
        return drafts.filter(lead__project=visible_project(_asker(self), slug))

    def with_status(self, drafts: QuerySet[Draft], _name: str, status: str) -> QuerySet[Draft]:
        return drafts if status == ALL else selectors.with_status(drafts, status)

    def assigned_to(self, drafts: QuerySet[Draft], _name: str, username: str) -> QuerySet[Draft]:
        return selectors_desk.drafts_assigned_to(drafts, _assignee(self, username))

    def put_off(self, drafts: QuerySet[Draft], _name: str, which: str) -> QuerySet[Draft]:
        if which == ALL:
            return drafts
        return selectors_desk.asleep_drafts(drafts) if which == "true" else selectors_desk.awake_drafts(drafts)


def _assignee(filters: django_filters.FilterSet, asked: str) -> str | None:
    if asked == NOBODY:
        return None
    return _asker(filters).get_username() if asked == "me" else asked


def _asker(filters: django_filters.FilterSet) -> User:
    return signed_in(cast("Request", filters.request))
