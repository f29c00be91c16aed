from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "experiments"

    def ready(self) -> None:
        from signalops_site.core.config.versions import config_activated

        from .services import follow_activation

        config_activated.register("experiments", follow_activation)
