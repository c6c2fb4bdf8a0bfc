"""What payers came to, of the claim payments that are there.

Apart from the migration that makes the table: its foreign keys are added when that one ends, and PostgreSQL cannot check
them against rows that row-level security hides from their owner.
"""

from django.db import migrations

# The owner is bound by row-level security like everybody: it is lifted from the tables that are read, and put back.
READ = ("submissions_claimversion", "submissions_claim", "payments_claimpayment", "payments_remittance")
LIFT = [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in READ]
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE"  # else the tables have checks pending, and nothing about them can be altered
FORCE_AGAIN = [
    f"""DO $$ BEGIN IF (SELECT relrowsecurity FROM pg_class WHERE oid = '{table}'::regclass) THEN
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY; END IF; END $$"""
    for table in READ
]
FILL = """SELECT claimwright_last_decisions(array(
  SELECT DISTINCT version_id FROM payments_claimpayment WHERE version_id IS NOT NULL ORDER BY version_id))"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_last_decision")]

    operations = [migrations.RunSQL([*LIFT, FILL, CHECKED, *FORCE_AGAIN], migrations.RunSQL.noop)]
