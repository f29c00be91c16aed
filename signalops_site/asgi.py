"""The application as daphne runs it: pages and API over HTTP, progress over a WebSocket."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signalops_site.settings")

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        # by name: models can only be imported once the line above has set Django up
        "websocket": import_string("signalops_site.core.routing.websocket_application"),
    }
)
