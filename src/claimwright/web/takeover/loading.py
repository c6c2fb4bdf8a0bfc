"""Making the rows of one loading: people, visits, claims in their states, opening entries, and the work on them.

Everything goes through the services of the apps below, so that what is brought is worked on like what was made here.
Runs in the caller's transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from claimwright.billing.denials import DenialState, refine
from claimwright.billing.lifecycle import State, Trigger
from claimwright.billing.posting.plan import NewDenial
from claimwright.billing.takeover import (
    SELF_PAY,
    OldClaim,
    line_of,
    opening_credit,
    opening_entries,
    overpaid,
    payer_credits,
    plan_lines,
)
from claimwright.claims.from_csv.registration import Registration
from claimwright.claims.from_csv.takeover import OpenLine, TakeoverSet
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import Coverage, Diagnosis, Line, Person
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.coding.states import EncounterEvent
from claimwright.edits.facts import Facts
from claimwright.edits.filing import filing_deadline
from claimwright.web.accounts.services import post_transfers
from claimwright.web.arrangements.plans import accept_plan, offer_plan
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.charges.moves import Move, record_moves
from claimwright.web.charges.services import LINE_NUMBER_DIGITS
from claimwright.web.core import clock
from claimwright.web.core.numbers import base36
from claimwright.web.core.services import actor, next_number
from claimwright.web.denials.models import Appeal, Denial
from claimwright.web.denials.services import become
from claimwright.web.followup.contacts import log_contact
from claimwright.web.patients.models import Patient
from claimwright.web.patients.services import save_coverages, save_patient
from claimwright.web.payments.credits import list_credits, list_patient_credits
from claimwright.web.payments.models import Refund
from claimwright.web.payments.posting import save_denials
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import payer_profile, payers_by_name, provider_nouns
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.services import create_claims
from claimwright.web.takeover.models import Takeover, TakeoverClaim, TakeoverPlan

POINTERS = 4  # a line points to at most four diagnoses


def ledger_prefix(takeover: Takeover) -> str:
    """What the keys of this loading's entries begin with."""
    return f"takeover/{takeover.pk}/{takeover.load_number}/"


def save_people(practice: Practice, read: TakeoverSet) -> dict[str, Patient]:
    """Patients and coverages of the set, and everybody else registered here, by record number.

    Raises patients.services.PatientConflict where a record number is somebody else's; nobody is saved then by the
    caller's transaction.
    """
    for _, noun in read.patients:
        save_patient(practice=practice, patient=noun)
    people = {row.record_number: row for row in Patient.objects.filter(practice=practice).prefetch_related("coverages")}
    payers = payers_by_name()
    for number, registration in read.coverages.items():
        row = people.get(number)
        if row is not None:
            save_coverages(patient=row, coverages=_own(registration, row), payers=payers)
    return {
        row.record_number: row for row in Patient.objects.filter(practice=practice).prefetch_related("coverages__payer")
    }


def _own(registration: Registration, row: Patient) -> list[Coverage]:
    patient = msgspec.convert(row.content, PatientNoun)
    own = Person(**{field: getattr(patient, field) for field in Person.__struct_fields__})
    return [
        msgspec.structs.replace(coverage, subscriber=own) if coverage.relationship == "18" else coverage
        for coverage in registration.coverages
    ]


