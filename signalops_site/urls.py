"""Where everything is: the admin, the API, and the dashboard on every other path."""

from typing import Any

from django.contrib import admin
from django.urls import URLResolver, include, path, re_path
from django.urls.resolvers import RoutePattern

from . import spa
from .core.api.metrics import ScrapeView

handler400 = "signalops_site.core.problems.bad_request"
handler403 = "signalops_site.core.problems.permission_denied"
handler404 = "signalops_site.core.problems.page_not_found"
handler500 = "signalops_site.core.problems.server_error"


class EitherSlash(RoutePattern):
    """Here the last slash of an address may be left out, also where a redirect would lose a body."""

    def match(self, path: str) -> tuple[str, tuple[Any, ...], dict[str, int | str]] | None:
        found = super().match(path)
        if found is None:
            return None
        rest, args, kwargs = found
        return (rest if rest.endswith("/") else f"{rest}/"), args, kwargs


API_APPS = ("signalops_site.core.urls", "connectors.urls", "experiments.urls", "leads.urls", "training.urls")
api_routes, *_ = include([path("", include(app)) for app in API_APPS])

urlpatterns = [
    re_path(r"^metrics/?$", ScrapeView.as_view(), name="metrics"),
    path("admin/", admin.site.urls),
    URLResolver(EitherSlash("api/"), api_routes),
    re_path(r"^(?!(?:admin|api|static|ws)(?:/|$))", spa.dashboard, name="dashboard"),
]
