"""Encounters in: from FHIR bundles, superbills and other systems' claims, to charges in the ledger and claims to send.

All run in the caller's tenant scope and transaction: a file is taken in whole or not at all, and again changes nothing.
What cannot be used is kept, held, with an item on a worklist, and taken up again by `replay_held_encounters`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from claimwright.claims.from_csv.registration import Registration, read_registrations, with_registration
from claimwright.claims.from_csv.superbill import Practice as SuperbillPractice
from claimwright.claims.from_csv.superbill import read_superbill
from claimwright.claims.from_fhir.bundles import Interface, no_shift
from claimwright.claims.from_fhir.code_map import CodeMapError, load_code_map
from claimwright.claims.from_fhir.hearing import read_visits
from claimwright.claims.from_fhir.reading import BundleRefused, parse_bundle
from claimwright.claims.from_x12.intake import intake as read_837p
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import IntakeProblem, IntakeResult
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.claims.shift import shifted
from claimwright.coding.states import EncounterEvent
from claimwright.web.charges.entry import coverages_for
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.moves import Move, record_moves
from claimwright.web.charges.services import code_map_of, lock_charges, practice_of, save_code_map, unmapped_key
from claimwright.web.charges.visits import take_over, waiting_visit
from claimwright.web.core import clock
from claimwright.web.core.failpoints import failpoint
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import InboxFile, InboxPart
from claimwright.web.exchange.services import quarantine_file
from claimwright.web.operations.interface_maps import maps_named, read_charges_again
from claimwright.web.patients.services import (
    PatientConflict,
    registrations,
    save_coverages,
    save_patient,
    save_registrations,
)
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.practice.selectors import location_nouns, payer_nouns, payers_by_name, provider_nouns
from claimwright.web.submissions.services import create_claims
from claimwright.x12 import read
from claimwright.x12.check import check_envelope

UNMAPPED, UNKNOWN_PAYER = "UNMAPPED_CODE", "UNKNOWN_PAYER"
Shift = Callable[[date], int]


class IntakeReport(msgspec.Struct):
    """What one intake did. `claims` counts the claims made, later payers' too."""

    encounters: int = 0
    known: int = 0
    held: int = 0
    claims: int = 0
    problems: int = 0
    refused: bool = False


def take_in_fhir(
    *, file: InboxFile, practice: Practice, interface: str = "fhir", shift: Shift = no_shift
) -> IntakeReport:
    """One FHIR bundle. `shift` says by how many days its dates are moved; the originals are kept."""
    part = _open_part(file, "FHIR")
    if part is None:
        return IntakeReport()
    try:
        result = read_visits(parse_bundle(bytes(file.content), file.name), _interface(practice, interface, shift))
    except BundleRefused as refusal:
        return _refuse(file, part, [refusal.problem])
    report = take_in_visits(file, practice, result, source="fhir", interface=interface)
    return _close_part(file, part, report)


def _interface(practice: Practice, interface: str, shift: Shift) -> Interface:
    known = provider_nouns()

    def own_record(provider: ProviderNoun) -> ProviderNoun | None:
        return known.get(provider.npi)

    return Interface(
        code_map=code_map_of(interface),
        system=interface,
        shift=shift,
        known=own_record,
        billing_npi=practice.npi,
        maps=maps_named(interface),
    )


def take_in_csv(*, file: InboxFile, practice: Practice, partial: bool = False) -> IntakeReport:
    """One CSV superbill. With a wrong row nothing is taken, unless the user takes the good visits (`partial`)."""
    part = _open_part(file, "CSV")
    if part is None:
        return IntakeReport()
    known = SuperbillPractice(payers=payer_nouns(), providers=provider_nouns(), locations=location_nouns(practice))
    read = read_superbill(bytes(file.content), known, name=file.name)
    if read.refused or (read.bad_rows and not partial):
        return _refuse(file, part, read.problems)
    report = take_in_visits(file, practice, read.accept(partial=partial), source="csv", interface="csv")
    return _close_part(file, part, report)


def take_in_837p(*, file: InboxFile, practice: Practice | None = None, shift: Shift = no_shift) -> IntakeReport:
    """Another system's 837P: each claim is billed anew by the practice whose NPI it names, or by `practice`.

    `shift` says by how many days its dates are moved; the originals are kept.
    """
    result = _our_records(read_837p(bytes(file.content)), shift)
    parts = list(file.parts.select_for_update().filter(kind="837P").order_by("ordinal"))
    if not parts:
        only = _open_part(file, "837P")
        parts = [only] if only is not None else []
    waiting = [part for part in parts if part.fate == InboxPart.Fate.PENDING]
    if not waiting:
        return IntakeReport()
    if not result.encounters:
        report = IntakeReport()
        for part in waiting:
            report = _refuse(file, part, result.problems)
        return report
    _list_wrong_counts(file)
    report = take_in_visits(file, practice, result, source="837p", interface="837p")
    for part in waiting:
        _close_part(file, part, report)
    return report


