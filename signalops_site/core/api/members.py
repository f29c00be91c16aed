"""Who belongs to a project. Accounts are made by superusers, in the admin."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..access import members
from ..authentication import signed_in
from ..models import Membership, Role
from ..permissions import require_role, visible_projects
from ..problems import problem_responses
from ..serializers_access import AddMemberSerializer, MemberSerializer, RoleSerializer
from .base import PROJECT_PARAMETER, NotByKey, project_in_body, required_project


@extend_schema(tags=["Members"])
class MembersView(ListAPIView[Membership]):
    queryset = Membership.objects.all()
    serializer_class = MemberSerializer
    permission_classes = (IsAuthenticated, NotByKey)
    keyset_orderings = {"username": ("user__username", "id")}

    def get_queryset(self) -> QuerySet[Membership]:
        project = required_project(self.request, role=Role.OPERATOR)
        return Membership.objects.filter(project=project).select_related("user")

    @extend_schema(
        operation_id="list_members",
        parameters=[PROJECT_PARAMETER],
        responses={200: MemberSerializer(many=True), **problem_responses(400, 401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The project's members, by user name."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="add_member",
        request=AddMemberSerializer,
        responses={201: MemberSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Let an existing user into the project."""
        project = project_in_body(request, role=Role.OPERATOR)
        given = AddMemberSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        member = members.add_member(
            project,
            username=given.validated_data["username"],
            role=Role(given.validated_data["role"]),
            by=signed_in(request),
        )
        return Response(MemberSerializer(member).data, status=201)


@extend_schema(tags=["Members"])
class MemberView(APIView):
    permission_classes = (IsAuthenticated, NotByKey)

    @extend_schema(
        operation_id="change_member",
        request=RoleSerializer,
        responses={200: MemberSerializer, **problem_responses(400, 401, 403, 404, 409)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Give a member another role. 409 for the last operator."""
        user = signed_in(request)
        member = _member(user, pk)
        given = RoleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changed = members.change_role(member, role=Role(given.validated_data["role"]), by=user)
        return Response(MemberSerializer(changed).data)

    @extend_schema(operation_id="remove_member", responses={204: None, **problem_responses(401, 403, 404, 409)})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a member. 409 for the last operator."""
        user = signed_in(request)
        members.remove_member(_member(user, pk), by=user)
        return Response(status=204)


def _member(user: User, pk: int) -> Membership:
    seen = Membership.objects.filter(project__in=visible_projects(user)).select_related("user", "project")
    member = get_object_or_404(seen, pk=pk)
    require_role(user, member.project, Role.OPERATOR)
    return member
