"""Large synthetic 835 and 837P files for the benchmarks: balanced, valid, and with distinct values throughout.

Caches must not be able to shine: names, ids, amounts and dates differ from claim to claim. Totals are counted while
writing, by sums of cents that no reader shares.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260803*0905*^*00501*{:09d}*0*T*:~"
CLAIMS_PER_835, CLAIMS_PER_837 = 200, 100
CONSONANTS, VOWELS = "BCDFGHJKLMNPRSTVWZ", "AEIOU"
REASONS = ("45", "253", "97", "96")
DIAGNOSES = ("J069", "E119", "I10", "M545", "R05", "Z0000", "K219", "F411")
PROCEDURES = ("99213", "99214", "87880", "80053", "93000", "36415", "71046", "90471")


class Totals(msgspec.Struct):
    """What a right reader must find; money in cents."""

    transactions: int = 0
    claims: int = 0
    lines: int = 0
    charged: int = 0
    paid: int = 0


def _money(cents: int) -> str:
    whole, rest = divmod(abs(cents), 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"-{text}" if cents < 0 else text


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(syllables))


def _day(chance: random.Random, year: int) -> str:
    return f"{year}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"


def _npi(chance: random.Random) -> str:
    digits = "1" + "".join(chance.choice("0123456789") for _ in range(8))
    total = 24
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def remittance_transaction(number: int, claims: int, totals: Totals, seed: int = 7) -> list[str]:
    """One ST..SE of an 835."""
    chance = random.Random(seed * 1_000_003 + number)
    body: list[str] = []
    payment = 0
    for at in range(claims):
        payment += _payment_claim(chance, f"C{number:06d}X{at:05d}", body, totals)
    head = [
        f"ST*835*{number % 10**9:04d}~", f"BPR*I*{_money(payment)}*C*CHK************{_day(chance, 2026)}~",
        f"TRN*1*CHK{number:09d}*1{chance.randint(10**8, 10**9 - 1)}~", f"DTM*405*{_day(chance, 2026)}~",
        f"N1*PR*{_word(chance, 4)} HEALTH PLAN~", f"N3*{chance.randint(1, 9999)} {_word(chance, 3)} PLAZA~",
        "N4*CHICAGO*IL*60601~", f"PER*BL*PROVIDER LINE*TE*555{chance.randint(1000000, 9999999)}~",
        f"N1*PE*{_word(chance, 3)} CLINIC*XX*{_npi(chance)}~", f"REF*TJ*{chance.randint(10**8, 10**9 - 1)}~", "LX*1~",
    ]  # fmt: skip
    totals.transactions += 1
    totals.paid += payment
    return [*head, *body, f"SE*{len(head) + len(body) + 1}*{number % 10**9:04d}~"]


def _payment_claim(chance: random.Random, control_number: str, body: list[str], totals: Totals) -> int:
    charge = paid = owed = 0
    lines: list[str] = []
    for line in range(chance.randint(1, 4)):
        billed = chance.randint(2_000, 90_000)
        reduced = chance.randint(100, billed // 3)
        share = chance.randint(0, billed // 4)
        lines += [
            f"SVC*HC:{chance.choice(PROCEDURES)}*{_money(billed)}*{_money(billed - reduced - share)}**1~",
            f"DTM*472*{_day(chance, 2026)}~", f"CAS*CO*{chance.choice(REASONS)}*{_money(reduced)}~",
        ]  # fmt: skip
        if share:
            lines.append(f"CAS*PR*{chance.choice('123')}*{_money(share)}~")
        lines += [f"REF*6R*{control_number}L{line}~", f"AMT*B6*{_money(billed - reduced)}~"]
        charge, paid, owed = charge + billed, paid + billed - reduced - share, owed + share
        totals.lines += 1
    body += [
        f"CLP*{control_number}*1*{_money(charge)}*{_money(paid)}*{_money(owed)}*12*P{chance.randint(10**11, 10**12)}*11*1~",
        f"NM1*QC*1*{_word(chance, 4)}*{_word(chance, 3)}*{chance.choice(CONSONANTS)}***MI*M{chance.randint(10**8, 10**9)}~",
        f"NM1*82*1*{_word(chance, 3)}*{_word(chance, 2)}****XX*{_npi(chance)}~", f"DTM*232*{_day(chance, 2026)}~",
        f"DTM*050*{_day(chance, 2026)}~", *lines,
    ]  # fmt: skip
    totals.claims += 1
    totals.charged += charge
    return paid


def claim_transaction(number: int, claims: int, totals: Totals, seed: int = 7) -> list[str]:
    """One ST..SE of an 837P: a billing provider and one subscriber a claim."""
    chance = random.Random(seed * 1_000_033 + number)
    body = [
        f"ST*837*{number % 10**9:04d}*005010X222A1~", f"BHT*0019*00*REF{number:09d}*20260803*0905*CH~",
        f"NM1*41*2*{_word(chance, 4)} BILLING*****46*SUBM01~", "PER*IC*BILLING OFFICE*TE*5555550100~",
        "NM1*40*2*CLEARING HOUSE*****46*RECV01~", "HL*1**20*1~",
        f"NM1*85*2*{_word(chance, 4)} CLINIC*****XX*{_npi(chance)}~", f"N3*{chance.randint(1, 9999)} HILL ROAD~",
        "N4*SPRINGFIELD*IL*627011234~", f"REF*EI*{chance.randint(10**8, 10**9 - 1)}~",
    ]  # fmt: skip
    for at in range(claims):
        _claim(chance, f"A{number:06d}X{at:05d}", at + 2, body, totals)
    totals.transactions += 1
    return [*body, f"SE*{len(body) + 1}*{number % 10**9:04d}~"]


def _claim(chance: random.Random, control_number: str, level: int, body: list[str], totals: Totals) -> None:
    charges = [chance.randint(2_000, 90_000) for _ in range(chance.randint(1, 4))]
    codes = chance.sample(DIAGNOSES, chance.randint(1, 4))
    body += [
        f"HL*{level}*1*22*0~", f"SBR*P*18*G{chance.randint(10**5, 10**7)}******CI~",
        f"NM1*IL*1*{_word(chance, 4)}*{_word(chance, 3)}****MI*M{chance.randint(10**8, 10**9)}~",
        f"N3*{chance.randint(1, 9999)} {_word(chance, 3)} STREET~", f"N4*{_word(chance, 4)}*IL*6{chance.randint(2000, 2999)}~",
        f"DMG*D8*{_day(chance, chance.randint(1930, 2020))}*{chance.choice('FM')}~",
        f"NM1*PR*2*{_word(chance, 4)} HEALTH*****PI*P{chance.randint(10**4, 10**5)}~",
        f"CLM*{control_number}*{_money(sum(charges))}***11:B:1*Y*A*Y*Y~", f"REF*D9*T{chance.randint(10**9, 10**10)}~",
        "HI*ABK:" + "*ABF:".join(codes) + "~",
        f"NM1*82*1*{_word(chance, 3)}*{_word(chance, 2)}****XX*{_npi(chance)}~", "PRV*PE*PXC*207Q00000X~",
    ]  # fmt: skip
    for line, charge in enumerate(charges, 1):
        body += [
            f"LX*{line}~", f"SV1*HC:{chance.choice(PROCEDURES)}:25*{_money(charge)}*UN*{chance.randint(1, 9)}***1~",
            f"DTP*472*D8*{_day(chance, 2026)}~", f"REF*6R*{control_number}L{line}~",
        ]  # fmt: skip
        totals.lines += 1
    totals.claims += 1
    totals.charged += sum(charges)


KINDS = {
    "835": ("HP", "005010X221A1", remittance_transaction, CLAIMS_PER_835),
    "837P": ("HC", "005010X222A1", claim_transaction, CLAIMS_PER_837),
}


def segments(kind: str, size: int, totals: Totals, per_transaction: int = 0) -> Iterator[str]:
    """The segments of a file of about `size` bytes; `per_transaction` claims in each ST, 0 = the kind's usual."""
    functional, guide, transaction, usual = KINDS[kind]
    yield ISA.format(1)
    yield f"GS*{functional}*SENDER*RECEIVER*20260803*0905*1*X*{guide}~"
    written = number = 0
    while written < size:
        number += 1
        made = transaction(number, per_transaction or usual, totals)
        written += sum(len(segment) + 1 for segment in made)
        yield from made
    yield f"GE*{number}*1~"
    yield f"IEA*1*{1:09d}~"


