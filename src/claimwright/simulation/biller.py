"""A scripted biller: works every list through the same services as the screens, and leaves some of it for tomorrow."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.billing.claim_versions import VersionRefused
from claimwright.billing.lifecycle import State
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.codes.diagnosis import without_dot
from claimwright.web.core import clock
from claimwright.web.core.models import Tenant, User
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.denials.models import Denial
from claimwright.web.denials.services import DenialStepRefused, analyzed, correction_sent, decision, start_appeal
from claimwright.web.payments import models as payments
from claimwright.web.payments import services as money
from claimwright.web.payments.remarks import remarks_on
from claimwright.web.submissions import services as submissions
from claimwright.web.submissions.models import ClaimVersion, EditFinding
from claimwright.web.submissions.versions import correct, correct_rejected

AUTHORIZED = ("197", "198")
REFERRED = ("288", "243")
LEFT_ALONE = Decimal("0.20")  # the share of problems that waits for another day


def share(*parts: object) -> Decimal:
    """A number from 0 to 1 that depends on nothing but its parts: a seeded life without a random state."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return Decimal(int.from_bytes(digest[:6], "big")) / Decimal(2**48)


def work_rejections(tenant: Tenant) -> int:
    """Files the clearinghouse refused go again; claims it or a payer refused are corrected as a new claim."""
    done = 0
    with tenant_scope(tenant), acting_as("biller"):
        refused = list(ClaimVersion.objects.filter(state=State.FILE_REJECTED))
        done += submissions.return_to_ready(versions=refused, reason="content is right: into the next file")
        rejected = ClaimVersion.objects.filter(state__in=[State.CH_REJECTED, State.PAYER_REJECTED])
        for version in rejected.select_related("claim__payer"):
            if version.claim.versions.filter(number__gt=version.number).exists():
                continue
            if share("rejection", version.control_number) < LEFT_ALONE:
                continue
            following = correct_rejected(version=version, reason="looked up and corrected")
            submissions.scrub(version_ids=[following.pk])
            done += 1
    return done


def drafts() -> list[UUID]:
    """What nobody has looked at yet; the whole list is run again when new visits come in."""
    return list(ClaimVersion.objects.filter(state=State.DRAFT).values_list("pk", flat=True))


def work_edit_holds(tenant: Tenant) -> int:
    """Put right what the edits hold, where the record says how."""
    done = 0
    with tenant_scope(tenant), acting_as("biller"):
        for version in ClaimVersion.objects.filter(state=State.EDIT_HOLD).select_related("claim"):
            if share("edit", version.control_number) < LEFT_ALONE:
                continue
            findings = list(version.findings.filter(open=True))
            if override_duplicates(findings):
                done += 1
                continue
            content = mended(msgspec.convert(version.content, ClaimNoun), {row.edit_id for row in findings})
            if content is not None:
                submissions.revise_unsent(version=version, content=content, reason="corrected from the record")
                submissions.scrub(version_ids=[version.pk])
                done += 1
    return done


def override_duplicates(findings: list[EditFinding]) -> bool:
    """Two visits on one day really happened: the finding is let go with its reason."""
    holds = [row for row in findings if row.severity == "H"]
    if not holds or any(row.severity == "R" for row in findings):
        return False
    if not all(row.edit_id in ("DUP01", "DUP02", "DUP03") for row in holds):
        return False
    for row in holds:
        submissions.override_finding(finding=row, reason="two visits that day, see both notes", role="biller")
    return True


def mended(claim: ClaimNoun, edit_ids: set[str]) -> ClaimNoun | None:
    """The claim put right where this office knows how; None where it does not."""
    before = claim
    if "DX03" in edit_ids:
        more = {"E11": "E119"}
        claim = msgspec.structs.replace(
            claim,
            diagnoses=tuple(
                msgspec.structs.replace(one, code=more.get(without_dot(one.code), one.code)) for one in claim.diagnoses
            ),
        )
    if "PX21" in edit_ids:
        claim = msgspec.structs.replace(
            claim, lines=tuple(msgspec.structs.replace(line, modifiers=line.modifiers[:0]) for line in claim.lines)
        )
    if "DX14" in edit_ids:
        claim = msgspec.structs.replace(
            claim, lines=tuple(msgspec.structs.replace(line, diagnosis_pointers=(1,)) for line in claim.lines)
        )
    return claim if claim != before else None


def work_denials(tenant: Tenant) -> int:
    """Authorizations and referrals found, claims corrected, appeals written, the hopeless asked to be written off."""
    done = 0
    with tenant_scope(tenant), acting_as("biller"):
        for denial in Denial.objects.filter(state="NEW").select_related("version__claim__encounter", "payer"):
            roll = share("denial", denial.version.control_number, denial.carc)
            if roll < LEFT_ALONE or clock.today() < denial.received_on + timedelta(days=2):
                continue
            done += _work_denial(denial, roll)
    return done


