"""The verbs of a scenario: each calls the services that the screens and the command line call, and nothing else.

A verb that the rules refuse raises one of `REFUSALS`; a scenario may expect that.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from claimwright.billing.authorizations import AuthorizationRefused
from claimwright.billing.bad_debt import PlacementRefused
from claimwright.billing.capitation import check_capitation
from claimwright.billing.claim_versions import VersionRefused
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.write_offs import WriteOffRefused
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.codes.money import money
from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.arrangements import services as arrangements
from claimwright.web.arrangements.models import PaymentPlan
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.charges.services import lock_charges
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.denials.models import Denial
from claimwright.web.denials.services import DenialStepRefused, correction_sent, start_appeal
from claimwright.web.exchange.models import Connection, OutboxFile
from claimwright.web.operations import scenario_file as written
from claimwright.web.operations.post import post
from claimwright.web.operations.receive import receive
from claimwright.web.operations.scenario_file import ScenarioFault
from claimwright.web.operations.scenario_setup import take_in
from claimwright.web.operations.scenario_state import Names
from claimwright.web.payments import models
from claimwright.web.payments import services as payments
from claimwright.web.payments.remarks import remarks_on
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries import agencies
from claimwright.web.recoveries.models import Agency, AgencyPlacement
from claimwright.web.recoveries.underpaid import RecoveryRefused
from claimwright.web.statements.services import issue_due_statements
from claimwright.web.submissions import services as submissions
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import OverrideRefused
from claimwright.web.submissions.sending import submit_ready
from claimwright.web.submissions.versions import correct

REFUSALS = (
    RefusedPayment, WriteOffRefused, PlacementRefused, DenialStepRefused, OverrideRefused, AuthorizationRefused,
    VersionRefused, RecoveryRefused, submissions.StepRefused, submissions.ContentRefused,
)  # fmt: skip
BILLER = "biller"


class Desk:
    """One run: the tenant, its connection, the names so far. `told` is what the last verb has to say."""

    def __init__(
        self, scenario: written.Scenario, folder: Path, tenant: Tenant, connection: Connection, names: Names
    ) -> None:
        self.scenario, self.folder, self.tenant = scenario, folder, tenant
        self.connection, self.names = connection, names
        self.told: dict[str, Any] = {}

    def move_to(self, day: date) -> None:
        """The tenant's calendar stands on `day` from now on."""
        if self.tenant.fixed_date and day < self.tenant.fixed_date:
            raise ScenarioFault(f"a step goes back in time, to {day}")
        self.tenant.fixed_date = day
        self.tenant.save(update_fields=["fixed_date"])

    def do(self, verb: str, given: Any) -> None:
        """Carry out one verb. Raises one of REFUSALS where the rules say no."""
        self.told = {}
        _VERBS[verb](self, given)

    @contextmanager
    def by(self, name: str = BILLER) -> Iterator[None]:
        with tenant_scope(self.tenant), acting_as(name):
            yield

    def named(self, kind: str, name: str) -> Any:
        rows: dict[str, Any] = getattr(self.names, kind)
        if name not in rows:
            raise ScenarioFault(f"{kind}: {name} is not there (yet)")
        return rows[name]

    def version(self, control_number: str) -> ClaimVersion:
        found = ClaimVersion.objects.select_related("claim__encounter").filter(control_number=control_number).first()
        if found is None:
            raise ScenarioFault(f"no claim has the number {control_number}")
        return found

    def line(self, visit: str, number: int) -> ChargeLine:
        found = ChargeLine.objects.filter(encounter=self.named("visits", visit), number=number).first()
        if found is None:
            raise ScenarioFault(f"visit {visit} has no line {number}")
        return found

    def sent_claims(self) -> dict[str, list[str]]:
        """The segments of every claim that went out, by control number, read from the bytes in the outbox."""
        found: dict[str, list[str]] = {}
        for file in OutboxFile.objects.exclude(sent_at=None).order_by("interchange_control_number"):
            current: list[str] | None = None
            for raw in bytes(file.content).decode("ascii").split("~"):
                segment = raw.strip()
                if segment.startswith("CLM*"):
                    current = found.setdefault(segment.split("*")[1], [])
                elif segment.startswith(("HL*", "SE*")):
                    current = None
                if current is not None:
                    current.append(segment)
        return found


