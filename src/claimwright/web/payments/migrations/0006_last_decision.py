"""What payers' payments of a claim come to, kept by triggers: what the list of claims is sorted by."""

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

# The row is locked before it is computed: whoever had to wait sees what the other wrote.
SUM = """
CREATE OR REPLACE FUNCTION claimwright_last_decisions(wanted uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments_lastdecision (id, version_id, practice_id, tenant_id, paid, reason, carc)
  SELECT gen_random_uuid(), v.id, c.practice_id, v.tenant_id, 0, '', ''
    FROM submissions_claimversion v JOIN submissions_claim c ON c.tenant_id = v.tenant_id AND c.id = v.claim_id
   WHERE v.id = ANY(wanted) ORDER BY v.id
  ON CONFLICT (version_id) DO NOTHING;
  PERFORM 1 FROM payments_lastdecision WHERE version_id = ANY(wanted) ORDER BY version_id FOR UPDATE;
  UPDATE payments_lastdecision d
     SET allowed = told.allowed, paid = COALESCE(told.paid, 0), patient_responsibility = told.patient_responsibility,
         reason = COALESCE(told.reason, ''), carc = COALESCE(told.carc, '')
    FROM unnest(wanted) AS one(version_id)
    LEFT JOIN LATERAL (
      SELECT sum(p.paid) OVER () AS paid, p.patient_responsibility,
             COALESCE((p.content ->> 'allowed')::numeric,
                      (SELECT sum((line.said #>> '{}')::numeric)
                         FROM jsonb_path_query(p.content, '$.lines[*].allowed') AS line(said))) AS allowed,
             left((last.said ->> 'group') || '-' || (last.said ->> 'reason'), 12) AS reason,
             left(last.said ->> 'reason', 8) AS carc
        FROM payments_claimpayment p
        JOIN payments_remittance r ON r.tenant_id = p.tenant_id AND r.id = p.remittance_id
        LEFT JOIN LATERAL (
          SELECT found.said FROM (
            SELECT 0 AS part, said, at FROM jsonb_path_query(p.content, '$.adjustments[*]') WITH ORDINALITY AS a(said, at)
            UNION ALL
            SELECT 1, said, at
              FROM jsonb_path_query(p.content, '$.lines[*].adjustments[*]') WITH ORDINALITY AS b(said, at)) found
           ORDER BY found.part DESC, found.at DESC LIMIT 1) last ON true
       WHERE p.version_id = one.version_id AND p.state <> 'held' AND p.reversed_by_id IS NULL AND p.status <> '22'
       ORDER BY r.posted_at DESC NULLS FIRST, p.segment DESC
       LIMIT 1) told ON true
   WHERE d.version_id = one.version_id;
END $$
"""
ROWS = """
CREATE OR REPLACE FUNCTION claimwright_claim_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM claimwright_last_decisions(array(
    SELECT DISTINCT version_id FROM changed WHERE version_id IS NOT NULL ORDER BY version_id));
  RETURN NULL;
END $$
"""
TRIGGERS = [
    """CREATE TRIGGER claim_payment_came AFTER INSERT ON payments_claimpayment REFERENCING NEW TABLE AS changed
       FOR EACH STATEMENT EXECUTE FUNCTION claimwright_claim_payments()""",
    """CREATE TRIGGER claim_payment_changed AFTER UPDATE ON payments_claimpayment REFERENCING NEW TABLE AS changed
       FOR EACH STATEMENT EXECUTE FUNCTION claimwright_claim_payments()""",
    """CREATE TRIGGER claim_payment_left AFTER UPDATE ON payments_claimpayment REFERENCING OLD TABLE AS changed
       FOR EACH STATEMENT EXECUTE FUNCTION claimwright_claim_payments()""",
]
DROP = [
    "DROP TRIGGER claim_payment_came ON payments_claimpayment",
    "DROP TRIGGER claim_payment_changed ON payments_claimpayment",
    "DROP TRIGGER claim_payment_left ON payments_claimpayment",
    "DROP FUNCTION claimwright_claim_payments()",
    "DROP FUNCTION claimwright_last_decisions(uuid[])",
]


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_between_practices"),
        ("practice", "0003_enrolments"),
        ("submissions", "0004_claim_list"),
    ]

    operations = [
        migrations.CreateModel(
            name="LastDecision",
            fields=[
                ("id", models.UUIDField(**KEY)),
                ("allowed", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("paid", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("patient_responsibility", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("reason", models.CharField(blank=True, max_length=12)),
                ("carc", models.CharField(blank=True, max_length=8)),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
                ("tenant", models.ForeignKey(**TENANT)),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="last_decision",
                        to="submissions.claimversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tenant", "allowed"], name="last_decision_allowed"),
                    models.Index(fields=["tenant", "paid"], name="last_decision_paid"),
                    models.Index(fields=["tenant", "reason"], name="last_decision_reason"),
                    models.Index(fields=["tenant", "carc"], name="last_decision_carc"),
                ]
            },
        ),
        migrations.AddIndex("claimpayment", models.Index(fields=["tenant", "paid"], name="claim_payment_paid")),
        migrations.RunSQL(SUM, migrations.RunSQL.noop),
        migrations.RunSQL([ROWS, *TRIGGERS], DROP),
    ]
