"""Checks of the install itself: settings, keys, files, versions, the built dashboard, the disk."""

import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port, validate_host

from signalops_site.core.secrets import check_keys

from .findings import Seen, doubtful, fine, wrong

LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]"}
TOLD_ELSEWHERE = {*(f"signalops.E00{number}" for number in range(1, 6)), "signalops.E007"}
"""System checks that the doctor's own checks of the queue and of the encryption key ask for."""
LEAST_KEY = 50
LEAST_TOKEN = 16
"""Characters: fewer can be guessed by trying."""
LEAST_FREE = 200 * 2**20
SECONDS_FOR_NODE = 5
LEAST_NODE = 20


def examine_settings() -> Iterator[Seen]:
    yield from _exposed() if not settings.DEVELOPMENT else _development()
    if "*" in settings.ALLOWED_HOSTS:
        mend = "Name the hosts in ALLOWED_HOSTS, with commas between them."
        yield doubtful("ALLOWED_HOSTS takes any name, so links in answers can be forged.", mend=mend)
    host, _port = split_domain_port(urlsplit(settings.PUBLIC_URL).netloc)
    if settings.PUBLIC_URL and not validate_host(host, settings.ALLOWED_HOSTS):
        mend = (
            "Name its host in ALLOWED_HOSTS, or set PUBLIC_URL to the address under which people reach the site."
        )
        yield wrong("ALLOWED_HOSTS refuses the host of PUBLIC_URL: nobody comes back from a platform.", mend=mend)
    if 0 < len(settings.METRICS_TOKEN) < LEAST_TOKEN:
        mend = "Set METRICS_TOKEN to the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        yield doubtful(f"METRICS_TOKEN is short: {len(settings.METRICS_TOKEN)} characters.", mend=mend)
    yield from (_of_message(message) for message in checks.run_checks() if message.id not in TOLD_ELSEWHERE)


def _development() -> Iterator[Seen]:
    yield fine(f"A development install{', with DEBUG' if settings.DEBUG else ''}.")
    if set(settings.ALLOWED_HOSTS) - LOCAL_NAMES:
        mend = "Set DEVELOPMENT=0, SECRET_KEY, FIELD_ENCRYPTION_KEY and HTTPS before others can reach it."
        yield doubtful("A development install may be addressed by names that are not local.", mend=mend)


def _exposed() -> Iterator[Seen]:
    yield fine("A production install.")
    if settings.DEBUG:
        mend = "Take DEBUG out of the environment: its pages show settings and code."
        yield wrong("DEBUG is on in a production install.", mend=mend)
    if not settings.HTTPS:
        mend = "Set HTTPS=1, and BEHIND_PROXY=1 when a reverse proxy ends TLS."
        yield doubtful("HTTPS is off: passwords and sessions travel in the clear.", mend=mend)
    if set(settings.ALLOWED_HOSTS) <= LOCAL_NAMES:
        mend = "Set ALLOWED_HOSTS to the name under which people reach it."
        yield doubtful("ALLOWED_HOSTS has local names only.", mend=mend)


def _of_message(message: checks.CheckMessage) -> Seen:
    text = f"{message.msg} ({message.id})"
    mend = message.hint or "`manage.py check` says more."
    return wrong(text, mend=mend) if message.level >= checks.ERROR else doubtful(text, mend=mend)


def examine_secret_key() -> Iterator[Seen]:
    key = settings.SECRET_KEY
    mend = "Set SECRET_KEY to the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    if len(key) < LEAST_KEY or len(set(key)) < 10:
        yield wrong(f"SECRET_KEY is weak: {len(key)} characters, {len(set(key))} different ones.", mend=mend)
    elif not settings.DEVELOPMENT and key.startswith("django-insecure"):
        yield wrong("SECRET_KEY is one that Django made for trials.", mend=mend)
    elif not settings.DEVELOPMENT and key == _made_key("secret_key.txt"):
        yield doubtful("SECRET_KEY is the one made for a development install.", mend=mend)
    else:
        yield fine("SECRET_KEY is long and mixed.")


def examine_encryption_key() -> Iterator[Seen]:
    try:
        check_keys()
    except ImproperlyConfigured as error:
        yield wrong(str(error), mend="Set FIELD_ENCRYPTION_KEY to what that command prints.")
        return
    made = _made_key("field_encryption_key.txt")
    if not settings.DEVELOPMENT and made and made in settings.FIELD_ENCRYPTION_KEY:
        mend = "Put a new key in front of it, with a comma between, and bring all secrets to the new one."
        yield doubtful("FIELD_ENCRYPTION_KEY is the one made for a development install.", mend=mend)
    else:
        yield fine("FIELD_ENCRYPTION_KEY holds Fernet keys.")


def _made_key(name: str) -> str:
    try:
        return (Path(settings.DATA_DIR) / name).read_text().strip()
    except OSError:
        return ""


