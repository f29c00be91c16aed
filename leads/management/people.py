"""Whom a command acts as: review is done by people, so a shell has to say which."""

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.db.models import Q

from signalops_site.core.models import Project, Role


def add_user_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "--user", metavar="NAME", help="whose act this is; may be left out when there is one operator or superuser"
    )


def choose_user(name: str | None, *, project: Project) -> User:
    """The named user, or the only superuser or operator of the project; a CommandError otherwise."""
    active = User.objects.filter(is_active=True)
    if name:
        found = active.filter(username=name).first()
        if found:
            return found
        raise CommandError(f"There is no active user {name!r}.")
    runs_it = Q(is_superuser=True) | Q(memberships__project=project, memberships__role=Role.OPERATOR)
    able = list(active.filter(runs_it).distinct().order_by("username")[:10])
    if len(able) == 1:
        return able[0]
    names = ", ".join(user.get_username() for user in able)
    hint = f"It could be: {names}." if names else "There is none yet: `manage.py createsuperuser` makes one."
    raise CommandError(f"Say whose act this is with --user NAME. {hint}")
