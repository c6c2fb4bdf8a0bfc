"""Reading, looping and checking 837P and 835 against pyx12, on generated files, in CPU seconds."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable

import pyx12.params
import pyx12.x12n_document

from claimwright.x12 import read, write
from claimwright.x12.check import check
from claimwright.x12.loops import parse
from claimwright.x12.passing import stream_claims

MEGABYTE = 1_000_000
REPEATS = 3
ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260803*0905*^*00501*000000101*0*T*:~"


def claims_file(claims: int) -> bytes:
    """An 837P with that many balanced claims of three lines, one subscriber each."""
    body = [
        "ST*837*0001*005010X222A1~", "BHT*0019*00*REF101*20260803*0905*CH~", "NM1*41*2*HILLSIDE CLINIC*****46*SUBM01~",
        "PER*IC*BILLING OFFICE*TE*5555550100~", "NM1*40*2*CLEARING HOUSE*****46*RECV01~", "HL*1**20*1~",
        "NM1*85*2*HILLSIDE CLINIC*****XX*1234567893~", "N3*12 HILL ROAD~", "N4*SPRINGFIELD*IL*627011234~",
        "REF*EI*123456789~",
    ]  # fmt: skip
    for number in range(2, claims + 2):
        body += [
            f"HL*{number}*1*22*0~", "SBR*P*18*GRP01******CI~", f"NM1*IL*1*NAME{number}*ANNA****MI*MEMBER{number}~",
            f"N3*{number} OAK STREET~", "N4*SPRINGFIELD*IL*62701~", f"DMG*D8*19{number % 90 + 10}0102*F~",
            "NM1*PR*2*PAYER*****PI*PAYER02~", f"CLM*CLAIM-{number}*{300 + number % 50}***11:B:1*Y*A*Y*Y~",
            "HI*ABK:J069*ABF:R05~", "NM1*82*1*BAKER*BEN****XX*1234567893~", "PRV*PE*PXC*207Q00000X~",
        ]  # fmt: skip
        for line, charge in enumerate((100, 150, 50 + number % 50), 1):
            body += [
                f"LX*{line}~", f"SV1*HC:9921{line}*{charge}*UN*1***1:2~", f"DTP*472*D8*202607{number % 28 + 1:02d}~",
                f"REF*6R*L{number}X{line}~",
            ]  # fmt: skip
    return _enveloped("HC", "005010X222A1", body)


def remittance_file(claims: int) -> bytes:
    """An 835 with that many balanced claim payments of two lines."""
    body = [
        "ST*835*0001~", f"BPR*I*{claims * 100}*C*CHK************20260805~", "TRN*1*CHECK01*1512345678~",
        "DTM*405*20260804~", "N1*PR*FIRST PAYER~", "N3*1 PAYER PLAZA~", "N4*CHICAGO*IL*60601~",
        "PER*BL*PROVIDER LINE*TE*5555550199~", "N1*PE*HILLSIDE CLINIC*XX*1234567893~", "LX*1~",
    ]  # fmt: skip
    for number in range(claims):
        body += [
            f"CLP*CLAIM-{number}*1*150*100*20*12*PAYERCLAIM{number}*11*1~", f"NM1*QC*1*NAME{number}*ANNA****MI*M{number}~",
            "SVC*HC:99213*100*60**1~", "DTM*472*20260801~", "CAS*CO*45*20~", "CAS*PR*2*20~", f"REF*6R*L{number}~",
            "AMT*B6*80~", "SVC*HC:87880*50*40**1~", "DTM*472*20260801~", "CAS*CO*45*10~",
        ]  # fmt: skip
    return _enveloped("HP", "005010X221A1", body)


def _enveloped(kind: str, guide: str, body: list[str]) -> bytes:
    head = [ISA, f"GS*{kind}*SENDER*RECEIVER*20260803*0905*1*X*{guide}~"]
    tail = [f"SE*{len(body) + 1}*0001~", "GE*1*1~", "IEA*1*000000101~"]
    return ("\n".join([*head, *body, *tail]) + "\n").encode("ascii")


def rate(work: Callable[[], object], size: int, repeats: int = REPEATS) -> float:
    """MB/s by the best CPU time of a few runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return size / MEGABYTE / max(best, 1e-9)


def floor(data: bytes) -> None:
    """The least that materialises every element: split and split again."""
    for segment in data.decode("latin-1").split("~"):
        segment.split("*")


def pyx12_check(data: bytes) -> None:
    logging.disable(logging.CRITICAL)
    try:
        passed = pyx12.x12n_document.x12n_document(
            param=pyx12.params.params(),
            src_file=io.StringIO(data.decode("latin-1"), newline=""),
            fd_997=io.StringIO(),
            fd_html=None,
            fd_json=None,
        )
    finally:
        logging.disable(logging.NOTSET)
    if not passed:
        raise ValueError("pyx12 refuses the generated file: the comparison would be of nothing")


def run() -> None:
    for name, big, small in (
        ("837P", claims_file(2_000), claims_file(60)),
        ("835", remittance_file(4_000), remittance_file(120)),
    ):
        if check(small):
            raise ValueError("the generated file has faults: the comparison would be of nothing")
        document = read(big)
        rows = [
            ("split and split (floor)", rate(lambda big=big: floor(big), len(big))),
            ("read", rate(lambda big=big: read(big), len(big))),
            ("write", rate(lambda document=document: write(document), len(big))),
            ("read + loops", rate(lambda big=big: [parse(one) for one in read(big).transactions()], len(big))),
            ("stream claims", rate(lambda big=big: sum(1 for _ in stream_claims(io.BytesIO(big))), len(big))),
            ("check, levels 1 to 4", rate(lambda big=big: check(big), len(big))),
        ]
        ours_small = rate(lambda small=small: check(small), len(small))
        theirs = rate(lambda small=small: pyx12_check(small), len(small), 1)
        print(f"{name}: {len(big) / MEGABYTE:.2f} MB, and {len(small) / MEGABYTE:.3f} MB side by side with pyx12")
        for label, value in rows:
            print(f"  {label:<26}{value:8.2f} MB/s")
        print(f"  {'check, small file':<26}{ours_small:8.2f} MB/s")
        print(f"  {'pyx12, small file':<26}{theirs:8.3f} MB/s   check is {ours_small / theirs:.0f} times as fast")


if __name__ == "__main__":
    run()