class Loader:
    """One loading. `run` makes everything; what it made stands in the attributes afterwards."""

    def __init__(self, takeover: Takeover, read: TakeoverSet, claims: Sequence[OldClaim]) -> None:
        self.takeover, self.read = takeover, read
        self.claims = {claim.number: claim for claim in claims}
        self.practice = takeover.practice
        self.people: dict[str, Patient] = {}
        self.encounters: dict[str, Encounter] = {}  # by old claim number
        self.line_ids: dict[str, str] = {}  # by the row's place
        self.versions: dict[str, list[ClaimVersion]] = {}  # by old claim number, in the payers' order
        self.providers = provider_nouns()

    def run(self) -> None:
        self.people = save_people(self.practice, self.read)
        self._visits()
        self._book()
        self._claims()
        self._denials()
        self._appeals()
        self._notes()
        self._credits()
        self._plans()
        scrub(version_ids=[self.main(claim).pk for claim in self.claims.values() if claim.state == "unsent"])

    def main(self, claim: OldClaim) -> ClaimVersion:
        """The version of the claim that carries the old number."""
        return self.versions[claim.number][claim.place]

    # Visits and money

    def _visits(self) -> None:
        total = sum(len(claim.lines) for claim in self.claims.values())
        number = next_number(name="charge_line", count=max(1, total))
        rows: list[ChargeLine] = []
        for claim in self.claims.values():
            ids = [f"L{base36(number + at, LINE_NUMBER_DIGITS)}" for at in range(len(claim.lines))]
            number += len(ids)
            patient = self.people[claim.record_number]
            noun = self._noun(claim, patient, ids)
            encounter = Encounter(
                practice=self.practice, patient=patient, external_id=noun.external_id, source="takeover",
                state=Encounter.State.CHARGES_LOCKED, date_from=noun.date_from, date_to=noun.date_to,
                received_on=clock.today(), content=msgspec.to_builtins(noun),
            )  # fmt: skip
            self.encounters[claim.number] = encounter
            for at, (line, line_id) in enumerate(zip(claim.lines, ids, strict=True), 1):
                self.line_ids[line.place] = line_id
                rows.append(
                    ChargeLine(
                        encounter=encounter, practice=self.practice, patient=patient, line_id=line_id, number=at,
                        code=line.code, modifiers=list(line.modifiers), units=line.units, charge=line.charge,
                        date_of_service=line.date_of_service, rendering_npi=line.rendering_npi,
                        # The old system charged it: no lag of ours begins with the takeover.
                        charged_on=line.first_submitted or line.date_of_service,
                    )
                )  # fmt: skip
        Encounter.objects.bulk_create(self.encounters.values(), batch_size=500)
        ChargeLine.objects.bulk_create(rows, batch_size=2000)
        record_moves(
            moves=[
                Move(
                    encounter_id=row.pk, event=EncounterEvent.LOCK, source=Encounter.State.CODED, target=row.state,
                    reason=f"takeover {self.takeover.name}",
                )
                for row in self.encounters.values()
            ]
        )  # fmt: skip

    def _noun(self, claim: OldClaim, patient: Patient, ids: Sequence[str]) -> EncounterNoun:
        codes = list(dict.fromkeys(code.replace(".", "") for line in claim.lines for code in line.diagnoses))
        lines = tuple(
            Line(
                number=at, control_number=line_id, procedure_code=line.code, modifiers=line.modifiers,
                charge=line.charge, units=line.units, date_from=line.date_of_service,
                diagnosis_pointers=tuple(codes.index(code.replace(".", "")) + 1 for code in line.diagnoses[:POINTERS]),
            )
            for at, (line, line_id) in enumerate(zip(claim.lines, ids, strict=True), 1)
        )  # fmt: skip
        rendering = next((line.rendering_npi for line in claim.lines if line.rendering_npi), "")
        return EncounterNoun(
            external_id=f"takeover|{self.takeover.pk}|{self.takeover.load_number}|{claim.number}", source="takeover",
            patient=msgspec.convert(patient.content, PatientNoun), coverages=self._coverages(claim, patient),
            billing_npi=self.practice.npi, rendering=self.providers.get(rendering),
            place_of_service=next((line.place_of_service for line in claim.lines if line.place_of_service), ""),
            date_from=claim.date_of_service, date_to=max(line.date_of_service for line in claim.lines),
            diagnoses=tuple(Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(codes)),
            lines=lines,
        )  # fmt: skip

    @staticmethod
    def _coverages(claim: OldClaim, patient: Patient) -> tuple[Coverage, ...]:
        """The covers that the claim was judged with, as registered; none where the patient alone pays."""
        if claim.place == SELF_PAY:
            return ()
        rows = {(row.sequence, row.payer.key, row.start, row.end): row for row in patient.coverages.all()}
        return tuple(
            msgspec.convert(rows[cover.sequence, cover.payer_key, cover.start, cover.end].content, Coverage)
            for cover in claim.covers
        )

    def _book(self) -> None:
        credits = payer_credits(self.read)
        prefix, practice = ledger_prefix(self.takeover), str(self.practice.pk)
        entries = [
            entry
            for claim in self.claims.values()
            for line in claim.lines
            for entry in opening_entries(
                line, line_id=self.line_ids[line.place], payer_bucket=claim.bucket, credit=overpaid(line, credits),
                practice_id=practice, key=prefix + self.line_ids[line.place], on=self.takeover.as_of,
            )
        ]  # fmt: skip
        for at, credit in enumerate(self.read.credits):
            if credit.kind == "patient":
                owner = str(self.people[credit.record_number].pk)
                key = f"{prefix}credit/{at}"
                held = opening_credit(owner, credit.amount, practice_id=practice, key=key, on=self.takeover.as_of)
                entries += [held] if held is not None else []
        post_transfers(transfers=entries)

    # Claims in their states

    def _claims(self) -> None:
        made: dict[UUID, list[ClaimVersion]] = defaultdict(list)
        for version in create_claims(encounters=list(self.encounters.values()), choose=False):
            made[version.claim.encounter_id].append(version)
        events: list[EventRow] = []
        ends: dict[UUID, str] = {}
        for claim in self.claims.values():
            found = made.get(self.encounters[claim.number].pk, [])
            self.versions[claim.number] = sorted(found, key=lambda version: version.claim.bucket)
            for at, version in enumerate(self.versions[claim.number]):
                steps = self._steps(claim, at)
                ends[version.pk] = steps[-1].target if steps else version.state
                events += [msgspec.structs.replace(step, version_id=str(version.pk)) for step in steps]
        record_events(events=events)
        self._tell(ends)
        self._remember(ends)

    def _steps(self, claim: OldClaim, at: int) -> list[EventRow]:
        """How the claim in place `at` came to where the old system left it."""
        note = f"takeover {self.takeover.name}: {claim.number}"
        state = State.AWAIT_PRIOR if at else State.DRAFT
        steps: list[EventRow] = []

        def step(trigger: Trigger, target: State) -> None:
            nonlocal state
            steps.append(
                EventRow(version_id="", source=state.value, target=target.value, trigger=trigger.value, note=note)
            )
            state = target

        if at > claim.place:  # a later payer: waits for the one who has the claim, or has nothing to decide any more
            if claim.state == "patient":
                step(Trigger.NOTHING_TO_BILL, State.CANCELLED)
            return steps
        if claim.state == "unsent":
            return steps
        if at:
            step(Trigger.PRIOR_ADJUDICATED, State.DRAFT)
        step(Trigger.TAKEN_OVER, State.SENT)
        decided = at < claim.place or claim.state != "sent"
        if decided:
            step(Trigger.TAKEN_OVER, State.ADJUDICATED)
        open_still = at == claim.place and any(line.bucket == claim.bucket and line.balance for line in claim.lines)
        if decided and not open_still:
            step(Trigger.CLOSE, State.CLOSED)
        return steps

    def _tell(self, ends: Mapping[UUID, str]) -> None:
        """Number, days and the payer's number as the old system had them. No day of ours: nothing was done here."""
        denied = {denial.claim: denial.denied_on for denial in self.read.denials}
        changed = []
        for claim in self.claims.values():
            line = claim.lines[0]
            for at, version in enumerate(self.versions[claim.number]):
                version.state = ends[version.pk]
                sent = version.state in (State.SENT, State.ADJUDICATED, State.CLOSED)
                if sent:
                    version.first_sent = version.last_sent = line.first_submitted or line.date_of_service
                    version.created_on = version.first_sent
                    version.proof_of_filing = f"Sent from the old system on {version.first_sent}"
                if version.state in (State.ADJUDICATED, State.CLOSED):
                    decided = denied.get(claim.number) or version.first_sent
                    version.first_adjudicated = version.last_adjudicated = decided
                    version.closed = decided if version.state == State.CLOSED else None
                if at == claim.place:
                    version.payer_claim_number = line.payer_claim_number
                    if claim.keeps_number:
                        version.control_number = claim.number
                        version.content["control_number"] = claim.number
                noun = msgspec.convert(version.content, ClaimNoun)
                facts = Facts(today=clock.today(), payer=payer_profile(version.claim.payer))
                version.filing_deadline = filing_deadline(noun, facts)
                changed.append(version)
        ClaimVersion.objects.bulk_update(
            changed,
            ["first_sent", "last_sent", "created_on", "proof_of_filing", "first_adjudicated", "last_adjudicated", "closed",
             "payer_claim_number", "control_number", "content", "filing_deadline"],
            batch_size=500,
        )  # fmt: skip

    def _remember(self, ends: Mapping[UUID, str]) -> None:
        rows = []
        for claim in self.claims.values():
            told = max((line.last_statement for line in claim.lines if line.last_statement), default=None)
            about = {
                "takeover": self.takeover, "load_number": self.takeover.load_number, "old_number": claim.number,
                "encounter": self.encounters[claim.number], "number_kept": claim.keeps_number,
                "last_statement_on": told,
            }  # fmt: skip
            versions: list[ClaimVersion | None] = [*self.versions[claim.number]] or [None]
            rows += [
                TakeoverClaim(**about, version=version, loaded_state=ends[version.pk] if version else "")
                for version in versions
            ]
        TakeoverClaim.objects.bulk_create(rows, batch_size=1000)

    # The work on them

    def _denials(self) -> None:
        new: list[NewDenial] = []
        for old in self.read.denials:
            claim = self.claims[old.claim]
            version = self.main(claim)
            refined = refine(old.group, old.carc, ())
            new.append(
                NewDenial(
                    chain_id=str(version.claim.encounter_id), line_id=self._line_id(claim, old.code, old.line),
                    sequence=version.claim.sequence, version_id=str(version.pk), control_number=version.control_number,
                    group=old.group, reason=old.carc, remarks=(), amount=old.amount, category=refined.category,
                    actions=refined.actions, clock=refined.clock, received=old.denied_on or self.takeover.as_of,
                    appeal_allowed=refined.appeal_allowed,
                )
            )  # fmt: skip
        save_denials(new)
        for old, made in zip(self.read.denials, new, strict=True):
            row = Denial.objects.filter(version=made.version_id, line_id=made.line_id, carc=made.reason)
            stated = {"appeal_deadline": old.appeal_deadline} if old.appeal_deadline else {}
            row.update(note=old.note, **stated)

    def _line_id(self, claim: OldClaim, code: str, number: int) -> str:
        line: OpenLine | None = line_of(claim, code, number)
        assert line is not None  # judged before
        return self.line_ids[line.place]

    def _appeals(self) -> None:
        for old in self.read.appeals:
            claim = self.claims[old.claim]
            denial = Denial.objects.get(
                version=self.main(claim), line_id=self._line_id(claim, old.code, old.line), carc=old.carc
            )
            become(denial, DenialState.ACTION_SENT)
            Appeal.objects.create(
                denial=denial, level=old.level, state="SENT", amount=denial.amount, notice_on=denial.received_on,
                sent_on=old.sent_on, response_due=old.response_due, tracking=old.tracking[:80], note=old.note,
                last_day=denial.appeal_deadline, written_by=actor(),
            )  # fmt: skip

    def _notes(self) -> None:
        for old in sorted(self.read.notes, key=lambda note: note.noted_on):  # a later contact closes earlier ones
            log_contact(
                version=self.main(self.claims[old.claim]), channel="message", said=f"From the old system: {old.note}",
                on=old.noted_on, spoke_with=old.spoke_with, next_action_on=old.next_action,
            )  # fmt: skip

    def _credits(self) -> None:
        list_credits(encounter_ids=[row.pk for row in self.encounters.values()])
        owners = {self.people[credit.record_number].pk for credit in self.read.credits if credit.kind == "patient"}
        list_patient_credits(patient_ids=owners)
        for credit in self.read.credits:
            if credit.kind == "patient":
                key = f"credit:{self.people[credit.record_number].pk}"
            else:
                claim = self.claims[credit.claim]
                key = f"credit:{self._line_id(claim, credit.code, credit.line)}:{claim.bucket}"
            Refund.objects.filter(key=key).update(cause=credit.cause[:40], received_on=credit.received_on)

    def _plans(self) -> None:
        for old in self.read.plans:
            places = {line.place for line in plan_lines(old, self.claims.values())}
            visits = [
                self.encounters[claim.number]
                for claim in self.claims.values()
                if any(line.place in places for line in claim.lines)
            ]
            plan = accept_plan(
                plan=offer_plan(
                    patient=self.people[old.record_number], starts_on=old.next_due, instalment=old.instalment,
                    instalments=old.count_left, encounters=visits,
                )
            )  # fmt: skip
            TakeoverPlan.objects.create(takeover=self.takeover, load_number=self.takeover.load_number, plan=plan)
