"""How the admin shows values. What people elsewhere wrote is data: escaped, and linked only where it is safe."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

Shown = str
"""Text, or text that `format_html` has marked as safe after escaping what went in."""


def block_of(text: str) -> Shown:
    """A text as it is, line by line, in type of one width."""
    return format_html('<pre class="so-block">{}</pre>', text) if text else "-"


def prose_of(text: str) -> Shown:
    """A text with its line breaks, in the type of the page."""
    return format_html('<div class="so-prose">{}</div>', text) if text else "-"


def json_block(value: Any) -> Shown:
    return block_of(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)) if value else "-"


def excerpt_of(text: str, *, length: int = 90) -> str:
    """The beginning of a text on one line."""
    return Truncator(" ".join(text.split())).chars(length)


def moment(at: datetime | None, *, seconds: bool = False) -> str:
    """A time in UTC. `format_html` escapes what it is given to text first, so it can write no dates itself."""
    return at.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M") if at else "-"


def outside_link(url: str) -> Shown:
    """A link to another site, when the address is http or https; otherwise only its text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return url or "-"
    template = '<a href="{}" class="text-link" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>'
    return format_html(template, url, url)


def page_of(row: Model | None, text: str | None = None) -> Shown:
    """A link to a row's own page in the admin."""
    if row is None:
        return "-"
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])
    return format_html('<a href="{}" class="text-link">{}</a>', address, text or str(row))


def list_of(model: type[Model], text: str, **filters: object) -> Shown:
    """A link to a list, narrowed by its filters: `list_of(Run, "its runs", project__id__exact=3)`."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}" class="text-link">{}</a>', address, query, text)
