"""Where people come back to from a platform, and where in the dashboard they then go on."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from rest_framework.request import Request

from signalops_site.core.public_address import public_address

from .models import Account

CALLBACK = "account-callback"


def callback_address(request: HttpRequest | Request) -> str:
    """One for all accounts, as it has to be entered at the platform, letter by letter."""
    return public_address(request, reverse(CALLBACK))


def session_key_of(request: HttpRequest | Request) -> str:
    """Which session a person is signed in with; whoever else has their name on another machine has another."""
    return request.session.session_key or ""


def accounts_page(account: Account | None = None, **told: object) -> str:
    """The dashboard's page of a project's accounts. An account that all projects share is on each of them: the
    dashboard then opens the one that was open last.
    """
    slug = account.project.slug if account is not None and account.project is not None else ""
    page = f"/p/{slug}/settings/accounts" if slug else "/settings/accounts"
    return f"{page}?{urlencode(told)}" if told else page
