"""Who may see and do what. Superusers see all; others see the projects that they are members of."""

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from .errors import NotAllowed, NotFound
from .models import Membership, Project, Role

Person = User | AnonymousUser


def visible_projects(user: Person) -> QuerySet[Project]:
    if isinstance(user, AnonymousUser):
        return Project.objects.none()
    if user.is_superuser:
        return Project.objects.all()
    return Project.objects.filter(memberships__user_id=user.pk)


def role_in(user: Person, project: Project) -> Role | None:
    """The user's role in a project (superusers are operators everywhere); None: not theirs to see."""
    if isinstance(user, AnonymousUser):
        return None
    if user.is_superuser:
        return Role.OPERATOR
    membership = Membership.objects.filter(user_id=user.pk, project=project).only("role").first()
    return Role(membership.role) if membership else None


def require_role(user: Person, project: Project, role: Role) -> None:
    """NotFound for a project that the user cannot see; NotAllowed for one where the role is too low."""
    held = role_in(user, project)
    if held is None:
        raise NotFound("There is no such thing here, or it is not yours to see.")
    if held.rank < role.rank:
        raise NotAllowed(f"This takes the role of {role.label.lower()}; yours is {held.label.lower()}.")


def visible_project(user: Person, slug: str, *, role: Role = Role.VIEWER) -> Project:
    """The named project, if the user may do in it what `role` may."""
    project = visible_projects(user).filter(slug=slug).first()
    if project is None:
        raise NotFound("There is no such project, or it is not yours to see.")
    require_role(user, project, role)
    return project
