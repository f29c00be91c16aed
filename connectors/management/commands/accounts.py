"""Accounts at platforms, from a shell. Credentials come from a prompt, a file, standard input or the environment,
never from an argument: arguments stand in the shell's history and in every list of processes.
"""

import json
import os
import sys
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from connectors import services
from connectors.base import AccountConnector
from connectors.models import Account
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.secrets import reseal_everything

BY = "command:accounts"


class Command(OperatorCommand):
    help = "Accounts at platforms: list, add, test, rotate, remove; reseal after a change of FIELD_ENCRYPTION_KEY."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
        listing = acts.add_parser("list", help="accounts and whether their platforms take them")
        adding = acts.add_parser("add", help="add an account, once its platform has accepted it")
        adding.add_argument("platform", metavar="PLATFORM", help="such as mastodon or bluesky")
        adding.add_argument("--label", default="main", help="what you call it (default: main)")
        adding.add_argument(
            "--base-url", default="", metavar="URL", help="the instance, such as https://fosstodon.org"
        )
        adding.add_argument("--shared", action="store_true", help="for all projects, not for one")
        testing = acts.add_parser("test", help="ask the platform whether it takes an account; all without an id")
        testing.add_argument("id", type=int, nargs="?", metavar="ID", help="the account's id")
        rotating = acts.add_parser("rotate", help="replace an account's credentials, once they are accepted")
        removing = acts.add_parser("remove", help="forget an account and its credentials")
        for act in (rotating, removing):
            act.add_argument("id", type=int, metavar="ID", help="the account's id")
        for act in (adding, rotating):
            _add_sources(act)
        for act in (listing, adding, testing):
            self.add_project_argument(act)
        resealing = acts.add_parser("reseal", help="encrypt every stored secret with the first key anew")
        for act in (listing, adding, testing, rotating, removing, resealing):
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        if options["act"] == "reseal":
            changed = reseal_everything()
            self._tell({"resealed": changed}, f"{changed} secrets are encrypted with the first key.", options)
            return
        accounts = ACTS[options["act"]](options)
        if options["json"]:
            self.print_json({"results": [_as_json(account) for account in accounts]})
        elif accounts:
            rows = [_row(account) for account in accounts]
            self.print_table(["id", "platform", "label", "project", "as", "state", "last error"], rows)
        else:
            self.stdout.write("No account." if options["act"] != "remove" else "The account is forgotten.")
        if options["act"] == "test" and any(account.last_error for account in accounts):
            raise CommandError("Not every account is accepted.")

    def _tell(self, result: object, sentence: str, options: dict[str, Any]) -> None:
        if options["json"]:
            self.print_json(result)
        else:
            self.stdout.write(sentence)


def _add_sources(parser: CommandParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--from-env", action="store_true", help="credentials from variables such as MASTODON_ACCESS_TOKEN"
    )
    source.add_argument(
        "--from-file", type=Path, metavar="FILE", help="credentials from a JSON object; - is stdin"
    )


def _list(options: dict[str, Any]) -> list[Account]:
    accounts = Account.objects.select_related("project").order_by("pk")
    return list(accounts.filter(project=choose_project(options["project"])) if options["project"] else accounts)


def _add(options: dict[str, Any]) -> list[Account]:
    project = None if options["shared"] else choose_project(options["project"])
    connector = services.account_connector(options["platform"])
    account = services.add_account(
        options["platform"],
        label=options["label"],
        base_url=options["base_url"],
        project=project,
        credentials=_read_credentials(connector, options),
        by=BY,
    )
    return [account]


def _test(options: dict[str, Any]) -> list[Account]:
    chosen = [_account(options["id"])] if options["id"] is not None else _list(options)
    return [services.check_account(account, by=BY) for account in chosen]


def _rotate(options: dict[str, Any]) -> list[Account]:
    account = _account(options["id"])
    credentials = _read_credentials(services.account_connector(account.platform), options)
    return [services.rotate_account(account, credentials=credentials, by=BY)]


def _remove(options: dict[str, Any]) -> list[Account]:
    services.remove_account(_account(options["id"]), by=BY)
    return []


ACTS = {"list": _list, "add": _add, "test": _test, "rotate": _rotate, "remove": _remove}


def _account(number: int) -> Account:
    found = Account.objects.select_related("project").filter(pk=number).first()
    if found is None:
        raise CommandError(f"There is no account {number}: `manage.py accounts list` shows them.")
    return found


def _read_credentials(connector: type[AccountConnector], options: dict[str, Any]) -> dict[str, Any]:
    if options["from_env"]:
        return _from_environment(connector)
    if options["from_file"] is not None:
        return _from_json(options["from_file"])
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask on: use --from-env, or --from-file FILE (- is stdin).")
    return {name: _asked(name, secret=secret) for name, secret in _fields(connector)}


def _fields(connector: type[AccountConnector]) -> list[tuple[str, bool]]:
    return [(name, connector.credentials.hides(name)) for name in connector.credentials.model_fields]


def _asked(name: str, *, secret: bool) -> str:
    words = f"{name.replace('_', ' ').capitalize()}: "
    return getpass(words) if secret else input(words)


def _from_environment(connector: type[AccountConnector]) -> dict[str, Any]:
    names = {field: f"{connector.platform}_{field}".upper() for field, _ in _fields(connector)}
    required = [name for name, field in connector.credentials.model_fields.items() if field.is_required()]
    absent = [names[field] for field in required if not os.environ.get(names[field])]
    if absent:
        raise CommandError(f"Not set in the environment: {', '.join(absent)}.")
    return {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}


def _from_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON ({type(error).__name__}).") from None
    if not isinstance(value, dict):
        raise CommandError(f"{path} should hold a JSON object, such as the names of the fields with their values.")
    return value


def _row(account: Account) -> list[object]:
    project = account.project.slug if account.project else "all"
    return [
        account.pk,
        account.platform,
        account.label,
        project,
        account.handle,
        account.state,
        account.last_error,
    ]


def _as_json(account: Account) -> dict[str, object]:
    return {
        "id": account.pk,
        "project": account.project.slug if account.project else None,
        "platform": account.platform,
        "label": account.label,
        "base_url": account.base_url,
        "handle": account.handle,
        "scopes": account.scopes,
        "state": account.state,
        "last_checked_at": account.last_checked_at,
        "last_error": account.last_error,
    }
