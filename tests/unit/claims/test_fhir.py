"""FHIR R4 bundles: the real ones that ship with the demo, and hostile ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claimwright.claims.from_fhir.bundles import Interface, read_bundle, read_bundles
from claimwright.claims.from_fhir.code_map import CodeMap, CodeMapError, load_code_map
from claimwright.claims.from_fhir.reading import BundleRefused, archive_members, parse_bundle, read_archive
from claimwright.claims.nouns import Encounter, IntakeResult, Provider
from claimwright.codes.code_sets import shipped
from claimwright.codes.releases import State

DEMO = Path(__file__).parents[3] / "demo"
ARCHIVE = DEMO / "intake/fhir/synthea-fhir-r4-bundles.tar.xz"
SNOMED = "http://snomed.info/sct"

MAP = b"""system,code,target_system,target_code,repeat,minimum_age,maximum_age,note
snomed,185345009,cpt,99213,once,,,
snomed,38341003,icd10cm,I10,,,,
snomed,314529007,ignore,,,,,no diagnosis
snomed,162673000,cpt,99395,once,18,39,
snomed,162673000,cpt,99396,once,40,64,
cvx,140,cpt,90656,once,,,
cvx,140,cpt,90471,90472,,,
cvx,140,icd10cm,Z23,,,,
cvx,115,cpt,90715,once,,,
cvx,115,cpt,90471,90472,,,
cvx,115,icd10cm,Z23,,,,
"""


def concept(code: str, system: str = SNOMED) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def a_bundle(*more: dict[str, Any], **encounter: Any) -> dict[str, Any]:
    visit = {
        "resourceType": "Encounter",
        "id": "e1",
        "meta": {"versionId": "2"},
        "status": "finished",
        "class": {"code": "AMB"},
        "type": [concept("185345009")],
        "subject": {"reference": "urn:uuid:p1"},
        "participant": [{"type": [concept("PPRF")], "individual": {"reference": "Practitioner/d1"}}],
        "period": {"start": "2015-03-02T23:30:00-05:00", "end": "2015-03-02T23:50:00-05:00"},
        **encounter,
    }
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {"type": concept("MR"), "system": "urn:mrn", "value": "MRN7"},
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-10-0001"},
            {"type": concept("PPN"), "system": "urn:passport", "value": "X1"},
        ],
        "name": [
            {"use": "maiden", "family": "OLD"},
            {"use": "official", "family": "Tester Jr.", "given": ["Ann", "B"]},
        ],
        "birthDate": "1980-03-03",
        "gender": "other",
        "address": [{"line": ["1 A St"], "city": "Boston", "state": "Massachusetts", "postalCode": "02115-1234"}],
    }
    doctor = {
        "resourceType": "Practitioner",
        "id": "d1",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
        "name": [{"family": "Garcia", "given": ["Jane"]}],
    }
    resources = [patient, doctor, visit, *more]
    entries = [{"fullUrl": f"urn:uuid:{resource.get('id')}", "resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def linked(kind: str, identity: str, **members: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": identity, "encounter": {"reference": "Encounter/e1"}, **members}


def taken(bundle: dict[str, Any], **options: Any) -> IntakeResult:
    return read_bundle(bundle, Interface(code_map=load_code_map(MAP), **options))


def one(bundle: dict[str, Any], **options: Any) -> Encounter:
    (encounter,) = taken(bundle, **options).encounters
    return encounter


def codes(result: IntakeResult) -> list[str]:
    return [problem.code for problem in result.problems]


def test_a_visit_with_a_diagnosis_and_two_vaccines() -> None:
    encounter = one(
        a_bundle(
            linked("Condition", "c1", code=concept("38341003")),
            linked("Condition", "c2", code=concept("314529007")),
            linked("Immunization", "i1", status="completed", vaccineCode=concept("140", "http://hl7.org/fhir/sid/cvx")),
            linked("Immunization", "i2", status="completed", vaccineCode=concept("115", "http://hl7.org/fhir/sid/cvx")),
            linked("Immunization", "i3", status="not-done", vaccineCode=concept("140", "http://hl7.org/fhir/sid/cvx")),
        )
    )
    assert encounter.external_id == "fhir|e1|2"
    assert [diagnosis.code for diagnosis in encounter.diagnoses] == ["I10", "Z23"]
    assert [(line.procedure_code, line.units, line.diagnosis_pointers) for line in encounter.lines] == [
        ("99213", Decimal(1), (1, 2)),
        ("90656", Decimal(1), (2,)),
        ("90471", Decimal(1), (2,)),
        ("90715", Decimal(1), (2,)),
        ("90472", Decimal(1), (2,)),
    ]
    assert encounter.date_from == date(2015, 3, 2)  # the author's calendar day, not UTC's
    assert encounter.place_of_service == "11"
    assert encounter.rendering is not None and encounter.rendering.npi == "1234567893"


def test_the_patient_as_our_noun() -> None:
    patient = one(a_bundle()).patient
    assert (patient.last_name, patient.suffix, patient.first_name, patient.middle_name) == ("Tester", "Jr", "Ann", "B")
    assert (patient.record_number, patient.sex, patient.address.state, patient.address.postal_code) == (
        "MRN7", "U", "MA", "021151234",
    )  # fmt: skip
    assert patient.external_ids == ("urn:mrn|MRN7",)


def test_ages_choose_the_code() -> None:
    younger = one(a_bundle(type=[concept("162673000")]))
    older = one(a_bundle(type=[concept("162673000")], period={"start": "2020-03-03"}))
    assert [line.procedure_code for line in (*younger.lines, *older.lines)] == ["99395", "99396"]


def test_an_unmapped_code_holds_the_visit_and_names_it() -> None:
    result = taken(a_bundle(linked("Condition", "c1", code=concept("99999"))))
    (problem,) = result.problems
    assert (problem.code, problem.system, problem.value, problem.encounter) == (
        "UNMAPPED_CODE", SNOMED, "99999", "fhir|e1|2",
    )  # fmt: skip
    assert problem.blocks and problem.place == "Condition/c1"
    assert len(result.encounters) == 1


def test_own_code_systems_need_no_row_and_the_first_coding_that_maps_is_used() -> None:
    both = {
        "coding": [
            {"system": "urn:local", "code": "X"},
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J06.9"},
        ]
    }
    encounter = one(a_bundle(linked("Condition", "c1", code=both)))
    assert [diagnosis.code for diagnosis in encounter.diagnoses] == ["J069"]


def test_nothing_billable_is_said() -> None:
    result = taken(a_bundle(type=[concept("314529007")]))
    assert codes(result) == ["NOTHING_BILLABLE"]
    assert result.encounters[0].lines == ()


def test_refuted_conditions_are_dropped_and_suspected_ones_not_coded() -> None:
    result = taken(
        a_bundle(
            linked("Condition", "c1", code=concept("38341003"), verificationStatus=concept("entered-in-error")),
            linked("Condition", "c2", code=concept("38341003"), verificationStatus=concept("provisional")),
        )
    )
    assert result.encounters[0].diagnoses == ()
    assert codes(result) == ["DIAGNOSIS_UNCONFIRMED"]
    assert not result.problems[0].blocks


def test_dates_move_by_whole_days_and_the_originals_stay() -> None:
    encounter = one(a_bundle(), shift=lambda start: (date(2026, 8, 31) - start).days)
    assert (encounter.date_from, encounter.lines[0].date_from) == (date(2026, 8, 31), date(2026, 8, 31))
    assert encounter.original_dates == (date(2015, 3, 2), date(2015, 3, 2))
    assert encounter.days_shifted == (date(2026, 8, 31) - date(2015, 3, 2)).days


def test_coverages_are_active_in_force_and_in_order() -> None:
    def cover(identity: str, **members: Any) -> dict[str, Any]:
        return {
            "resourceType": "Coverage",
            "id": identity,
            "status": "active",
            "beneficiary": {"reference": "Patient/p1"},
            "payor": [{"display": identity}],
            "subscriberId": f"M{identity}",
            **members,
        }

    encounter = one(
        a_bundle(
            cover("second", order=2, period={"start": "2015-01-01"}),
            cover("first", order=1, period={"start": "2015-01-01", "end": "2015-03-02"}),
            cover("ended", period={"end": "2015-03-01"}),
            cover("cancelled", status="cancelled"),
            cover("other", beneficiary={"reference": "Patient/p9"}),
        ),
        shift=lambda _: 10,
    )
    assert [(c.payer.name, c.sequence, c.member_id) for c in encounter.coverages] == [
        ("first", "P", "Mfirst"),
        ("second", "S", "Msecond"),
    ]
    assert encounter.coverages[0].end == date(2015, 3, 13)  # FHIR's last day, plus one, plus the shift


def test_charge_items_are_the_charges_and_procedures_are_not_charged_again() -> None:
    cpt = "http://www.ama-assn.org/go/cpt"
    item = {
        "resourceType": "ChargeItem",
        "id": "ch1",
        "status": "billable",
        "context": {"reference": "Encounter/e1"},
        "code": concept("20610", cpt),
        "quantity": {"value": 2},
        "priceOverride": {"value": "180.5"},
    }
    aborted = {**item, "id": "ch2", "status": "aborted"}
    done = linked("Procedure", "pr1", status="completed", code=concept("20610", cpt))
    (line,) = one(a_bundle(item, aborted, done)).lines
    assert (line.procedure_code, line.units, line.charge) == ("20610", Decimal(2), Decimal("180.50"))


@pytest.mark.parametrize(
    "reference",
    ["http://169.254.169.254/Patient/1", "file:///etc/passwd", "Patient/p9", "Patient/../p1", "#nothing", ""],
)
def test_references_are_never_followed_out_of_the_bundle(reference: str) -> None:
    result = taken(a_bundle(subject={"reference": reference}))
    assert codes(result) == ["UNKNOWN_PATIENT"]
    assert result.encounters == ()
    assert reference == "" or reference not in result.problems[0].message


def test_a_provider_the_practice_does_not_know_holds_the_visit() -> None:
    result = taken(a_bundle(), known=lambda _: None)
    assert codes(result) == ["UNKNOWN_PROVIDER"]
    own = Provider(npi="1999999984", last_name="OWN")
    assert one(a_bundle(), known=lambda _: own).rendering == own


def test_unfinished_dateless_and_nameless_encounters() -> None:
    assert codes(taken(a_bundle(status="in-progress"))) == ["NOT_FINISHED"]
    assert codes(taken(a_bundle(period={}))) == ["NO_DATE"]
    assert codes(taken(a_bundle(id=None))) == ["NO_ID"]
    assert codes(taken(a_bundle(period={"start": "2015-02-30"}))) == ["NO_DATE"]


def test_the_same_encounter_twice_is_taken_once() -> None:
    bundle = a_bundle()
    bundle["entry"].append(bundle["entry"][2])
    assert len(taken(bundle).encounters) == 1
    assert codes(taken(bundle)) == ["DUPLICATE_ENCOUNTER"]


def test_members_of_the_wrong_kind_are_as_if_absent() -> None:
    for member in ("type", "participant", "location", "diagnosis", "meta", "identifier", "class", "reasonCode"):
        for value in (7, "x", None, [], [7], {}, [[]], True):
            taken(a_bundle(**{member: value}))
    assert codes(taken(a_bundle(period="2015"))) == ["NO_DATE"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "NOT_JSON"),
        (b"{", "NOT_JSON"),
        (b"<html>", "NOT_JSON"),
        (b"[]", "NOT_A_BUNDLE"),
        (b'{"resourceType": "Patient"}', "NOT_A_BUNDLE"),
        (b'{"resourceType": "Bundle", "resourceType": "Bundle"}', "DUPLICATE_KEY"),
        (b'{"resourceType": "Bundle", "x": NaN}', "NOT_A_NUMBER"),
        (b'{"resourceType": "Bundle", "x": -Infinity}', "NOT_A_NUMBER"),
        (b'{"resourceType": "Bundle", "x": "\\ud800"}', "BAD_TEXT"),
        (b'{"resourceType": "Bundle", "x": ["\\udc00"]}', "BAD_TEXT"),
        (b'{"resourceType": "Bundle", "x": ["\\u0000"]}', "BAD_TEXT"),
        (b"[" * 10_000 + b"]" * 10_000, "BUNDLE_TOO_DEEP"),
        (b'{"a":' * 10_000, "BUNDLE_TOO_DEEP"),
        (b'{"x": ' + b"9" * 10_000 + b"}", "NOT_JSON"),
        (b"\xff\xfe{}", "NOT_UTF8"),
    ],
)
def test_json_that_is_not_taken(data: bytes, code: str) -> None:
    with pytest.raises(BundleRefused) as refusal:
        parse_bundle(data, "file.json")
    assert refusal.value.problem.code == code
    assert refusal.value.problem.place == "file.json" and refusal.value.problem.fix
    result = read_bundles([("file.json", data)], Interface(code_map=CodeMap({})))
    assert codes(result) == [code]


def test_brackets_in_texts_are_no_depth_and_a_huge_number_is_no_float() -> None:
    bundle = parse_bundle(b'{"resourceType": "Bundle", "x": "' + b"[" * 500 + b'\\"", "y": 1e400}')
    assert bundle["y"] == "1e400"


def test_one_bad_file_does_not_stop_the_others() -> None:
    good = json.dumps(a_bundle()).encode()
    result = read_bundles([("a", b"{"), ("b", good)], Interface(code_map=load_code_map(MAP)))
    assert len(result.encounters) == 1
    assert codes(result) == ["NOT_JSON"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("snomed,1,icd9,1,,,,", "row 2, column target_system"),
        ("snomed,1,cpt,,,,,", "row 2, column target_code"),
        ("snomed,1,ignore,,,,,", "row 2, column note"),
        ("snomed,1,cpt,99213,,young,,", "row 2"),
    ],
)
def test_a_wrong_code_map_names_its_row(row: str, message: str) -> None:
    with pytest.raises(CodeMapError, match=message):
        load_code_map(MAP.splitlines(keepends=True)[0] + row.encode())


def test_rows_of_a_code_map_hold_for_their_dates() -> None:
    table = b"system,code,target_system,target_code,start,end\nsnomed,1,cpt,11111,,2020-01-01\nsnomed,1,cpt,22222,2020-01-01,\n"
    code_map = load_code_map(table)
    assert [m.target_code for m in code_map.find(SNOMED, "1", on=date(2019, 12, 31))] == ["11111"]
    assert [m.target_code for m in code_map.find("urn:oid:2.16.840.1.113883.6.96", "1", on=date(2020, 1, 1))] == [
        "22222"
    ]


@pytest.fixture(scope="module")
def demo() -> IntakeResult:
    code_map = load_code_map((DEMO / "code_map.csv").read_bytes())
    return read_bundles(archive_members(ARCHIVE), Interface(code_map=code_map))


def coded_resources() -> int:
    """Codes of visits as they stand in the bundles, counted without the reader."""
    total = 0
    for _, bundle in read_archive(ARCHIVE):
        for entry in bundle["entry"]:
            resource = entry["resource"]
            kind = resource["resourceType"]
            total += (
                len(resource.get("type", []))
                if kind == "Encounter"
                else kind in ("Condition", "Procedure", "Immunization")
            )
    return total


def test_the_demo_map_covers_more_than_nine_tenths_and_leaves_some(demo: IntakeResult) -> None:
    unmapped = [problem for problem in demo.problems if problem.code == "UNMAPPED_CODE"]
    total = coded_resources()
    assert total > 1500
    assert 0.92 <= 1 - len(unmapped) / total < 1
    held = {problem.encounter for problem in unmapped}
    assert 0 < len(held) <= 0.1 * len(demo.encounters)
    assert held <= {encounter.external_id for encounter in demo.encounters}


def test_every_demo_encounter_is_taken_and_has_lines_or_a_reason(demo: IntakeResult) -> None:
    assert len(demo.encounters) == 346
    assert len({encounter.external_id for encounter in demo.encounters}) == 346
    empty = {encounter.external_id for encounter in demo.encounters if not encounter.lines}
    assert empty == {problem.encounter for problem in demo.problems if problem.code == "NOTHING_BILLABLE"}
    counted = Counter(line.procedure_code for encounter in demo.encounters for line in encounter.lines)
    assert counted["90656"] == 145
    assert counted["99213"] > 100
    for encounter in demo.encounters:
        for line in encounter.lines:
            assert all(1 <= pointer <= len(encounter.diagnoses) for pointer in line.diagnosis_pointers)


def test_the_demo_map_points_at_codes_of_the_shipped_year() -> None:
    sets, on = shipped(), date(2026, 9, 1)
    for line in (DEMO / "code_map.csv").read_text().splitlines()[1:]:
        _, _, target, code, *_ = line.split(",")
        if target == "icd10cm":
            assert sets.state("icd10cm", code, on) == State.VALID, code


def test_what_the_demo_takes_in_is_in_its_manifest() -> None:
    rows = [line.split("\t") for line in (DEMO / "MANIFEST.tsv").read_text().splitlines()[1:]]
    listed = {row[0]: row[3] for row in rows}
    found = {path.relative_to(DEMO).as_posix() for path in (DEMO / "intake").rglob("*") if path.is_file()}
    kept = {name for name in found if name.startswith(("intake/fhir/", "intake/837p/"))}
    assert kept <= listed.keys()
    for name in kept:
        assert hashlib.sha256((DEMO / name).read_bytes()).hexdigest() == listed[name], name
    assert all(row[1] and row[2] for row in rows)