def write(path: Path, kind: str, size: int) -> Totals:
    """A file of about `size` bytes, one segment a line; returns what is in it."""
    totals = Totals()
    with path.open("w", encoding="ascii", newline="") as file:
        for segment in segments(kind, size, totals):
            file.write(segment + "\n")
    return totals


def write_single(path: Path, size: int) -> Totals:
    """An 835 of about `size` bytes in one ST, written as it is made; the payment is filled in at the end."""
    totals = Totals(transactions=1)
    head = remittance_transaction(1, 0, Totals())
    payment, count, batch = 0, len(head), 0
    chance = random.Random(11)
    with path.open("w+", encoding="ascii", newline="") as file:
        file.write(ISA.format(1) + "\n" + "GS*HP*SENDER*RECEIVER*20260803*0905*1*X*005010X221A1~\n")
        file.write(head[0] + "\n")
        place = file.tell()
        file.write("\n".join((head[1].replace("BPR*I*0*", f"BPR*I*{'0' * AMOUNT_WIDTH}*"), *head[2:-1])) + "\n")
        while file.tell() < size:
            batch += 1
            body: list[str] = []
            for at in range(CLAIMS_PER_835):
                payment += _payment_claim(chance, f"C{batch:06d}X{at:05d}", body, totals)
            count += len(body)
            file.write("\n".join(body) + "\n")
        file.write(f"SE*{count}*0001~\nGE*1*1~\nIEA*1*{1:09d}~\n")
        file.seek(place)
        file.write(f"BPR*I*{_money(payment).rjust(AMOUNT_WIDTH, '0')}*")
    totals.paid = payment
    return totals


AMOUNT_WIDTH = 15