WRONG_COUNTS = ("ENV-SE-COUNT", "ENV-GE-COUNT", "ENV-IEA-COUNT", "ENV-SE-MISSING", "ENV-IEA-MISSING")


def _list_wrong_counts(file: InboxFile) -> None:
    """A client's claims are taken in one by one; where a count does not agree, somebody asks whether all came."""
    document = read(bytes(file.content))
    wrong = [fault for fault in check_envelope(document) if fault.id in WRONG_COUNTS]
    if wrong:
        raise_work_item(
            worklist=Worklist.INTAKE_PROBLEMS, key=f"counts:{file.pk}", reason_code=wrong[0].id,
            reason=f"{wrong[0].message} ({wrong[0].place()}); {len(wrong)} counts of this file do not agree",
            what_to_do="Ask the sender how many claims there were; those in the file were taken in",
            file_id=file.pk, file_name=file.name, segment=wrong[0].segment, subject_type="inbox_file",
            subject_id=file.pk,
        )  # fmt: skip


def _our_records(result: IntakeResult, shift: Shift) -> IntakeResult:
    """The claims with our own record of each provider we know by the id they use, and dates moved."""
    known = provider_nouns()

    def ours(provider: ProviderNoun | None) -> ProviderNoun | None:
        return known.get(provider.npi, provider) if provider is not None else None

    return msgspec.structs.replace(
        result,
        encounters=tuple(
            shifted(
                msgspec.structs.replace(
                    one,
                    rendering=ours(one.rendering),
                    supervising=ours(one.supervising),
                    lines=tuple(msgspec.structs.replace(line, rendering=ours(line.rendering)) for line in one.lines),
                ),
                shift(one.date_from) if one.date_from else 0,
            )
            for one in result.encounters
        ),
    )


def _moved(file: InboxFile) -> Shift:
    """The shift that was used when this file was first taken in."""
    moved = {}
    for row in Encounter.objects.filter(file=file):
        noun = msgspec.convert(row.content, EncounterNoun)
        if noun.original_dates:
            moved[noun.original_dates[0]] = noun.days_shifted
    return lambda day: moved.get(day, 0)


def _open_part(file: InboxFile, kind: str) -> InboxPart | None:
    """The file's only part, locked; None when its fate is decided."""
    InboxFile.objects.select_for_update().get(pk=file.pk)
    file.kind = "x12" if kind == "837P" else kind.lower()
    file.save(update_fields=["kind"])
    part, _ = InboxPart.objects.get_or_create(
        file=file, ordinal=1, defaults={"kind": kind, "byte_start": 0, "byte_end": file.size}
    )
    return part if part.fate == InboxPart.Fate.PENDING else None


def _close_part(file: InboxFile, part: InboxPart, report: IntakeReport) -> IntakeReport:
    part.fate, part.decided_at = InboxPart.Fate.TAKEN_IN, clock.now()
    part.reason = f"{report.encounters} encounters, {report.held} held, {report.known} known already"
    part.save(update_fields=["fate", "decided_at", "reason"])
    if not file.parts.filter(fate=InboxPart.Fate.PENDING).exists():
        InboxFile.objects.filter(pk=file.pk, state=InboxFile.State.RECEIVED).update(state=InboxFile.State.DONE)
    record_audit(action="intake", subject_type="inbox_file", subject_id=file.pk, detail=part.reason)
    failpoint("intake.after_file")
    return report


def _refuse(file: InboxFile, part: InboxPart, problems: Sequence[IntakeProblem]) -> IntakeReport:
    """Nothing of the file is taken; every problem is listed."""
    first = problems[0] if problems else IntakeProblem(code="EMPTY", message="The file holds no encounter")
    part.fate, part.decided_at = InboxPart.Fate.QUARANTINED, clock.now()
    part.reason = first.message
    part.save(update_fields=["fate", "decided_at", "reason"])
    quarantine_file(
        file=file, reason_code=first.code, reason=f"{first.place}: {first.message}".strip(": "),
        what_to_do=first.fix or "Correct the file and bring it again",
    )  # fmt: skip
    for problem in problems[1:]:
        list_problem(file, problem, None, "")
    return IntakeReport(problems=len(problems), refused=True)


