"""Premium payments: the remittance adds up to the payment, or says by how much it does not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from claimwright.claims.from_x12.premium import premium_payment
from claimwright.claims.premium import PremiumCharge, PremiumDetail, PremiumItem, PremiumPayment, PremiumRemitter
from claimwright.claims.to_x12 import premium as writing
from claimwright.x12 import ValueRefused, read
from tests.lib.golden_nouns import golden_noun, wrapped

LIST_BILL = """ST*820*0002*005010X218~BPR*U*{amount}*C*ACH*CCP*01*934257813*DA*1234587*1231555555**01*025677833*DA*99887766*20260620~
TRN*3*12345*1231555555~REF*14*673001~DTM*582****RD8*20260601-20260630~N1*PE*DEF HEALTHCARE*FI*998216353~
N1*PR*ABC PLASTICS*FI*000057811~ENT*1*2J*34*190206123~NM1*EY*1*SMITH*JOHN****EI*123456~ADX*-25*52~RMR*CT*190206123**7000~
ENT*2*2J*34*163910163~RMR*CT*163910163**10000*11000~ADX*-1000*52~SE*14*0002~"""


def payment(body: str, guide: str = "005010X218") -> PremiumPayment:
    (transaction,) = read(wrapped("RA", guide, body)).transactions()
    found = premium_payment(transaction)
    assert found.faults == ()
    return found.noun


def test_a_list_bill_balances() -> None:
    found = payment(LIST_BILL.format(amount="16975"))
    assert (found.amount, found.total, found.difference, found.is_balanced) == (
        Decimal("16975.00"), Decimal("16975.00"), Decimal("0.00"), True,
    )  # fmt: skip
    john, other = found.individuals
    assert (john.names[0].last_name, john.total) == ("SMITH", Decimal("6975.00"))
    assert other.details[0].difference == Decimal("0.00")
    assert john.details[0].difference is None
    assert found.sender_account.bank_number == "934257813"


def test_what_is_missing_is_told() -> None:
    found = payment(LIST_BILL.format(amount="17000"))
    assert (found.is_balanced, found.difference) == (False, Decimal("25.00"))


def test_published_payments_by_hand() -> None:
    listed = golden_noun("820/pass/kputnam-list-bill-payment", premium_payment)
    assert (listed.amount, listed.difference, len(listed.individuals)) == (Decimal("255.00"), Decimal("0.00"), 4)
    assert [detail.paid for detail in listed.individuals[3].details] == [Decimal("45.00"), Decimal("50.00")]
    summary = golden_noun("820/pass/kputnam-summary-bill-payment", premium_payment)
    assert summary.difference == Decimal("2250.00")  # the example pays 19,000 and accounts for 16,750
    (company,) = summary.organizations
    assert [(count.count, count.unit) for count in company.details[0].items[0].counts] == [
        (Decimal(5), "IE"),
        (Decimal(75), "10"),
    ]


def test_a_payment_of_an_exchange_is_read_by_its_segments() -> None:
    body = """ST*820*0001*005010X306~BPR*I*220*C*ACH*CCP*******01*199999999*DA*98765*20140604~TRN*3*78905~
N1*PE*INSURER*FI*012222222~N1*RM*AGENCY*58*123ABC~ENT*1~NM1*IL*1*DOE*JOHN****C1*777222~REF*POL*123~
RMR*ZZ*APTC**570~DTM*582****RD8*20120501-20140531~ENT*2~RMR*ZZ*CSRMADJ**-350~REF*0N*RPT*1~SE*14*0001~"""
    found = payment(body, "005010X306")
    assert (found.payer.role, found.is_balanced) == ("RM", True)
    first, second = found.remitters
    assert (first.references[0].value, first.details[0].paid) == ("123", Decimal("570.00"))
    assert second.details[0].references[0].description == "1"


def test_a_4010_remittance_with_discounts_is_read() -> None:
    body = """ST*820*1~BPR*I*4408.75*C*CHK************20191029~TRN*3*4529952~N1*PR*MART*UL*123~N1*PE*COMPANY~ENT*1~
RMR*IV*26801*PO*4408.75*4650.41*97.9~REF*DP*00040~DTM*097*20190904~ADX*-143.76*59*CM*26801~REF*6O*022~SE*12*1~"""
    (detail,) = payment(body, "005010").remitters[0].details
    assert (detail.discount, detail.difference) == (Decimal("97.90"), Decimal("0.00"))
    assert detail.adjustments[0].references[0].value == "022"


def test_charges_are_cents_on_the_wire_and_dollars_here() -> None:
    item = PremiumItem(line="1", charges=(PremiumCharge(code="A172", amount=Decimal("12.34")),))
    noun = PremiumPayment(remitters=(PremiumRemitter(details=(PremiumDetail(items=(item,)),)),))
    assert "SAC*C*A172***1234~" in [segment.text() for segment in writing.premium_payment(noun)]
    bad = PremiumItem(charges=(PremiumCharge(amount=Decimal("0.001")),))
    with pytest.raises(ValueRefused):
        writing.premium_payment(PremiumPayment(remitters=(PremiumRemitter(details=(PremiumDetail(items=(bad,)),)),)))


def test_no_payment_is_a_fault() -> None:
    (transaction,) = read(wrapped("RA", "005010X218", "ST*820*1~TRN*1*2~SE*3*1~")).transactions()
    assert [fault.id for fault in premium_payment(transaction).faults] == ["820-NO-BPR"]
