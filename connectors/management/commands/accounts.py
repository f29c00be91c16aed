"""Accounts at platforms, from a shell. Credentials come from a prompt, a file, standard input or the environment,
never from an argument: arguments stand in the shell's history and in every list of processes.
"""

import json
import os
import sys
from argparse import ArgumentTypeError
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.urls import reverse

from connectors import services
from connectors.base import AccountConnector
from connectors.budgets import ReadMonth, read_months
from connectors.links import CALLBACK, accounts_page
from connectors.models import Account, AccountState
from connectors.selectors import CredentialField, credential_fields
from signalops_site.core.management.base import OperatorCommand, choose_project
from signalops_site.core.secrets import reseal_everything

BY = "command:accounts"
NONE = "none"
MOST_POSTS = 1_000_000_000
MOST_USD = 10**7


class Command(OperatorCommand):
    help = (
        "Accounts at platforms: list, add, test, rotate, tier, budget, remove; "
        "reseal after a change of FIELD_ENCRYPTION_KEY."
    )

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
        ranking = acts.add_parser("tier", help="record which access an account has, such as enterprise at X")
        removing = acts.add_parser("remove", help="forget an account and its credentials")
        budgeting = acts.add_parser(
            "budget", help="limit what an account reads in a month, or show what it has read"
        )
        budgeting.add_argument("--posts", type=_posts, metavar="N", help="posts in a month; none: any number")
        budgeting.add_argument("--usd", type=_usd, metavar="X", help="US dollars in a month; none: any sum")
        for act in (rotating, ranking, budgeting, removing):
            act.add_argument("id", type=int, metavar="ID", help="the account's id")
        ranking.add_argument("tier", metavar="TIER", help="self-serve, or what the platform's rules name")
        for act in (adding, rotating):
            _add_sources(act)
        for act in (listing, adding, testing):
            self.add_project_argument(act)
        resealing = acts.add_parser("reseal", help="encrypt every stored secret with the first key anew")
        for act in (listing, adding, testing, rotating, ranking, budgeting, removing, resealing):
            self.add_json_argument(act)

    def run(self, **options: Any) -> None:
        if options["act"] == "reseal":
            changed = reseal_everything()
            self._tell({"resealed": changed}, f"{changed} secrets are encrypted with the first key.", options)
            return
        accounts = ACTS[options["act"]](options)
        if options["json"]:
            months = read_months(accounts)
            self.print_json({"results": [_as_json(account, months[account.pk]) for account in accounts]})
        elif options["act"] == "budget":
            for pk, month in read_months(accounts).items():
                self.stdout.write(f"Account {pk} has read {month} this month.")
        elif accounts:
            rows = [_row(account) for account in accounts]
            self.print_table(["id", "platform", "label", "project", "as", "tier", "state", "last error"], rows)
            self._tell_how_to_connect(accounts)
        else:
            self.stdout.write("No account." if options["act"] != "remove" else "The account is forgotten.")
        if options["act"] == "test" and any(account.last_error for account in accounts):
            raise CommandError("Not every account is accepted.")

    def _tell_how_to_connect(self, accounts: list[Account]) -> None:
        for account in accounts:
            if account.state == AccountState.UNCONNECTED:
                self.stdout.write(_how_to_connect(account))

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


def _tier(options: dict[str, Any]) -> list[Account]:
    return [services.record_tier(_account(options["id"]), tier=options["tier"], by=BY)]


def _budget(options: dict[str, Any]) -> list[Account]:
    """What is not named stays as it is; without either nothing is changed."""
    account = _account(options["id"])
    posts = account.monthly_posts_limit if options["posts"] is None else options["posts"]
    usd = account.monthly_usd_limit if options["usd"] is None else options["usd"]
    if options["posts"] is None and options["usd"] is None:
        return [account]
    limited = services.set_read_budget(
        account, posts=None if posts == NONE else posts, usd=None if usd == NONE else usd, by=BY
    )
    return [limited]


def _posts(text: str) -> int | str:
    if text == NONE or (text.isdecimal() and int(text) <= MOST_POSTS):
        return text if text == NONE else int(text)
    raise ArgumentTypeError(f"a whole number up to {MOST_POSTS:,}, or none, not {text!r}")


def _usd(text: str) -> Decimal | str:
    if text == NONE:
        return text
    try:
        amount = Decimal(text)
        if Decimal(0) <= amount < MOST_USD and amount == round(amount, 2):
            return amount
    except InvalidOperation:
        pass
    raise ArgumentTypeError(f"a sum such as 4.50, or none, not {text!r}")


def _remove(options: dict[str, Any]) -> list[Account]:
    services.remove_account(_account(options["id"]), by=BY)
    return []


ACTS = {
    "list": _list,
    "add": _add,
    "test": _test,
    "rotate": _rotate,
    "tier": _tier,
    "budget": _budget,
    "remove": _remove,
}


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
    asked = {field.name: _asked(field) for field in credential_fields(connector)}
    return {name: text for name, text in asked.items() if text is not None}


def _asked(field: CredentialField) -> str | None:
    """What was typed; None when nothing was, and it may be left out."""
    words = f"{field.name.replace('_', ' ').capitalize()}{'' if field.is_required else ' (may be left out)'}: "
    typed = getpass(words) if field.is_secret else input(words)
    return typed if typed or field.is_required else None


def _from_environment(connector: type[AccountConnector]) -> dict[str, Any]:
    fields = credential_fields(connector)
    names = {field.name: f"{connector.platform}_{field.name}".upper() for field in fields}
    absent = [names[field.name] for field in fields if field.is_required and not os.environ.get(names[field.name])]
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


def _how_to_connect(account: Account) -> str:
    """Agreeing takes a browser, and an address of this site that only PUBLIC_URL tells a command."""
    site = settings.PUBLIC_URL or "https://NAME-OF-THIS-SITE"
    return (
        f"Nobody has agreed to account {account.pk} ({account}) yet: "
        f"press Connect at {site}{accounts_page(account)}. "
        f"The callback address of the application at the platform is {site}{reverse(CALLBACK)}."
    )


def _page_of(account: Account) -> str | None:
    """Where an unconnected account is connected."""
    is_waiting = account.state == AccountState.UNCONNECTED
    return f"{settings.PUBLIC_URL}{accounts_page(account)}" if is_waiting else None


def _row(account: Account) -> list[object]:
    project = account.project.slug if account.project else "all"
    return [
        account.pk,
        account.platform,
        account.label,
        project,
        account.handle,
        account.tier,
        account.state,
        account.last_error,
    ]


def _as_json(account: Account, month: ReadMonth) -> dict[str, object]:
    return {
        "id": account.pk,
        "project": account.project.slug if account.project else None,
        "platform": account.platform,
        "label": account.label,
        "base_url": account.base_url,
        "handle": account.handle,
        "scopes": account.scopes,
        "tier": account.tier,
        "state": account.state,
        "last_checked_at": account.last_checked_at,
        "last_error": account.last_error,
        "connect_at": _page_of(account),
        "budget": asdict(month),
    }
