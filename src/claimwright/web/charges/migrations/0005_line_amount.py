"""A charge line is found by its amount: a search that no list narrows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("charges", "0004_anesthesia_time")]

    operations = [
        migrations.AddIndex("chargeline", models.Index(fields=["tenant", "charge"], name="charge_line_amount")),
    ]