def take_in_visits(
    file: InboxFile, practice: Practice | None, result: IntakeResult, *, source: str, interface: str
) -> IntakeReport:
    report = IntakeReport(problems=len(result.problems))
    taker = Taker(file, practice, source=source, interface=interface)
    blocking: dict[str, list[IntakeProblem]] = defaultdict(list)
    for problem in result.problems:
        if problem.encounter:
            blocking[problem.encounter].append(problem)
        else:
            list_problem(file, problem, None, interface)
    external_ids = [noun.external_id[:200] for noun in result.encounters]
    held = {row.external_id: row for row in Encounter.objects.filter(external_id__in=external_ids)}
    rows: list[Encounter] = []
    for noun in result.encounters:
        if noun.external_id[:200] in held:
            report.known += 1
            continue
        row = taker.take(noun, blocking[noun.external_id])
        rows.append(row)
        failpoint("intake.after_encounter")
    report.encounters = len(rows)
    record_moves(moves=taker.moves)
    report.claims = bill(rows)
    report.held = sum(row.state == Encounter.State.HELD for row in rows)
    return report


def bill(encounters: Sequence[Encounter]) -> int:
    """Charge coded encounters and make their claims; says how many claims."""
    lock_charges(encounters=[row for row in encounters if row.state == Encounter.State.CODED])
    return len(create_claims(encounters=encounters))


def _brought(row: Encounter) -> EncounterEvent:
    return EncounterEvent.HOLD if row.state == Encounter.State.HELD else EncounterEvent.RECEIVE


class Taker:
    """Takes encounters of one file: patient, coverages, row. Look-ups are loaded once."""

    def __init__(self, file: InboxFile, practice: Practice | None, *, source: str, interface: str) -> None:
        self.file, self.practice, self.source, self.interface = file, practice, source, interface
        self.payers: dict[str, Payer] = payers_by_name()
        self.registrations: dict[UUID, dict[str, Registration]] = {}
        self.practices: dict[str, Practice | None] = {}
        self.moves: list[Move] = []

    def take(self, noun: EncounterNoun, problems: Iterable[IntakeProblem]) -> Encounter:
        row = Encounter(
            external_id=noun.external_id[:200], source=self.source, interface=self.interface, file=self.file,
            received_on=clock.today(), state=Encounter.State.CODED,
        )  # fmt: skip
        self.fill(row, noun, problems)
        before = self.scheduled(row)
        if before is None:
            row.save(force_insert=True)
        self.moves.append(
            Move(
                encounter_id=row.pk, event=_brought(row), source=before or "", target=row.state, reason=row.reason
            )
        )  # fmt: skip
        return row

    def scheduled(self, row: Encounter) -> str | None:
        """The state of the visit on the schedule that these charges belong to, which becomes this row; None if none."""
        if row.practice is None or row.patient is None or row.date_from is None:
            return None
        rendering = msgspec.convert(row.content, EncounterNoun).rendering
        npi = rendering.npi if rendering else ""
        waiting = waiting_visit(practice=row.practice, patient=row.patient, on=row.date_from, rendering_npi=npi)
        if waiting is None:
            return None
        WorkItem.objects.filter(subject_type="encounter", subject_id=str(row.pk)).update(subject_id=str(waiting.pk))
        take_over(waiting, row)
        row.save(force_update=True)
        return str(waiting.state)

    def fill(self, row: Encounter, noun: EncounterNoun, problems: Iterable[IntakeProblem]) -> None:
        """Bring `row` to what the noun says: coded, or held with every reason listed."""
        holds: list[IntakeProblem] = []
        for problem in problems:
            list_problem(self.file, problem, row, self.interface)
            if problem.blocks:
                holds.append(problem)
        practice = self.practice or self.practice_of(noun.billing_npi)
        if practice is None:
            holds.append(self.problem(row, noun, "OTHER_PRACTICE", "No practice here has the billing NPI it names",
                                      "Set the practice up, or give the file back to its sender"))  # fmt: skip
        else:
            noun = with_registration(noun, self.registered(practice))
            holds += self.register(row, noun, practice)
            if row.patient is not None and not noun.coverages and noun.date_from is not None:
                noun = msgspec.structs.replace(noun, coverages=coverages_for(row.patient, noun.date_from))
        row.practice = practice
        row.content = msgspec.to_builtins(noun)
        row.date_from, row.date_to = noun.date_from, noun.date_to or noun.date_from
        row.state = Encounter.State.HELD if holds else Encounter.State.CODED
        row.reason = "; ".join(dict.fromkeys(f"{hold.code} {hold.message}" for hold in holds))

    def register(self, row: Encounter, noun: EncounterNoun, practice: Practice) -> list[IntakeProblem]:
        """Patient and coverages; what stands in the way of billing."""
        try:
            row.patient = save_patient(practice=practice, patient=noun.patient)
        except PatientConflict as conflict:
            return [self.problem(row, noun, "PATIENT_CONFLICT", str(conflict).capitalize(),
                                 "Compare both with the source, then correct the record number")]  # fmt: skip
        holds = []
        for coverage, saved in save_coverages(patient=row.patient, coverages=noun.coverages, payers=self.payers):
            if saved is None:
                name = coverage.payer.payer_id or coverage.payer.name
                holds.append(self.problem(row, noun, UNKNOWN_PAYER, "A payer of the visit is not set up",
                                          "Set the payer up, or give it as an alias of one", value=name))  # fmt: skip
        # Charges come without covers where a message of their own told those before.
        if not noun.coverages and not (noun.date_from and coverages_for(row.patient, noun.date_from)):
            holds.append(self.problem(row, noun, "NO_COVERAGE", "No coverage is known for the date of service",
                                      "Register the coverage, or bill the patient"))  # fmt: skip
        if noun.date_from is None:
            holds.append(
                self.problem(row, noun, "NO_DATE", "The visit has no date of service", "Correct it at the source")
            )
        return holds

    def problem(
        self, row: Encounter, noun: EncounterNoun, code: str, message: str, fix: str, value: str = ""
    ) -> IntakeProblem:
        problem = IntakeProblem(
            code=code, place=noun.external_id, message=message, fix=fix, value=value, encounter=noun.external_id
        )
        list_problem(self.file, problem, row, self.interface)
        return problem

    def practice_of(self, npi: str) -> Practice | None:
        if npi not in self.practices:
            self.practices[npi] = practice_of(npi) if npi else None
        return self.practices[npi]

    def registered(self, practice: Practice) -> Mapping[str, Registration]:
        if practice.pk not in self.registrations:
            self.registrations[practice.pk] = registrations(practice=practice)
        return self.registrations[practice.pk]


