"""Before anything else: do the settings load, and do the apps start? `manage.py` asks this for `doctor` alone."""

import json
import logging
import sys
from collections.abc import Sequence

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .findings import Finding, as_json

log = logging.getLogger(__name__)

MEND_VALUE = "Mend the value that it names, in the environment or in .env; .env.example lists all variables."
MEND_FOLDER = "Make that folder writable for this user, or name another one with SIGNALOPS_DATA_DIR."
MEND_APPS = "Install the packages of this release again (`make setup`), and undo the last change to the code."


def refuse_broken_start(arguments: Sequence[str]) -> None:
    """Say what keeps the settings or the apps from loading, and exit with 1; return when nothing does."""
    finding = start_finding()
    if finding is None:
        return
    if "--json" in arguments:
        sys.stdout.write(f"{json.dumps(as_json([finding]), ensure_ascii=False)}\n")
    else:
        sys.stdout.write(f"error  {finding.check}: {finding.message}\n       {finding.mend}\n")
    sys.exit(1)


def start_finding() -> Finding | None:
    """Why the settings or the apps do not load; None when they do."""
    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as error:
        return Finding("error", "settings", str(error), MEND_VALUE)
    except OSError as error:
        return Finding("error", "data folder", f"{error.filename}: {error.strerror}.", MEND_FOLDER)
    except Exception as error:  # whatever a value that cannot be read makes of it
        log.debug("the settings do not load", exc_info=True)
        return Finding("error", "settings", f"The settings do not load: {error!r}", MEND_VALUE)
    try:
        django.setup()
    except Exception as error:
        log.debug("the apps do not start", exc_info=True)
        return Finding("error", "apps", f"The apps do not start: {error!r}", MEND_APPS)
    return None
