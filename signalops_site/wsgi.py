"""For servers that speak WSGI. They carry no sockets: the dashboard then falls back to reloading."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signalops_site.settings")

application = get_wsgi_application()
