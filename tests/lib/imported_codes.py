"""A library that holds one small file of every table the edits look up, all for the third quarter of 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from claimwright.codes.library import Asked, Library
from tests.lib.fee_files import FOLDER
from tests.unit.codes.library_files import write
from tests.unit.codes.registry_files import (
    deactivated_file,
    exclusion_file,
    exclusion_row,
    npi,
    nppes_file,
    nppes_row,
    order_file,
    order_row,
)

RENDERING, BILLING = "1234567893", "1000000004"  # of the practice that the tests bill for
LISTED, NOT_LISTED, EXCLUDED, OUT_OF_USE = npi(11), npi(12), npi(13), npi(14)
_PAIRS = (
    "CPT only copyright\t\t\t\t\t\t\r\nColumn1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "93000\t93040\t\t20200101\t*\t0\tMade up for this test\r\n"
)
_LIMITS = (
    '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
    "93000,3,3 Date of Service Edit: Clinical,Made up for this test\n"
)
_ADD_ON = f"122614{'':7}22612{'':7}2013001{'':7}{'A note':58}\r\n"
_DRUGS = """ASP NDC-HCPCS Crosswalk,,,,,,,,
_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS
J9035,x,x,50242-0060-01,x,10 MG,4,1,10
"""
_POLICIES = "policy,title,procedures,diagnoses,start\nN190.1,Heart tracing,93000,I10,2020-01-01\n"


def registry_texts() -> dict[str, str]:
    """The four lists of providers by file name. The practice's own are in good standing."""
    return {
        "npidata_pfile_20050523-20260913.csv": nppes_file(
            nppes_row(BILLING, entity="2", organization="LAKESIDE FAMILY MEDICINE", taxonomies="261QP2300X*"),
            *(nppes_row(one, taxonomies="207Q00000X*") for one in (RENDERING, LISTED, NOT_LISTED, EXCLUDED)),
        ),
        "OrderReferring_20260907.csv": order_file(order_row(RENDERING), order_row(LISTED), order_row(EXCLUDED)),
        "UPDATED.csv": exclusion_file(exclusion_row(EXCLUDED)),
        "NPPES Deactivated NPI Report 20260914.csv": deactivated_file((OUT_OF_USE, "03/11/2024")),
    }


def table_texts() -> dict[str, str]:
    """The tables of codes by file name."""
    return {
        "ccipra-v322r0.txt": _PAIRS,
        "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv": _LIMITS,
        "AOC_V2026Q3-F-MCR.txt": _ADD_ON,
        "July 2026 ASP NDC-HCPCS Crosswalk.csv": _DRUGS,
        "policies.csv": _POLICIES,
    }


def import_texts(folder: Path, texts: dict[str, str], *paths: Path) -> Path:
    """Takes the files into the library folder/codes, and gives that folder."""
    written = [write(folder, name, text) for name, text in texts.items()]
    Library(folder / "codes").import_files([*written, *paths], asked=Asked(), at=datetime(2026, 9, 15, tzinfo=UTC))
    return folder / "codes"


def everything(folder: Path) -> Path:
    """A library with all of it."""
    return import_texts(folder, table_texts() | registry_texts(), FOLDER / "PPRRVU2026_JUL_nonQPP.csv")
