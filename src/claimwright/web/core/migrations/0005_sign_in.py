import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import claimwright.web.core.tenancy

ROW = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def person():
    return (
        "user",
        models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_practice_grants"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ROW,
                ("credential_id", models.BinaryField(unique=True)),
                ("credential", models.BinaryField()),
                ("sign_count", models.BigIntegerField(default=0)),
                ("name", models.CharField(max_length=60)),
                ("added_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                person(),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="AuthenticatorApp",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sealed_key", models.BinaryField()),
                ("last_step", models.BigIntegerField(default=0)),
                ("wrong_in_a_row", models.IntegerField(default=0)),
                ("added_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ROW,
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                person(),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                ROW,
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                person(),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="OpenSession",
            fields=[
                ROW,
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("signed_in_at", models.DateTimeField()),
                ("proved_by", models.CharField(max_length=20)),
                ("device", models.CharField(blank=True, max_length=60)),
                person(),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("person_id", models.IntegerField()),
                ("person", models.CharField(max_length=150)),
                ("permission", models.CharField(blank=True, max_length=60)),
                ("opened_practice_id", models.UUIDField(blank=True, null=True)),
                ("reason", models.CharField(max_length=400)),
                ("opened_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reviewed_by", models.CharField(blank=True, max_length=150)),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                ("review", models.CharField(blank=True, max_length=400)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_default=claimwright.web.core.tenancy.CurrentTenantId(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.tenant",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(fields=["tenant", "person_id", "until"], name="emergency_of_person"),
        ),
    ]
