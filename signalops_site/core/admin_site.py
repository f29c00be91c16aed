"""The admin site: for superusers only.

What it shows reaches across projects (posts are shared between them, accounts and keys belong to people), and
the roles of a project say nothing about that. Members of a project, operators too, have the dashboard; whoever
is signed in without being a superuser is told so, and shown the way there.

It stands beside the package `core.admin`, not in it: that registers its pages with the site, which must be there.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from .models import AuditEntry, Run

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
else:
    from unfold.sites import UnfoldAdminSite as AdminSite

LATEST = 15


class SignalOpsAdminSite(AdminSite):
    index_title = "Overview"
    index_template = "core/admin/index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The sign-in form; for somebody who is signed in but no superuser, a page that says so."""
        if request.method != "GET" or self.has_permission(request):
            return super().login(request, extra_context)
        if request.user.is_authenticated:
            context = {**self.each_context(request), "title": "This part is not open to you"}
            return TemplateResponse(request, "core/admin/not_yours.html", context, status=403)
        if REDIRECT_FIELD_NAME not in request.GET:  # unfold's form keeps the address, not a field for it
            return HttpResponseRedirect(f"{request.path}?{REDIRECT_FIELD_NAME}={reverse(f'{self.name}:index')}")
        return super().login(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The latest runs, live ones among them, and the latest acts."""
        context = {
            "latest_runs": Run.objects.select_related("project")[:LATEST],
            "latest_acts": AuditEntry.objects.select_related("project")[:LATEST],
        }
        return super().index(request, {**context, **(extra_context or {})})
