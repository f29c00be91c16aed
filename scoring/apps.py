from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from signalops_site.core.config.reading import config_section

        from . import checks  # (registers itself)
        from .section import check_scoring

        config_section.register("scoring", check_scoring)
