"""Planted faults: each is found under the invariant it breaks, with its subject, and no other tenant's books show it."""

from __future__ import annotations

import pytest

FIRST = "tenant_id = '{tenant}'"
T1 = f"(SELECT number FROM payments_remittance WHERE {FIRST} AND trace_number = 'T1' AND state = 'partial')"
TRANSFER = f"""INSERT INTO accounts_ledgertransfer SELECT (jsonb_populate_record(t, jsonb_build_object(
  'id', gen_random_uuid(), 'sequence', (SELECT max(sequence) + 1 FROM accounts_ledgertransfer WHERE {FIRST}),
  'key', t.key || '/again'))).* FROM accounts_ledgertransfer t WHERE {FIRST} AND """

# Name: (invariant, subject begins with, part of what is said, statements).
PLANTED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "amount below zero": (
        "I1", "transfer ", "not above zero",
        ("ALTER TABLE accounts_ledgertransfer DROP CONSTRAINT ledger_amount_above_zero",
         f"UPDATE accounts_ledgertransfer SET amount = -amount WHERE {FIRST} AND sequence = 3"),
    ),
    "amount is not a number": (
        "I1", "transfer 3", "not above zero",
        (f"UPDATE accounts_ledgertransfer SET amount = 'NaN' WHERE {FIRST} AND sequence = 3",),
    ),
    "one account on both sides": (
        "I1", "transfer 3", "one account",
        ("ALTER TABLE accounts_ledgertransfer DROP CONSTRAINT ledger_two_accounts",
         f"UPDATE accounts_ledgertransfer SET credit_kind = debit_kind, credit_bucket = debit_bucket, "
         f"credit_subject = debit_subject WHERE {FIRST} AND sequence = 3"),
    ),
    "another tenant's practice is credited": (
        "I1", "account REVENUE/", "nothing of this tenant",
        ("UPDATE accounts_ledgertransfer SET credit_subject = (SELECT id::text FROM practice_practice "
         f"WHERE tenant_id = '{{other}}') WHERE {FIRST} AND sequence = 1",),
    ),
    "a reversal of another amount": (
        "I1", "transfer ", "its amount is not that",
        (f"UPDATE accounts_ledgertransfer SET amount = amount + 1 WHERE {FIRST} AND reverses <> '' AND "
         f"entry_type = (SELECT min(entry_type) FROM accounts_ledgertransfer WHERE {FIRST} AND reverses <> '')",),
    ),
    "an edited amount": (
        "I2", "line ", "ledger says 150.01",
        (f"UPDATE accounts_ledgertransfer SET amount = 150.01 WHERE {FIRST} AND sequence = 1",),
    ),
    "an edited charge": (
        "I2", "line ", "charge 149.00",
        (f"UPDATE charges_chargeline SET charge = 149 WHERE {FIRST} AND line_id = "
         f"(SELECT min(line_id) FROM charges_chargeline WHERE {FIRST})",),
    ),
    "a deleted charge": (
        "I2", "line ", "never reached the ledger",
        (f"DELETE FROM accounts_ledgertransfer WHERE {FIRST} AND sequence = 1",),
    ),
    "money moved to no known place": (
        "I2", "line ", "no known place",
        (f"UPDATE accounts_ledgertransfer SET debit_kind = 'OTHER_INCOME', debit_bucket = 'XX' WHERE {FIRST} "
         "AND entry_type = 'ADJ' AND key <> 'overpaid'",),
    ),
    "an extra transfer to a remittance": (
        "I3", "remittance ", "transfers received for it sum to",
        (f"{TRANSFER} entry_type = 'INS_PAY' AND payment = {T1} LIMIT 1",),
    ),
    "two claims' money swapped within a remittance": (
        "I3", "remittance ", "the file says 85.00, its transfers 84.00",
        (f"UPDATE accounts_ledgertransfer t SET amount = amount + d.by FROM (SELECT key, CASE WHEN row_number() OVER "
         f"(ORDER BY key) = 1 THEN 1 ELSE -1 END AS by FROM accounts_ledgertransfer WHERE {FIRST} AND "
         f"entry_type = 'INS_PAY' AND payment = {T1}) d WHERE t.{FIRST} AND t.key = d.key",),
    ),
    "the bank's entry deleted": (
        "I3", "remittance ", "clearing account is not zero",
        (f"DELETE FROM accounts_ledgertransfer WHERE {FIRST} AND entry_type = 'DEPOSIT'",),
    ),
    "an unexplained deposit taken off its list": (
        "I3", "deposit ", "no worklist shows it",
        (f"UPDATE core_workitem SET state = 'done' WHERE {FIRST} AND worklist = 'eft_without_era'",),
    ),
    "a held claim called posted": (
        "I4", "remittance ", "in suspense 50.00",
        (f"UPDATE payments_claimpayment SET state = 'posted' WHERE {FIRST} AND state = 'held'",),
    ),
    "half a remittance": (
        "I4", "remittance ", "4 claims in the file, 3 kept",
        (f"DELETE FROM payments_claimpayment WHERE {FIRST} AND state = 'held'",),
    ),
    "an unbalanced remittance called posted": (
        "I4", "remittance ", "differ from BPR02",
        (f"UPDATE payments_remittance SET state = 'posted' WHERE {FIRST} AND state = 'quarantined'",
         f"UPDATE exchange_inboxpart SET fate = 'posted' WHERE {FIRST} AND kind = '835' AND fate = 'quarantined'"),
    ),
    "a duplicate called posted": (
        "I5", "payment ", "posted 2 times",
        ("DROP INDEX remittance_identity_once",
         f"UPDATE payments_remittance SET state = 'posted' WHERE {FIRST} AND state = 'duplicate'"),
    ),
    "a trace number changed": (
        "I5", "payment ", "not that of the file",
        (f"UPDATE payments_remittance SET trace_number = 'T7' WHERE {FIRST} AND trace_number = 'T3'",),
    ),
    "a different payment called a duplicate": (
        "I5", "payment ", "no payment is like it",
        (f"UPDATE payments_remittance SET state = 'duplicate' WHERE {FIRST} AND trace_number = 'T3'",),
    ),
    "claim payments posted twice": (
        "I6", "claim payment C", "the same claim payment posted 2 times",
        ("DROP INDEX remittance_identity_once",
         f"UPDATE payments_remittance SET state = 'posted' WHERE {FIRST} AND state = 'duplicate'",
         "INSERT INTO payments_claimpayment SELECT (jsonb_populate_record(c, jsonb_build_object('id', "
         "gen_random_uuid(), 'remittance_id', (SELECT r.id FROM payments_remittance r WHERE {first} AND r.number <> "
         f"{T1} AND trace_number = 'T1'), 'reversed_by_id', NULL))).* FROM payments_claimpayment c WHERE {FIRST} "
         f"AND remittance_id = (SELECT id FROM payments_remittance WHERE {FIRST} AND number = {T1}) "
         "AND state = 'posted' AND reversed_by_id IS NULL"),
    ),
    "a reversal without its original": (
        "I6", "remittance ", "a posted reversal with 0 originals",
        (f"UPDATE payments_claimpayment SET reversed_by_id = NULL WHERE {FIRST} AND reversed_by_id IS NOT NULL",),
    ),
    "a reversal of another claim": (
        "I6", "remittance ", "no earlier payment of the same claim",
        ("ALTER TABLE payments_claimpayment DROP CONSTRAINT payments_claimpayment_reversed_by_id_key",
         "UPDATE payments_claimpayment n SET reversed_by_id = o.reversed_by_id FROM payments_claimpayment o "
         "WHERE n.{first} AND o.{first} AND o.reversed_by_id IS NOT NULL AND n.control_number <> o.control_number "
         "AND n.paid = o.paid",
         "UPDATE payments_claimpayment SET reversed_by_id = NULL WHERE {first} AND reversed_by_id IS NOT NULL AND "
         "control_number = (SELECT control_number FROM payments_claimpayment WHERE {first} AND status = '22')"),
    ),
    "a reversal of another amount of the claim": (
        "I6", "remittance ", "not the opposite",
        (f"UPDATE payments_claimpayment SET paid = -84 WHERE {FIRST} AND status = '22'",),
    ),
    "a forwarded balance changed": (
        "I7", "remittance ", "FB in the file -25.00, in the ledger -24.00",
        (f"UPDATE accounts_ledgertransfer SET amount = 24 WHERE {FIRST} AND reason = 'FB' AND "
         "credit_kind = 'PAYER_OFFSET'",),
    ),
    "a forwarded balance of another payer": (
        "I7", "forwarding balance ", "forwarded",
        ("UPDATE accounts_ledgertransfer SET credit_subject = 'MEDB|391234567' "
         f"WHERE {FIRST} AND reason = 'FB' AND credit_kind = 'PAYER_OFFSET'",),
    ),
    "received bytes changed": (
        "I8", "file ", "not those received",
        (f"UPDATE exchange_inboxfile SET content = content || '\\x20' WHERE {FIRST} AND name = 'a.ta1'",),
    ),
    "the only part deleted": (
        "I8", "file ", "parts have no fate",
        (f"DELETE FROM exchange_inboxpart WHERE {FIRST} AND kind = '277CA'",),
    ),
    "one of two parts deleted": (
        "I8", "file ", "2 transactions and TA1s, 1 have a fate",
        (f"UPDATE exchange_inboxfile SET content = content || content, size = 2 * size, "
         f"sha256 = encode(sha256(content || content), 'hex') WHERE {FIRST} AND name = 'a.ta1'",),
    ),
    "a count that is wrong, acted on": (
        "I8", "file ", "SE01 does not count its segments, and it was acted on",
        ("UPDATE exchange_inboxfile SET content = convert_to(regexp_replace(convert_from(content, 'LATIN1'), "
         f"'SE\\*[0-9]+', 'SE*9'), 'LATIN1') WHERE {FIRST} AND name = '3.835'",),
    ),
    "a part of other bytes": (
        "I8", "file ", "not at the same bytes",
        (f"UPDATE exchange_inboxpart SET byte_start = byte_start + 1 WHERE {FIRST} AND kind = '999'",),
    ),
    "a part without a fate": (
        "I8", "file ", "have no fate",
        (f"UPDATE exchange_inboxpart SET fate = 'pending' WHERE {FIRST} AND kind = '277CA'",),
    ),
    "a delivery deleted": (
        "I8", "file ", "no delivery",
        (f"DELETE FROM exchange_inboxdelivery WHERE {FIRST} AND name = 'b.999'",),
    ),
    "sent bytes changed": (
        "I9", "outbox ", "not those prepared",
        (f"UPDATE exchange_outboxfile SET content = content || '\\x20' WHERE {FIRST}",),
    ),
    "an interchange control number used again": (
        "I9", "outbox ", "was used before",
        ("ALTER TABLE exchange_outboxfile DROP CONSTRAINT outbox_control_number_once, "
         "DROP CONSTRAINT outbox_group_number_once",
         "INSERT INTO exchange_outboxfile SELECT (jsonb_populate_record(o, jsonb_build_object('id', "
         f"gen_random_uuid()))).* FROM exchange_outboxfile o WHERE {FIRST}"),
    ),
    "a recorded control number changed": (
        "I9", "outbox ", "not those recorded",
        (f"UPDATE exchange_outboxfile SET group_control_number = group_control_number + 7 WHERE {FIRST}",),
    ),
    "a claim sent twice without a resend": (
        "I9", "claim ", "in 2 files, 0 of them resends",
        ("DROP INDEX first_submission_once", "ALTER TABLE submissions_submission DROP CONSTRAINT submission_once",
         "INSERT INTO submissions_submission SELECT (jsonb_populate_record(s, jsonb_build_object('id', "
         f"gen_random_uuid()))).* FROM submissions_submission s WHERE {FIRST} LIMIT 1"),
    ),
    "a claim jumped to a state": (
        "I10", "claim ", "events end at",
        (f"UPDATE submissions_claimversion SET state = 'CLOSED' WHERE {FIRST} AND state = 'CH_ACCEPTED'",),
    ),
    "an event deleted": (
        "I10", "claim ", "event 2 is missing",
        (f"DELETE FROM submissions_claimevent WHERE {FIRST} AND ordinal = 2",),
    ),
    "an event off the table": (
        "I10", "claim ", "which no row allows",
        (f"UPDATE submissions_claimevent SET from_state = 'DRAFT' WHERE {FIRST} AND to_state = 'ADJUDICATED'",),
    ),
    "an acceptance without evidence": (
        "I10", "claim ", "names nothing received",
        (f"UPDATE submissions_claimevent SET evidence_id = NULL WHERE {FIRST} AND trigger = 'ch_accept'",),
    ),
    "an event of nobody": (
        "I10", "claim ", "no actor",
        (f"UPDATE submissions_claimevent SET actor = '' WHERE {FIRST} AND ordinal = 1",),
    ),
    "a ledger row deleted": (
        "I11", "accounts_ledgertransfer 5", "row 4 is missing",
        (f"DELETE FROM accounts_ledgertransfer WHERE {FIRST} AND sequence = 4",),
    ),
    "a hash changed": (
        "I11", "accounts_ledgertransfer 4", "not what its hash",
        (f"UPDATE accounts_ledgertransfer SET hash = repeat('a', 64) WHERE {FIRST} AND sequence = 4",),
    ),
    "an audit event changed": (
        "I11", "core_auditevent 2", "not what its hash",
        (f"UPDATE core_auditevent SET actor = 'nobody' WHERE {FIRST} AND sequence = 2",),
    ),
    "the append-only guard switched off": (
        "I11", "table accounts_ledgertransfer", "guards are on",
        ('ALTER TABLE accounts_ledgertransfer DISABLE TRIGGER "accounts_ledgertransfer_append_only"',),
    ),
    "a child of another tenant's parent": (
        "I12", "charges_chargeline.encounter_id", "without a parent",
        (f"UPDATE charges_chargeline SET encounter_id = (SELECT id FROM charges_encounter WHERE tenant_id = '{{other}}' "
         f"LIMIT 1) WHERE {FIRST} AND line_id = (SELECT min(line_id) FROM charges_chargeline WHERE {FIRST})",),
    ),
    "row-level security switched off": (
        "I12", "table payments_statement", "not forced",
        ("ALTER TABLE payments_statement NO FORCE ROW LEVEL SECURITY",),
    ),
    "a claim's total changed": (
        "I13", "claim ", "total 151.00, lines 150.00",
        (f"UPDATE submissions_claimversion SET total_charge = total_charge + 1 WHERE {FIRST} AND number = 1",),
    ),
    "a paid amount kept otherwise": (
        "I13", "remittance ", "kept unlike received",
        (f"UPDATE payments_claimpayment SET paid = 86 WHERE {FIRST} AND paid = 85",),
    ),
    "open money shown otherwise": (
        "I13", "claim ", "lists show",
        (f"UPDATE submissions_claimmoney SET balance = balance + 5 WHERE {FIRST} AND id = "
         f"(SELECT min(id::text)::uuid FROM submissions_claimmoney WHERE {FIRST})",),
    ),
    "open money shown nowhere": (
        "I13", "claim ", "no row says what is open",
        (f"DELETE FROM submissions_claimmoney WHERE {FIRST} AND id = "
         f"(SELECT min(id::text)::uuid FROM submissions_claimmoney WHERE {FIRST})",),
    ),
    "a cancelled claim shown as open": (
        "I13", "claim ", "the ledger holds 0",
        (f"UPDATE submissions_claimversion SET state = 'CANCELLED' WHERE {FIRST} AND newest AND claim_id IN "
         f"(SELECT claim_id FROM submissions_claimmoney WHERE {FIRST} AND balance <> 0)",),
    ),
    "a decision shown otherwise": (
        "I13", "version ", "its payments come to",
        (f"UPDATE payments_lastdecision SET allowed = 1 WHERE {FIRST} AND id = "
         f"(SELECT min(id::text)::uuid FROM payments_lastdecision WHERE {FIRST})",),
    ),
    "a reason shown otherwise": (
        "I13", "version ", "its payments come to",
        (f"UPDATE payments_lastdecision SET reason = 'CO-16', carc = '16' WHERE {FIRST} AND reason <> ''",),
    ),
    "a float in JSON": (
        "I14", "payments_claimpayment ", "binary number",
        ("UPDATE payments_claimpayment SET content = jsonb_set(content, '{{lines,0,paid}}', '85.1') "
         f"WHERE {FIRST} AND status = '1' AND content->'lines'->0 IS NOT NULL",),
    ),
    "a whole number in JSON": (
        "I14", "submissions_claimversion ", "binary number",
        ("UPDATE submissions_claimversion SET content = jsonb_set(content, '{{lines,0,charge}}', '150') "
         f"WHERE {FIRST}",),
    ),
    "a column of binary numbers": (
        "I14", "payments_claimpayment.patient_responsibility", "double precision",
        ("ALTER TABLE payments_claimpayment ALTER COLUMN patient_responsibility TYPE double precision",),
    ),
    "a column with too many places": (
        "I14", "denials_denial.amount", "numeric(14,2)",
        ("ALTER TABLE denials_denial ALTER COLUMN amount TYPE numeric(16, 4)",),
    ),
    "a statement's amount changed": (
        "I15", "statement ", "the row says",
        (f"UPDATE payments_statement SET amount_due = amount_due + 5 WHERE {FIRST}",),
    ),
    "a statement's amount changed everywhere": (
        "I15", "statement ", "the ledger stood at",
        ("UPDATE payments_statement SET amount_due = amount_due + 5, content = jsonb_set(content, '{{total_due}}', "
         f"to_jsonb((amount_due + 5)::text)) WHERE {FIRST}",),
    ),
    "a statement's PDF changed": (
        "I15", "statement ", "PDF is not the one issued",
        (f"UPDATE payments_statement SET pdf = pdf || '\\x20' WHERE {FIRST}",),
    ),
    "a visit on a statement changed": (
        "I15", "statement ", "not its charge less what was taken off",
        ("UPDATE payments_statement SET content = jsonb_set(content, '{{visits,0,charge}}', '\"999.00\"') "
         f"WHERE {FIRST}",),
    ),
    "a visit added to a statement": (
        "I15", "statement ", "its visits come to",
        ("UPDATE payments_statement SET content = jsonb_set(content, '{{visits}}', (content->'visits') || "
         f"'[{{{{\"charge\": \"5.00\", \"amount_owed\": \"5.00\"}}}}]') WHERE {FIRST}",),
    ),
    "a guarantor asked for more": (
        "I15", "guarantor's statement ", "its patients' statements for",
        (f"UPDATE statements_guarantorstatement SET amount_due = amount_due + 5 WHERE {FIRST}",),
    ),
    "a patient's visits gone from the guarantor's statement": (
        "I15", "guarantor's statement ", "its visits come to 0",
        ("UPDATE statements_guarantorstatement SET content = jsonb_set(content, '{{visits}}', '[]') "
         f"WHERE {FIRST} AND content IS NOT NULL",),
    ),
    "entries written into a statement's past": (
        "I15", "statement ", "entries of a later day",
        (f"UPDATE payments_statement SET issued_on = DATE '2026-08-01' WHERE {FIRST}",),
    ),
    "unapplied money without a refund row": (
        "I16", "patient ", "no refund lists it",
        (f"DELETE FROM payments_refund WHERE {FIRST} AND line_id = ''",),
    ),
    "a payer's credit without a refund row": (
        "I16", "line ", "no refund lists it",
        (f"DELETE FROM payments_refund WHERE {FIRST} AND line_id <> ''",),
    ),
    "a refund of another amount": (
        "I16", "line ", "its refund says",
        (f"UPDATE payments_refund SET amount = amount - 1 WHERE {FIRST} AND line_id <> ''",),
    ),
    "a federal refund without its date": (
        "I16", "line ", "no due date",
        (f"UPDATE payments_refund SET due_on = NULL WHERE {FIRST} AND line_id <> ''",),
    ),
    "a federal refund due too late": (
        "I16", "line ", "60 days after",
        (f"UPDATE payments_refund SET due_on = identified_on + 365 WHERE {FIRST} AND line_id <> ''",),
    ),
    "a credit off its worklist": (
        "I16", "line ", "on no worklist",
        (f"UPDATE core_workitem SET state = 'done' WHERE {FIRST} AND worklist = 'credit_balances'",),
    ),
}  # fmt: skip
EVERYWHERE = ("switched off", "a column")  # of the tables, not of one tenant's rows


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_and_only_by_its_tenant(copy, name):
    invariant, subject, says, statements = PLANTED[name]
    copy.spoil(*(statement.replace("{first}", FIRST) for statement in statements))
    faults = copy.audit().faults
    found = [fault for fault in faults if fault.invariant == invariant]
    assert [fault for fault in found if fault.subject.startswith(subject) and says in fault.message], faults
    if not any(word in name for word in EVERYWHERE):
        assert copy.audit(copy.other).faults == ()


def test_every_invariant_has_a_planted_fault():
    assert {planted[0] for planted in PLANTED.values()} == {f"I{number}" for number in range(1, 17)}