def list_problem(file: InboxFile, problem: IntakeProblem, row: Encounter | None, interface: str) -> None:
    """One item a code or payer to set up, however many visits wait for it; else one a problem."""
    about = {"file_id": file.pk, "file_name": file.name}
    if row is not None:
        about |= {"subject_type": "encounter", "subject_id": row.pk}
    if problem.code == UNMAPPED:
        worklist, key = Worklist.INTAKE_UNMAPPED_CODES, unmapped_key(interface, problem.system, problem.value)
        reason = f"{problem.message}: {problem.system} {problem.value}"
    elif problem.code == UNKNOWN_PAYER and problem.value:
        worklist, key = Worklist.UNKNOWN_PAYER, f"payer:{problem.value.upper()}"
        reason = f"{problem.message}: {problem.value}"
    else:
        worklist = Worklist.OTHER_PRACTICE if problem.code == "OTHER_PRACTICE" else Worklist.INTAKE_PROBLEMS
        key = f"intake:{file.pk}:{problem.encounter}:{problem.code}:{problem.place}"
        reason = f"{problem.place}: {problem.message}".strip(": ")
        about |= {"practice_id": row.practice_id} if row is not None else {}  # above: one item for all practices
    raise_work_item(
        worklist=worklist, key=key, reason_code=problem.code, reason=reason,
        what_to_do=problem.fix or "Correct it at the source, then take it in again", reopen=True, **about,
    )  # fmt: skip


def load_registration_csv(*, file: InboxFile, practice: Practice) -> IntakeReport:
    """The front desk's coverages by record number, for visits taken in from now on and for those held."""
    part = _open_part(file, "CSV")
    if part is None:
        return IntakeReport()
    read = read_registrations(bytes(file.content), payer_nouns(), name=file.name)
    if not read.patients:
        return _refuse(file, part, read.problems)
    saved = save_registrations(practice=practice, registrations=read.patients)
    for problem in read.problems:
        list_problem(file, problem, None, "registration")
    part.fate, part.decided_at = InboxPart.Fate.TAKEN_IN, clock.now()
    part.reason = f"{saved} patient{'s'[: saved != 1]} registered"
    part.save(update_fields=["fate", "decided_at", "reason"])
    InboxFile.objects.filter(pk=file.pk).update(state=InboxFile.State.DONE)
    return IntakeReport(encounters=0, known=saved, problems=len(read.problems))


