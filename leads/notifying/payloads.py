"""A message in the form that each target takes. Pure: a value goes in, JSON comes out."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from ..models import NotificationTarget as Target
from .escaping import for_discord, for_slack, one_line, safe_link
from .messages import LISTED, LeadLine, Message

ALONE, BESIDE_OTHERS = 400, 160
"""Characters of a post that a chat is shown. Escaped, each may be five, and a block of Slack's takes 3,000."""
LONGEST_HEADLINE = 500
LONGEST_DESCRIPTION = 4096
"""Of a Discord embed."""
SPARE = 40
"""Characters for how many more there are."""
LONGEST_EVENT_TEXT = 5000


def body_for(target: Target, message: Message) -> bytes:
    return json.dumps(WRITERS[target](message), ensure_ascii=False).encode()


def slack(message: Message) -> dict[str, Any]:
    """`verbatim` keeps Slack from making links and mentions out of plain text."""
    headline = for_slack(one_line(message.headline, longest=LONGEST_HEADLINE))
    blocks = [_slack_section(f"*{headline}*")]
    blocks += [_slack_section(_slack_lead(lead, shown=_shown(message))) for lead in message.leads[:LISTED]]
    if rest := _rest(message):
        blocks.append(_slack_section(rest))
    return {"text": headline, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _slack_section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _slack_lead(lead: LeadLine, *, shown: int) -> str:
    links = [f"<{url}|{label}>" for url, label in _links(lead)]
    facts = " · ".join([f"*{lead.score:g}*", *(for_slack(fact) for fact in _facts(lead)), *links])
    return f"{facts}\n{for_slack(one_line(lead.text, longest=shown))}"


def discord(message: Message) -> dict[str, Any]:
    """What stands in an embed calls nobody; `allowed_mentions` says so once more."""
    headline = for_discord(one_line(message.headline, longest=LONGEST_HEADLINE))
    told = [_discord_lead(lead, shown=_shown(message)) for lead in message.leads[:LISTED]]
    parts = [f"**{headline}**", *told]
    while len("\n\n".join(parts)) > LONGEST_DESCRIPTION - SPARE:
        parts.pop()
    parts += [rest] if (rest := _rest(message, shown=len(parts) - 1)) else []
    return {"embeds": [{"description": "\n\n".join(parts)}], "allowed_mentions": {"parse": []}}


def _discord_lead(lead: LeadLine, *, shown: int) -> str:
    links = [f"[{for_discord(label)}]({url})" for url, label in _links(lead)]
    facts = " · ".join([f"**{lead.score:g}**", *(for_discord(fact) for fact in _facts(lead)), *links])
    return f"{facts}\n{for_discord(one_line(lead.text, longest=shown))}"


def webhook(message: Message) -> dict[str, Any]:
    """Data for a program: texts as they are, up to a length, for it to escape."""
    event: dict[str, Any] = {
        "id": message.event_id,
        "type": message.kind.value,
        "created_at": message.created_at.isoformat(),
        "project": message.project,
    }
    if message.leads:
        return event | {"total": message.total, "leads": [_lead_as_data(lead) for lead in message.leads]}
    return event | {"subject": message.subject, "message": message.sentence or message.headline}


def _lead_as_data(lead: LeadLine) -> dict[str, Any]:
    return {
        "id": lead.id,
        "score": lead.score,
        "label": lead.label,
        "platform": lead.platform,
        "author": lead.author,
        "text": lead.text[:LONGEST_EVENT_TEXT],
        "url": lead.url,
        "posted_at": lead.posted_at and lead.posted_at.isoformat(),
        "page": lead.page,
    }


WRITERS: dict[Target, Callable[[Message], dict[str, Any]]] = {
    Target.SLACK: slack,
    Target.DISCORD: discord,
    Target.WEBHOOK: webhook,
}


def _shown(message: Message) -> int:
    return ALONE if message.total == 1 else BESIDE_OTHERS


def _facts(lead: LeadLine) -> Sequence[str]:
    author = [f"@{one_line(lead.author.removeprefix('@'), longest=80)}"] if lead.author else []
    return [*author, f"{lead.platform}, {lead.label or 'unlabelled'}"]


def _links(lead: LeadLine) -> Sequence[tuple[str, str]]:
    """(address, what it says). That of a post says where it leads."""
    links = [(lead.page, "Open in SignalOps")] if lead.page else []
    if found := safe_link(lead.url):
        url, host = found
        links.append((url, f"Post at {host}"))
    return links


def _rest(message: Message, *, shown: int = LISTED) -> str:
    more = message.total - shown
    return f"and {more:,} more" if more > 0 else ""
