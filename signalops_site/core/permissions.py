"""Who may see and do what. Superusers see all; others see the projects that they are members of.

An API key (`KeyHolder`) reaches the projects that both it and its owner reach, with the lower of the two roles.
"""

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When

from .errors import NotAllowed, NotFound
from .models import KeyHolder, Membership, Project, Role

Person = User | AnonymousUser


def visible_projects(user: Person) -> QuerySet[Project]:
    if isinstance(user, AnonymousUser):
        return Project.objects.none()
    seen = Project.objects.all() if _sees_all(user) else Project.objects.filter(memberships__user_id=user.pk)
    if isinstance(user, KeyHolder) and not user.key.all_projects:
        return seen.filter(pk__in=user.key.projects.values("pk"))
    return seen


def operated_projects(user: User) -> QuerySet[Project]:
    """The visible projects in which the user is an operator."""
    seen = visible_projects(user)
    if highest_role(user) is not Role.OPERATOR:
        return seen.none()
    if _sees_all(user):
        return seen
    operated = Membership.objects.filter(user_id=user.pk, role=Role.OPERATOR).values("project_id")
    return seen.filter(pk__in=operated)


def projects_with_roles(user: User) -> QuerySet[Project]:
    """The visible projects, each with `role`: what the user may do in it."""
    highest = highest_role(user)
    if _sees_all(user):
        return visible_projects(user).annotate(role=Value(highest.value))
    own = Membership.objects.filter(user_id=user.pk, project=OuterRef("pk"))
    within = [role.value for role in Role if role.rank <= highest.rank]
    capped = Case(When(own_role__in=within, then=F("own_role")), default=Value(highest.value))
    return visible_projects(user).annotate(own_role=Subquery(own.values("role")[:1])).annotate(role=capped)


def highest_role(user: User) -> Role:
    """What no membership can raise: a key's own role."""
    return Role(user.key.role) if isinstance(user, KeyHolder) else Role.OPERATOR


def role_in(user: Person, project: Project) -> Role | None:
    """The user's role in a project (superusers are operators everywhere); None: not theirs to see."""
    if isinstance(user, AnonymousUser):
        return None
    if isinstance(user, KeyHolder) and not _is_made_for(user, project):
        return None
    held = Role.OPERATOR if _sees_all(user) else _role_of_member(user, project)
    return held and min(held, highest_role(user), key=lambda role: role.rank)


def require_role(user: Person, project: Project, role: Role) -> None:
    """NotFound for a project that the user cannot see; NotAllowed for one where the role is too low."""
    held = role_in(user, project)
    if held is None:
        raise NotFound("There is no such thing here, or it is not yours to see.")
    if held.rank < role.rank:
        raise NotAllowed(f"This takes the role of {role.label.lower()}; yours is {held.label.lower()}.")


def require_superuser(user: Person) -> None:
    """For what reaches across projects. No API key does, whoever its owner is."""
    if not user.is_superuser:
        raise NotAllowed("This takes a superuser.")


def require_person(user: Person) -> None:
    """For what decides who may come in: a key that could would outlive its own revocation."""
    if isinstance(user, KeyHolder):
        raise NotAllowed("Keys and members are looked after by people: sign in.")


def visible_project(user: Person, slug: str, *, role: Role = Role.VIEWER) -> Project:
    """The named project, if the user may do in it what `role` may."""
    project = None if "\0" in slug else visible_projects(user).filter(slug=slug).first()
    if project is None:
        raise NotFound("There is no such project, or it is not yours to see.")
    require_role(user, project, role)
    return project


def _sees_all(user: User) -> bool:
    return user.owner_is_superuser if isinstance(user, KeyHolder) else user.is_superuser


def _is_made_for(holder: KeyHolder, project: Project) -> bool:
    return holder.key.all_projects or holder.key.projects.filter(pk=project.pk).exists()


def _role_of_member(user: User, project: Project) -> Role | None:
    membership = Membership.objects.filter(user_id=user.pk, project=project).only("role").first()
    return Role(membership.role) if membership else None
