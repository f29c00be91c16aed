"""What every admin page here is: read-only, quick at any size, and acting only through services.

The admin writes nothing by itself. A page offers `ServiceAction`s (buttons that POST and call one service) and,
where there is a service that makes rows, an add page that calls it (`CreatesThroughService`). What a service
refuses is shown as its own sentence. So every act is checked, guarded and audited like everywhere else.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from ..errors import DomainError
from . import unfold

Made = TypeVar("Made")

CREATE_TEMPLATE = "core/admin/create.html"
ACTIONS_TEMPLATE = "core/admin/service_actions.html"


class StyledForm(forms.Form):
    """A plain form in the look of the rest."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            classes = _classes_of(field.widget)
            if classes:
                field.widget.attrs["class"] = " ".join(classes)


def _classes_of(widget: forms.Widget) -> Sequence[str]:
    match widget:
        case forms.CheckboxInput() | forms.CheckboxSelectMultiple():
            return ()
        case forms.Textarea():
            return unfold.TEXTAREA_CLASSES
        case forms.Select():
            return [name for name in unfold.SELECT_CLASSES if name != "appearance-none"]  # its arrow shows
        case _:
            return unfold.INPUT_CLASSES


@dataclass(frozen=True, slots=True)
class ServiceAction:
    """A button on a row's page. `run(row, by, values)` calls one service and answers what to tell the person.

    With an `explanation` or a `form` the button first unfolds them. `offered` says whether it stands there at all.
    Where the browser goes on to another site, `leads_to(request, row)` answers its address in the place of `run`.
    """

    name: str
    title: str
    run: Callable[[Any, User, Mapping[str, Any]], str] = lambda _row, _by, _values: ""
    offered: Callable[[Any], bool] = lambda _row: True
    explanation: str = ""
    form: type[StyledForm] | None = None
    danger: bool = False
    leads_to: Callable[[HttpRequest, Any], str] | None = None


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """A `ServiceAction` as a page shows it."""

    action: ServiceAction
    url: str
    form: StyledForm | None


class InfinitePaginator(unfold.Paginator):
    """Pages without counting the table: whether there is a next one is seen by reading one row more.

    It keeps the name of the class it derives from, by which unfold's templates know that there is no count.
    """

    template_name = "core/admin/next_page.html"
    has_more = False

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = list(self.object_list[first : first + self.per_page + 1])
        self.has_more = len(rows) > self.per_page
        return Page(rows[: self.per_page], number, self)


class ReadOnlyAdmin(unfold.ModelAdmin):
    """Rows to look at. Nobody adds, changes or deletes them here, a superuser included."""

    actions = None
    list_per_page = 50
    service_actions: ClassVar[Sequence[ServiceAction]] = ()
    change_form_outer_before_template = ACTIONS_TEMPLATE

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET"])
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "offered_actions": self._offered(request, object_id)}
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(self.act_view)
        return [path("<path:object_id>/act/<slug:action>/", view, name=name), *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """Run one of the row's actions, say what came of it, and go back to the row."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self._row(request, object_id)
        chosen = next((each for each in self.service_actions if each.name == action), None)
        if chosen is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        form = chosen.form(request.POST) if chosen.form else None
        if form is not None and not form.is_valid():
            messages.error(request, " ".join(_sentences_of(form)))
            return HttpResponseRedirect(self._address_of(row))
        return HttpResponseRedirect(self._run(request, chosen, row, form.cleaned_data if form else {}))

    def _run(self, request: HttpRequest, action: ServiceAction, row: Model, values: Mapping[str, Any]) -> str:
        """Where to go on: back to the row, but for an action that leads elsewhere."""
        try:
            if action.leads_to is not None:
                return action.leads_to(request, row)
            messages.success(request, action.run(row, person(request), values))
        except DomainError as error:
            messages.error(request, error.detail)
        return self._address_of(row)

    def _offered(self, request: HttpRequest, object_id: str) -> list[OfferedAction]:
        if not self.service_actions or request.method != "GET":
            return []
        row = self.get_object(request, unquote(object_id))
        return [self._as_shown(action, row) for action in self.service_actions if row and action.offered(row)]

    def _as_shown(self, action: ServiceAction, row: Model) -> OfferedAction:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        form = action.form(auto_id=f"{action.name}_%s") if action.form else None
        return OfferedAction(action, reverse(name, args=[row.pk, action.name]), form)

    def _row(self, request: HttpRequest, object_id: str) -> Model:
        row: Model | None = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return row

    def _address_of(self, row: Model) -> str:
        """The row's page, or the list when the action has removed it."""
        place = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if not self.model._default_manager.filter(pk=row.pk).exists():
            return reverse(f"{place}_changelist")
        return reverse(f"{place}_change", args=[row.pk])


class LookUpAdmin(ReadOnlyAdmin):
    """A table that may hold millions: never counted, never sorted by what has no index, searched by keys only."""

    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = InfinitePaginator
    sortable_by = ()
    ordering = ("-id",)
    search_fields = ("pk",)
    search_help_text = "by id"

    def find(self, term: str) -> Q:
        """Which rows a word in the search box means, through an index. Here: the id."""
        return by_id(term)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(self.find(term)) if term else queryset), False


class CreatesThroughService(LookUpAdmin, Generic[Made]):
    """Rows that a service makes from what an add page asks for. `Made` is what the service answers."""

    creation_form: type[StyledForm]
    creation_title = "Add"
    creation_note = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    @abstractmethod
    def create(self, values: Mapping[str, Any], *, by: User) -> Made:
        """Call the service. A DomainError becomes a message on the form."""

    def created(self, request: HttpRequest, made: Made) -> HttpResponse:
        """What follows: the page of the new row."""
        if not isinstance(made, Model):
            raise TypeError(f"{type(self).__name__} must say what follows on making a {type(made).__name__}.")
        messages.success(request, f"Done: {made}.")
        return HttpResponseRedirect(self._address_of(made))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.creation_form(request.POST or None, initial=request.GET.dict())
        if form.is_valid():
            try:
                return self.created(request, self.create(form.cleaned_data, by=person(request)))
            except DomainError as error:
                form.add_error(None, error.detail)
        return self.page(request, CREATE_TEMPLATE, title=self.creation_title, form=form, note=self.creation_note)

    def page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def person(request: HttpRequest) -> User:
    """Who is signed in: admin views let nobody else come so far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def by_id(term: str, field: str = "pk") -> Q:
    """Rows whose key is that number; none for what is no number that a key can be."""
    return Q(**{field: int(term)}) if term.isdecimal() and len(term) < 19 else Q(pk__in=())


def _sentences_of(form: forms.Form) -> list[str]:
    return [f"{field}: {' '.join(map(str, errors))}" for field, errors in form.errors.items()]
