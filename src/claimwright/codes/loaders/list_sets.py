"""Which plain lists can be imported, the form of their codes, and the column headings they come with."""

from __future__ import annotations

import re

import msgspec


class ListSet(msgspec.Struct, frozen=True, kw_only=True):
    """A set that comes as a list. `width`: digits that a purely numeric code has, so that lost zeros are seen.

    `headings` are names of the code column that say which set it is.
    """

    name: str
    title: str
    form: str
    headings: tuple[str, ...] = ()
    width: int = 0
    example: str = ""

    def matches(self, code: str) -> bool:
        return re.fullmatch(self.form, code) is not None


LIST_SETS: tuple[ListSet, ...] = (
    ListSet(name="cpt", title="CPT", form=r"[0-9]{4}[0-9FTUM]", headings=("cpt", "cpt code", "cpt codes"), width=5,
            example="99213"),
    ListSet(name="cdt", title="CDT", form=r"D[0-9]{4}", headings=("cdt", "cdt code", "ada code"), example="D0120"),
    ListSet(name="hcpcs", title="HCPCS Level II", form=r"[A-CE-V][0-9]{4}",
            headings=("hcpcs", "hcpcs code", "hcpc"), example="J1100"),
    ListSet(name="modifier", title="modifiers", form=r"[0-9A-Z]{2}", headings=("modifier", "modifier code", "mod"),
            width=2, example="25"),
    ListSet(name="pos", title="places of service", form=r"[0-9]{2}", width=2, example="11",
            headings=("pos", "pos code", "place of service", "place of service code", "place of service codes")),
    ListSet(name="revenue", title="revenue codes", form=r"[0-9]{3}[0-9X]", width=4, example="0450",
            headings=("revenue code", "revenue center code", "revenue", "rev code", "rev")),
    ListSet(name="type_of_bill", title="types of bill", form=r"0[1-8][0-9][0-9A-Z]?", example="0131",
            headings=("type of bill", "type of bill code", "bill type", "bill type code", "tob")),
    ListSet(name="condition_code", title="condition codes", form=r"[0-9A-Z]{2}", width=2, example="06",
            headings=("condition code", "condition")),
    ListSet(name="occurrence_code", title="occurrence codes", form=r"[0-9A-Z]{2}", width=2, example="11",
            headings=("occurrence code", "occurrence", "occurrence span code")),
    ListSet(name="value_code", title="value codes", form=r"[0-9A-Z]{2}", width=2, example="01",
            headings=("value code",)),
    ListSet(name="discharge_status", title="patient discharge status", form=r"[0-9]{2}", width=2, example="01",
            headings=("discharge disposition code", "discharge status", "discharge status code", "patient status")),
    ListSet(name="admission_type", title="admission types", form=r"[0-9]", example="1",
            headings=("admit type code", "admission type", "admission type code")),
    ListSet(name="admission_source", title="admission sources", form=r"[0-9A-Z]", example="1",
            headings=("admit source code", "admission source", "point of origin", "point of origin code")),
    ListSet(name="taxonomy", title="provider taxonomy", form=r"[0-9]{3}[0-9A-Z]{6}X",
            headings=("taxonomy", "taxonomy code"), example="207Q00000X"),
    ListSet(name="carc", title="claim adjustment reasons", form=r"[0-9]{1,3}|[ABDPWY][0-9]{1,2}", example="45",
            headings=("carc", "carc code", "adjustment reason code")),
    ListSet(name="rarc", title="remittance remarks", form=r"M[0-9]{1,3}|MA[0-9]{1,3}|N[0-9]{1,3}", example="N290",
            headings=("rarc", "rarc code", "remark code")),
    ListSet(name="claim_status_category", title="claim status categories", form=r"[ADEFPR][0-9][0-9A-Z]{0,2}|RQ|DR0[1-8]",
            headings=("claim status category", "claim status category code"), example="A1"),
    ListSet(name="claim_status", title="claim statuses", form=r"[0-9]{1,3}", example="20",
            headings=("claim status", "claim status code")),
    ListSet(name="payer", title="payers", form=r"[0-9A-Za-z][0-9A-Za-z_ -]{0,79}", example="60054",
            headings=("payer id", "payerid", "payer code", "payor id")),
)  # fmt: skip
BY_NAME = {each.name: each for each in LIST_SETS}
# One heading, one set: tests keep it so.
BY_HEADING = {heading: each for each in LIST_SETS for heading in each.headings}
