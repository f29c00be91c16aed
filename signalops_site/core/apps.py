from django.apps import AppConfig
from django.core.checks import register

from .checks import check_lease, check_queues


class CoreConfig(AppConfig):
    name = "signalops_site.core"
    label = "core"
    verbose_name = "Projects and runs"

    def ready(self) -> None:
        register(check_queues)
        register(check_lease)
