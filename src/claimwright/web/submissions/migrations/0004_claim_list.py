"""What the list of claims is sorted and summed by: the newest version, open money, provider and place; kept by triggers."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

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

# A claim's row of money is locked before it is computed: whoever had to wait sees what the other wrote. Writers of the
# ledger take turns already (core/chain.py); a version that comes waits for them only where they write for its own claim.
# Lines are the newest version's: a claim that was split keeps its own. A cancelled version has nothing open.
SUM = """
CREATE OR REPLACE FUNCTION claimwright_sum_claims(wanted uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO submissions_claimmoney (id, claim_id, practice_id, tenant_id, balance, patient_balance)
  SELECT gen_random_uuid(), c.id, c.practice_id, c.tenant_id, 0, 0
    FROM submissions_claim c WHERE c.id = ANY(wanted) ORDER BY c.id
  ON CONFLICT (claim_id) DO NOTHING;
  PERFORM 1 FROM submissions_claimmoney WHERE claim_id = ANY(wanted) ORDER BY claim_id FOR UPDATE;
  UPDATE submissions_claimmoney m SET balance = held.balance, patient_balance = held.patient_balance
    FROM (
      SELECT c.id AS claim_id,
             COALESCE(sum(s.moved) FILTER (WHERE s.bucket = c.bucket AND v.state <> 'CANCELLED'), 0) AS balance,
             COALESCE(sum(s.moved) FILTER (WHERE s.bucket = 'PAT' AND v.state <> 'CANCELLED'), 0) AS patient_balance
        FROM submissions_claim c
        JOIN submissions_claimversion v ON v.tenant_id = c.tenant_id AND v.claim_id = c.id AND v.newest
        LEFT JOIN LATERAL jsonb_path_query(v.content, '$.lines[*].control_number') AS line(id) ON true
        LEFT JOIN LATERAL (
          SELECT t.debit_bucket AS bucket, t.amount AS moved FROM accounts_ledgertransfer t
           WHERE t.tenant_id = c.tenant_id AND t.debit_kind = 'RECEIVABLE' AND t.debit_subject = line.id #>> '{}'
          UNION ALL
          SELECT t.credit_bucket, -t.amount FROM accounts_ledgertransfer t
           WHERE t.tenant_id = c.tenant_id AND t.credit_kind = 'RECEIVABLE' AND t.credit_subject = line.id #>> '{}'
        ) s ON true
       WHERE c.id = ANY(wanted)
       GROUP BY c.id) held
   WHERE m.claim_id = held.claim_id
     AND (m.balance, m.patient_balance) IS DISTINCT FROM (held.balance, held.patient_balance);
END $$
"""
# By arrays, so that each step is looked up by its index whatever the planner believes of tables that just grew.
OF_LEDGER = """
CREATE OR REPLACE FUNCTION claimwright_ledger_to_claims() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  office uuid;
  lines text[];
  visits uuid[];
BEGIN
  SELECT tenant_id INTO office FROM added LIMIT 1;
  SELECT array_agg(DISTINCT moved.line_id) INTO lines
    FROM (SELECT debit_subject AS line_id FROM added WHERE debit_kind = 'RECEIVABLE'
          UNION ALL SELECT credit_subject FROM added WHERE credit_kind = 'RECEIVABLE') moved;
  IF lines IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(DISTINCT l.encounter_id) INTO visits
    FROM charges_chargeline l WHERE l.tenant_id = office AND l.line_id = ANY(lines);
  PERFORM claimwright_sum_claims(array(
    SELECT c.id FROM submissions_claim c WHERE c.tenant_id = office AND c.encounter_id = ANY(visits) ORDER BY c.id));
  RETURN NULL;
END $$
"""
OF_VERSIONS = """
CREATE OR REPLACE FUNCTION claimwright_versions_to_claims() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE submissions_claimversion v SET newest = false FROM added a
   WHERE v.tenant_id = a.tenant_id AND v.claim_id = a.claim_id AND v.number < a.number AND v.newest;
  PERFORM claimwright_sum_claims(array(SELECT DISTINCT claim_id FROM added));
  RETURN NULL;
END $$
"""
OF_CHANGE = """
CREATE OR REPLACE FUNCTION claimwright_changed_version_to_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM claimwright_sum_claims(ARRAY[NEW.claim_id]);
  RETURN NULL;
END $$
"""
# A version once superseded stays so, whatever an older copy of its row says when it is saved.
SUPERSEDED = """
CREATE OR REPLACE FUNCTION claimwright_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.newest := OLD.newest AND NEW.newest;
  RETURN NEW;
END $$
"""
TRIGGERS = [
    """CREATE TRIGGER ledger_to_claims AFTER INSERT ON accounts_ledgertransfer REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION claimwright_ledger_to_claims()""",
    """CREATE TRIGGER versions_to_claims AFTER INSERT ON submissions_claimversion REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION claimwright_versions_to_claims()""",
    # Two, for a change of state alone must not read the content of each row.
    """CREATE TRIGGER changed_version_to_claim AFTER UPDATE OF content ON submissions_claimversion FOR EACH ROW
       WHEN (OLD.content -> 'lines' IS DISTINCT FROM NEW.content -> 'lines')
       EXECUTE FUNCTION claimwright_changed_version_to_claim()""",
    """CREATE TRIGGER cancelled_version_to_claim AFTER UPDATE OF state ON submissions_claimversion FOR EACH ROW
       WHEN ((NEW.state = 'CANCELLED') IS DISTINCT FROM (OLD.state = 'CANCELLED'))
       EXECUTE FUNCTION claimwright_changed_version_to_claim()""",
    """CREATE TRIGGER superseded BEFORE UPDATE OF newest ON submissions_claimversion FOR EACH ROW
       EXECUTE FUNCTION claimwright_superseded()""",
]
DROP = [
    "DROP TRIGGER ledger_to_claims ON accounts_ledgertransfer",
    "DROP TRIGGER versions_to_claims ON submissions_claimversion",
    "DROP TRIGGER changed_version_to_claim ON submissions_claimversion",
    "DROP TRIGGER cancelled_version_to_claim ON submissions_claimversion",
    "DROP TRIGGER superseded ON submissions_claimversion",
    "DROP FUNCTION claimwright_ledger_to_claims()",
    "DROP FUNCTION claimwright_versions_to_claims()",
    "DROP FUNCTION claimwright_changed_version_to_claim()",
    "DROP FUNCTION claimwright_superseded()",
    "DROP FUNCTION claimwright_sum_claims(uuid[])",
]
NEWEST = models.Q(("newest", True))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_closed_period_trigger"),
        ("charges", "0005_line_amount"),
        ("core", "0002_roles"),
        ("patients", "0003_compared_as"),
        ("practice", "0003_enrolments"),
        ("submissions", "0003_local_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimMoney",
            fields=[
                ("id", models.UUIDField(**KEY)),
                ("balance", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("patient_balance", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="money", to="submissions.claim"
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
                ("tenant", models.ForeignKey(**TENANT)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tenant", "balance"], name="claim_money_balance"),
                    models.Index(fields=["tenant", "patient_balance"], name="claim_money_patient"),
                ]
            },
        ),
        migrations.AddField("claim", "follow_up_on", models.DateField(blank=True, null=True)),
        migrations.AddField("claimversion", "newest", models.BooleanField(default=True)),
        migrations.AddField(
            "claimversion",
            "rendering_npi",
            models.GeneratedField(
                db_persist=True,
                null=True,
                expression=Coalesce(
                    KeyTextTransform("npi", KeyTransform("rendering", "content")),
                    KeyTextTransform("npi", KeyTransform("billing_provider", "content")),
                    models.Value("", output_field=models.TextField()),
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddField(
            "claimversion",
            "place_of_service",
            models.GeneratedField(
                db_persist=True,
                null=True,
                expression=Coalesce(
                    KeyTextTransform("place_of_service", "content"), models.Value("", output_field=models.TextField())
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            "claim",
            models.Index(
                condition=models.Q(("owner", ""), _negated=True), fields=["tenant", "owner"], name="claim_owned"
            ),
        ),
        migrations.AddIndex(
            "claim",
            models.Index(
                condition=models.Q(("follow_up_on__isnull", False)),
                fields=["tenant", "follow_up_on"],
                name="claim_follow_up",
            ),
        ),
        migrations.RunSQL(SUM, migrations.RunSQL.noop),
        migrations.AddIndex(
            "claimversion",
            models.Index(
                condition=NEWEST,
                fields=["tenant", "state", "date_of_service"],
                include=("total_charge", "filing_deadline", "hold_until"),
                name="claim_newest_state",
            ),
        ),
        migrations.AddIndex(
            "claimversion",
            models.Index(
                condition=NEWEST, fields=["tenant", "date_of_service", "control_number"], name="claim_newest_day"
            ),
        ),
        migrations.AddIndex(
            "claimversion",
            models.Index(condition=NEWEST, fields=["tenant", "total_charge"], name="claim_newest_charge"),
        ),
        migrations.AddIndex(
            "claimversion",
            models.Index(condition=NEWEST, fields=["tenant", "filing_deadline"], name="claim_newest_limit"),
        ),
        migrations.AddIndex(
            "claimversion", models.Index(condition=NEWEST, fields=["tenant", "last_sent"], name="claim_newest_sent")
        ),
        migrations.RunSQL([OF_LEDGER, OF_VERSIONS, OF_CHANGE, SUPERSEDED, *TRIGGERS], DROP),
    ]
