from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "connectors"

    def ready(self) -> None:
        from signalops_site.core.config.reading import config_section

        from . import checks
        from .section import check_addresses, check_queries

        config_section.register("connectors", check_queries)
        config_section.register("connectors.addresses", check_addresses)
