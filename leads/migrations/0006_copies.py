"""Copies point at their original, and originals have fingerprints by which copies are found.

What earlier runs wrote as a reason ("copy of lead 7") becomes the relation; the sentence stays, so going back loses
nothing. Leads that passed before get their fingerprints, and platforms' language tags become ISO 639-1.
"""

import re
from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from leads.languages import primary_language
from leads.near_duplicates import Keys, exact_key, keys_of_all, words_of

BATCH = 500
MOST_PER_KEY = 8
COPY = re.compile(r"copy of lead (\d{1,18})$")
NOT_PASSED = ("collected", "filtered")


def carry_over(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    _link_copies(apps.get_model("leads", "Lead"))
    _make_fingerprints(apps.get_model("leads", "Lead"), apps.get_model("leads", "Fingerprint"))
    _shorten_tags(apps.get_model("leads", "Post"))


def _link_copies(lead_model: Any) -> None:
    copies = lead_model.objects.filter(stage="filtered", filter_reason__startswith="copy of lead ")
    for batch in _batches(copies, "pk", "project_id", "filter_reason"):
        named = {pk: (project, int(found.group(1))) for pk, project, why in batch if (found := COPY.match(why))}
        originals = lead_model.objects.filter(pk__in={original for _, original in named.values()})
        there = set(originals.exclude(stage__in=NOT_PASSED).values_list("project_id", "pk"))
        linked = [lead_model(pk=pk, copy_of_id=place[1]) for pk, place in named.items() if place in there]
        lead_model.objects.bulk_update(linked, ["copy_of"], batch_size=BATCH)


def _make_fingerprints(lead_model: Any, fingerprint_model: Any) -> None:
    passed = lead_model.objects.exclude(stage__in=NOT_PASSED)
    for batch in _batches(passed, "pk", "project_id", "post__clean_text"):
        words = [words_of(text) for _, _, text in batch]
        rows = zip(batch, words, keys_of_all(words), strict=True)
        fingerprint_model.objects.bulk_create(
            fingerprint_model(lead_id=pk, project_id=project, exact=exact, **keys._asdict())
            for (pk, project, _), of_text, keys in rows
            if (exact := exact_key(of_text))
        )
    for name in Keys._fields:
        _keep_the_first(fingerprint_model, name)


def _keep_the_first(fingerprint_model: Any, name: str) -> None:
    """Of many originals with one key only the first few are found by it, as in a run."""
    place = Window(RowNumber(), partition_by=[F("project_id"), F(name)], order_by=F("lead_id").asc())
    numbered = fingerprint_model.objects.filter(**{f"{name}__isnull": False}).annotate(place=place)
    surplus = list(numbered.filter(place__gt=MOST_PER_KEY).values_list("pk", flat=True))
    for start in range(0, len(surplus), BATCH):
        fingerprint_model.objects.filter(pk__in=surplus[start : start + BATCH]).update(**{name: None})


def _shorten_tags(post_model: Any) -> None:
    for tag in set(post_model.objects.order_by().values_list("language", flat=True).distinct()):
        if primary_language(tag) != tag:
            post_model.objects.filter(language=tag).update(language=primary_language(tag))


def _batches(rows: Any, *columns: str) -> Iterator[list[tuple[Any, ...]]]:
    last, ordered = 0, rows.order_by("pk").values_list(*columns)
    while batch := list(ordered.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_run_takeovers"),
        ("leads", "0005_schedules"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="lead", name="lead_by_score"),
        migrations.RemoveIndex(model_name="lead", name="lead_by_age"),
        migrations.RemoveIndex(model_name="post", name="post_near_duplicates"),
        migrations.AddField(
            model_name="lead",
            name="copy_of",
            field=models.ForeignKey(
                db_index=False,
                help_text="the lead whose text this one repeats; that one stands for both",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="copies",
                to="leads.lead",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("copy_of__isnull", True), ("stage", "filtered"), _connector="OR"),
                name="lead_copies_are_filtered",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["project", "-score", "-id", "copy_of"], name="lead_by_score"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["project", "-created_at", "-id", "label", "copy_of"], name="lead_by_age"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("copy_of__isnull", False)), fields=["copy_of"], name="lead_copies"
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="near_duplicate_key",
            field=models.CharField(
                blank=True,
                help_text="equal for texts of the same words; empty for very short ones",
                max_length=32,
            ),
        ),
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="fingerprint",
                        serialize=False,
                        to="leads.lead",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.project",
                    ),
                ),
                ("exact", models.CharField(max_length=32)),
                ("head", models.BigIntegerField(null=True)),
                ("band_1", models.BigIntegerField(null=True)),
                ("band_2", models.BigIntegerField(null=True)),
                ("band_3", models.BigIntegerField(null=True)),
                ("band_4", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project", "exact"], name="fingerprint_exact"),
                    models.Index(fields=["project", "head"], name="fingerprint_head"),
                    models.Index(fields=["project", "band_1"], name="fingerprint_band_1"),
                    models.Index(fields=["project", "band_2"], name="fingerprint_band_2"),
                    models.Index(fields=["project", "band_3"], name="fingerprint_band_3"),
                    models.Index(fields=["project", "band_4"], name="fingerprint_band_4"),
                ],
            },
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
