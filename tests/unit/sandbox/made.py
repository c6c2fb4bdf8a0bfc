"""837P files made by hand for the sandbox's tests, and an own small reading of its 835s. Synthetic people only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.x12 import Envelope, InterchangeBuilder, Segment, Transaction, TransactionBuilder, read

GUIDE = "005010X222A1"
SUBMITTER = "ACMEBILLING"
PAYERS = {"MEDB1": "MB", "COMM1": "CI", "MCAID": "MC", "SUPP1": "CI"}
DOS = date(2026, 8, 3)


class Svc(msgspec.Struct, frozen=True):
    code: str = "99213"
    charge: str = "150"
    modifiers: tuple[str, ...] = ()
    day: date = DOS
    prior: tuple[str, tuple[tuple[str, str, str], ...]] | None = None  # SVD02, CAS rows


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One claim to send. `member` also seeds the patient's name."""

    number: str
    payer: str = "COMM1"
    member: str = "W100200300"
    lines: tuple[Svc, ...] = (Svc(),)
    frequency: str = "1"
    original: str = ""
    sequence: str = "P"
    next_payer: str = ""  # a 2320 that has not adjudicated
    prior_payer: str = ""  # a 2320 that has; lines carry `prior`
    rendering: bool = True
    authorization: str = ""
    referral: str = ""
    total: str = ""

    @property
    def charge(self) -> Decimal:
        return Decimal(self.total) if self.total else sum((Decimal(line.charge) for line in self.lines), Decimal(0))


def medicare_id(number: int) -> str:
    """A well-formed Medicare number that differs with `number`."""
    letters = "ACDEFGHJKMNPQRTUVWXY"
    return f"1{letters[number % 20]}{letters[number // 20 % 20]}{number // 400 % 10}EG4TE{number % 100:02d}"


def file_of(claims: list[Sent], control: int, day: date = date(2026, 8, 10), batch: str = "") -> bytes:
    out = TransactionBuilder("837", "0001", GUIDE)
    out.add("BHT", "0019", "00", batch or f"BATCH{control}", day, "1200", "CH")
    out.add("NM1", "41", "2", "ACME BILLING", "", "", "", "", "46", SUBMITTER)
    out.add("PER", "IC", "HELP DESK", "TE", "8005550111")
    out.add("NM1", "40", "2", "CLAIMWRIGHT SANDBOX", "", "", "", "", "46", "CWSANDBOX")
    out.add("HL", "1", "", "20", "1")
    out.add("NM1", "85", "2", "RIVERSIDE FAMILY CARE", "", "", "", "", "XX", "1000000004")
    out.add("N3", "12 MAIN ST")
    out.add("N4", "SPRINGFIELD", "IL", "627010001")
    out.add("REF", "EI", "900000099")
    for at, claim in enumerate(claims, 2):
        _claim(out, claim, at)
    builder = InterchangeBuilder(
        Envelope(sender_id=SUBMITTER, receiver_id="CWSANDBOX"), control, datetime(day.year, day.month, day.day, 12)
    )
    builder.add_group("837", control, GUIDE, [out.build()])
    return builder.build()


def _claim(out: TransactionBuilder, claim: Sent, hl: int) -> None:
    payer = PAYERS[claim.payer]
    name = f"TEST{claim.member[-3:]}".translate(str.maketrans("0123456789", "ABCDEFGHIJ"))
    out.add("HL", str(hl), "1", "22", "0")
    out.add(
        "SBR", claim.sequence, "18", "", "", "47" if payer == "MB" and claim.sequence != "P" else "", "", "", "", payer
    )
    out.add("NM1", "IL", "1", name, "PAT", "", "", "", "MI", claim.member)
    out.add("N3", "1 ELM ST")
    out.add("N4", "SPRINGFIELD", "IL", "62701")
    out.add("DMG", "D8", "19600102", "F")
    out.add("NM1", "PR", "2", claim.payer, "", "", "", "", "PI", claim.payer)
    out.add("CLM", claim.number, claim.charge, "", "", ("11", "B", claim.frequency), "Y", "A", "Y", "Y")
    if claim.authorization:
        out.add("REF", "G1", claim.authorization)
    if claim.original:
        out.add("REF", "F8", claim.original)
    if claim.referral:
        out.add("REF", "9F", claim.referral)
    out.add("HI", ("ABK", "J069"))
    if claim.rendering:
        out.add("NM1", "82", "1", "WELBY", "MARCUS", "", "", "", "XX", "1234567893")
    for other in (claim.next_payer, claim.prior_payer):
        if other:
            _other_payer(out, claim, other, name)
    for at, line in enumerate(claim.lines, 1):
        out.add("LX", str(at))
        out.add("SV1", ("HC", line.code, *line.modifiers), Decimal(line.charge), "UN", "1", "", "", ("1",))
        out.add("DTP", "472", "D8", line.day)
        out.add("REF", "6R", f"{claim.number}L{at}")
        if line.prior and claim.prior_payer:
            out.add("SVD", claim.prior_payer, Decimal(line.prior[0]), ("HC", line.code, *line.modifiers), "", "1")
            for group, reason, amount in line.prior[1]:
                out.add("CAS", group, reason, Decimal(amount))
            out.add("DTP", "573", "D8", date(2026, 8, 20))


