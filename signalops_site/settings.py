"""Settings, read from the environment (`.env` beside manage.py is read too; see .env.example).

With nothing set, this is a working development install: SQLite under `var/`, keys made on first run.
"""

import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from . import admin_site
from .logs import logging_config, wants_json
from .setting_values import database_address, numbers_by_name, rate, site_address, web_address, whole_number

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(str(BASE_DIR / ".env"))

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
_DATA = BASE_DIR / "var" / "test" if TESTING else BASE_DIR / "var"
DATA_DIR = Path(env.str("SIGNALOPS_DATA_DIR", default=str(_DATA)) or _DATA).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # posts and secrets: for their owner only
_SQLITE = f"sqlite:///{DATA_DIR / 'signalops.sqlite3'}"
_DATABASE = database_address("DATABASE_URL", env.str("DATABASE_URL", default=_SQLITE) or _SQLITE)
DEVELOPMENT = env.bool("DEVELOPMENT", default=_DATABASE == _SQLITE)
"""A development install makes its own secrets; one with a configured database must be given them."""


def _long_text() -> str:
    return secrets.token_urlsafe(50)


def _fernet_key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _secret(name: str, *, make: Callable[[], str] = _long_text) -> str:
    """The named secret from the environment, or one made once and kept in the data folder (mode 0600)."""
    given = env.str(name, default="")
    if given:
        return str(given)
    if not DEVELOPMENT and not TESTING:
        raise ImproperlyConfigured(f"Set {name}: it is only made by itself in a development install.")
    path = DATA_DIR / f"{name.lower()}.txt"
    if not path.exists():
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(make())
        try:
            path.hardlink_to(temporary)  # atomic: of two first starts at once, one wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()


SECRET_KEY = _secret("SECRET_KEY")
FIELD_ENCRYPTION_KEY = _secret("FIELD_ENCRYPTION_KEY", make=_fernet_key)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = site_address("PUBLIC_URL", env.str("PUBLIC_URL", default=""))

BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin, whose templates it replaces
    "signalops_site.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "axes",
    "channels",
    "django_q",
    "signalops_site.core.apps.CoreConfig",
    "connectors",
    "scoring",
    "experiments",
    "leads",
    "training",
    "signalops_site.apps.SiteConfig",
]

MIDDLEWARE = [
    "signalops_site.core.request_id.RequestIdMiddleware",  # first: what the others log carries the id, too
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers in the view's place while a name is locked
]

ROOT_URLCONF = "signalops_site.urls"
ASGI_APPLICATION = "signalops_site.asgi.application"
WSGI_APPLICATION = "signalops_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

FRONTEND_DIST = BASE_DIR / "frontend" / "dist"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": env.db_url_config(_DATABASE)}
DATABASES["default"]["CONN_MAX_AGE"] = whole_number(
    "CONN_MAX_AGE", env.str("CONN_MAX_AGE", default="60"), least=0, most=86_400
)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL with immediate transactions: several processes write without a lock error (docs/architecture.md).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;",
    }
    if not TESTING:
        Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)

REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS = (
    {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
    if REDIS_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)
CACHES = (
    {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    if REDIS_URL
    else {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
)

# The queue is in the database on purpose: the Redis broker keeps no receipts, a dying worker loses its task.
# Two clusters (signalops_site/core/jobs.py): `manage.py qcluster`, and the same with Q_CLUSTER_NAME=short.
Q_CLUSTER: dict[str, Any] = {
    "name": "runs",
    "broker_class": "signalops_site.core.broker.DatabaseBroker",
    "orm": "default",
    "workers": whole_number("Q_WORKERS", env.str("Q_WORKERS", default="2"), least=1, most=1000),
    "queue_limit": 1,  # what is taken and not begun is kept from other clusters
    "bulk": 1,
    "poll": 0.2,
    "timeout": 3600,  # seconds; a run hands itself on long before (RUN_YIELD_SECONDS)
    "retry": 4200,
    "max_attempts": 3,
    "catch_up": False,
    "recycle": 50,
    "max_rss": 2_000_000,  # kB
    "label": "Background jobs",
    "save_limit": 1000,
    "guard_cycle": 1,
    "ALT_CLUSTERS": {
        "short": {
            "workers": 2,
            "queue_limit": 4,
            "bulk": 20,
            "timeout": 60,
            "retry": 1500,  # more than bulk x timeout: those that wait behind others are not delivered twice
            "recycle": 500,
            "max_rss": 1_000_000,
        }
    },
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# The lock after wrong passwords comes first: it must stand before a password is looked at.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = whole_number("SIGN_IN_FAILURES", env.str("SIGN_IN_FAILURES", default="5"), least=1, most=1000)
AXES_COOLOFF_TIME = timedelta(
    minutes=whole_number("LOCK_OUT_MINUTES", env.str("LOCK_OUT_MINUTES", default="15"), least=1, most=525_600)
)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # both: nobody can lock another out from elsewhere
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "signalops_site.core.access.lock_out.locked_response"
AXES_CLIENT_IP_CALLABLE = "signalops_site.core.access.lock_out.client_address"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "SIGNING_KEY": sha256(f"signalops.tokens:{SECRET_KEY}".encode()).hexdigest(),
    "CHECK_REVOKE_TOKEN": True,  # a changed password ends the tokens that were made with the old one
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "signalops_site.core.authentication.ApiKeyAuthentication",
        "signalops_site.core.authentication.TokenAuthentication",
        "signalops_site.core.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["signalops_site.core.bodies.BodyParser"],
    "DEFAULT_PAGINATION_CLASS": "signalops_site.core.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "signalops_site.core.problems.problem_details",
    "DEFAULT_THROTTLE_RATES": {
        "sign_in": rate("SIGN_IN_RATE", env.str("SIGN_IN_RATE", default="20/min")),
        "preview": "10/min",  # each may hold a thread for some seconds, and costs what ten posts cost
    },
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,  # else a forged X-Forwarded-For evades the throttle
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "SignalOps",
    "VERSION": "0.4.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/",
    "ENUM_NAME_OVERRIDES": {
        "AccountStateEnum": "connectors.models.AccountState",
        "ExportStateEnum": "training.models.ExportState",
        "ExportTypeEnum": "training.models.ExportType",
        "PairSourceEnum": "training.models.PairSource",
        "DecisionKindEnum": "leads.models.DecisionKind",
        "DeliveryModeEnum": "leads.models.DeliveryMode",
        "DeliveryStatusEnum": "leads.models.DeliveryStatus",
        "DraftStatusEnum": "leads.models.deliveries.SHOWN_STATUSES",
        "OutcomeSourceEnum": "leads.models.OutcomeSource",
        "OutcomeTypeEnum": "leads.models.OutcomeType",
        "ExperimentModeEnum": "experiments.models.ExperimentMode",
        "ExperimentStatusEnum": "experiments.models.ExperimentStatus",
        "NotificationKindEnum": "leads.models.NotificationKind",
        "NotificationStatusEnum": "leads.models.NotificationStatus",
        "NotificationTargetEnum": "leads.models.NotificationTarget",
        "IdentityKindEnum": "leads.identities.IdentityKind",
        "RunStatusEnum": "signalops_site.core.models.RunStatus",
        "LabelEnum": "leads.judges.base.Label",
        "LeadStageEnum": "leads.models.LeadStage",
        "DeliveryKindEnum": "leads.models.DeliveryKind",
        "PlanEnum": "leads.sequences.plans.CHOICES",
        "StepKindEnum": "leads.models.StepKind",
        "SequenceExitEnum": "leads.models.SequenceExit",
        "ModeEnum": ["api", "assisted", "blocked"],  # connectors.rules.Mode
    },
}

UNFOLD = admin_site.UNFOLD

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "signalops_site.formats"  # how the admin writes dates
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # files are served from where they are; it may stay empty
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.exists() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

HTTPS = env.bool("HTTPS", default=not DEVELOPMENT and not TESTING)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONFIG_ENV_ALLOW = frozenset(env.list("CONFIG_ENV_ALLOW", default=[]))
DISCOVER_ENTRY_POINTS = env.bool("DISCOVER_ENTRY_POINTS", default=not TESTING)

# Where each platform's API is asked instead of at its own address: a gateway, or a stand-in for trials.
PLATFORM_BASE_URLS = {
    "bluesky": web_address("BLUESKY_BASE_URL", env.str("BLUESKY_BASE_URL", default="")),
    "hackernews": web_address("HACKERNEWS_BASE_URL", env.str("HACKERNEWS_BASE_URL", default="")),
    "mastodon": web_address("MASTODON_BASE_URL", env.str("MASTODON_BASE_URL", default="")),
    "reddit": web_address("REDDIT_BASE_URL", env.str("REDDIT_BASE_URL", default="")),
    "x": web_address("X_BASE_URL", env.str("X_BASE_URL", default="")),
}
NOTIFICATION_HOSTS = frozenset(host.strip().lower() for host in env.list("NOTIFICATION_HOSTS", default=[]))
"""Hosts that notifications may go to though they are in a private network, or have no HTTPS."""

# Traces of the calls to language models. Off without both keys.
LANGFUSE_PUBLIC_KEY = env.str("LANGFUSE_PUBLIC_KEY", default="")
LANGFUSE_SECRET_KEY = env.str("LANGFUSE_SECRET_KEY", default="")
LANGFUSE_HOST = web_address("LANGFUSE_HOST", env.str("LANGFUSE_HOST", default="https://cloud.langfuse.com"))
LANGFUSE_CONTENT = env.bool("LANGFUSE_CONTENT", default=False)  # prompts and answers as well, and so posts

X_MAX_QUERY_LENGTH = env.int("X_MAX_QUERY_LENGTH", default=0)  # 0: what X's self-serve accounts may send

LOOKUPS_PER_DAY = numbers_by_name("LOOKUPS_PER_DAY", env.list("LOOKUPS_PER_DAY", default=[]))

RUN_HEARTBEAT_SECONDS = 2.0
RUN_LEASE_SECONDS = 15.0
RUN_YIELD_SECONDS = whole_number(
    "RUN_YIELD_SECONDS", env.str("RUN_YIELD_SECONDS", default="300"), least=1, most=1800
)
RUN_MAX_TAKEOVERS = 3
"""How many times in a row the process of a run may be lost before the run is given up."""

LOGGING = logging_config(
    env.str("LOG_LEVEL", default="INFO"), as_json=wants_json(env.str("LOG_FORMAT", default="auto"))
)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
