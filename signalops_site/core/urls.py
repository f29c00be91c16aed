"""The routes under /api/ whose data core owns."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from . import api

urlpatterns = [
    path("auth/csrf/", api.CsrfView.as_view(), name="csrf"),
    path("auth/sign-in/", api.SignInView.as_view(), name="sign-in"),
    path("auth/sign-out/", api.SignOutView.as_view(), name="sign-out"),
    path("me/", api.MeView.as_view(), name="me"),
    path("projects/", api.ProjectsView.as_view(), name="projects"),
    path("projects/<slug:slug>/", api.ProjectView.as_view(), name="project"),
    path("runs/<int:pk>/", api.RunView.as_view(), name="run"),
    path("runs/<int:pk>/cancel/", api.RunCancelView.as_view(), name="run-cancel"),
    path("runs/<int:pk>/events/", api.RunEventsView.as_view(), name="run-events"),
    path("health/live/", api.LiveView.as_view(), name="health-live"),
    path("health/ready/", api.ReadyView.as_view(), name="health-ready"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", api.docs, name="docs"),
]