def _other_payer(out: TransactionBuilder, claim: Sent, other: str, name: str) -> None:
    adjudicated = other == claim.prior_payer
    out.add("SBR", "P" if adjudicated else "S", "18", "", "", "", "", "", "", PAYERS[other])
    if adjudicated:
        out.add("AMT", "D", sum((Decimal(line.prior[0]) for line in claim.lines if line.prior), Decimal(0)))
    out.add("OI", "", "", "Y", "", "", "Y")
    out.add("NM1", "IL", "1", name, "PAT", "", "", "", "MI", "SUP" + claim.member[-6:])
    out.add("NM1", "PR", "2", other, "", "", "", "", "PI", other)


# Reading what came back ---------------------------------------------------------------------------------------------


def upload(root: Path, name: str, data: bytes) -> None:
    folder = root / "sftp" / "inbound"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def outbound(root: Path, prefix: str = "") -> list[Path]:
    return sorted((root / "sftp" / "outbound").glob(f"{prefix}*.edi"))


class Clp(msgspec.Struct, kw_only=True):
    payer: str
    number: str
    status: str
    charge: Decimal
    paid: Decimal
    responsibility: Decimal
    icn: str
    forwarded: str = ""
    remarks: list[str] = []
    cuts: list[tuple[str, str, Decimal]] = []
    lines: list[tuple[str, Decimal, Decimal]] = []
    original: str = ""
    file: str = ""


class Paid(msgspec.Struct, kw_only=True):
    """One ST of an 835."""

    payer: str
    trace: str
    amount: Decimal
    method: str
    claims: list[Clp] = []
    offsets: list[tuple[str, str, Decimal]] = []


def remittances(root: Path, copies: bool = False) -> list[Paid]:
    found = []
    for path in sorted(outbound(root, "835_"), key=lambda p: (p.name.split("_")[-2], p.name)):
        if "_COPY_" in path.name and not copies:
            continue
        found += [paid_of(transaction, path.name) for transaction in read(path.read_bytes()).transactions()]
    return found


def paid_of(transaction: Transaction, file: str = "") -> Paid:
    paid = Paid(payer="", trace="", amount=Decimal(0), method="")
    claim: Clp | None = None
    for segment in transaction.segments:
        match segment.id:
            case "BPR":
                paid.amount, paid.method = Decimal(segment[2]), segment[4]
            case "TRN":
                paid.trace = segment[2]
            case "REF" if segment[1] == "2U":
                paid.payer = segment[2]
            case "CLP":
                claim = _clp(segment, paid.payer, file)
                paid.claims.append(claim)
            case "PLB":
                for at in range(3, len(segment) + 1, 2):
                    paid.offsets.append((segment.component(at, 1), segment.component(at, 2), Decimal(segment[at + 1])))
            case _ if claim is not None:
                _of_claim(claim, segment)
    return paid


def _clp(segment: Segment, payer: str, file: str) -> Clp:
    return Clp(
        payer=payer,
        number=segment[1],
        status=segment[2],
        charge=Decimal(segment[3]),
        paid=Decimal(segment[4]),
        responsibility=Decimal(segment[5] or "0"),
        icn=segment[7],
        file=file,
    )


def _of_claim(claim: Clp, segment: Segment) -> None:
    match segment.id:
        case "CAS":
            for at in range(2, len(segment) + 1, 3):
                claim.cuts.append((segment[1], segment[at], Decimal(segment[at + 1])))
        case "SVC":
            claim.lines.append((segment.component(1, 2), Decimal(segment[2]), Decimal(segment[3])))
        case "NM1" if segment[1] == "TT":
            claim.forwarded = segment[9]
        case "MOA":
            claim.remarks += [segment[at] for at in range(3, len(segment) + 1)]
        case "LQ":
            claim.remarks.append(segment[2])
        case "REF" if segment[1] == "F8":
            claim.original = segment[2]


def statuses(root: Path, prefix: str = "277CA") -> dict[str, tuple[str, str, str]]:
    """CLM01 -> (STC01 of the last 277CA, STC03, REF*1K)."""
    found: dict[str, tuple[str, str, str]] = {}
    for path in outbound(root, prefix):
        for transaction in read(path.read_bytes()).transactions():
            number, at_claim = "", False
            for segment in transaction.segments:
                if segment.id == "HL":
                    at_claim = segment[3] == "PT"
                elif at_claim and segment.id == "TRN":
                    number = segment[2]
                elif at_claim and segment.id == "STC":
                    found[number] = (segment[1], segment[3], "")
                elif at_claim and segment.id == "REF" and segment[1] == "1K":
                    found[number] = (*found[number][:2], segment[2])
    return found
