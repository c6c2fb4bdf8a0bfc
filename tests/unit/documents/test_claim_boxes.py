"""What stands in the boxes of the CMS-1500 and the UB-04, before anything is drawn."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.nouns import Address, Claim, Diagnosis, PriorPayment
from claimwright.documents import cms1500, cms1500_sheet, ub04, ub04_sheet
from claimwright.documents.claim_forms import FormRefused, form_boxes
from tests.lib.builders import MEDICAID, a_claim, a_coverage, a_line, a_patient, a_rendering_provider, a_secondary_claim
from tests.lib.kind_builders import a_dental_claim, an_inpatient_claim
from tests.unit.documents.paper_claims import (
    BOXES,
    STORIES,
    a_full_institutional_claim,
    a_full_professional_claim,
    a_medicare_claim,
    as_json,
    expected,
)


@pytest.mark.parametrize("story", sorted(STORIES))
def test_the_boxes_are_those_expected(story):
    assert as_json(STORIES[story]()) == expected(story).read_text(), "python -m tests.unit.documents.paper_claims"


def test_no_expectation_is_left_over():
    assert {path.stem for path in BOXES.glob("*.json")} == set(STORIES)


@pytest.mark.parametrize("story", sorted(STORIES))
def test_every_box_has_a_place_on_the_sheet(story):
    claim = STORIES[story]()
    module, sheet = (cms1500, cms1500_sheet.SHEET) if claim.kind == "P" else (ub04, ub04_sheet.SHEET)
    for page in module.pages(module.mapped(claim)):
        for box, text in page.items():
            if box in sheet.choices:
                assert text in sheet.choices[box], box
            else:
                assert box in sheet.places, box


def test_the_full_claims_fill_nearly_every_place():
    """A place no claim reaches would be a box that the mapping forgot."""
    reached: set[str] = set()
    for make in STORIES.values():
        claim = make()
        module = cms1500 if claim.kind == "P" else ub04
        for page in module.pages(
            module.mapped(claim, **({"signed_on": "x"} if claim.kind == "P" else {"created_on": "x"}))
        ):
            reached |= {(claim.kind, box) for box in page}
    left = {f"P {box}" for box in cms1500_sheet.PLACES if ("P", box) not in reached}
    left |= {f"I {box}" for box in ub04_sheet.PLACES if ("I", box) not in reached}
    rows = {box for box in left if box.startswith("P 24.") or box[2:].split(".")[0] in ub04.LINE_LOCATORS}
    empty = {"1.4", "2.4", "8a", "9e", "38.4", "38.5", "57A", "57B", "57C", "63A", "63C", "64C", "61C", "65A", "65B", "65C",
             "76.qualifier", "76.id", "77.qualifier", "77.id", "78.qualifier", "78.id", "76.kind", "77.kind",
             "79.kind", "79.npi", "79.last", "79.first", "79.qualifier", "79.id", "81a.value", "81c.qualifier", "81c.code",
             "81c.value", "81d.qualifier", "81d.code", "81d.value", "54B", "54B.cents", "54C", "54C.cents",
             "carrier.4", "32b"}  # fmt: skip
    assert {box[2:] for box in left - rows} <= empty
    assert {box.split(".", 2)[2] for box in rows if box.startswith("P")} <= {"C", "H", "H.reason", "shaded", "D.1", "D.2",
                                                                            "D.3", "D.4"}  # fmt: skip


def test_codes_have_no_dots_and_birth_dates_eight_digits():
    found = form_boxes(a_full_professional_claim())
    assert found["21.A"] == "J069"
    assert (found["3.month"], found["3.day"], found["3.year"]) == ("02", "03", "2018")
    assert form_boxes(an_inpatient_claim())["10"] == "05171980"


def test_all_text_is_upper_case_ascii():
    for make in STORIES.values():
        for box, text in form_boxes(make()).items():
            assert text == text.upper() and text.isascii() and text.strip() == text, box


def test_six_lines_a_page_and_the_total_on_the_last():
    first, second = cms1500.pages(cms1500.mapped(a_full_professional_claim()))
    assert first["28"] == "CONTINUED" and "28.cents" not in first and "29" not in first
    assert (second["28"], second["28.cents"]) == ("101367", "28")
    assert (second["29"], second["29.cents"]) == ("25", "00")
    assert [second[f"24.{row}.D"] for row in (1, 2)] == ["36415", "80053"] and "24.3.D" not in second
    assert first["24.6.D"] == "99392"
    same = {"1a", "2", "21.L", "26", "33a"}
    assert {first[box] for box in same} == {second[box] for box in same}


@pytest.mark.parametrize(("lines", "pages"), [(0, 1), (1, 1), (6, 1), (7, 2), (12, 2), (13, 3), (50, 9)])
def test_every_line_is_on_one_page(lines, pages):
    claim = a_claim(
        lines=tuple(
            a_line(number=at, control_number=f"L{at}", procedure_code=f"{at:05d}") for at in range(1, lines + 1)
        )
    )
    made = cms1500.pages(cms1500.mapped(claim))
    assert len(made) == pages
    printed = [text for page in made for box, text in page.items() if box.startswith("24.") and box.endswith(".D")]
    assert printed == [line.procedure_code for line in claim.lines]
    assert sum("28.cents" in page for page in made) == 1


@pytest.mark.parametrize(("lines", "pages"), [(1, 1), (22, 1), (23, 2), (44, 2), (45, 3)])
def test_a_stay_of_many_lines(lines, pages):
    claim = a_full_institutional_claim(lines)
    made = ub04.pages(ub04.mapped(claim))
    assert [(page["43.page"], page["43.pages"]) for page in made] == [
        (str(at), str(pages)) for at in range(1, pages + 1)
    ]
    assert [page.get("42.total") for page in made] == [*[None] * (pages - 1), "0001"]
    charged = sum(
        Decimal(page[box]) + Decimal(page[f"{box}.cents"]) / 100
        for page in made
        for box in page
        if box.startswith("47.") and box.removeprefix("47.").isdigit()
    )
    assert charged == claim.total_charge == Decimal(made[-1]["47.total"] + "." + made[-1]["47.total.cents"])


def test_payers_stand_in_the_order_in_which_they_pay():
    found = form_boxes(a_full_institutional_claim())
    assert [found[f"50{row}"] for row in "ABC"] == ["NORTHERN MUTUAL", "PRAIRIE HEALTH PLAN", "WISCONSIN MEDICAID"]
    assert (found["54A"], found["54A.cents"]) == ("12345", "67") and "54B" not in found
    assert (found["64A"], found["64B"], found["63B"]) == ("ICN556677", "PCN7788990011", "AUTH123456")


def test_what_has_no_room_moves_to_81_with_its_qualifier():
    found = form_boxes(a_full_institutional_claim())
    assert (found["81a.qualifier"], found["81a.code"]) == ("B3", "282N00000X")
    assert (found["81b.qualifier"], found["81b.code"], found["81b.value"]) == ("A2", "05", "080226")


def test_a_day_rate_stands_for_room_and_board_only_at_whole_cents():
    assert form_boxes(an_inpatient_claim())["44.1"] == "1400.00"
    claim = an_inpatient_claim()
    odd = msgspec.structs.replace(claim.lines[0], charge=Decimal("100.00"))
    assert "44.1" not in form_boxes(msgspec.structs.replace(claim, lines=(odd,)))


def test_a_drug_is_told_in_the_shaded_half():
    found = form_boxes(a_full_professional_claim())
    assert found["24.3.shaded"] == "N400026064871   ML4.5"
    assert found["24.4.shaded"] == "ZZNERVE BLOCK, UNLISTED"
    assert found["24.5.shaded"] == "7TIME 135 MINUTES" and found["24.5.G"] == "135"


def test_the_first_of_referring_ordering_and_supervising_stands_in_17():
    ordering, supervising = a_rendering_provider(npi="1245319599"), a_rendering_provider(npi="1003000126")
    claim = a_claim(lines=(a_line(ordering=ordering),), supervising=supervising)
    found = cms1500.mapped(claim)
    assert (found.boxes["17.qualifier"], found.boxes["17b"]) == ("DK", "1245319599")
    assert [(one.box, one.length, one.room) for one in found.warnings if one.box == "17"] == [("17", 2, 1)]
    only = form_boxes(a_claim(supervising=supervising))
    assert (only["17.qualifier"], only["17b"]) == ("DQ", "1003000126")


def test_an_accident_has_its_day_in_15_whatever_else_is_known():
    both = a_claim(accident_date=date(2026, 8, 1), initial_treatment_date=date(2026, 8, 2))
    assert form_boxes(both)["15.qualifier"] == "454"
    assert form_boxes(msgspec.structs.replace(both, causes=("OA",)))["15.qualifier"] == "439"


def test_medicare_wants_its_own_boxes():
    found = form_boxes(a_medicare_claim())
    assert found["1"] == "MEDICARE" and found["11"] == "NONE"
    assert not {"4", "6", "7", "9", "11c", "11d", "33b", "24.1.I"} & set(found)


def test_box_29_is_of_patient_and_payers_but_of_the_patient_alone_for_medicare():
    assert form_boxes(a_secondary_claim(patient_paid=Decimal("5.50")))["29"] == "90"
    assert form_boxes(STORIES["cms1500-medicare-secondary"]())["29"] == "10"


def test_a_solo_practice_has_no_provider_on_its_lines():
    claim = a_claim(rendering=None)
    assert not [box for box in form_boxes(claim) if box.endswith((".I", ".J", ".J.other"))]


def test_a_replacement_names_the_payers_number_and_a_first_claim_nothing():
    found = form_boxes(a_full_professional_claim())
    assert (found["22"], found["22.reference"]) == ("7", "PCN778899")
    assert not {"22", "22.reference"} & set(form_boxes(a_claim(payer_claim_number="PCN1")))


def test_care_at_home_leaves_the_facility_blank():
    assert "32.1" not in form_boxes(a_claim(place_of_service="12"))


def test_more_values_than_boxes_are_warned_of_without_a_value():
    codes = tuple(Diagnosis(code=f"A{at:03d}", qualifier="ABF") for at in range(14))
    claim = a_claim(diagnoses=codes, prior_authorization="SECRET1", clia="05D1234567")
    warnings = {one.box: one for one in cms1500.mapped(claim).warnings}
    assert (warnings["21.L"].kind, warnings["21.L"].length, warnings["21.L"].room) == ("NO_ROOM", 14, 12)
    assert warnings["23"].length == 2
    assert "SECRET1" not in " ".join(one.says for one in warnings.values())
    stay = a_full_institutional_claim()
    more = msgspec.structs.replace(
        stay, prior_payments=(*stay.prior_payments, PriorPayment(coverage=a_coverage(sequence="A", payer=MEDICAID)))
    )
    assert [one.length for one in ub04.mapped(more).warnings if one.box == "50"] == [4]


def test_letters_without_a_latin_form_are_warned_of():
    claim = a_claim(patient=a_patient(last_name="山田", address=Address(line1="Straße 1", city="Łódź")))
    found = cms1500.mapped(claim)
    assert found.boxes["2"] == "??, ANNA" and found.boxes["5"] == "STRASSE 1" and found.boxes["5.city"] == "LODZ"
    assert ("2", "NOT_LATIN", 2) in {(one.box, one.kind, one.length) for one in found.warnings}


@pytest.mark.parametrize(
    ("claim", "kind", "word"),
    [
        (a_dental_claim(), "", "ADA"),
        (a_dental_claim(), "cms1500", "ADA"),
        (a_claim(), "ub04", "institutional"),
        (an_inpatient_claim(), "cms1500", "professional"),
        (a_claim(), "ub92", "no form ub92"),
    ],
)
def test_a_claim_of_another_kind_is_refused(claim: Claim, kind: str, word: str):
    with pytest.raises(FormRefused, match=word):
        form_boxes(claim, kind=kind)