def load_code_map_csv(*, file: InboxFile, interface: str = "fhir") -> int:
    """An interface's code map instead of the one before; says how many rows. 0 for a wrong file, which is quarantined."""
    part = _open_part(file, "CSV")
    if part is None:
        return 0
    try:
        rows = save_code_map(interface=interface, code_map=load_code_map(bytes(file.content)))
    except (CodeMapError, UnicodeDecodeError) as error:
        message = str(error) if isinstance(error, CodeMapError) else "The file is not UTF-8 text"
        problem = IntakeProblem(code="BAD_CODE_MAP", place=file.name, message=message, fix="Correct the row")
        _refuse(file, part, [problem])
        return 0
    part.fate, part.decided_at, part.reason = InboxPart.Fate.TAKEN_IN, clock.now(), f"{rows} rows"
    part.save(update_fields=["fate", "decided_at", "reason"])
    InboxFile.objects.filter(pk=file.pk).update(state=InboxFile.State.DONE)
    record_audit(action="code_map.load", subject_type="inbox_file", subject_id=file.pk, detail=f"{interface} {rows}")
    return rows


def replay_held_encounters(*, practice: Practice | None = None, file: InboxFile | None = None) -> IntakeReport:
    """Read held encounters again from their files, with today's maps, payers, prices and registrations.

    What is still wrong stays held; items that no held encounter needs any more are closed.
    """
    held = Encounter.objects.select_for_update(of=("self",)).filter(state=Encounter.State.HELD, file__isnull=False)
    if practice is not None:
        held = held.filter(practice=practice)
    if file is not None:
        held = held.filter(file=file)
    by_file: dict[tuple[UUID, str, str], list[Encounter]] = defaultdict(list)
    for row in held.select_related("practice", "patient").order_by("external_id"):
        by_file[(row.file_id, row.source, row.interface)].append(row)
    report = IntakeReport()
    if practice is None and file is None:  # what a held encounter still waits for is opened again
        for worklist in (Worklist.INTAKE_UNMAPPED_CODES, Worklist.UNKNOWN_PAYER):
            resolve_work_items(worklist=worklist, resolution="no held encounter waits for it")
    for (file_id, source, interface), rows in by_file.items():
        file = InboxFile.objects.get(pk=file_id)
        result = _read_again(file, rows, source, interface)
        nouns = {noun.external_id[:200]: noun for noun in result.encounters}
        problems: dict[str, list[IntakeProblem]] = defaultdict(list)
        for problem in result.problems:
            problems[problem.encounter[:200]].append(problem)
        taker = Taker(file, None, source=source, interface=interface)
        for row in rows:
            noun = nouns.get(row.external_id)
            if noun is None:
                continue
            _close_items(row)
            taker.practice = row.practice if source != "837p" else None
            taker.fill(row, noun, problems[row.external_id])
            row.save()
            if row.state != Encounter.State.HELD:
                taker.moves.append(
                    Move(
                        encounter_id=row.pk, event=_brought(row), source=Encounter.State.HELD, target=row.state,
                        reason="read again",
                    )
                )  # fmt: skip
        record_moves(moves=taker.moves)
        report.claims += bill(rows)
        report.encounters += sum(row.state != Encounter.State.HELD for row in rows)
        report.held += sum(row.state == Encounter.State.HELD for row in rows)
    return report


def _read_again(file: InboxFile, rows: Sequence[Encounter], source: str, interface: str) -> IntakeResult:
    content = bytes(file.content)
    practice = next((row.practice for row in rows if row.practice is not None), None)
    if source == "837p":
        return _our_records(read_837p(content), _moved(file))
    if practice is None:
        return IntakeResult()
    if source == "csv":
        known = SuperbillPractice(payers=payer_nouns(), providers=provider_nouns(), locations=location_nouns(practice))
        return read_superbill(content, known, name=file.name).accept(partial=True)
    if source == "hl7":
        return read_charges_again(file, rows, interface)
    return read_visits(parse_bundle(content, file.name), _interface(practice, interface, _moved(file)))


def _close_items(row: Encounter) -> None:
    """What was listed for this encounter alone; it is listed again where it still holds."""
    resolve_work_items(
        subject_type="encounter", subject_id=str(row.pk), worklist=Worklist.INTAKE_PROBLEMS, resolution="read again"
    )
