"""Enrolments: members flat as in the file, with what they are covered for and from when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.enrollment import ADD, TERMINATE
from claimwright.claims.from_x12.enrollment import enrollment
from claimwright.claims.to_x12 import enrollment as writing
from claimwright.x12 import read
from tests.lib.golden_nouns import golden_noun, wrapped

FAMILY = """ST*834*0001*005010X220A1~BGN*00*B1*20260401*0900****2~QTY*TO*2~N1*P5*WIDGET CORPORATION*FI*234567891~
N1*IN*CAREPLUS*FI*876543219~N1*TV*HELPERS*FI*111111111~ACT*A1*****A2~
INS*Y*18*021*XN*A*B:1**FT~REF*0F*M2~REF*1L*GRP2~REF*17*SITE4~DTP*356*D8*20260401~
NM1*IL*1*SMITH*ROBERT*J***34*000000002~N3*200 OAK AVE~N4*RIVERSIDE*CA*92501**CY*065~
DMG*D8*19750820*M*M*:RET:2106-3^C**********~HD*021**PPO*GOLD*FAM~DTP*348*D8*20260401~DTP*349*D8*20261231~
AMT*P3*412.5~COB*P*OTHER1*1*35^48~NM1*IN*2*OTHER CARRIER*****NI*12345~
INS*N*01*024*07*A~REF*0F*M2~DTP*357*D8*20260331~NM1*IL*1*SMITH*MARY~HD*024**PPO~DTP*349*D8*20260331~SE*27*0001~"""


def test_a_family_by_hand() -> None:
    (transaction,) = read(wrapped("BE", "005010X220A1", FAMILY)).transactions()
    found = enrollment(transaction)
    assert found.faults == ()
    file = found.noun
    assert (file.sponsor.identifier, file.payer.last_name, file.totals[0].count) == (
        "234567891", "CAREPLUS", Decimal(2),
    )  # fmt: skip
    assert (file.administrators[0].account_number, file.administrators[0].second_account_number) == ("A1", "A2")
    robert, mary = file.members
    assert file.subscribers == (robert,) and file.family("M2") == (robert, mary)
    assert (robert.maintenance_type, mary.maintenance_type) == (ADD, TERMINATE)
    assert (robert.medicare_plan, robert.medicare_reason, robert.policy_number) == ("B", "1", "GRP2")
    assert [reference.value for reference in robert.references] == ["SITE4"]
    assert (robert.person.location, robert.person.marital_status) == ("065", "M")
    assert [(race.code, race.list_code) for race in robert.person.races] == [("", "2106-3"), ("C", "")]
    (coverage,) = robert.coverages
    assert (coverage.start, coverage.end) == (date(2026, 4, 1), date(2026, 12, 31))
    assert [coverage.in_force(day) for day in (date(2026, 3, 31), date(2026, 12, 31), date(2027, 1, 1))] == [
        False, True, False,
    ]  # fmt: skip
    assert coverage.amount("P3") == Decimal("412.50")
    (other,) = coverage.other_coverages
    assert (other.service_types, other.carriers[0].identifier) == (("35", "48"), "12345")
    assert mary.coverages[0].in_force(date(2026, 3, 1)) is None


def test_published_files_by_hand() -> None:
    school = golden_noun("834/pass/kputnam-add-dependent-full-time-student-to-existing-enrollment", enrollment)
    (student,) = school.members
    assert not student.is_subscriber
    assert [party.last_name for party in student.parties_of("M8")] == ["PENN STATE UNIVERSITY"]
    changed = golden_noun("834/pass/kputnam-change-subscriber-information", enrollment)
    assert changed.members[0].incorrect.birth_date == date(1950, 4, 16)
    long = golden_noun("834/pass/azoner-834-ls-le-ls", enrollment)
    (member,) = long.members
    assert (len(member.categories), member.categories[0].name) == (13, "NEWBORN INDICATOR")
    assert member.person.amounts[0].amount == Decimal("82.25")
    assert member.mailing_address is not None and member.mailing_address.city == "SALEM"
    assert [other.policy_number for other in member.coverages[0].other_coverages] == ["D183", "J375"]


def test_parties_of_the_exchanges_are_kept_aside() -> None:
    body = FAMILY.replace("N1*P5*", "N1*41*EXCHANGE*46*999~N1*P5*").replace("005010X220A1", "005010X307")
    (transaction,) = read(wrapped("BE", "005010X307", body)).transactions()
    file = enrollment(transaction).noun
    assert [party.role for party in file.other_parties] == ["41"]
    assert file.sponsor.role == "P5" and len(file.members) == 2


def test_an_amount_that_is_none_is_a_fault() -> None:
    (transaction,) = read(wrapped("BE", "005010X220A1", FAMILY.replace("412.5", "4x"))).transactions()
    (fault,) = enrollment(transaction).faults
    assert (fault.id, fault.segment_id, fault.element, fault.loop, fault.control_number) == (
        "834-AMOUNT", "AMT", 2, "2300", "M2",
    )  # fmt: skip


def test_changes_of_text_are_told() -> None:
    (transaction,) = read(wrapped("BE", "005010X220A1", FAMILY.replace("ROBERT", "JOS\xc3\x89"))).transactions()
    notices: list = []
    written = writing.enrollment(enrollment(transaction).noun, notices=notices)
    assert any("JOSE" in segment.text() for segment in written)
    assert [(notice.control_number, notice.segment_id) for notice in notices] == [("M2", "NM1")]
