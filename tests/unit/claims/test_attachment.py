"""Attachments: documents come through as the bytes they are, whatever separators they hold."""

from __future__ import annotations

from datetime import date

from claimwright.claims.attachment import AttachedDocument, Attachment, AttachmentItem
from claimwright.claims.from_x12.attachment import attachment
from claimwright.claims.nouns import from_json, to_json
from claimwright.claims.parties import Party, Reference, Trace
from claimwright.claims.to_x12 import attachment as writing
from claimwright.x12 import read
from tests.lib.golden_nouns import golden_noun, wrapped
from tests.lib.round_trips import as_file

HOSTILE = b"%PDF-1.7\r\n~ISA*00*~IEA*1*000000001~\x00\xff\xfe:^ \n"


def a_letter(content: bytes) -> Attachment:
    return Attachment(
        reference="A1",
        created=date(2026, 9, 8),
        payer=Party(role="PR", is_organization=True, last_name="NORTHERN", id_qualifier="PI", identifier="60054"),
        patient=Party(role="QC", last_name="TESTER", references=(Reference(qualifier="EJ", value="CW1"),)),
        items=(
            AttachmentItem(
                traces=(Trace(kind="1", number="ACN1"),),
                submitted=date(2026, 9, 8),
                report_type="AE",
                content_format="IA",
                documents=(AttachedDocument(content=content),),
            ),
        ),
    )


def test_bytes_that_look_like_segments_are_kept() -> None:
    letter = a_letter(HOSTILE)
    (transaction,) = read(as_file("275", writing.GUIDE, writing.attachment(letter))).transactions()
    found = attachment(transaction)
    assert found.faults == ()
    (document,) = found.noun.documents
    assert document.content == HOSTILE
    assert found.noun.items[0].control_number == "ACN1"
    assert found.noun.patient_control_number == "CW1"


def test_a_wrong_length_is_a_fault_and_the_bytes_are_kept() -> None:
    body = """ST*275*1001~BGN*11*1*20260429~NM1*PR*2*NORTHERN*****PI*60054~NM1*QC*1*TESTER*ANNA~LX*1~
TRN*2*REQ1~STC*R4:18842-5::LOI~DTP*368*D8*20260429~CAT*AE*TX~EFI*05~BIN*5*NOTE * WITH STARS~SE*12*1001~"""
    (transaction,) = read(wrapped("PI", "005010X210", body)).transactions()
    found = attachment(transaction)
    assert [fault.id for fault in found.faults] == ["275-BIN-LENGTH"]
    assert found.noun.documents[0].content == b"NOTE * WITH STARS"
    assert found.noun.items[0].loinc_codes == ("18842-5",)


def test_an_older_kin_is_read_as_far_as_it_is_alike() -> None:
    body = """ST*275*1001~BGN*11*0001*20030429~NM1*PR*2*HEALTH PLAN*****PI*00121~NM1*85*2*MEDICAL CENTER*****FI*364015560~
NM1*41*2*MEDICAL CENTER*****SV*500~NM1*QC*1*STONE*ERIKA****HN*111~REF*IK*1722634842~DTP*472*RD8*20030401-20030411~
LX*01~STC*R3:Z0001-0~DTP*097*D8*20030429~CAT*UL*HL~EFI*09~BIN*6*<a/>~~~SE*15*1001~"""
    (transaction,) = read(wrapped("PI", "005010X211", body)).transactions()
    found = attachment(transaction).noun
    assert (found.provider.role, found.submitter.identifier) == ("85", "500")
    assert (found.items[0].submitted, found.items[0].content_format) == (date(2003, 4, 29), "HL")
    assert found.documents[0].content == b"<a/>~~"


def test_json_keeps_the_bytes() -> None:
    letter = a_letter(HOSTILE)
    assert from_json(Attachment, to_json(letter)) == letter


def test_every_loop_of_the_golden_file() -> None:
    found = golden_noun("275/pass/own-every-loop", attachment)
    assert found.payer_claim_number == "PAYERCLAIM1" and found.type_of_bill == "111"
    assert found.items[0].loinc_codes == ("18842-5", "11504-8", "18657-7")
    assert len(found.documents) == 2
    assert found.provider.address.postal_code == "627011234"
