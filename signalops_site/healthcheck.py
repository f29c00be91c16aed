"""Does the web server of this container answer? For HEALTHCHECK: the standard library alone, in milliseconds.

    python -m signalops_site.healthcheck [PORT]

It asks as the reverse proxy would, under a name that the server accepts. A redirect to HTTPS is an answer, too.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

PATH = "/api/health/live/"
PATIENCE = 5.0
"""Seconds."""


def is_live(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", PATH, headers={"Host": accepted_name(), "X-Forwarded-Proto": "https"})
        return connection.getresponse().status < 400
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def accepted_name() -> str:
    """The first of ALLOWED_HOSTS, written as a name: `.example.org` stands for all below it, `*` for any."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    return first if first not in ("", "*") else "127.0.0.1"


if __name__ == "__main__":
    sys.exit(0 if is_live(int(sys.argv[1]) if len(sys.argv) > 1 else 8000) else 1)
