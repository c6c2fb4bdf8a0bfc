"""One claim into several, and several into one. No cent and no line is lost or told twice.

Every line stands in exactly one part; charges and what prior payers decided go with their lines; what the patient paid is
divided by charges to the cent. Where something belongs to the claim as a whole and to no line, the split is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from claimwright.billing.claim_versions import ControlNumbers, VersionRefused
from claimwright.claims.nouns import ZERO, Claim, Diagnosis, Line, LineAdjudication, Noun, PriorPayment

CENT = Decimal("0.01")
MANY = 10_000
# Told of the claim and of a line alike; the line's word counts before the claim's.
ON_LINES = ("rendering", "referring", "supervising", "facility", "place_of_service", "prior_authorization", "referral",
            "clia")  # fmt: skip
# Of the claim alone: claims that are combined must agree, or one of them be silent.
OF_CLAIM = (
    "provider_signature", "patient_signature", "causes", "accident_state", "accident_date", "onset_date",
    "initial_treatment_date", "last_seen_date", "last_menstrual_period", "admission_date", "discharge_date", "delay_reason",
    "contract", "repricing", "service_exception", "demonstration", "condition_codes", "condition_indicators", "professional",
    "dental", "special_program", "accident_country", "currency", "pay_to_address", "pay_to_plan", "device_exemptions",
    "clearinghouse_trace",
)  # fmt: skip
INSTITUTIONAL = "an institutional claim is one bill of one stay or period: bill a part of it by interim bills (frequency 2, 3 and 4)"


class SplitRules(Noun, frozen=True, kw_only=True):
    """What keeps lines apart: names of SPLITTERS, and how many lines a claim may have (None: any number)."""

    by: tuple[str, ...] = ()
    lines_per_claim: int | None = None


class CombineLimits(Noun, frozen=True, kw_only=True):
    """How large a combined claim may be, and the calendar period all its lines lie in: day, month, year; blank: any."""

    lines: int = 50  # 2400 of 005010X222A1
    diagnoses: int = 12
    attachments: int = 10
    note_characters: int = 80
    period: str = "day"


# Splitting -----------------------------------------------------------------------------------------------------------


def split(claim: Claim, rules: SplitRules, *, control_numbers: ControlNumbers) -> tuple[Claim, ...]:
    """The parts in the order of their first lines, each a whole claim. `control_numbers` gives the number of part n, from 1.

    Raises VersionRefused where there is nothing to split, or something could belong to no part.
    """
    if claim.institutional is not None:
        raise VersionRefused(INSTITUTIONAL)
    unknown = [name for name in rules.by if name not in SPLITTERS]
    if unknown:
        raise VersionRefused(f"claims are not split by {unknown[0]}: choose of {', '.join(SPLITTERS)}")
    lines = tuple(explicit(claim, line) for line in claim.lines)
    groups: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(tuple(SPLITTERS[name](line) for name in rules.by), []).append(line)
    chunks = [chunk for group in groups.values() for chunk in _chunks(group, rules.lines_per_claim)]
    if len(chunks) < 2:
        raise VersionRefused("nothing keeps these lines apart: they go on one claim")
    _keep_bundles_together(chunks)
    bases = [_part(claim, chunk, control_numbers(number)) for number, chunk in enumerate(chunks, 1)]
    return _with_whole_amounts(claim, bases)


def explicit(claim: Claim, line: Line) -> Line:
    """The line with everything the claim says for it: alone it would say the same."""
    told = {field: getattr(claim, field) for field in ON_LINES if not getattr(line, field)}
    return msgspec.structs.replace(line, **{field: value for field, value in told.items() if value})


def _chunks(lines: Sequence[Line], limit: int | None) -> list[list[Line]]:
    if limit is not None and limit < 1:
        raise VersionRefused("a claim of no lines cannot be sent: the limit is at least one line")
    size = limit or max(1, len(lines))
    return [list(lines[at : at + size]) for at in range(0, len(lines), size)]


def _month(line: Line) -> str:
    return _period(line, "month", 7)


def _year(line: Line) -> str:
    return _period(line, "year", 4)


def _period(line: Line, name: str, characters: int) -> str:
    first, last = line.date_from, line.date_to or line.date_from
    if first is None or last is None:
        raise VersionRefused(f"line {line.number} has no date: it cannot be put into a {name}")
    start, end = first.isoformat()[:characters], last.isoformat()[:characters]
    if start != end:
        raise VersionRefused(
            f"line {line.number} runs over the end of a {name}: its units cannot be divided here; make two charges of it "
            "at the encounter"
        )
    return start


SPLITTERS: dict[str, Callable[[Line], str]] = {
    "rendering": lambda line: line.rendering.npi if line.rendering is not None else "",
    "place": lambda line: line.place_of_service,
    "clia": lambda line: line.clia,
    "month": _month,
    "year": _year,
}


def _keep_bundles_together(chunks: Sequence[Sequence[Line]]) -> None:
    """A line that a prior payer paid within another (SVD06) names that line's number: both stay on one claim."""
    place = {line.number: at for at, chunk in enumerate(chunks) for line in chunk}
    for at, chunk in enumerate(chunks):
        for line in chunk:
            for one in line.adjudications:
                if one.bundled_into and place.get(one.bundled_into, at) != at:
                    raise VersionRefused(
                        f"a prior payer paid line {line.number} within line {one.bundled_into}: these two stay together"
                    )


