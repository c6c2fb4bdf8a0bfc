"""Items that sleep and items passed up, lists counted from an index, and views that people keep."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import claimwright.web.core.tenancy

TENANT = {
    "db_default": claimwright.web.core.tenancy.CurrentTenantId(),
    "db_index": False,
    "editable": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "core.tenant",
}
KEY = {"default": uuid.uuid4, "editable": False, "primary_key": True, "serialize": False}


class Migration(migrations.Migration):
    dependencies = [("core", "0005_sign_in")]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(**KEY)),
                ("page", models.CharField(max_length=40)),
                ("owner", models.CharField(max_length=150)),
                ("name", models.CharField(blank=True, max_length=60)),
                ("query", models.CharField(blank=True, max_length=600)),
                ("columns", models.JSONField(default=list)),
                ("shared", models.BooleanField(default=False)),
                ("tenant", models.ForeignKey(**TENANT)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("shared", True)), fields=["tenant", "page"], name="saved_view_shared"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "page", "owner", "name"), name="saved_view_once")
                ],
            },
        ),
        migrations.AddIndex("auditevent", models.Index(fields=["tenant", "at"], name="audit_event_at")),
        migrations.AddField("workitem", "snoozed_until", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "workitem", "snooze_reason", models.CharField(blank=True, max_length=200, default=""), False
        ),
        migrations.AddField("workitem", "escalated_on", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "workitem", "escalated_by", models.CharField(blank=True, max_length=150, default=""), False
        ),
        migrations.AddField(
            "workitem", "escalation_reason", models.CharField(blank=True, max_length=200, default=""), False
        ),
        migrations.AddIndex(
            "workitem",
            models.Index(
                condition=models.Q(("state", "open")),
                fields=["tenant", "worklist", "due_date", "raised_on"],
                include=("amount", "owner", "snoozed_until", "escalated_on"),
                name="work_item_open",
            ),
        ),
        migrations.AddIndex(
            "workitem",
            models.Index(
                condition=models.Q(("state", "open")), fields=["tenant", "claim_number"], name="work_item_of_claim"
            ),
        ),
        migrations.AddIndex(
            "workitem",
            models.Index(
                condition=models.Q(("state", "done")), fields=["tenant", "resolved_at"], name="work_item_resolved"
            ),
        ),
    ]
