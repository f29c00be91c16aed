from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        from signalops_site.core.config.reading import config_section
        from signalops_site.core.erasing import eraser

        from . import checks
        from .section import check_leads_sections
        from .services.erasing import erase_author

        config_section.register("leads", check_leads_sections)
        eraser.register("2-leads", erase_author)