def _part(claim: Claim, lines: Sequence[Line], control_number: str) -> Claim:
    """One part but for the amounts that belong to the claim as a whole."""
    numbers = {line.number: at for at, line in enumerate(lines, 1)}
    renumbered = [
        msgspec.structs.replace(
            line, number=numbers[line.number],
            adjudications=tuple(_renumbered(one, numbers) for one in line.adjudications),
        )
        for line in lines
    ]  # fmt: skip
    return common_of(
        msgspec.structs.replace(
            claim,
            control_number=control_number,
            version=1,
            total_charge=sum((line.charge for line in lines), ZERO),
            prior_payments=tuple(_prior_part(claim, prior, lines) for prior in claim.prior_payments),
            obligated_amount=_obligated(claim, lines),
        ),
        renumbered,
    )


def _renumbered(one: LineAdjudication, numbers: dict[int, int]) -> LineAdjudication:
    return msgspec.structs.replace(one, bundled_into=numbers.get(one.bundled_into, 0)) if one.bundled_into else one


def common_of(claim: Claim, lines: Sequence[Line]) -> Claim:
    """The claim over its lines, with what they all say said once by the claim, and by a line only what differs.

    A claim whose lines differ says what most of them say, the first of equals.
    """
    told: dict[str, object] = {}
    for field in ON_LINES:
        values = [getattr(line, field) for line in lines]
        blank = None if field in ("rendering", "referring", "supervising", "facility") else ""
        # A line without a value would take the claim's: then nothing can be said for all.
        told[field] = blank if not values or any(not value for value in values) else max(values, key=values.count)
    kept = [
        msgspec.structs.replace(
            line,
            **{field: type_blank(field) for field in ON_LINES if told[field] and getattr(line, field) == told[field]},
        )
        for line in lines
    ]
    return msgspec.structs.replace(claim, lines=tuple(kept), **told)


def type_blank(field: str) -> str | None:
    return None if field in ("rendering", "referring", "supervising", "facility") else ""


def _prior_part(claim: Claim, prior: PriorPayment, lines: Sequence[Line]) -> PriorPayment:
    """A prior payer's decision on these lines. Raises VersionRefused where it decided on the claim as a whole."""
    if not prior.adjudicated:
        return prior
    payer = prior.coverage.payer.payer_id

    def paid(some: Sequence[Line]) -> Decimal:
        return sum((one.paid_amount for line in some for one in line.adjudications if one.payer_id == payer), ZERO)

    whole = prior.adjustments or prior.remaining_liability is not None or prior.non_covered_amount is not None
    if whole or prior.inpatient is not None or paid(claim.lines) != prior.paid_amount:
        raise VersionRefused(
            f"payer {payer} decided on the claim as a whole, not on its lines: its payment cannot be divided among claims"
        )
    return msgspec.structs.replace(prior, paid_amount=paid(lines))


def _obligated(claim: Claim, lines: Sequence[Line]) -> Decimal | None:
    """What the contract with the payer before obliges us to accept, of these lines."""
    if claim.obligated_amount is None:
        return None
    told = [line.obligated_amount for line in claim.lines]
    if any(amount is None for amount in told) or sum(filter(None, told), ZERO) != claim.obligated_amount:
        raise VersionRefused(
            "the amount we are obliged to accept (CN1*09) is told of the claim and not of its lines: give each line its own"
        )
    return sum((line.obligated_amount or ZERO for line in lines), ZERO)


def _with_whole_amounts(claim: Claim, parts: Sequence[Claim]) -> tuple[Claim, ...]:
    if claim.patient_paid is None:
        return tuple(parts)
    shares = divide(claim.patient_paid, [part.total_charge for part in parts])
    return tuple(
        msgspec.structs.replace(part, patient_paid=share) for part, share in zip(parts, shares, strict=True)
    )  # fmt: skip


