"""Projects and the versions of their configuration."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from ..config.versions import activate_version
from ..models import Membership, Project, ProjectConfigVersion, Run
from .base import LookUpAdmin, ReadOnlyAdmin, ServiceAction
from .display import Shown, block_of, list_of, moment, page_of, prose_of

SHOWN_VERSIONS = 20
SHOWN_MEMBERS = 50


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    """What a project is called and offers comes from its configuration; members have pages of their own."""

    list_display = ("slug", "name", "is_active", "active_config", "created_at")
    list_filter = ("is_active",)
    list_select_related = ("active_config__project",)
    search_fields = ("slug", "name")
    fieldsets = (
        (None, {"fields": ("slug", "name", "about", "product_url", "is_active", "created_at")}),
        ("Configuration", {"fields": ("active_config", "versions")}),
        ("People", {"fields": ("members",)}),
        ("Work", {"fields": ("work",)}),
    )

    @admin.display(description="description")
    def about(self, project: Project) -> Shown:
        return prose_of(project.description)

    @admin.display(description="versions, newest first")
    def versions(self, project: Project) -> Shown:
        newest = project.config_versions.defer("document", "source").select_related("project")
        shown = list(newest.order_by("-number")[: SHOWN_VERSIONS + 1])
        rows = [(page_of(version), moment(version.created_at), version.note) for version in shown[:SHOWN_VERSIONS]]
        text = format_html_join("", "<li>{} <span>{}</span> {}</li>", rows)
        more = list_of(ProjectConfigVersion, "all versions", project__id__exact=project.pk)
        return format_html('<ul class="so-list">{}</ul>{}', text, more if len(shown) > SHOWN_VERSIONS else "")

    @admin.display(description="members")
    def members(self, project: Project) -> Shown:
        members = project.memberships.select_related("user").order_by("user__username")[:SHOWN_MEMBERS]
        rows = [(page_of(member, member.user.get_username()), member.get_role_display()) for member in members]
        add = reverse("admin:core_membership_add")
        return format_html(
            '<ul class="so-list">{}</ul>{} &middot; <a href="{}?project={}" class="text-link">add a member</a>',
            format_html_join("", "<li>{} <span>{}</span></li>", rows),
            list_of(Membership, "all members", project__id__exact=project.pk),
            add,
            project.pk,
        )

    @admin.display(description="runs")
    def work(self, project: Project) -> Shown:
        start = reverse("admin:core_run_add")
        runs = list_of(Run, "its runs", project__id__exact=project.pk)
        link = '{} &middot; <a href="{}?project={}" class="text-link">start a run</a>'
        return format_html(link, runs, start, project.pk)


def _activate(version: ProjectConfigVersion, by: User, _values: Mapping[str, Any]) -> str:
    project = activate_version(version, by=by)
    return f"The next run of {project.slug} uses version {version.number}."


@admin.register(ProjectConfigVersion)
class ProjectConfigVersionAdmin(LookUpAdmin):
    """Versions are never edited: a changed project.yaml is a new one."""

    list_display = ("__str__", "in_use", "author", "note", "created_at")
    list_filter = ("project",)
    list_select_related = ("project", "author")
    fields = ("project", "number", "in_use", "author", "note", "created_at", "sha256", "yaml")
    service_actions = (
        ServiceAction(
            "activate",
            "Activate this version",
            _activate,
            offered=lambda version: version.project.active_config_id != version.pk,
            explanation="The next run, and every page of the project, uses it. A run under way keeps its own.",
        ),
    )

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("document")

    @admin.display(description="active", boolean=True)
    def in_use(self, version: ProjectConfigVersion) -> bool:
        return version.project.active_config_id == version.pk

    @admin.display(description="project.yaml")
    def yaml(self, version: ProjectConfigVersion) -> Shown:
        return block_of(version.source)
