from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class SiteConfig(AppConfig):
    """The composition root. It has commands (`loaddemo`) and no tables."""

    name = "signalops_site"
    verbose_name = "SignalOps"


class AdminConfig(DjangoAdminConfig):
    """The Django admin with a site of our own: for superusers only."""

    default_site = "signalops_site.core.admin_site.SignalOpsAdminSite"