def divide(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount` in cents by `weights`, none lost: the cents left over go to the largest remainders, the first of equals.

    Weights of zero throughout count alike.
    """
    whole = sum(weights, ZERO)
    if whole == 0:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    exact = [amount * weight / whole for weight in weights]
    shares = [(share // CENT) * CENT for share in exact]
    left = int((amount - sum(shares, ZERO)) / CENT)
    by_remainder = sorted(range(len(shares)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[:left]:
        shares[at] += CENT
    return [share.quantize(CENT) for share in shares]


def part_of(claim: Claim, control_numbers: frozenset[str], *, control_number: str) -> Claim:
    """Of a whole claim the part with these lines, as `split` would make it; amounts of no line stay with the whole.

    Raises VersionRefused where a prior payer decided on the claim as a whole.
    """
    lines = [explicit(claim, line) for line in claim.lines if line.control_number in control_numbers]
    return _part(claim, lines, control_number)


def rejoin(parts: Sequence[Claim]) -> Claim:
    """The whole claim that these parts of one visit make, whatever a payer would take on one claim.

    What is told of the claim and not of its lines is the first part's. Raises VersionRefused where a line stands twice.
    """
    if len(parts) == 1:
        return parts[0]
    diagnoses = _diagnoses(parts, MANY)
    lines = _lines(parts, diagnoses, MANY)
    paid = [part.patient_paid for part in parts if part.patient_paid is not None]
    whole = msgspec.structs.replace(
        parts[0],
        diagnoses=diagnoses,
        total_charge=sum((part.total_charge for part in parts), ZERO),
        patient_paid=sum(paid, ZERO) if paid else None,
    )
    return common_of(whole, lines)


# Combining -----------------------------------------------------------------------------------------------------------


def combine(claims: Sequence[Claim], limits: CombineLimits, *, control_number: str) -> Claim:
    """One claim of several of one patient, cover and billing provider, that lie within the limits.

    Raises VersionRefused with the first thing that keeps them apart.
    """
    if len(claims) < 2:
        raise VersionRefused("there is nothing to combine: choose two claims or more")
    first = claims[0]
    for other in claims[1:]:
        _same_bill(first, other)
    _within_one_period(claims, limits.period)
    diagnoses = _diagnoses(claims, limits.diagnoses)
    lines = _lines(claims, diagnoses, limits.lines)
    attachments = tuple(dict.fromkeys(one for claim in claims for one in claim.attachments))
    if len(attachments) > limits.attachments:
        raise VersionRefused(f"together the claims have {len(attachments)} attachments, one takes {limits.attachments}")
    paid = [claim.patient_paid for claim in claims if claim.patient_paid is not None]
    obliged = [claim.obligated_amount for claim in claims]
    if any(amount is None for amount in obliged) and any(amount is not None for amount in obliged):
        raise VersionRefused("only some of the claims tell what we are obliged to accept (CN1*09)")
    whole = msgspec.structs.replace(
        first,
        control_number=control_number,
        version=1,
        total_charge=sum((claim.total_charge for claim in claims), ZERO),
        diagnoses=diagnoses,
        attachments=attachments,
        patient_paid=sum(paid, ZERO) if paid else None,
        obligated_amount=sum(filter(None, obliged), ZERO) if all(amount is not None for amount in obliged) else None,
        prior_payments=_prior_together(claims),
        note=_note(claims, limits.note_characters),
        further_notes=tuple(dict.fromkeys(note for claim in claims for note in claim.further_notes)),
        file_information=tuple(dict.fromkeys(text for claim in claims for text in claim.file_information)),
        **{field: _agreed(claims, field) for field in OF_CLAIM},
    )
    return common_of(whole, lines)


def _same_bill(first: Claim, other: Claim) -> None:
    """What makes two claims one bill; the first difference is named, never its value."""
    same = (
        ("kind", first.kind == other.kind),
        ("patient", _who(first) == _who(other)),
        ("payer", first.coverage.payer.payer_id == other.coverage.payer.payer_id),
        ("cover", _cover(first) == _cover(other)),
        ("billing provider", _biller(first) == _biller(other)),
        ("assignment", first.coverage.accepts_assignment == other.coverage.accepts_assignment),
    )
    for name, holds in same:
        if not holds:
            raise VersionRefused(f"the claims are not of one {name}: only claims of one bill are combined")
    if first.institutional is not None:
        raise VersionRefused(INSTITUTIONAL)
    for claim in (first, other):
        if claim.frequency != "1":
            raise VersionRefused("a replacement or void goes out as it is: combine first claims only")


def _who(claim: Claim) -> tuple[object, ...]:
    patient = claim.patient
    return patient.record_number, patient.last_name, patient.first_name, patient.birth_date


def _cover(claim: Claim) -> tuple[str, str, str, str]:
    cover = claim.coverage
    return cover.member_id, cover.group_number, cover.sequence, cover.relationship


def _biller(claim: Claim) -> tuple[str, str, str]:
    billing = claim.billing_provider
    return billing.npi, billing.tax_id, billing.taxonomy


def _within_one_period(claims: Sequence[Claim], period: str) -> None:
    characters = {"": 0, "day": 10, "month": 7, "year": 4}.get(period)
    if characters is None:
        raise VersionRefused("a period is a day, a month or a year")
    days = {
        day.isoformat()[:characters]
        for claim in claims
        for line in claim.lines
        for day in (line.date_from, line.date_to)
        if day is not None
    }
    if characters and len(days) > 1:
        raise VersionRefused(f"the claims are not of one {period}: this payer wants each {period} on its own claim")


def _diagnoses(claims: Sequence[Claim], most: int) -> tuple[Diagnosis, ...]:
    """All diagnoses once, the first claim's first; only the first of all is principal."""
    found: dict[str, Diagnosis] = {}
    for claim in claims:
        for one in claim.diagnoses:
            found.setdefault(one.code, one)
    if len(found) > most:
        raise VersionRefused(f"together the claims have {len(found)} diagnoses, one claim takes {most}")
    others = {"ABK": "ABF", "BK": "BF"}
    return tuple(
        msgspec.structs.replace(one, qualifier=others.get(one.qualifier, one.qualifier)) if at else one
        for at, one in enumerate(found.values())
    )


def _lines(claims: Sequence[Claim], diagnoses: Sequence[Diagnosis], most: int) -> list[Line]:
    """All lines with what each claim said for them, numbered through, pointing at the diagnoses of the whole."""
    at = {one.code: number for number, one in enumerate(diagnoses, 1)}
    lines: list[Line] = []
    seen: set[str] = set()
    for claim in claims:
        offset = len(lines)
        for line in claim.lines:
            if line.control_number in seen:
                raise VersionRefused(f"line {line.number} stands on two of the claims: it may be billed once")
            seen.add(line.control_number)
            pointers = [
                at[claim.diagnoses[pointer - 1].code]
                for pointer in line.diagnosis_pointers
                if 0 < pointer <= len(claim.diagnoses)
            ]
            lines.append(
                msgspec.structs.replace(
                    explicit(claim, line),
                    number=len(lines) + 1,
                    diagnosis_pointers=tuple(dict.fromkeys(pointers)),
                    adjudications=tuple(
                        msgspec.structs.replace(one, bundled_into=one.bundled_into + offset)
                        if one.bundled_into
                        else one
                        for one in line.adjudications
                    ),
                )
            )
    if len(lines) > most:
        raise VersionRefused(f"together the claims have {len(lines)} lines, one claim takes {most}")
    return lines


def _agreed(claims: Sequence[Claim], field: str) -> object:
    told = list(dict.fromkeys(value for claim in claims if (value := getattr(claim, field))))
    if len(told) > 1:
        raise VersionRefused(f"the claims differ in {field.replace('_', ' ')}, which a claim tells once")
    return told[0] if told else getattr(claims[0], field)


def _note(claims: Sequence[Claim], most: int) -> str:
    told = list(dict.fromkeys(claim.note for claim in claims if claim.note))
    if len({claim.note_code for claim in claims if claim.note}) > 1:
        raise VersionRefused("the claims have notes of different kinds, which a claim tells once")
    note = " ".join(told)
    if len(note) > most:
        raise VersionRefused(f"together the notes have {len(note)} characters, one claim takes {most}: shorten them")
    return note


def _prior_together(claims: Sequence[Claim]) -> tuple[PriorPayment, ...]:
    """What each prior payer decided on all the claims. Raises VersionRefused where they tell of different payers."""
    first = claims[0]
    made = []
    for at, prior in enumerate(first.prior_payments):
        same: list[PriorPayment] = []
        for claim in claims:
            other = claim.prior_payments[at] if at < len(claim.prior_payments) else None
            if other is None or other.coverage != prior.coverage or other.adjudicated != prior.adjudicated:
                raise VersionRefused("the claims tell of different prior payers, or not all of them were decided")
            same.append(other)
        silent = {"paid_amount": ZERO, "adjustments": (), "remarks": ()}
        if any(msgspec.structs.replace(one, **silent) != msgspec.structs.replace(prior, **silent) for one in same):
            raise VersionRefused(
                f"payer {prior.coverage.payer.payer_id} decided the claims one by one, under numbers or on days of their own"
            )
        made.append(
            msgspec.structs.replace(
                prior,
                paid_amount=sum((one.paid_amount for one in same), ZERO),
                adjustments=tuple(adjustment for one in same for adjustment in one.adjustments),
                remarks=tuple(dict.fromkeys(remark for one in same for remark in one.remarks)),
            )
        )
    if any(len(claim.prior_payments) != len(first.prior_payments) for claim in claims):
        raise VersionRefused("the claims tell of different prior payers, or not all of them were decided")
    return tuple(made)


__all__ = [
    "SPLITTERS", "CombineLimits", "SplitRules", "combine", "common_of", "divide", "explicit", "part_of", "rejoin", "split",
]  # fmt: skip