# Visits and claims ---------------------------------------------------------------------------------------------------


def _charge(desk: Desk, visit: str) -> None:
    with desk.by("front desk"):
        if visit not in desk.scenario.visits:
            raise ScenarioFault(f"there is no visit {visit}")
        encounter = take_in(visit, desk.scenario, desk.names)
        covered = bool(desk.scenario.patients[desk.scenario.visits[visit].patient].coverages)
        lock_charges(encounters=[encounter], self_pay=not covered)
        if encounter.state != Encounter.State.CHARGES_LOCKED:
            raise ScenarioFault(f"visit {visit} was not charged: {encounter.reason}")
        overlooked = desk.scenario.visits[visit].authorization_overlooked
        versions = submissions.create_claims(encounters=[encounter], choose=not overlooked)
        _check_numbers(desk.scenario.visits[visit], visit, versions)
        submissions.scrub(version_ids=[version.pk for version in versions])


def _check_numbers(visit: written.Visit, name: str, versions: list[ClaimVersion]) -> None:
    """The raw remittances name these numbers: say at once when they are others."""
    given = {version.claim.sequence: version.control_number for version in versions}
    for sequence, expected in visit.claims.items():
        if given.get(sequence) != expected:
            raise ScenarioFault(f"visit {name}: the {sequence} claim is {given.get(sequence)}, not {expected}")


def _submit(desk: Desk, wanted: bool) -> None:
    if not wanted:
        return
    with desk.by():
        submissions.scrub()
    files = submit_ready(tenant=desk.tenant, connection=desk.connection)
    desk.told = {"files": [file.name for file in files]}


def _correct(desk: Desk, given: written.Correct) -> None:
    with desk.by():
        version = desk.version(given.claim)
        content = msgspec.convert(version.content, ClaimNoun)
        unknown = set(given.changes) - set(ClaimNoun.__struct_fields__)
        if unknown:
            raise ScenarioFault(f"a claim has no field {', '.join(sorted(unknown))}")
        changed = msgspec.structs.replace(content, **given.changes) if given.changes else None
        following = correct(version=version, reason=given.reason, content=changed, remarks=remarks_on(version=version))
        _check_result(following, given.result)
        for denial in Denial.objects.filter(version=version):
            correction_sent(denial=denial)
        submissions.scrub(version_ids=[following.pk])


def _resubmit(desk: Desk, given: written.Resubmit) -> None:
    with desk.by():
        following = submissions.resubmit(version=desk.version(given.claim), reason=given.reason)
        _check_result(following, given.result)
        submissions.scrub(version_ids=[following.pk])


def _check_result(version: ClaimVersion, expected: str) -> None:
    if version.control_number != expected:
        raise ScenarioFault(f"the new version is {version.control_number}, not {expected}")


def _override(desk: Desk, given: written.Override) -> None:
    user = desk.named("users", given.by)
    with desk.by(given.by):
        findings = list(desk.version(given.claim).findings.filter(edit_id=given.edit, open=True))
        if not findings:
            raise ScenarioFault(f"no open {given.edit} stands against {given.claim}")
        for finding in findings:
            submissions.override_finding(finding=finding, reason=given.reason, role=user.role)


# Remittances ---------------------------------------------------------------------------------------------------------


def _receive(desk: Desk, names: tuple[str, ...]) -> None:
    """The files lie in the partner's folder, as raw bytes; then what `claimwright receive` and `post` do."""
    for name in names:
        shutil.copyfile(desk.folder / name, Path(desk.connection.incoming) / Path(name).name)
    received = receive(tenant=desk.tenant, connection=desk.connection)
    posted = post(tenant=desk.tenant)
    desk.told = {"received": msgspec.to_builtins(received), "posted": msgspec.to_builtins(posted)}


