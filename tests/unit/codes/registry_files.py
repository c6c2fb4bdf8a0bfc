"""Public lists of providers in miniature: invented people, NPIs with a right check digit, the official columns."""

from __future__ import annotations

import io
from collections.abc import Sequence

from claimwright.codes.identifiers import npi_check_digit

CATEGORIES = ("PARTB", "DME", "HHA", "PMD", "HOSPICE")
LEIE = (
    "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,EXCLDATE,REINDATE,"
    "WAIVERDATE,WVRSTATE"
)
TAXONOMIES = 15
# The columns of the registry up to the taxonomies, as they are named; the rest of the 330 stand behind them.
_NPPES_HEAD = (
    *("NPI", "Entity Type Code", "Replacement NPI", "Employer Identification Number (EIN)"),
    *("Provider Organization Name (Legal Business Name)", "Provider Last Name (Legal Name)", "Provider First Name"),
    *(f"Address {n}" for n in range(29)),
    *("Provider Enumeration Date", "Last Update Date", "NPI Deactivation Reason Code", "NPI Deactivation Date"),
    *("NPI Reactivation Date", "Provider Sex Code", *(f"Official {n}" for n in range(5))),
)
NPPES_COLUMNS = (
    *_NPPES_HEAD,
    *(
        f"{name}_{n}"
        for n in range(1, TAXONOMIES + 1)
        for name in (
            "Healthcare Provider Taxonomy Code",
            "Provider License Number",
            "Provider License Number State Code",
            "Healthcare Provider Primary Taxonomy Switch",
        )
    ),
    *(f"Other Provider Identifier_{n}" for n in range(1, 330 - len(_NPPES_HEAD) - 4 * TAXONOMIES + 1)),
)


def npi(number: int, entity: str = "1") -> str:
    """An invented NPI with a right check digit."""
    nine = f"{entity}{number:08d}"
    return nine + npi_check_digit(nine)


def order_row(one: str, last: str = "TESTER", first: str = "ANNA", may: Sequence[str] = CATEGORIES) -> str:
    return ",".join((one, last, first, *("Y" if category in may else "N" for category in CATEGORIES)))


def order_file(*rows: str) -> str:
    return "\n".join(("NPI,LAST_NAME,FIRST_NAME,PARTB,DME,HHA,PMD,HOSPICE", *rows, ""))


def exclusion_row(
    one: str = "0000000000", excluded: str = "20200120", reinstated: str = "00000000", state: str = ""
) -> str:
    cells = ["TESTER", "ADAM", "", "", "PHYSICIAN", "FAMILY PRACTICE", "", one, "19500101", "1 ELM ST", "MADISON", "WI"]
    return ",".join(f'"{cell}"' for cell in [*cells, "53703", "1128a1", excluded, reinstated, "00000000", state])


def exclusion_file(*rows: str) -> str:
    return "\r\n".join((LEIE, *rows, ""))


def deactivated_file(*rows: tuple[str, str]) -> str:
    lines = ["NPPES Deactivated Records as of Oct 12 2026,", "NPI,NPPES Deactivation Date"]
    return "\n".join((*lines, *(",".join(row) for row in rows), ""))


def nppes_row(one: str, **cells: str) -> str:
    """`entity`, `last`, `first`, `organization`, `deactivated`, `reactivated`; taxonomies as "code code*", * the primary."""
    places = dict.fromkeys(NPPES_COLUMNS, "")
    places["NPI"] = one
    entity = cells.get("entity", "1")
    places["Entity Type Code"] = entity
    places["Provider Last Name (Legal Name)"] = cells.get("last", "TESTER" if entity == "1" else "")
    places["Provider First Name"] = cells.get("first", "ANNA" if entity == "1" else "")
    places["Provider Organization Name (Legal Business Name)"] = cells.get("organization", "")
    places["NPI Deactivation Date"] = cells.get("deactivated", "")
    places["NPI Reactivation Date"] = cells.get("reactivated", "")
    for n, code in enumerate(cells.get("taxonomies", "").split(), 1):
        places[f"Healthcare Provider Taxonomy Code_{n}"] = code.rstrip("*")
        places[f"Healthcare Provider Primary Taxonomy Switch_{n}"] = "Y" if code.endswith("*") else "N"
    return _quoted(places.values())


def nppes_file(*rows: str) -> str:
    return "\n".join((_quoted(NPPES_COLUMNS), *rows, ""))


def _quoted(cells) -> str:
    text = io.StringIO()
    text.write(",".join('"' + cell.replace('"', '""') + '"' for cell in cells))
    return text.getvalue()
