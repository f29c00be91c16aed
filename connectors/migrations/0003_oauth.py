import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import signalops_site.core.secrets


def refuse_unconnected(apps, _schema_editor):
    """Going back: an account that nobody has agreed to has nothing that its platform takes."""
    Account = apps.get_model("connectors", "Account")
    Account.objects.filter(state="unconnected").update(state="refused")


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0002_accounts"),
        ("core", "0001_projects_runs_audit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="session_lease",
            field=models.CharField(blank=True, help_text="which process is renewing the session", max_length=32),
        ),
        migrations.AddField(
            model_name="account",
            name="session_lease_ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RemoveConstraint(model_name="account", name="account_state_known"),
        migrations.AlterField(
            model_name="account",
            name="state",
            field=models.CharField(
                choices=[
                    ("ok", "Ok"),
                    ("refused", "Refused"),
                    ("expired", "Expired"),
                    ("unconnected", "Unconnected"),
                ],
                default="ok",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["ok", "refused", "expired", "unconnected"])),
                name="account_state_known",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_unconnected),
        migrations.CreateModel(
            name="ConnectAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "state_digest",
                    models.CharField(
                        help_text="SHA-256: the state itself is not kept", max_length=64, unique=True
                    ),
                ),
                (
                    "verifier",
                    signalops_site.core.secrets.EncryptedJSONField(
                        help_text="PKCE: shows the platform that who brings the code asked for it"
                    ),
                ),
                ("redirect_uri", models.CharField(max_length=500)),
                ("expires_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="connectors.account",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
