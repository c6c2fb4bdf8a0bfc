"""What waits at the bank, of the lines, payments and matches that are there.

Apart from the migration that makes the table: its foreign keys are added when that one ends, and PostgreSQL cannot check
them against rows that row-level security hides from their owner.
"""

from django.db import migrations

# The owner is bound by row-level security like everybody: it is lifted from the tables that are read, and put back.
READ = (
    "bank_bankline", "bank_bankmatch", "bank_bankmatchline", "bank_bankmatchpart", "payments_patientreceipt",
)  # fmt: skip
LIFT = [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in READ]
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE"  # else the tables have checks pending, and nothing about them can be altered
FORCE_AGAIN = [
    f"""DO $$ BEGIN IF (SELECT relrowsecurity FROM pg_class WHERE oid = '{table}'::regclass) THEN
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY; END IF; END $$"""
    for table in READ
]
STANDS = """m.kind <> 'UNDONE'
    AND NOT EXISTS (SELECT 1 FROM bank_bankmatch u WHERE u.tenant_id = m.tenant_id AND u.undoes_id = m.id)"""
FILL = [
    f"""INSERT INTO bank_openline (id, tenant_id, line_id)
        SELECT gen_random_uuid(), l.tenant_id, l.id FROM bank_bankline l WHERE NOT EXISTS (
          SELECT 1 FROM bank_bankmatchline t JOIN bank_bankmatch m ON m.id = t.match_id
           WHERE t.line_id = l.id AND {STANDS})""",
    f"""UPDATE payments_patientreceipt SET is_at_bank = true WHERE id IN (
          SELECT p.receipt_id FROM bank_bankmatchpart p JOIN bank_bankmatch m ON m.id = p.match_id
           WHERE p.receipt_id IS NOT NULL AND {STANDS})""",
]


class Migration(migrations.Migration):
    dependencies = [("bank", "0002_open_lines"), ("payments", "0011_receipts_at_bank")]

    operations = [migrations.RunSQL([*LIFT, *FILL, CHECKED, *FORCE_AGAIN], migrations.RunSQL.noop)]
