"""The newest versions and the open money of the claims that are there.

Apart from the migration that makes the table: its foreign keys are added when that one ends, and PostgreSQL cannot check
them against rows that row-level security hides from their owner.
"""

from django.db import migrations

# The owner is bound by row-level security like everybody: it is lifted from the tables that are read, and put back.
READ = ("submissions_claimversion", "submissions_claim", "accounts_ledgertransfer", "charges_chargeline")
LIFT = [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in READ]
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE"  # else the tables have checks pending, and nothing about them can be altered
FORCE_AGAIN = [
    f"""DO $$ BEGIN IF (SELECT relrowsecurity FROM pg_class WHERE oid = '{table}'::regclass) THEN
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY; END IF; END $$"""
    for table in READ
]
FILL = [
    """UPDATE submissions_claimversion v SET newest = false
        WHERE EXISTS (SELECT 1 FROM submissions_claimversion w WHERE w.tenant_id = v.tenant_id
                      AND w.claim_id = v.claim_id AND w.number > v.number)""",
    "SELECT claimwright_sum_claims(array(SELECT id FROM submissions_claim))",
]


class Migration(migrations.Migration):
    dependencies = [("submissions", "0004_claim_list")]

    operations = [migrations.RunSQL([*LIFT, *FILL, CHECKED, *FORCE_AGAIN], migrations.RunSQL.noop)]
