"""The routes under /api/ whose data core owns."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from .api import audit, documentation, erasures, health, keys, members, metrics, projects, runs, sign_in, tokens

urlpatterns = [
    path("auth/csrf/", sign_in.CsrfView.as_view(), name="csrf"),
    path("auth/sign-in/", sign_in.SignInView.as_view(), name="sign-in"),
    path("auth/sign-out/", sign_in.SignOutView.as_view(), name="sign-out"),
    path("auth/token/", tokens.TokenView.as_view(), name="token"),
    path("auth/token/refresh/", tokens.TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/ws-ticket/", tokens.TicketView.as_view(), name="ws-ticket"),
    path("keys/", keys.KeysView.as_view(), name="keys"),
    path("keys/<int:pk>/", keys.KeyView.as_view(), name="key"),
    path("members/", members.MembersView.as_view(), name="members"),
    path("members/<int:pk>/", members.MemberView.as_view(), name="member"),
    path("me/", sign_in.MeView.as_view(), name="me"),
    path("projects/", projects.ProjectsView.as_view(), name="projects"),
    path("projects/<slug:slug>/", projects.ProjectView.as_view(), name="project"),
    path("runs/<int:pk>/", runs.RunView.as_view(), name="run"),
    path("runs/<int:pk>/cancel/", runs.RunCancelView.as_view(), name="run-cancel"),
    path("runs/<int:pk>/events/", runs.RunEventsView.as_view(), name="run-events"),
    path("erasures/", erasures.ErasuresView.as_view(), name="erasures"),
    path("erasures/preview/", erasures.PreviewErasureView.as_view(), name="erasure-preview"),
    path("erasures/<int:pk>/", erasures.ErasureView.as_view(), name="erasure"),
    path("audit/", audit.AuditView.as_view(), name="audit"),
    path("metrics/", metrics.MetricsView.as_view(), name="api-metrics"),
    path("health/live/", health.LiveView.as_view(), name="health-live"),
    path("health/ready/", health.ReadyView.as_view(), name="health-ready"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", documentation.docs, name="docs"),
]
