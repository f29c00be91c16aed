"""The three answers of a judge, which experiments and the floors above share."""

from django.db import models


class Label(models.TextChoices):
    RELEVANT = "relevant", "Relevant"
    MAYBE = "maybe", "Maybe"
    IRRELEVANT = "irrelevant", "Irrelevant"
