"""The API of notifications: how each target does, what was sent, a test, and replaying what failed."""

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signalops_site.core.api.base import PROJECT_PARAMETER, project_in_body, required_project
from signalops_site.core.authentication import signed_in
from signalops_site.core.filters import StrictFilterSet
from signalops_site.core.models import Role
from signalops_site.core.permissions import operated_projects, visible_project
from signalops_site.core.problems import problem_responses

from .models import Notification, NotificationKind, NotificationStatus, NotificationTarget
from .notifying import services
from .serializers_notifications import (
    NotificationSerializer,
    NotificationStateSerializer,
    ReplayedSerializer,
    ReplayNotificationsSerializer,
    TestNotificationSerializer,
)


class NotificationFilter(StrictFilterSet):
    project = django_filters.CharFilter(method="in_project", label="the project's slug")
    target = django_filters.ChoiceFilter(choices=NotificationTarget.choices)
    kind = django_filters.ChoiceFilter(choices=NotificationKind.choices)
    status = django_filters.ChoiceFilter(choices=NotificationStatus.choices)

    class Meta:
        model = Notification
        fields: list[str] = []

    def in_project(self, rows: QuerySet[Notification], _name: str, slug: str) -> QuerySet[Notification]:
        asker = signed_in(cast("Request", self.request))
        return rows.filter(project=visible_project(asker, slug, role=Role.OPERATOR))


@extend_schema(tags=["Notifications"])
class NotificationsView(ListAPIView[Notification]):
    queryset = Notification.objects.all()
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    keyset_orderings = {"newest": ("-id",)}

    def get_queryset(self) -> QuerySet[Notification]:
        return services.with_leads().filter(project=required_project(self.request, role=Role.OPERATOR))

    @extend_schema(
        operation_id="list_notifications",
        parameters=[PROJECT_PARAMETER],
        responses={200: NotificationSerializer(many=True), **problem_responses(400, 401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was sent, waits or failed, the newest first."""
        return super().get(request, *args, **kwargs)


@extend_schema(tags=["Notifications"])
class NotificationStateView(APIView):
    @extend_schema(
        operation_id="get_notification_state",
        parameters=[PROJECT_PARAMETER],
        responses={200: NotificationStateSerializer, **problem_responses(400, 401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """What the project's configuration says of notifications, without secrets, and how each target does."""
        project = required_project(request, role=Role.OPERATOR)
        return Response(NotificationStateSerializer(services.state_of(project)).data)


@extend_schema(tags=["Notifications"])
class NotificationTestView(APIView):
    @extend_schema(
        operation_id="test_notifications",
        request=TestNotificationSerializer,
        responses={201: NotificationSerializer, **problem_responses(400, 401, 403, 404)},
    )
    def post(self, request: Request) -> Response:
        """Send a test message to a target now. `status` says whether it arrived, and `error` why not."""
        project = project_in_body(request, role=Role.OPERATOR)
        shape = TestNotificationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        sent = services.send_test(project, target=shape.validated_data["target"], by=signed_in(request))
        return Response(NotificationSerializer(services.with_leads().get(pk=sent.pk)).data, status=201)


@extend_schema(tags=["Notifications"])
class NotificationsReplayView(APIView):
    @extend_schema(
        operation_id="replay_notifications",
        request=ReplayNotificationsSerializer,
        responses={200: ReplayedSerializer, **problem_responses(400, 401, 403, 404)},
    )
    def post(self, request: Request) -> Response:
        """Try all of a project's messages that failed anew."""
        project = project_in_body(request, role=Role.OPERATOR)
        ReplayNotificationsSerializer(data=request.data).is_valid(raise_exception=True)
        replayed = services.replay_failed(project, by=signed_in(request))
        return Response(ReplayedSerializer({"replayed": replayed}).data)


@extend_schema(tags=["Notifications"])
class NotificationReplayView(APIView):
    @extend_schema(
        operation_id="replay_notification",
        request=None,
        responses={200: NotificationSerializer, **problem_responses(401, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Try a message that failed anew. Its event keeps its id. 409 when it did not fail."""
        user = signed_in(request)
        seen = services.with_leads().filter(project__in=operated_projects(user))
        replayed = services.replay(get_object_or_404(seen, pk=pk), by=user)
        return Response(NotificationSerializer(services.with_leads().get(pk=replayed.pk)).data)
