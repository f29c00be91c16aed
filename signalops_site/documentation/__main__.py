"""Write the pages that are made from the code.

python -m signalops_site.documentation            writes them
python -m signalops_site.documentation --check    exit code 1, and their names, when one is not what it should be
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from . import configuration, endpoints, policies

PAGES: dict[Path, Callable[[], str]] = {
    configuration.PAGE: configuration.configuration_page,
    endpoints.PAGE: endpoints.api_page,
    policies.PAGE: policies.connectors_page,
    policies.LEGAL_PAGE: policies.compliance_page,
}


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signalops_site.settings")
    stale = [page for page, write in PAGES.items() if not page.exists() or page.read_text("utf-8") != write()]
    if "--check" in arguments:
        sys.stderr.writelines(f"{page.name} is not what the code says: run `make docs`.\n" for page in stale)
        return 1 if stale else 0
    for page in stale:
        page.write_text(PAGES[page](), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
