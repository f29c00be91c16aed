"""Members of a project: added, given another role, removed. A project keeps an operator who can sign in."""

from django.contrib.auth.models import User
from django.db import transaction

from .. import audit
from ..errors import Conflict, DomainError, NotFound
from ..hooks import Hook
from ..models import Membership, Project, Role
from ..permissions import require_person, require_role

membership_changed: Hook[[User, Project], None] = Hook("membership_changed")
"""Once somebody has another role in a project, or none."""


@transaction.atomic
def add_member(project: Project, *, username: str, role: Role, by: User) -> Membership:
    """Let an existing user into a project."""
    _lock(project, by=by)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise DomainError(f"There is no active user {username!r}: a superuser makes accounts, in the admin.")
    membership, is_new = Membership.objects.get_or_create(user=user, project=project, defaults={"role": role})
    if not is_new:
        raise Conflict(f"{username!r} is a member already, with the role of {membership.role}.")
    _record("member.add", membership, by=by)
    return membership


@transaction.atomic
def change_role(membership: Membership, *, role: Role, by: User) -> Membership:
    membership = _locked(membership, by=by)
    if membership.role != role:
        _require_another_operator(membership, by=by)
        membership.role = role
        membership.save(update_fields=["role"])
        membership_changed.call(membership.user, membership.project)
        _record("member.change", membership, by=by)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, by: User) -> None:
    """End a membership. What the member's keys reached through it, they reach no more."""
    membership = _locked(membership, by=by)
    _require_another_operator(membership, by=by)
    key = membership.pk
    membership.delete()
    membership_changed.call(membership.user, membership.project)
    membership.pk = key  # the audit log names what is no more
    _record("member.remove", membership, by=by)


def _lock(project: Project, *, by: User) -> None:
    """Of two operators who remove each other at once, one must come second. No key may let anybody in: who it
    let in would stay when it is revoked.
    """
    require_person(by)
    Project.objects.select_for_update().get(pk=project.pk)
    require_role(by, project, Role.OPERATOR)


def _locked(membership: Membership, *, by: User) -> Membership:
    _lock(membership.project, by=by)
    found = Membership.objects.select_related("user", "project").filter(pk=membership.pk).first()
    if found is None:
        raise NotFound("There is no such member any more.")
    return found


def _require_another_operator(membership: Membership, *, by: User) -> None:
    if by.is_superuser or membership.role != Role.OPERATOR:
        return
    operators = Membership.objects.filter(project=membership.project, role=Role.OPERATOR, user__is_active=True)
    if not operators.exclude(pk=membership.pk).exists():
        raise Conflict("A project keeps at least one operator: name another one first, or ask a superuser.")


def _record(action: str, membership: Membership, *, by: User) -> None:
    fields = {"user": membership.user_id, "role": membership.role}
    audit.record(action, by=by, project=membership.project, on=membership, fields=fields)