def examine_files() -> Iterator[Seen]:
    """Posts and secrets are for their owner only."""
    folder = Path(settings.DATA_DIR)
    open_ones = [path for path in [folder, *_secret_files(folder)] if path.exists() and _others_may(path)]
    for path in open_ones:
        mode = stat.S_IMODE(path.stat().st_mode)
        mend = f"chmod {'700' if path.is_dir() else '600'} {path}"
        yield doubtful(f"{path} is open to others of this machine (mode {mode:o}).", mend=mend)
    if not open_ones:
        yield fine("The data folder and the files with secrets are their owner's alone.")


def _secret_files(folder: Path) -> Iterable[Path]:
    return [*sorted(folder.glob("*.txt")), settings.BASE_DIR / ".env"]


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def examine_versions() -> Iterator[Seen]:
    found = ".".join(map(str, sys.version_info[:3]))
    other = [f"{name} {here or 'missing'}" for name, wanted in _pinned() if (here := _installed(name)) != wanted]
    if other:
        shown = ", ".join(other[:5]) + (f" and {len(other) - 5} more" if len(other) > 5 else "")
        yield doubtful(f"Packages are not those of this release: {shown}.", mend="Run `make setup`.")
    else:
        yield fine(f"Python {found}, with the packages of this release.")
    yield from _node()


def _pinned() -> list[tuple[str, str]]:
    """(name, version) of requirements.txt; nothing where the file is not beside the code."""
    try:
        text = (settings.BASE_DIR / "requirements.txt").read_text(encoding="utf-8")
    except OSError:
        return []
    return re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?=\s*\\?$)", text, flags=re.MULTILINE)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _node() -> Iterator[Seen]:
    """Node only builds the dashboard, so what is built needs none."""
    if not (settings.BASE_DIR / "frontend" / "package.json").exists():
        return
    node = shutil.which("node")
    if node is None:
        if not _page().exists():
            yield doubtful(
                "There is no Node to build the dashboard with.", mend=f"Install Node {LEAST_NODE} or newer."
            )
        return
    found = _answer_of(node)
    major = found.removeprefix("v").partition(".")[0]
    if major.isdigit() and int(major) < LEAST_NODE:
        yield doubtful(f"Node is {found}.", mend=f"Install Node {LEAST_NODE} or newer, then run `make build`.")
    else:
        yield fine(f"Node {found.removeprefix('v')}.")


def _answer_of(node: str) -> str:
    return subprocess.check_output([node, "--version"], text=True, timeout=SECONDS_FOR_NODE).strip()  # noqa: S603


def _page() -> Path:
    return Path(settings.FRONTEND_DIST) / "index.html"


def examine_dashboard() -> Iterator[Seen]:
    """The built page, the files that it names, and whether the sources have changed since."""
    page, mend = _page(), "Run `make build`, then start the server again."
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        yield wrong(f"The dashboard is not built: {page} cannot be read ({error.strerror}).", mend=mend)
        return
    named = re.findall(r"(?:src|href)=\"/static/([^\"]+)\"", text)
    missing = [name for name in named if not (page.parent / name).is_file()]
    if missing or not named:
        what = ", ".join(missing) or "any file at all"
        yield wrong(f"The built dashboard lacks {what}, which its page needs.", mend=mend)
    elif newer := _newer_source(page.stat().st_mtime):
        yield doubtful(f"The built dashboard is older than {newer}.", mend=mend)
    else:
        yield fine(f"The dashboard is built ({len(named)} files in its page).")


def _newer_source(built_at: float) -> Path | None:
    frontend = settings.BASE_DIR / "frontend"
    sources = [*(frontend / "src").rglob("*"), *(frontend / "public").rglob("*"), frontend / "index.html"]
    changed = [path for path in sources if path.is_file() and path.stat().st_mtime > built_at]
    return min(changed).relative_to(settings.BASE_DIR) if changed else None


def examine_disk() -> Iterator[Seen]:
    """An upgrade rewrites tables and a backup copies them, so as much again as the database should be free."""
    folder = Path(settings.DATA_DIR)
    free, used = shutil.disk_usage(folder).free, _size_of_database()
    room = f"{_megabytes(free)} free on the disk of {folder}"
    mend = "Free some space, or move the data with SIGNALOPS_DATA_DIR."
    if free < LEAST_FREE:
        yield wrong(f"{room}: writing will fail soon.", mend=mend)
    elif free < used:
        yield doubtful(f"{room}, less than the database's own {_megabytes(used)}.", mend=mend)
    else:
        yield fine(f"{room}.")


def _size_of_database() -> int:
    """Bytes of the SQLite file; 0 for a server's database, which lies on another disk."""
    database = settings.DATABASES["default"]
    path = Path(str(database["NAME"]))
    return path.stat().st_size if "sqlite3" in database["ENGINE"] and path.is_file() else 0


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"
