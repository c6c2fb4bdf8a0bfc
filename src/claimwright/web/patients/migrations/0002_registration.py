import uuid

import django.db.models.deletion
from django.db import migrations, models

import claimwright.web.core.tenancy


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("patients", "0001_initial"), ("practice", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("record_number", models.CharField(max_length=60)),
                ("content", models.JSONField()),
                ("registered_on", models.DateField()),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="practice.practice",
                    ),
                ),
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
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "practice", "record_number"), name="registration_once")
                ]
            },
        ),
    ]
