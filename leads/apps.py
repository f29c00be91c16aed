from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        from signalops_site.core.config.reading import config_section

        from . import checks
        from .section import check_leads_sections

        config_section.register("leads", check_leads_sections)
