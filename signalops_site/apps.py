from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The composition root. It has commands (`loaddemo`) and no tables."""

    name = "signalops_site"
    verbose_name = "SignalOps"
