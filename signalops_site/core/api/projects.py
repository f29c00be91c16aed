"""The projects that a person sees."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery, Value
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView

from ..authentication import signed_in
from ..models import Membership, Project, Role
from ..permissions import visible_projects
from ..problems import problem_responses
from ..serializers import ProjectSerializer


def projects_of(user: User) -> QuerySet[Project]:
    """The projects that a user sees, each with `role`: what they may do in it."""
    role: Any = Value(Role.OPERATOR.value)
    if not user.is_superuser:
        own = Membership.objects.filter(user=user, project=OuterRef("pk"))
        role = Subquery(own.values("role")[:1])
    annotated: QuerySet[Project] = visible_projects(user).annotate(role=role)
    return annotated.select_related("active_config")


@extend_schema_view(
    get=extend_schema(tags=["Projects"], operation_id="list_projects", responses=ProjectSerializer(many=True))
)
class ProjectsView(ListAPIView[Project]):
    """The projects that you are a member of, by name of their slug."""

    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    keyset_orderings = {"slug": ("slug",)}

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(signed_in(self.request))


@extend_schema_view(
    get=extend_schema(
        tags=["Projects"],
        operation_id="get_project",
        responses={200: ProjectSerializer, **problem_responses(401, 404)},
    )
)
class ProjectView(RetrieveAPIView[Project]):
    """One project."""

    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(signed_in(self.request))
