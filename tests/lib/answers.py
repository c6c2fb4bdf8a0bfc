"""What a clearinghouse answers, written by hand: TA1, 999 and 277CA to a file of ours."""

from __future__ import annotations

from collections.abc import Iterable


def _file(control: int, group: str, body: Iterable[str], *, usage: str = "T", sender: str = "CLEARHOUSE") -> bytes:
    isa = f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{'LAKESIDE01':<15}*260901*0900*^*00501*{control:09d}*0*{usage}*:"
    segments = [isa, *body, f"IEA*{1 if group else 0}*{control:09d}"]
    return "~".join(segments).encode() + b"~"


def ta1(control: int, answers: int, code: str = "A", note: str = "000", **options: str) -> bytes:
    return _file(control, "", [f"TA1*{answers:09d}*260831*0930*{code}*{note}"], **options)


def functional(control: int, group: int, sets: dict[str, str], *, verdict: str = "", **options: str) -> bytes:
    """A 999 to GS06 `group`: the verdict of each set."""
    verdict = verdict or ("A" if set(sets.values()) <= {"A", "E"} else "R" if "A" not in sets.values() else "P")
    body = ["ST*999*0001*005010X231A1", f"AK1*HC*{group}*005010X222A1"]
    for number, code in sets.items():
        body.append(f"AK2*837*{number}*005010X222A1")
        if code == "R":
            body += ["IK3*NM1*12*2010*8", "IK4*9*67*7*BAD"]
        body.append(f"IK5*{code}" + ("*5" if code == "R" else ""))
    accepted = sum(code in ("A", "E") for code in sets.values())
    body.append(f"AK9*{verdict}*{len(sets)}*{len(sets)}*{accepted}")
    body.append(f"SE*{len(body) + 1}*0001")
    gs = f"GS*FA*CLEARHOUSE*LAKESIDE01*20260901*0900*{control}*X*005010X231A1"
    return _file(control, "g", [gs, *body, f"GE*1*{control}"], **options)


def claims(
    control: int,
    answered: dict[str, tuple[bool, str]],
    *,
    source: str = "AY",
    batch: str = "B000000001",
    **options: str,
) -> bytes:
    """A 277CA: control number to (accepted, payer's claim number)."""
    body = [
        "ST*277*0001*005010X214", f"BHT*0085*08*R{control}*20260901*0900*TH",
        "HL*1**20*1", f"NM1*{source}*2*PRETEND*****46*PRETEND1", f"TRN*1*S{control}", "DTP*050*D8*20260901",
        "DTP*009*D8*20260901", "HL*2*1*21*1", "NM1*41*2*LAKESIDE*****46*LAKESIDE01", f"TRN*2*{batch}",
        "STC*A1:19:PR*20260901*WQ*150", "HL*3*2*19*1", "NM1*85*2*LAKESIDE*****XX*1000000004", "TRN*1*0",
        "STC*A1:19:PR*20260901*WQ*150",
    ]  # fmt: skip
    for at, (number, (accepted, reference)) in enumerate(answered.items(), 4):
        body += [f"HL*{at}*3*PT", "NM1*QC*1*TESTER*ANNA****MI*W12345678", f"TRN*2*{number}"]
        body.append("STC*A2:20:PR*20260901*WQ*150" if accepted else "STC*A3:21:IL*20260901*U*150")
        if reference:
            body.append(f"REF*1K*{reference}")
        body.append("DTP*472*D8*20260831")
    body.append(f"SE*{len(body) + 1}*0001")
    gs = f"GS*HN*CLEARHOUSE*LAKESIDE01*20260901*0900*{control}*X*005010X214"
    return _file(control, "g", [gs, *body, f"GE*1*{control}"], **options)
