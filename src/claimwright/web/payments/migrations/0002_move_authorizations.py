"""Authorizations have an app of their own: rows and movements go there, the old tables go.

The owner is bound by row-level security like everybody: it is lifted from the tables that are read, and put back.
"""

from django.db import migrations

READ = ("payments_authorization", "payments_authorizationuse", "submissions_claimversion", "submissions_claim")
LIFT = "; ".join(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in READ)
# A table that was never secured stays as it is: securing comes after the migrations.
FORCE_AGAIN = "; ".join(
    f"""DO $$ BEGIN IF (SELECT relrowsecurity FROM pg_class WHERE oid = '{table}'::regclass) THEN
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY; END IF; END $$"""
    for table in READ[2:]
)

# The end was the last day; here it is the day after it.
ROWS = """
INSERT INTO authorizations_authorization (
  id, tenant_id, patient_id, payer_id, kind, number, payer_reference, status, codes, diagnoses, provider_npis, places,
  referring_npi, units_approved, start, "end", requester, method, payer_contact, call_reference, expedited, reasons, note,
  created_at)
SELECT id, tenant_id, patient_id, payer_id, CASE kind WHEN '9F' THEN 'referral' ELSE 'authorization' END, number, '',
  CASE WHEN state IN ('requested', 'pended', 'approved', 'partial', 'denied', 'expired') THEN state ELSE 'approved' END,
  (SELECT COALESCE(jsonb_agg(jsonb_build_object('first', code)), '[]'::jsonb)
   FROM jsonb_array_elements_text(codes) AS code),
  '[]', '[]', '[]', '', units_approved, start, "end" + 1, '', '', '', '', false, '[]', '', now()
FROM payments_authorization
"""
ENTRIES = """
INSERT INTO authorizations_authorizationentry (
  id, tenant_id, authorization_id, ordinal, measure, movement, quantity, subject, claim_id, version_id, cause,
  override_reason, at, "on", actor)
SELECT u.id, u.tenant_id, u.authorization_id,
  row_number() OVER (PARTITION BY u.authorization_id ORDER BY u."on", u.key), 'units', u.kind, u.units,
  split_part(u.key, ':', 2), v.claim_id, u.version_id, 'moved', '', now(), u."on", 'migration'
FROM payments_authorizationuse u LEFT JOIN submissions_claimversion v ON v.id = u.version_id
WHERE u.units > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("authorizations", "0001_initial"),
        ("payments", "0001_initial"),
        ("submissions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL([LIFT, ROWS, ENTRIES, FORCE_AGAIN], migrations.RunSQL.noop),
        migrations.DeleteModel(name="AuthorizationUse"),
        migrations.DeleteModel(name="Authorization"),
    ]
