from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """What a member may do; each role may do all that the one before it may (docs/architecture.md)."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    OPERATOR = "operator"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class Project(models.Model):
    """One offer, and the people who ask for it. `slug` is the yaml's `project_id`."""

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    product_url = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(default=True)
    active_config = models.ForeignKey(
        "core.ProjectConfigVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class ProjectConfigVersion(models.Model):
    """One project.yaml as it was saved. Never edited: what a run produced points at the version it used."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="config_versions")
    number = models.PositiveIntegerField()
    document = models.JSONField(help_text="the validated document, with defaults filled in, unexpanded")
    source = models.TextField(help_text="the YAML as it was given")
    sha256 = models.CharField(max_length=64)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="config_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.project} v{self.number}"


class Membership(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "project"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"
