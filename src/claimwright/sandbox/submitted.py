"""The sandbox's own reading of an 837P: a walk along the segments, sharing nothing with the engine it tests."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.codes.money import ZERO, AmountError, parse_amount
from claimwright.sandbox.records import Biller, Claim, Cut, Line, Person, PriorLine, PriorPayer
from claimwright.x12 import Segment, Transaction


def read_claims(transaction: Transaction) -> list[Claim]:
    """Every CLM of an 837P, in file order. What is missing stays empty: judging it is the payer's work."""
    isa = transaction.interchange.isa
    walk = _Walk(isa[6].strip() if isa else "")
    for segment in transaction.segments:
        walk.take(segment)
    walk.close_claim()
    return walk.claims


def date_of(text: str) -> date | None:
    """CCYYMMDD as a date; None when it is none."""
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def amount_of(text: str) -> Decimal:
    """A money amount; zero where the text is none (the syntax check has named it by then)."""
    try:
        return parse_amount(text)
    except AmountError:
        return ZERO


def units_of(text: str) -> Decimal:
    return Decimal(text) if re.fullmatch(r"\d+(\.\d+)?|\.\d+", text) else Decimal(1)


def _person(segment: Segment, **more: Any) -> dict[str, Any]:
    return {
        "last": segment[3],
        "first": segment[4],
        "middle": segment[5],
        "member_id": segment[9],
        "is_organization": segment[2] == "2",
        **more,
    }


def _cuts(segment: Segment) -> list[Cut]:
    return [
        Cut(segment[1], segment[at], amount_of(segment[at + 1])) for at in range(2, len(segment) + 1, 3) if segment[at]
    ]


