"""The projects that a person sees."""

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView

from ..authentication import signed_in
from ..models import Project
from ..permissions import projects_with_roles
from ..problems import problem_responses
from ..serializers import ProjectSerializer


def projects_of(user: User) -> QuerySet[Project]:
    """The projects that a user sees, each with `role`: what they may do in it."""
    return projects_with_roles(user).select_related("active_config")


@extend_schema_view(
    get=extend_schema(
        tags=["Projects"],
        operation_id="list_projects",
        responses={200: ProjectSerializer(many=True), **problem_responses(400, 401)},
    )
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
