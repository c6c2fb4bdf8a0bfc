from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0006_work_in_hand")]

    operations = [
        migrations.AddIndex("auditevent", models.Index(fields=["tenant", "subject_id"], name="audit_event_subject")),
        migrations.AddIndex(
            "auditevent", models.Index(fields=["tenant", "actor", "sequence"], name="audit_event_actor")
        ),
    ]
