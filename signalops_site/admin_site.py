"""How the admin looks, and how one finds one's way in it: the UNFOLD setting.

Colours are the dashboard's own (the tokens in `frontend/src/index.css`), laid on unfold's two scales. Everything
is served from here; no page asks another host for anything. The site itself is `core.admin_site`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

# The dashboard's neutrals. Light: canvas, hover, line, line-strong, control-line, muted, soft; then dark:
# line-strong, line, surface, sunken.
NEUTRALS = {
    "50": "oklch(0.977 0.002 265)",
    "100": "oklch(0.955 0.004 265)",
    "200": "oklch(0.918 0.004 265)",
    "300": "oklch(0.855 0.006 265)",
    "400": "oklch(0.64 0.012 265)",
    "500": "oklch(0.505 0.014 265)",
    "600": "oklch(0.42 0.014 265)",
    "700": "oklch(0.345 0.011 270)",
    "800": "oklch(0.282 0.009 270)",
    "900": "oklch(0.207 0.007 270)",
    "950": "oklch(0.165 0.006 270)",
}
# 600 is the dashboard's accent, 500 its accent for text on dark surfaces, 100 its soft accent.
ACCENTS = {
    "50": "oklch(0.975 0.012 272)",
    "100": "oklch(0.948 0.024 272)",
    "200": "oklch(0.89 0.05 272)",
    "300": "oklch(0.83 0.085 274)",
    "400": "oklch(0.79 0.1 276)",
    "500": "oklch(0.765 0.112 276)",
    "600": "oklch(0.505 0.158 272)",
    "700": "oklch(0.455 0.158 272)",
    "800": "oklch(0.4 0.14 272)",
    "900": "oklch(0.34 0.11 272)",
    "950": "oklch(0.292 0.05 274)",
}
TEXTS = {
    "subtle-light": "oklch(0.505 0.014 265)",
    "subtle-dark": "oklch(0.685 0.012 270)",
    "default-light": "oklch(0.42 0.014 265)",
    "default-dark": "oklch(0.79 0.009 270)",
    "important-light": "oklch(0.235 0.012 265)",
    "important-dark": "oklch(0.935 0.004 270)",
}


def _file(path: str) -> Any:
    """Asked for when a page is made: settings are not there yet when this module is read."""

    def address(_request: HttpRequest) -> str:
        return static(path)

    return address


def _item(title: str, icon: str, view: str) -> Mapping[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{view}_changelist")}


NAVIGATION: Sequence[Mapping[str, Any]] = [
    {
        "items": [
            {"title": "Back to the dashboard", "icon": "arrow_back", "link": "/", "active": False},
            {"title": "Overview", "icon": "home", "link": reverse_lazy("admin:index")},
        ]
    },
    {
        "title": "Projects",
        "items": [
            _item("Projects", "folder", "core_project"),
            _item("Configurations", "description", "core_projectconfigversion"),
            _item("Query cursors", "bookmark", "connectors_querycursor"),
        ],
    },
    {
        "title": "Runs",
        "items": [
            _item("Runs", "play_circle", "core_run"),
            _item("Events", "list", "core_runevent"),
            _item("Schedules", "schedule", "leads_runschedule"),
            _item("Notifications", "notifications", "leads_notification"),
            _item("Clocks", "alarm", "django_q_schedule"),
            _item("Jobs waiting", "hourglass_empty", "django_q_ormq"),
            _item("Jobs done", "task_alt", "django_q_success"),
            _item("Jobs failed", "error", "django_q_failure"),
            _item("Workers", "dns", "core_workercluster"),
            _item("Beat", "timer", "core_beatjob"),
        ],
    },
    {
        "title": "Leads",
        "items": [
            _item("Leads", "person_search", "leads_lead"),
            _item("Posts", "chat", "leads_post"),
            _item("Authors", "group", "leads_author"),
            _item("Judgments", "gavel", "leads_judgment"),
            _item("Scores", "speed", "leads_score"),
            _item("Human labels", "label", "leads_humanlabel"),
            _item("Drafts", "edit_note", "leads_draft"),
            _item("Do not contact", "block", "leads_suppression"),
            _item("Decisions", "how_to_reg", "leads_decision"),
            _item("Holds", "front_hand", "leads_hold"),
            _item("Deliveries", "send", "leads_delivery"),
            _item("Pauses", "pause_circle", "core_pause"),
        ],
    },
    {
        "title": "Models",
        "items": [
            _item("Model registry", "model_training", "experiments_modelversion"),
            _item("Experiments", "science", "experiments_experiment"),
            _item("What the arms said", "balance", "experiments_abresult"),
            _item("Preference pairs", "compare_arrows", "training_preferencepair"),
        ],
    },
    {
        "title": "Access",
        "items": [
            _item("Users", "account_circle", "auth_user"),
            _item("Members", "badge", "core_membership"),
            _item("API keys", "key", "core_apikey"),
            _item("Platform accounts", "manage_accounts", "connectors_account"),
        ],
    },
    {"title": "Audit", "items": [_item("Audit log", "history", "core_auditentry")]},
]

UNFOLD: Mapping[str, Any] = {
    "SITE_TITLE": "SignalOps admin",
    "SITE_HEADER": "SignalOps",
    "SITE_SUBHEADER": "Admin",
    "SITE_URL": "/",
    "SITE_ICON": _file("signalops/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("signalops/mark.svg")}],
    "SHOW_HISTORY": False,  # the audit log is the one record of who did what
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [_file("signalops/admin.css")],
    "SCRIPTS": [_file("signalops/admin.js")],
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": NEUTRALS, "primary": ACCENTS, "font": TEXTS},
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}
