"""The claims of an 837P whose loops come as rows, read quickly: the same noun as `professional` gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from claimwright.claims.from_x12.claim_reader import whole_number
from claimwright.claims.from_x12.professional import ProfessionalReader
from claimwright.claims.from_x12.quick import NOT_PLAIN, NotPlain
from claimwright.claims.nouns import Address, Claim, Coverage, Diagnosis, Line, Patient, Payer, Person, Provider
from claimwright.x12.amounts import DAYS, dollars
from claimwright.x12.loops import Loop, row_of

DIAGNOSES = frozenset(("ABK", "ABF", "BK", "BF"))
LEVEL_LOOPS = frozenset(("2010BA", "2010BB", "2010CA", "2300", "2000C"))
MOST_LINE_DIGITS = 10
NOWHERE = Address()
Named = tuple[str, str, str, str, date | None, str, Address]


class QuickProfessional:
    """Reads the claims of a stream; `careful` reads what is not plain, and the billing provider, once a level."""

    def __init__(self, careful: ProfessionalReader) -> None:
        self._careful = careful
        self._billing_loop: Loop | None = None
        self._billing = Claim()

    def claim(self, loop: Loop) -> Claim | None:
        """The claim of a 2300; None where something asks to be read with care."""
        try:
            return self._claim(loop)
        except NOT_PLAIN:
            return None

    def _claim(self, loop: Loop) -> Claim:
        row: Any = row_of(loop)
        level, run = loop.parent, loop.run
        if row is None or level is None or run is None:
            raise NotPlain
        (
            number, charge, place, signature, accepts, assigned, release, patient_signature, causes, program, delay,
            onset, accident, admitted, discharged, patient_paid,
            referral, authorization, payer_number, clia, trace, record_number, *codes,
        ) = row  # fmt: skip
        component = run.delimiters.component
        where = place.split(component)
        cause: list[str] = causes.split(component) if causes else []
        lines: list[Line] = []
        providers: dict[str, Provider] = {}
        for below in loop.loops:
            if below.id == "2400":
                lines.append(_line(below, component))
            else:
                _provider(below, providers)
        patient, coverage = self._patient_and_coverage(level, record_number or "", accepts, assigned, release)
        billing = self._billing_of(level)
        return Claim(
            control_number=number,
            frequency=where[2],
            transaction_type=self._careful.transaction_type,
            patient=patient,
            coverage=coverage,
            rendering=providers.get("82"),
            referring=providers.get("DN"),
            facility=providers.get("77"),
            place_of_service=where[0],
            total_charge=loop.sums[0] if loop.sums else dollars(charge),
            diagnoses=tuple([_diagnosis(code.split(component)) for code in codes if code]),
            lines=tuple(lines),
            provider_signature=signature or "",
            patient_signature=patient_signature or "",
            causes=tuple([one for one in cause[:3] if one]),
            accident_state=cause[3] if len(cause) > 3 else "",
            accident_country=cause[4] if len(cause) > 4 else "",
            accident_date=DAYS[accident] if accident else None,
            onset_date=DAYS[onset] if onset else None,
            admission_date=DAYS[admitted] if admitted else None,
            discharge_date=DAYS[discharged] if discharged else None,
            delay_reason=delay or "",
            patient_paid=dollars(patient_paid) if patient_paid else None,
            prior_authorization=authorization or "",
            referral=referral or "",
            payer_claim_number=payer_number or "",
            clia=clia or "",
            clearinghouse_trace=trace or "",
            special_program=program or "",
            billing_provider=billing.billing_provider,
            pay_to_address=billing.pay_to_address,
            pay_to_plan=billing.pay_to_plan,
            currency=billing.currency,
        )

    def _billing_of(self, level: Loop) -> Claim:
        """A claim that has the billing provider and who is paid: read with care, but once for all claims below it."""
        billing = level.ancestor("2000A")
        if billing is None or billing.find("2010AA") is None:
            raise NotPlain
        if billing is not self._billing_loop:
            self._billing = Claim(**self._careful.billing(billing, None))
            self._billing_loop = billing
        return self._billing

    def _patient_and_coverage(
        self, level: Loop, record_number: str, accepts: str | None, assigned: str | None, release: str | None
    ) -> tuple[Patient, Coverage]:
        patient_level = level if level.id == "2000C" else None
        subscriber = level.parent if patient_level is not None else level
        if subscriber is None:
            raise NotPlain
        loops = _loops(subscriber)
        information: Any = row_of(subscriber)
        holder_row: Any = row_of(loops["2010BA"])
        payer_row: Any = row_of(loops["2010BB"])
        if information is None or holder_row is None or payer_row is None:
            raise NotPlain
        _, _, sequence, relationship, group, group_name, insurance, filing = information
        holder = _person(holder_row[1:5], holder_row[7:])
        relationship = "18"
        patient_of, subscriber_of = holder, _as_person(holder)
        if patient_level is not None:
            condition: Any = row_of(patient_level)
            own: Any = row_of(_loops(patient_level)["2010CA"])
            if condition is None or own is None or condition[3] or own[5]:
                raise NotPlain
            relationship = condition[2] or ""
            patient_of = _person(own[0:4], own[6:])
        last, first, middle, suffix, born, sex, address = patient_of
        return Patient(
            last_name=last,
            first_name=first,
            middle_name=middle,
            suffix=suffix,
            birth_date=born,
            sex=sex,
            address=address,
            record_number=record_number,
        ), Coverage(
            sequence=sequence or "",
            payer=Payer(
                payer_id=payer_row[2] or "",
                name=payer_row[0] or "",
                id_qualifier=payer_row[1] or "",
                filing_indicator=filing or "",
                address=_address(payer_row[3:]) if payer_row[3] or payer_row[5] else NOWHERE,
            ),
            member_id=holder_row[6] or "",
            group_number=group or "",
            group_name=group_name or "",
            relationship=relationship,
            subscriber=subscriber_of,
            subscriber_is_organization=holder_row[0] == "2",
            insurance_type=insurance or "",
            accepts_assignment=accepts or "",
            benefits_assigned=assigned or "",
            release_of_information=release or "",
        )


def _loops(level: Loop) -> dict[str, Loop]:
    """The loops below a level by id; NotPlain where one of them is not read here."""
    found = {below.id: below for below in level.loops}
    if not found.keys() <= LEVEL_LOOPS:
        raise NotPlain
    return found


def _person(name: Sequence[str | None], rest: Sequence[str | None]) -> Named:
    """The fields of a person: NM103, 04, 05 and 07; N3, N4 and DMG."""
    last, first, middle, suffix = name
    born, sex = rest[7], rest[8]
    return (
        last or "",
        first or "",
        middle or "",
        suffix or "",
        DAYS[born] if born else None,
        sex or "",
        _address(rest) if rest[0] or rest[2] else NOWHERE,
    )


def _as_person(named: Named) -> Person:
    last, first, middle, suffix, born, sex, address = named
    return Person(
        last_name=last,
        first_name=first,
        middle_name=middle,
        suffix=suffix,
        birth_date=born,
        sex=sex,
        address=address,
    )


def _address(row: Sequence[str | None]) -> Address:
    """N301, N302, N401, N402, N403; a country is read with care."""
    line1, line2, city, state, postal_code, country, subdivision = row[:7]
    if country or subdivision or (postal_code and not postal_code.isdecimal()):
        raise NotPlain
    return Address(
        line1=line1 or "", line2=line2 or "", city=city or "", state=state or "", postal_code=postal_code or ""
    )


def _diagnosis(parts: list[str]) -> Diagnosis:
    if len(parts) != 2 or parts[0] not in DIAGNOSES or "." in parts[1]:
        raise NotPlain
    return Diagnosis(code=parts[1], qualifier=parts[0])


def _provider(loop: Loop, providers: dict[str, Provider]) -> None:
    """The rendering, referring or service facility provider of the claim, by its NM101."""
    row: Any = row_of(loop)
    if row is None or loop.loops:
        raise NotPlain
    address, taxonomy = NOWHERE, ""
    if loop.id == "2310A":
        code, row = row[0], row[1:]
    elif loop.id == "2310B":
        code, taxonomy = "82", row[7]
    elif loop.id == "2310C":
        code, address = "77", _address(row[7:]) if row[7] or row[9] else NOWHERE
    else:
        raise NotPlain
    kind, last, first, middle, suffix, qualifier, number = row[:7]
    if code in providers or code == "P3" or (number and qualifier != "XX"):
        raise NotPlain
    providers[code] = Provider(
        npi=number or "",
        is_organization=kind == "2",
        last_name=last or "",
        first_name=first or "",
        middle_name=middle or "",
        suffix=suffix or "",
        taxonomy=taxonomy or "",
        address=address,
    )


def _line(loop: Loop, component: str) -> Line:
    row: Any = row_of(loop)
    if row is None or loop.loops:
        raise NotPlain
    number, code, charge, basis, units, place, pointers, emergency, epsdt, planning, copay, day, control_number = row
    if epsdt or planning or copay:
        raise NotPlain
    parts = code.split(component)
    return Line(
        number=int(number) if number.isdecimal() and len(number) < MOST_LINE_DIGITS else whole_number(number),
        control_number=control_number or "",
        procedure_code=parts[1],
        procedure_qualifier=parts[0],
        modifiers=tuple([part for part in parts[2:6] if part]) if len(parts) > 2 else (),
        description=parts[6] if len(parts) > 6 else "",
        charge=loop.sums[0] if loop.sums else dollars(charge),
        unit_basis=basis or "",
        units=Decimal(units) if units else Decimal(0),
        place_of_service=place or "",
        diagnosis_pointers=tuple([int(part) for part in pointers.split(component) if part]) if pointers else (),
        emergency=emergency == "Y",
        date_from=DAYS[day] if day else None,
    )
