"""No ledger row counts on a day of a closed month, whoever writes it: a trigger that the serving role cannot lift."""

from django.db import migrations

# The lock is the one that writers of the ledger and `periods.hold_ledger` take: an insert that waited for a month's
# closing sees it, for each statement of a function looks afresh.
REFUSE = """
CREATE OR REPLACE FUNCTION claimwright_refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  late record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('accounts_ledgertransfer:' || owners.tenant_id::text, 0))
    FROM (SELECT DISTINCT tenant_id FROM added) owners;
  SELECT months.month AS month, closed.through AS through INTO late
    FROM (SELECT DISTINCT tenant_id, date_trunc('month', posted_on)::date AS month FROM added) months
    JOIN LATERAL (
      SELECT max(last.month) AS through FROM (
        SELECT DISTINCT ON (event.month) event.month, event.kind FROM accounts_periodevent event
         WHERE event.tenant_id = months.tenant_id ORDER BY event.month, event.number DESC) last
       WHERE last.kind = 'locked') closed ON months.month <= closed.through
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the books are closed through %: nothing is posted in %',
      to_char(late.through, 'YYYY-MM'), to_char(late.month, 'YYYY-MM')
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_open_period', TABLE = 'accounts_ledgertransfer';
  END IF;
  RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER ledger_open_period AFTER INSERT ON accounts_ledgertransfer REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION claimwright_refuse_closed_period()
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_closed_periods")]

    operations = [
        migrations.RunSQL(
            [REFUSE, TRIGGER],
            [
                "DROP TRIGGER ledger_open_period ON accounts_ledgertransfer",
                "DROP FUNCTION claimwright_refuse_closed_period()",
            ],
        ),
    ]
