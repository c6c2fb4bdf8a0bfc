"""NCCI in the practice: what was imported judges the claims of payers that follow it, by the day of service."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from tests.lib.practices import superbill_row, take_in

PAIRS = (
    "CPT only copyright\t\t\t\t\t\t\r\nColumn1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "99213\t87880\t\t20200101\t*\t0\tMade up for this test\r\n"
)
LIMITS = (
    '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
    "87880,1,3 Date of Service Edit: Clinical,Made up for this test\n"
)


@pytest.fixture
def loaded(tenant, clinic, tmp_path, monkeypatch):
    """A practice whose library holds a pair and a limit."""
    from claimwright.codes.library import Asked, Library
    from claimwright.codes.library_sets import CODES_VARIABLE
    from claimwright.web.core.tenancy import tenant_scope

    pairs, limits = tmp_path / "ccipra-v322r0.txt", tmp_path / "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv"
    pairs.write_text(PAIRS, newline="")
    limits.write_text(LIMITS, newline="")
    Library(tmp_path / "codes").import_files([pairs, limits], asked=Asked(), at=datetime(2026, 9, 1, 9))
    monkeypatch.setenv(CODES_VARIABLE, str(tmp_path / "codes"))
    with tenant_scope(tenant):
        yield clinic


def two_lines(**cells: str) -> list[dict[str, str]]:
    """A visit and a test of one day, both lines of one encounter."""
    first = superbill_row(**cells)
    return [first, first | {"cpt": "87880", "charge": "40.00"} | cells]


def found() -> list[tuple[str, str]]:
    from claimwright.web.submissions.models import EditFinding

    return list(
        EditFinding.objects.filter(edit_id__in=["PX13", "PX14", "PX15", "PX16", "PX17"], open=True)
        .order_by("edit_id")
        .values_list("edit_id", "path")
    )


def follow(program: str | None) -> None:
    from claimwright.edits.payer_profile import PayerProfile
    from claimwright.web.practice.models import Payer

    for payer in Payer.objects.all():
        profile = msgspec.convert(payer.profile, PayerProfile)
        payer.profile = msgspec.to_builtins(msgspec.structs.replace(profile, ncci_program=program))
        payer.save()


def test_a_pair_is_stopped_before_it_is_sent(loaded):
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import scrub

    follow("medicare")
    take_in(loaded, *two_lines())
    scrub()
    assert found() == [("PX14", "lines[1]")]
    assert ClaimVersion.objects.get().state == "EDIT_HOLD"


def test_a_payer_that_follows_none_is_not_judged(loaded):
    from claimwright.web.submissions.services import scrub

    follow("")
    take_in(loaded, *two_lines())
    scrub()
    assert found() == []


def test_units_of_an_earlier_visit_of_the_day_count(loaded):
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import scrub

    follow("medicare")
    test = {"cpt": "87880", "charge": "40.00"}
    take_in(loaded, superbill_row(**test), name="one.csv")
    scrub()
    assert found() == []
    for state in ("BATCHED", "SENT"):
        ClaimVersion.objects.update(state=state)
    take_in(loaded, superbill_row(external_id="V2", **test), name="two.csv")
    scrub()
    assert found() == [("PX17", "lines[0].units")]
