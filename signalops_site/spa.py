"""The dashboard: one built page for every path that is not the API's, the admin's or a file's.

Its scripts and styles are files under /static/ with a hash in their name, cached for ever; the page that
names them is never kept, so that a new build is seen at the next load.
"""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>SignalOps</title></head>
<body>
<h1>The dashboard is not built yet</h1>
<p>Run <code>make build</code>, then start the server again and reload this page.</p>
<p>The API works without it: see <a href="/api/docs/">its documentation</a>.</p>
</body>
</html>
"""


@require_safe
@ensure_csrf_cookie
def dashboard(request: HttpRequest) -> HttpResponse:
    """The built page, whatever the path: the dashboard's own router reads it."""
    page = Path(settings.FRONTEND_DIST) / "index.html"
    try:
        response = HttpResponse(page.read_bytes())
    except FileNotFoundError:
        response = HttpResponse(NOT_BUILT, status=503)
    response["Cache-Control"] = "no-cache"
    response["Content-Security-Policy"] = content_security_policy(request.get_host())
    return response


def content_security_policy(host: str) -> str:
    """Only our own files and our own server. Styles may be inline, since the chart and the editor write some;
    scripts may not. The socket is named because not every browser counts it as 'self'.
    """
    rules = {
        "default-src": "'self'",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "img-src": "'self' data:",
        "style-src": "'self' 'unsafe-inline'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