def _deposit(desk: Desk, given: written.Deposit) -> None:
    with desk.by("bank"):
        payments.record_deposit(
            kind=given.kind, trace_number=given.trace, trace_payer_id=desk.scenario.payers[given.payer].trace_id,
            amount=given.amount, effective_date=given.date, practice=next(iter(desk.names.practices.values())),
        )  # fmt: skip


def _capitation(desk: Desk, given: written.Capitation) -> None:
    with desk.by():
        rows = models.ProviderAdjustment.objects.filter(remittance__trace_number=given.trace, code="CT")
        received = -sum((row.amount for row in rows), Decimal("0.00"))
        desk.told = msgspec.structs.asdict(check_capitation(members=given.members, rate=given.rate, received=received))


# Patients ------------------------------------------------------------------------------------------------------------


def _patient_pays(desk: Desk, given: written.PatientPays) -> None:
    with desk.by("front desk"):
        patient = desk.named("patients", given.patient)
        name = given.receipt or f"{given.patient}-{len(desk.names.receipts) + 1}"
        desk.names.receipts[name] = payments.receive_patient_payment(
            patient=patient, practice=patient.practice, amount=given.amount, method=given.method,
            key=f"scenario|{name}", encounter=desk.named("visits", given.visit) if given.visit else None,
            apply=not given.hold,
        )  # fmt: skip


def _apply_credit(desk: Desk, patient: str) -> None:
    with desk.by():
        payments.apply_credits(patient_ids=[desk.named("patients", patient).pk])


def _settle(desk: Desk, visit: str) -> None:
    with desk.by("end of day"):
        payments.settle_visits(encounter_ids=[desk.named("visits", visit).pk])


def _refund(desk: Desk, given: written.Refund) -> None:
    patient = desk.named("patients", given.patient)
    with desk.by(given.requested_by):
        row = models.Refund.objects.filter(patient=patient).exclude(state__in=["CLEARED", "ISSUED"]).first()
        if row is None:
            raise ScenarioFault(f"{given.patient} has no credit on the refund list")
        payments.request_refund(refund=row)
    with desk.by(given.approved_by):
        payments.issue_refund(refund=row, amount=given.amount)


def _to_patient(desk: Desk, given: written.ToPatient) -> None:
    with desk.by():
        payments.transfer_to_patient(
            encounter=desk.named("visits", given.visit), bucket=given.bucket, reason=given.reason
        )


def _plan(desk: Desk, given: written.Plan) -> None:
    """Offered over all that is open, and signed on the same day."""
    with desk.by():
        plan = arrangements.offer_plan(
            patient=desk.named("patients", given.patient), instalment=given.instalment, instalments=given.instalments,
            starts_on=given.starts_on,
        )  # fmt: skip
        if plan.balance_amount != given.total:
            raise ScenarioFault(f"the plan of {given.patient} is over another sum than the scenario says")
        arrangements.accept_plan(plan=plan)


def _review_plan(desk: Desk, patient: str) -> None:
    with desk.by():
        for plan in PaymentPlan.objects.filter(patient=desk.named("patients", patient)):
            arrangements.review_plan(plan=plan)


def _returned(desk: Desk, receipt: str) -> None:
    with desk.by("bank"):
        row = desk.named("receipts", receipt)
        row.refresh_from_db()
        payments.return_payment(receipt=row)


def _bad_debt(desk: Desk, given: written.BadDebt) -> None:
    with desk.by():
        payments.place_bad_debt(
            patient=desk.named("patients", given.patient), final_notice_sent=given.final_notice_sent
        )


