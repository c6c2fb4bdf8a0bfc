"""Modifiers a coder would consider on the lines of a visit, and what the record must show for each. Never applied here.

What the reference sets say is given with the context: an advice whose set was not loaded is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from claimwright.claims.basis import Noun
from claimwright.claims.nouns import Line
from claimwright.codes.evaluation_management import is_evaluation_management
from claimwright.codes.modifiers import modifier_group
from claimwright.codes.procedure_pairs import ProcedurePairs
from claimwright.codes.relative_values import RelativeValue, RelativeValues
from claimwright.coding.advice import Advice, Evidence
from claimwright.coding.surgery import Procedure, in_global, procedure_advice, visit_advice

_NCCI = "CMS NCCI Policy Manual, chapter I"
_INDICATORS = "Medicare physician fee schedule relative value file, indicators"
_TELEHEALTH_PLACES = ("02", "10")
_LABORATORY = ("80047", "89398")
DISTINCT = ("XE", "XS", "XP", "XU", "59")


class Notice(Noun, frozen=True):
    """What is known of Medicare's payment for a line: why it may not pay, and whether an ABN is on file.

    `doubt`: necessity (may not be reasonable and necessary) or excluded (never a benefit).
    """

    line: int = 0  # position of the line
    doubt: str = ""
    notice_signed: bool = False


class Context(Noun, frozen=True):
    """What lies outside the lines. None or empty: not known, and nothing is advised from it."""

    history: tuple[Procedure, ...] = ()  # the practice's procedures before this visit
    specialty: str = ""
    group: str = ""
    facility: bool | None = None  # whether the place of service is a facility
    telehealth: str = ""  # video or audio, as the note says
    medicare: bool = False
    notices: tuple[Notice, ...] = ()


class Tables(Noun, frozen=True):
    """Reference sets of the date of service; None where not loaded."""

    relative_values: RelativeValues | None = None
    pairs: ProcedurePairs | None = None


def advise(lines: Sequence[Line], place_of_service: str, context: Context, tables: Tables) -> tuple[Advice, ...]:
    """Every advice on the lines, in their order. Lines without a date of service are passed over."""
    found: list[Advice] = []
    for number, line in enumerate(lines):
        if line.date_from is None:
            continue
        where = f"lines[{number}].modifiers"
        row = _row(tables, line.procedure_code, line.date_from)
        found += _periods(lines, number, line, line.date_from, context, tables, where)
        found += _component(line, row, context, where)
        found += _sides(lines, number, line, row, where)
        found += _repeated(lines, number, line, where)
        found += _telehealth(line, line.place_of_service or place_of_service, context, where)
    found += _pairs(lines, tables)
    for notice in context.notices:
        found += _liability(lines, notice, context)
    return tuple(found)


def _row(tables: Tables, code: str, on: date) -> RelativeValue | None:
    return tables.relative_values.row(code, "", on) if tables.relative_values is not None else None


def _lacks(line: Line, modifiers: Iterable[str]) -> bool:
    return not set(line.modifiers) & set(modifiers)


def _same_day(lines: Sequence[Line], number: int) -> list[tuple[int, Line]]:
    day = lines[number].date_from
    return [(other, line) for other, line in enumerate(lines) if other != number and line.date_from == day]


def _periods(
    lines: Sequence[Line], number: int, line: Line, on: date, context: Context, tables: Tables, where: str
) -> list[Advice]:
    """25 and 57 for the procedures of the same claim and of history, 24 for those before, 58, 78 and 79 for others."""
    own = []
    for other, each in _same_day(lines, number):
        row = _row(tables, each.procedure_code, on)
        if row is not None and not is_evaluation_management(each.procedure_code):
            own.append(
                Procedure(
                    code=each.procedure_code, day=on, indicator=row.global_days, modifiers=each.modifiers,
                    specialty=context.specialty, group=context.group, line=f"lines[{other}]",
                )
            )  # fmt: skip
    if is_evaluation_management(line.procedure_code):
        periods = in_global((*context.history, *own), on, specialty=context.specialty, group=context.group)
        advices = visit_advice(line.procedure_code, on, periods, place=where)
    else:
        row = _row(tables, line.procedure_code, on)
        if row is None or row.global_days in ("XXX", "ZZZ"):
            return []  # tests and add-ons are not part of a surgical package
        periods = in_global(context.history, on, specialty=context.specialty, group=context.group)
        advices = procedure_advice(line.procedure_code, on, periods, place=where)
    seen: dict[tuple[str, ...], Advice] = {}
    for advice in advices:
        if _lacks(line, advice.consider):
            seen.setdefault(advice.consider, advice)  # one procedure is reason enough; the longest period came first
    return list(seen.values())


def _component(line: Line, row: RelativeValue | None, context: Context, where: str) -> list[Advice]:
    if row is None or row.pc_tc != "1" or not context.facility or not _lacks(line, ("26", "TC")):
        return []
    return [
        Advice(
            kind="modifier", id="PROFESSIONAL_PART", place=where, consider=("26",),
            reason="The service has a professional and a technical part, and the place is a facility, which bills the second",
            document="A written, signed interpretation of its own", source=_INDICATORS,
        )
    ]  # fmt: skip


def _sides(lines: Sequence[Line], number: int, line: Line, row: RelativeValue | None, where: str) -> list[Advice]:
    """RT and LT on two lines of one code, where the code may be billed as one with 50."""
    if row is None or row.bilateral != "1" or "RT" not in line.modifiers:
        return []
    mates = [
        other
        for other, each in _same_day(lines, number)
        if each.procedure_code == line.procedure_code and "LT" in each.modifiers
    ]
    if not mates:
        return []
    return [
        Advice(
            kind="modifier", id="BOTH_SIDES", place=where, consider=("50",),
            evidence=(Evidence(excerpt=f"{line.procedure_code} with RT and with LT on one day", source=f"lines[{mates[0]}]"),),
            reason="The code was done on both sides; many payers, Medicare among them, want one line with 50 and one unit",
            document="Both sides in the procedure note; the format the payer asks for", source=_INDICATORS,
        )
    ]  # fmt: skip


def _repeated(lines: Sequence[Line], number: int, line: Line, where: str) -> list[Advice]:
    """The second and later lines of one code on one day, without anything that tells them apart."""
    earlier = [
        (other, each)
        for other, each in _same_day(lines, number)
        if other < number and each.procedure_code == line.procedure_code
    ]
    telling = modifier_group("repeat") | modifier_group("laterality") | modifier_group("split") | {"JW", "JZ"}
    apart = telling | modifier_group("ncci")
    if not earlier or not _lacks(line, apart):
        return []
    first = earlier[0][1]
    laboratory = _LABORATORY[0] <= line.procedure_code <= _LABORATORY[1]
    same = _rendering(first) == _rendering(line)
    consider = ("91", "59") if laboratory else (("76",) if same else ("77",))
    words = (
        "91: the same test again on purpose for a second result; not to confirm the first or for a fault of the machine"
        if laboratory
        else "76 by the same provider, 77 by another: why the procedure was done again, with its time"
    )
    return [
        Advice(
            kind="modifier", id="REPEATED", place=where, consider=consider, document=words,
            evidence=(Evidence(excerpt=f"{line.procedure_code} stands on the day before", source=f"lines[{earlier[0][0]}]"),),
            reason="The code stands twice on one day: one line with units where they are one service, else a modifier",
            source="CMS Pub. 100-04 chapter 12, 30 and chapter 16, 100.5.1" if laboratory else "CMS Pub. 100-04 chapter 12, 30",
        )
    ]  # fmt: skip


def _rendering(line: Line) -> str:
    return line.rendering.npi if line.rendering is not None else ""


def _telehealth(line: Line, place: str, context: Context, where: str) -> list[Advice]:
    if place not in _TELEHEALTH_PLACES or not _lacks(line, modifier_group("telehealth")):
        return []
    consider = {"video": ("95",), "audio": ("93",)}.get(context.telehealth, ("95", "93"))
    return [
        Advice(
            kind="modifier", id="TELEHEALTH", place=where, consider=consider,
            reason=f"Place of service {place} is telehealth and the line does not say how",
            document="95: sound and picture both ways. 93: sound only, and why (the patient could not or would not use "
            "video). Where the patient was",
            source="CMS Pub. 100-04 chapter 12, 190; the payer's own rule",
        )
    ]  # fmt: skip


def _pairs(lines: Sequence[Line], tables: Tables) -> list[Advice]:
    """Column 2 of an NCCI pair with indicator 1: what would have to be separate, and how to say so."""
    if tables.pairs is None:
        return []
    found = []
    bypass = modifier_group("ncci")
    for first, one in enumerate(lines):
        for second, other in _same_day(lines, first):
            if one.date_from is None or one.procedure_code == other.procedure_code:
                continue
            edit = tables.pairs.find(one.procedure_code, other.procedure_code, one.date_from)
            if edit is None or edit.indicator != "1" or not _lacks(other, bypass):
                continue
            if not _lacks(one, {"59", "XE", "XS", "XP", "XU"}):
                continue  # since July 2019 the distinct modifiers count on either code
            consider = ("25",) if is_evaluation_management(other.procedure_code) else DISTINCT
            found.append(
                Advice(
                    kind="modifier", id="SEPARATE_SERVICE", place=f"lines[{second}].modifiers", consider=consider,
                    evidence=(Evidence(excerpt=f"NCCI: {one.procedure_code} includes {other.procedure_code}",
                                       source=f"lines[{first}]"),),
                    reason="The two are one service unless the record shows that they were apart",
                    document="XE another encounter of the day, XS another organ or site, XP another practitioner, XU not "
                    "overlapping in the usual way; 59 only where none of these fits. Otherwise the second is not billed"
                    if consider is DISTINCT
                    else "A significant visit of its own beside the procedure",
                    source=_NCCI,
                )
            )  # fmt: skip
    return found


def _liability(lines: Sequence[Line], notice: Notice, context: Context) -> list[Advice]:
    """GA, GX, GY and GZ: who pays where Medicare will not. Only before the service can a notice be given."""
    if not context.medicare or not 0 <= notice.line < len(lines) or notice.doubt not in ("necessity", "excluded"):
        return []
    line = lines[notice.line]
    if not _lacks(line, modifier_group("liability")):
        return []
    if notice.doubt == "excluded":
        consider = ("GY", "GX") if notice.notice_signed else ("GY",)
        words = "That the service is no benefit by law; GX beside GY where the patient signed a voluntary notice"
    elif notice.notice_signed:
        consider, words = (
            ("GA",),
            "The notice (CMS-R-131), signed before the service, with reason and estimate, on file",
        )
    else:
        consider = ("GZ",)
        words = (
            "Nothing more: without a notice before the service the provider bears the cost and may not bill the patient"
        )
    return [
        Advice(
            kind="modifier", id="LIABILITY", place=f"lines[{notice.line}].modifiers", consider=consider, document=words,
            reason="Medicare is expected not to pay for this line", source="CMS Pub. 100-04 chapter 30, 50",
        )
    ]  # fmt: skip
