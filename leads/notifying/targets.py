"""Where a project's notifications go, as its project.yaml says it.

Addresses of webhooks are secrets: whoever has one may write there. They stand in project.yaml as `${NAME}`, and
are put in only where a message is sent. Nothing here, and nothing that is told of a target, repeats them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from connectors.addresses import is_public
from signalops_site.core.config.reading import ENV_REFERENCE, expand
from signalops_site.core.config.schema import Notifications
from signalops_site.core.errors import ConfigProblem, DomainError

from ..models import NotificationTarget
from .times import BadTimes, DigestTimes

Target = NotificationTarget


class BadTarget(DomainError):
    title = "This is no address for notifications"


@dataclass(frozen=True, slots=True)
class OpenTarget:
    """A target with its secrets put in."""

    name: Target
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


def targets_of(notifications: Notifications) -> list[Target]:
    """Those that project.yaml names, whether notifications are enabled or not."""
    return [target for target, address in _addresses(notifications) if address]


def open_target(notifications: Notifications, name: Target) -> OpenTarget:
    """ConfigError when a variable is missing; BadTarget when there is no such target, or its address is none."""
    address = dict(_addresses(notifications))[name]
    if not address:
        raise BadTarget(f"The project's configuration names no {name.label} address.")
    url = expand(address).strip()
    require_address(url, of=name)
    secret = expand(notifications.webhook.secret) if name is Target.WEBHOOK and notifications.webhook else ""
    return OpenTarget(name, url, secret)


def require_address(url: str, *, of: Target) -> None:
    """HTTPS to a host that is not plainly a private one; hosts that the operator allows may be anything."""
    parts = _split(url, of=of)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise BadTarget(f"The address of {of.label} is none that begins with https:// and names a host.")
    if is_allowed(host):
        return
    if parts.scheme != "https":
        raise BadTarget(f"The address of {of.label} begins with http://: {_how_to_allow()}")
    if _is_private_number(host):
        raise BadTarget(leads_inside(of))


def is_allowed(host: str) -> bool:
    """Whether the operator trusts that host, wherever it leads."""
    return host.lower() in settings.NOTIFICATION_HOSTS


def leads_inside(target: Target) -> str:
    return f"The address of {target.label} leads into a private network: {_how_to_allow()}"


def _how_to_allow() -> str:
    return "if that is meant, the operator names its host in NOTIFICATION_HOSTS."


def check_notifications(notifications: Notifications) -> Iterator[ConfigProblem]:
    """What is wrong with the section. What `${NAME}` stands for is looked at when a message is sent."""
    if notifications.digest is not None:
        try:
            DigestTimes.parse(notifications.digest)
        except BadTimes as error:
            yield ConfigProblem("notifications.digest", error.detail)
    for target, address in _addresses(notifications):
        yield from _check_address(target, address)
    if notifications.webhook and not _is_reference(notifications.webhook.secret):
        yield ConfigProblem(PATHS[Target.WEBHOOK].replace("url", "secret"), _in_the_clear(), severity="warning")
    if notifications.enabled and not targets_of(notifications):
        words = "is true, and there is nowhere to send to: name slack_webhook, discord_webhook or webhook"
        yield ConfigProblem("notifications.enabled", words, severity="warning")


PATHS = {
    Target.SLACK: "notifications.slack_webhook",
    Target.DISCORD: "notifications.discord_webhook",
    Target.WEBHOOK: "notifications.webhook.url",
}


def _check_address(target: Target, address: str) -> Iterator[ConfigProblem]:
    if not address or _is_reference(address):
        return
    try:
        require_address(address, of=target)
    except BadTarget as error:
        yield ConfigProblem(PATHS[target], error.detail)
    else:
        if target is not Target.WEBHOOK:
            yield ConfigProblem(PATHS[target], _in_the_clear(), severity="warning")


def _in_the_clear() -> str:
    return "stands here in the clear: keep it in the environment, and write ${NAME} (CONFIG_ENV_ALLOW)"


def _is_reference(text: str) -> bool:
    return ENV_REFERENCE.search(text) is not None


def _addresses(notifications: Notifications) -> list[tuple[Target, str]]:
    return [
        (Target.SLACK, notifications.slack_webhook or ""),
        (Target.DISCORD, notifications.discord_webhook or ""),
        (Target.WEBHOOK, notifications.webhook.url if notifications.webhook else ""),
    ]


def _split(url: str, *, of: Target) -> SplitResult:
    """Its words would quote the address, so what is wrong with it is not told."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadTarget(f"The address of {of.label} cannot be read.") from None
    return parts


def _is_private_number(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not is_public(host)
