"""Forms that were sent: each has one effect, however often it is sent."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import claimwright.web.core.tenancy


class Migration(migrations.Migration):
    dependencies = [("core", "0007_audit_indexes")]

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64)),
                ("told", models.CharField(max_length=64)),
                ("sealed", models.BinaryField(default=b"")),
                ("sent_at", models.DateTimeField()),
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
                "indexes": [models.Index(fields=["sent_at"], name="sent_form_sent")],
                "constraints": [models.UniqueConstraint(fields=("tenant", "key"), name="sent_form_once")],
            },
        ),
    ]