def _agency(desk: Desk, given: written.Agency) -> None:
    """A debt that went to bad debt is placed with an agency, and the agency's file of what it collected comes in."""
    with desk.by():
        patient = desk.named("patients", given.patient)
        share = policies_of(patient.practice).agency_fee_share if given.fee_share is None else given.fee_share
        row = AgencyPlacement.objects.filter(patient=patient, state="PLACED").select_related("agency").first()
        if row is None:
            row = _placed(patient, share)
        fee = money(given.gross * share)
        told = f"account,date,gross,fee\n{row.number},{desk.tenant.fixed_date},{given.gross},{fee}\n"
        done = agencies.import_agency_payments(
            agency=row.agency, name=f"collected-{desk.tenant.fixed_date}.csv", content=told.encode()
        )
        if done.posted != 1:
            raise ScenarioFault(f"the agency's file moved nothing: {given.gross} is more than the debt, or came before")


def _placed(patient: Any, share: Decimal) -> AgencyPlacement:
    """With an agency that keeps `share`. The final notice went out by the day the debt left the patient's bucket."""
    lines = agencies.debt_of(patient)
    moved = LedgerTransfer.objects.filter(debit_kind=Kind.BAD_DEBT.value, debit_subject__in=lines).order_by("sequence")
    first = moved.first()
    if first is None:
        raise ScenarioFault("an agency collects what went to bad debt before")
    agency = Agency.objects.filter(fee_share=share).first() or agencies.open_agency(
        name=f"Agency that keeps {share}", fee_share=share
    )
    row = agencies.await_agency_review(patient=patient, final_notice_on=first.effective_date)
    return agencies.place_account(placement=row, agency=agency)


def _statements(desk: Desk, wanted: bool) -> None:
    if not wanted:
        return
    with desk.by():
        run = issue_due_statements()
        desk.told = {"issued": [str(due) for _, due in run.issued], "not_sent": run.not_sent}


# Denials and write-offs ----------------------------------------------------------------------------------------------


def _appeal(desk: Desk, given: written.Appeal) -> None:
    with desk.by():
        version = desk.version(given.claim)
        line = ChargeLine.objects.get(encounter=version.claim.encounter_id, number=given.line)
        denial = Denial.objects.filter(version=version, line_id=line.line_id, carc=given.carc).first()
        if denial is None:
            raise ScenarioFault(f"line {given.line} of {given.claim} has no denial {given.carc}")
        start_appeal(denial=denial, level=given.level, note=given.note)


def _write_off(desk: Desk, given: written.WriteOff) -> None:
    with desk.by(given.requested_by):
        asked = payments.request_write_off(
            encounter=desk.named("visits", given.visit), line_id=desk.line(given.visit, given.line).line_id,
            bucket=given.bucket, amount=given.amount, reason=given.reason,
        )  # fmt: skip
    if given.approved_by:
        _approve(desk, asked, given.approved_by)


def _approve_write_off(desk: Desk, given: written.ApproveWriteOff) -> None:
    with desk.by():
        line = desk.line(given.visit, given.line)
        asked = models.WriteOff.objects.filter(line_id=line.line_id, state="REQUESTED").first()
    if asked is None:
        raise ScenarioFault(f"nobody asked for a write-off of line {given.line} of {given.visit}")
    _approve(desk, asked, given.approved_by)


def _approve(desk: Desk, asked: models.WriteOff, name: str) -> None:
    with desk.by(name):
        payments.approve_write_off(write_off=asked, approver=desk.named("users", name))


_VERBS: Mapping[str, Callable[[Desk, Any], None]] = {
    "charge": _charge,
    "submit": _submit,
    "receive": _receive,
    "patient_pays": _patient_pays,
    "apply_credit": _apply_credit,
    "settle": _settle,
    "refund": _refund,
    "correct": _correct,
    "resubmit": _resubmit,
    "override": _override,
    "appeal": _appeal,
    "write_off": _write_off,
    "approve_write_off": _approve_write_off,
    "transfer_to_patient": _to_patient,
    "plan": _plan,
    "review_plan": _review_plan,
    "returned_payment": _returned,
    "bad_debt": _bad_debt,
    "agency": _agency,
    "capitation": _capitation,
    "deposit": _deposit,
    "statements": _statements,
}
