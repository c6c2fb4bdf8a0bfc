"""The sandbox's 271s: what each question gets, read back by a walk of segments and judged by the guide."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from claimwright.sandbox.day import advance
from claimwright.sandbox.plan import EligibilityManners, Every, Member, Plan, load_plan
from claimwright.x12 import Envelope, InterchangeBuilder, TransactionBuilder, read
from claimwright.x12.check import check
from claimwright.x12.faults import Severity

DAY = date(2026, 9, 30)
GUIDE = "005010X279A1"
ANNA = Member(member_id="W100", payer="COMM1", last_name="TESTER", first_name="ANNA", birth_date="19800517",
              start=date(2026, 1, 1))  # fmt: skip


def asking(*people: dict[str, str], payer: str = "COMM1", npi: str = "1000000004", on: str = "20260930") -> bytes:
    out = TransactionBuilder("270", "0001", GUIDE)
    out.add("BHT", "0022", "13", "BATCH1", DAY, "0800")
    out.add("HL", "1", "", "20", "1")
    out.add("NM1", "PR", "2", "PAYER", "", "", "", "", "PI", payer)
    out.add("HL", "2", "1", "21", "1")
    out.add("NM1", "1P", "2", "CLINIC", "", "", "", "", "XX", npi)
    level = 2
    for at, person in enumerate(people, 1):
        level += 1
        dependent = person.get("dependent")
        out.add("HL", str(level), "2", "22", "1" if dependent else "0")
        if not dependent:
            out.add("TRN", "1", f"T{at}", "9123456789")
        number = ("MI", person["member"]) if person.get("member") else ()
        out.add("NM1", "IL", "1", person.get("last", "TESTER"), person.get("first", "ANNA"), "", "", "", *number)
        if dependent:
            level += 1
            out.add("HL", str(level), str(level - 1), "23", "0")
            out.add("TRN", "1", f"T{at}", "9123456789")
            out.add("NM1", "03", "1", "TESTER", dependent)
        out.add("DMG", "D8", person.get("born", "19800517"))
        if dependent:
            out.add("INS", "N", "19")
        out.add("DTP", "291", "D8", on)
        out.add("EQ", "30")
    builder = InterchangeBuilder(Envelope(sender_id="ACME", receiver_id="CWSANDBOX"), 1, datetime(2026, 9, 30, 8))
    builder.add_group("270", 1, GUIDE, [out.build()])
    return builder.build()


def answers(root: Path, content: bytes, members: tuple[Member, ...] = (), **manners) -> list[list[str]]:
    """The segments of the 271."""
    plan: Plan = msgspec.structs.replace(
        load_plan("clean"), eligibility=EligibilityManners(**({"answer_days": 0} | manners))
    )
    (root / "sftp" / "inbound").mkdir(parents=True)
    (root / "sftp" / "inbound" / "q.270").write_bytes(content)
    if members:
        (root / plan.members).write_bytes(msgspec.json.encode(members))
    report = advance(root, DAY, plan)
    assert (report.transactions_accepted, report.transactions_rejected, report.claims_received) == (1, 0, 0)
    (path,) = (root / "sftp" / "outbound").glob("271_*")
    assert [fault for fault in check(path.read_bytes()) if fault.severity is Severity.REJECT] == []
    segments = [
        [segment.id, *(segment[at] for at in range(1, len(segment) + 1))]
        for transaction in read(path.read_bytes()).transactions() for segment in transaction.segments
    ]  # fmt: skip
    return segments


def told(segments: list[list[str]], name: str, *at: int) -> list[tuple[str, ...]]:
    return [tuple(row[one] if one < len(row) else "" for one in at) for row in segments if row[0] == name]


def test_a_member_is_active_with_the_benefits_the_payer_pays_by(tmp_path):
    segments = answers(tmp_path, asking({"member": "W100"}), (ANNA,))
    assert told(segments, "TRN", 1, 2) == [("2", "T1")] and told(segments, "AAA", 3) == []
    kinds = [kind for (kind,) in told(segments, "EB", 1)]
    assert kinds[:3] == ["1", "C", "C"] and {"A", "B"} <= set(kinds)
    assert told(segments, "DTP", 1, 3) == [("346", "20260101")]
    assert told(segments, "BHT", 3) == [("BATCH1",)]


@pytest.mark.parametrize(
    ("person", "options", "reason"),
    [
        ({"member": "W999"}, {}, "75"),
        ({"member": "W100", "born": "19800518"}, {}, "71"),
        ({"member": "W100", "last": "OTHER"}, {}, "73"),
        ({"last": "NOBODY"}, {}, "75"),
        ({"member": "W999", "dependent": "BERTA"}, {}, "67"),
        ({"member": "W100"}, {"npi": "1000000005"}, "43"),
        ({"member": "W100"}, {"payer": "NOSUCH"}, "79"),
        ({"member": "W100"}, {"on": "20261001"}, "63"),
        ({"member": "W100"}, {"on": "20240801"}, "62"),
    ],
)
def test_each_refusal(tmp_path, person, options, reason):
    segments = answers(tmp_path, asking(person, **options), (ANNA,))
    assert told(segments, "AAA", 3) == [(reason,)] and told(segments, "EB", 1) == []


def test_a_search_by_name_gives_the_number_or_tells_of_several(tmp_path):
    segments = answers(tmp_path / "one", asking({}), (ANNA,))
    assert ("MI", "W100") in told(segments, "NM1", 8, 9)
    twin = msgspec.structs.replace(ANNA, member_id="W101")
    segments = answers(tmp_path / "two", asking({}), (ANNA, twin))
    assert told(segments, "AAA", 3) == [("76",)]


def test_cover_that_ended_is_inactive_and_says_when(tmp_path):
    ended = msgspec.structs.replace(ANNA, end=date(2026, 9, 1))
    segments = answers(tmp_path, asking({"member": "W100"}), (ended,))
    assert told(segments, "EB", 1) == [("6",)] and ("347", "20260831") in told(segments, "DTP", 1, 3)


def test_fates_name_another_payer_a_doctor_or_an_outage(tmp_path):
    people = [{"member": member} for member in ("W1000", "W2000", "W3000", "W4000")]
    fates = {"W1000": "other_payer", "W2000": "new_doctor", "W3000": "42", "W4000": "inactive"}
    segments = answers(tmp_path, asking(*people), fates=fates)
    kinds = {kind for (kind,) in told(segments, "EB", 1)}
    assert {"R", "L", "6"} <= kinds and told(segments, "AAA", 3) == [("42",)]
    assert len(told(segments, "TRN", 2)) == 4 and told(segments, "LS", 1) == [("2120",), ("2120",)]


def test_a_whole_transaction_is_refused_above_the_patients_and_chance_is_seeded(tmp_path):
    people = [{"member": f"W{n}000"} for n in range(1, 10)]
    segments = answers(tmp_path / "down", asking(*people), unavailable=Every(1, 1))
    assert told(segments, "HL", 3) == [("20",)] and told(segments, "AAA", 3) == [("42",)]
    drawn = {"inactive_share": "0.5", "other_payer_share": "0.5", "refusals": ({"name": "72", "share": "0.2"},)}
    manners = msgspec.to_builtins(msgspec.convert(drawn, EligibilityManners, strict=False))
    given = {key: getattr(msgspec.convert(manners, EligibilityManners, strict=False), key) for key in drawn}
    one = answers(tmp_path / "one", asking(*people), **given)
    two = answers(tmp_path / "two", asking(*people), **given)
    assert one == two and {"1", "6"} <= {kind for (kind,) in told(one, "EB", 1)}