def _work_denial(denial: Denial, roll: Decimal) -> int:
    version = denial.version
    content = msgspec.convert(version.content, ClaimNoun)
    if denial.carc in AUTHORIZED:
        content = msgspec.structs.replace(content, prior_authorization=f"A{version.control_number[:10]}")
    elif denial.carc in REFERRED:
        content = msgspec.structs.replace(content, referral=f"R{version.control_number[:10]}")
    if denial.carc in ("16", *AUTHORIZED, *REFERRED):
        try:
            following = correct(
                version=version, reason=f"answers denial {denial.carc}", content=content,
                remarks=remarks_on(version=version),
            )  # fmt: skip
        except submissions.StepRefused:
            return 0
        except VersionRefused:
            pass  # this payer takes no corrected claim: it is appealed, if it can be
        else:
            correction_sent(denial=denial)
            submissions.scrub(version_ids=[following.pk])
            return 1
    if decision(denial=denial, our_data_was_wrong=False).appeal_enabled and roll < Decimal("0.70"):
        try:
            start_appeal(denial=denial, response_due=clock.today() + timedelta(days=60), note="records attached")
        except DenialStepRefused:
            return 0
        return 1
    alone = version.claim.encounter.claims.count() == 1
    if denial.category in ("ELIG", "BENEFIT") and denial.group == "PR" and alone:
        money.transfer_to_patient(
            encounter=version.claim.encounter, bucket=version.claim.bucket, reason=f"{denial.category} no other cover"
        )
        return 1
    if denial.category in ("MEDNEC", "ELIG", "COB"):
        analyzed(denial=denial)
        money.request_write_off(
            encounter=version.claim.encounter, line_id=denial.line_id, bucket=version.claim.bucket,
            amount=denial.amount, reason="NON-COVERED", note="nothing more to be had",
        )  # fmt: skip
        return 1
    return 0


def approve_write_offs(tenant: Tenant) -> int:
    """The supervisor decides what the biller asked for, within a supervisor's limit; some waits."""
    done = 0
    with tenant_scope(tenant), acting_as("supervisor"):
        supervisor = User.objects.get(username="supervisor", tenant=tenant)
        for asked in payments.WriteOff.objects.filter(state="REQUESTED"):
            if share("write-off", asked.line_id) < Decimal("0.4"):
                continue
            try:
                money.approve_write_off(write_off=asked, approver=supervisor)
                done += 1
            except PermissionError:
                continue
    return done


def bank(tenant: Tenant) -> int:
    """The bank shows the money a day or two after the remittance; now and then it does not, or shows other money."""
    done = 0
    with tenant_scope(tenant), acting_as("bank"):
        today = clock.today()
        for row in payments.Remittance.objects.filter(
            state__in=["posted", "partial"], deposit__isnull=True, amount__gt=0
        ):
            due = (row.payment_date or row.received_on) + timedelta(days=1)
            roll = share("bank", row.trace_payer_id, row.trace_number)
            if due > today or roll < Decimal("0.04"):
                continue
            short = Decimal("10.00") if roll > Decimal("0.93") else Decimal("0.00")  # a fee the bank kept
            money.record_deposit(
                kind="CHECK" if row.method == "CHK" else "EFT", trace_number=row.trace_number,
                trace_payer_id=row.trace_payer_id, amount=row.amount - short, effective_date=due,
            )  # fmt: skip
            done += 1
    return done


def stray_deposit(tenant: Tenant, day: date) -> None:
    """Money no remittance explains."""
    with tenant_scope(tenant), acting_as("bank"):
        money.record_deposit(
            kind="EFT", trace_number="7719004522", trace_payer_id="1990000009", amount=Decimal("318.40"),
            effective_date=day,
        )  # fmt: skip


def patients_pay(tenant: Tenant) -> int:
    """Some patients answer their statement within ten days: most pay it all, some pay half, a check comes back."""
    done = 0
    with tenant_scope(tenant), acting_as("front desk"):
        today = clock.today()
        for statement in payments.Statement.objects.select_related("patient", "practice"):
            roll = share("pays", statement.number)
            due = statement.issued_on + timedelta(days=4 + int(roll * 10))
            if roll > Decimal("0.62") or due > today:
                continue
            amount = (
                statement.amount_due if roll < Decimal("0.5") else (statement.amount_due / 2).quantize(Decimal("0.01"))
            )
            method = "card" if roll < Decimal("0.4") else "check"
            key = f"statement:{statement.number}"
            if payments.PatientReceipt.objects.filter(key=key).exists():
                continue
            receipt = money.receive_patient_payment(
                patient=statement.patient, practice=statement.practice, amount=amount, method=method, key=key
            )
            if method == "check" and share("bounces", statement.number) < Decimal("0.05"):
                money.return_payment(receipt=receipt)
            done += 1
    return done


def collect_copays(tenant: Tenant, since: date) -> int:
    """Copays taken at the visit: money that waits as credit until the payer has decided."""
    done = 0
    with tenant_scope(tenant), acting_as("front desk"):
        rows = ClaimVersion.objects.filter(
            created_on__gte=since, number=1, claim__sequence="P", claim__payer__key="commercial"
        ).select_related("claim__patient", "claim__practice", "claim__encounter")
        for version in rows:
            if share("copay", version.control_number) < Decimal("0.30"):
                money.receive_patient_payment(
                    patient=version.claim.patient, practice=version.claim.practice, amount=Decimal("25.00"),
                    method="card", key=f"copay:{version.claim.encounter_id}", encounter=version.claim.encounter, apply=False,
                )  # fmt: skip
                done += 1
    return done


def refund(tenant: Tenant) -> int:
    """The biller finds the cause, the manager approves and issues; some wait for approval."""
    done = 0
    with tenant_scope(tenant):
        ready = list(payments.Refund.objects.filter(state="IDENTIFIED", patient__isnull=False, payer__isnull=True))
        for row in ready:
            with acting_as("biller"):
                money.request_refund(refund=row)
            if share("refund", row.key) < Decimal("0.5"):
                continue
            with acting_as("manager"):
                try:
                    money.issue_refund(refund=row)
                    done += 1
                except ValueError:
                    continue
    return done