class _Walk:
    """Where in the hierarchy the walk stands, and the claim, other payer, line and prior line being filled."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.claims: list[Claim] = []
        self.batch = self.submitter_name = self.submitter_id = ""
        self.level = ""
        self.entity = ""
        self.biller: dict[str, Any] = {}
        self.subscriber: dict[str, Any] = {}
        self.patient: dict[str, Any] = {}
        self.sbr: dict[str, Any] = {}
        self.claim: dict[str, Any] | None = None
        self.other: dict[str, Any] | None = None
        self.line: dict[str, Any] | None = None
        self.prior_line: dict[str, Any] | None = None

    def take(self, segment: Segment) -> None:
        name = segment.id
        if name == "HL":
            self._open_level(segment)
        elif name == "CLM":
            self._open_claim(segment)
        elif name == "LX" and self.claim is not None:
            self.line = {"priors": []}
            self.claim["lines"].append(self.line)
            self.other = self.prior_line = None
            self.entity = ""
        elif self.line is not None:
            self._in_line(segment)
        elif self.other is not None or (name == "SBR" and self.claim is not None):
            self._in_other_payer(segment)
        elif self.claim is not None:
            self._in_claim(segment)
        else:
            self._above_claim(segment)

    def _open_level(self, segment: Segment) -> None:
        self.close_claim()
        self.level, self.entity = segment[3], ""
        if self.level == "20":
            self.biller, self.subscriber, self.patient, self.sbr = {}, {}, {}, {}
        elif self.level == "22":
            self.subscriber, self.patient, self.sbr = {}, {}, {}
        elif self.level == "23":
            self.patient = {}

    def _above_claim(self, segment: Segment) -> None:
        name = segment.id
        if name == "BHT":
            self.batch = segment[3]
        elif name == "SBR":
            self.sbr = {"sequence": segment[1], "filing_indicator": segment[9]}
        elif name == "NM1":
            self.entity = segment[1]
            if self.entity == "41":
                self.submitter_name, self.submitter_id = segment[3], segment[9]
            elif self.entity == "85":
                self.biller = {
                    "npi": segment[9] if segment[8] == "XX" else "",
                    "name": segment[3],
                    "first": segment[4],
                    "is_organization": segment[2] == "2",
                }
            elif self.entity == "IL":
                self.subscriber = _person(segment)
            elif self.entity == "QC":
                self.patient = _person(segment)
            elif self.entity == "PR":
                self.sbr["payer_id"] = segment[9]
        elif self.entity == "85":
            self._in_biller(segment)
        elif name == "DMG" and self.entity in ("IL", "QC"):
            target = self.subscriber if self.entity == "IL" else self.patient
            target["birth_date"], target["sex"] = segment[2], segment[3]

    def _in_biller(self, segment: Segment) -> None:
        if segment.id == "N3":
            self.biller["street"] = segment[1]
        elif segment.id == "N4":
            self.biller.update(city=segment[1], state=segment[2], zip_code=segment[3])
        elif segment.id == "REF" and segment[1] in ("EI", "SY"):
            self.biller["tax_id"] = segment[2]

    def _open_claim(self, segment: Segment) -> None:
        self.close_claim()
        self.entity = ""
        self.claim = {
            "control_number": segment[1],
            "charge": amount_of(segment[2]),
            "place_of_service": segment.component(5, 1),
            "frequency": segment.component(5, 3) or "1",
            "lines": [],
            "priors": [],
            "diagnoses": [],
        }

    def _in_claim(self, segment: Segment) -> None:
        claim = self.claim
        assert claim is not None
        if segment.id == "REF":
            field = {"F8": "original_reference", "G1": "authorization", "9F": "referral"}.get(segment[1])
            if field:
                claim[field] = segment[2]
        elif segment.id == "HI" and segment.component(1, 1) in ("ABK", "ABF", "BK", "BF"):
            claim["diagnoses"].extend(segment.component(at, 2) for at in range(1, len(segment) + 1))
        elif segment.id == "NM1" and segment[1] == "82":
            claim["rendering"] = Person(**_person(segment))

    def _in_other_payer(self, segment: Segment) -> None:
        name = segment.id
        if name == "SBR":
            self.other = {"sequence": segment[1], "filing_indicator": segment[9], "cuts": []}
            assert self.claim is not None
            self.claim["priors"].append(self.other)
            self.entity = ""
            return
        other = self.other
        assert other is not None
        if name == "CAS":
            other["cuts"].extend(_cuts(segment))
        elif name == "AMT" and segment[1] == "D":
            other["paid"] = amount_of(segment[2])
        elif name == "NM1":
            self.entity = segment[1]
            if self.entity == "IL":
                other["member_id"] = segment[9]
            elif self.entity == "PR":
                other["payer_id"], other["name"] = segment[9], segment[3]

    def _in_line(self, segment: Segment) -> None:
        line = self.line
        assert line is not None
        name = segment.id
        if name == "SV1":
            parts = segment.components(1)
            line.update(
                qualifier=parts[0] if parts else "",
                code=parts[1] if len(parts) > 1 else "",
                modifiers=tuple(part for part in parts[2:6] if part),
                charge=amount_of(segment[2]),
                units=units_of(segment[4]),
            )
        elif name == "DTP" and segment[1] == "472":
            first, _, last = segment[3].partition("-")
            line["date_from"] = date_of(first)
            line["date_to"] = date_of(last or first)
        elif name == "REF" and self.prior_line is None:
            field = {"6R": "control_number", "G1": "authorization", "9F": "referral"}.get(segment[1])
            if field and field not in line:
                line[field] = segment[2]
        elif name == "NM1" and segment[1] == "82":
            line["rendering_npi"] = segment[9]
        elif name == "SVD":
            self.prior_line = {"payer_id": segment[1], "paid": amount_of(segment[2]), "cuts": []}
            line["priors"].append(self.prior_line)
        elif name == "CAS" and self.prior_line is not None:
            self.prior_line["cuts"].extend(_cuts(segment))

    def close_claim(self) -> None:
        """Freeze the claim being filled, if there is one."""
        raw, self.claim, self.other, self.line, self.prior_line = self.claim, None, None, None, None
        if raw is None:
            return
        subscriber = Person(**self.subscriber)
        lines = tuple(_line(line) for line in raw.pop("lines"))
        priors = tuple(PriorPayer(**{**p, "cuts": tuple(p["cuts"])}) for p in raw.pop("priors"))
        self.claims.append(
            Claim(
                **{**raw, "diagnoses": tuple(code for code in raw["diagnoses"] if code)},
                **self.sbr,
                lines=lines,
                priors=priors,
                subscriber=subscriber,
                patient=Person(**{**self.patient, "member_id": ""}) if self.patient else subscriber,
                biller=Biller(**self.biller),
                batch=self.batch,
                submitter_name=self.submitter_name,
                submitter_id=self.submitter_id,
                sender=self.sender,
            )
        )


def _line(raw: dict[str, Any]) -> Line:
    priors = tuple(PriorLine(**{**prior, "cuts": tuple(prior["cuts"])}) for prior in raw.pop("priors"))
    return msgspec.structs.replace(Line(**raw), priors=priors)
