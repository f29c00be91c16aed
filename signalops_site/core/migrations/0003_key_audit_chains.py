from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from signalops_site.core.audit_digest import ALL, Content, is_keyed, new_digest


def key_chains(apps: Any, _schema_editor: Any) -> None:
    """End each chain of the first form with a keyed entry: from here on, what came before it cannot be rewritten
    by somebody without the key, and a chain without a keyed entry is known to be false.
    """
    entries, heads = apps.get_model("core", "AuditEntry"), apps.get_model("core", "AuditHead")
    for head in heads.objects.filter(sequence__gt=0):
        if is_keyed(head.digest):
            continue
        content = Content(
            scope=head.scope,
            sequence=head.sequence + 1,
            actor_id=None,
            actor_name="command:migrate",
            action="audit.key",
            target_type="",
            target_id="",
            fields={},
            request_id="",
            created_at=timezone.now(),
            previous_digest=head.digest,
        )
        entry = entries.objects.create(
            project_id=None if head.scope == ALL else int(head.scope),
            sequence=content.sequence,
            actor_name=content.actor_name,
            action=content.action,
            created_at=content.created_at,
            previous_digest=content.previous_digest,
            digest=new_digest(content),
        )
        heads.objects.filter(pk=head.pk).update(sequence=entry.sequence, digest=entry.digest)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_api_keys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(key_chains, migrations.RunPython.noop),
    ]
