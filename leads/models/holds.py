from django.conf import settings
from django.db import models

from .drafts import Draft


class Hold(models.Model):
    """Who has a draft before them. It tells others, and keeps nobody from deciding: that is what locks are for."""

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="hold")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(help_text="over then, unless it is renewed before")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"draft {self.draft_id} before {self.user}"
