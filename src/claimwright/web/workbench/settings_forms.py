"""The fields of the settings' forms, in their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claimwright.billing.office_setup import ENTITIES, RUNS_FROM, STATUSES, TAX_ID_KINDS, TRANSACTIONS, UNITS
from claimwright.billing.policy_cells import FIELDS
from claimwright.codes.states import STATE_CODES
from claimwright.web.exchange.connection_settings import KINDS, QUALIFIERS, USAGES
from claimwright.web.workbench.form_fields import Field

Groups = Sequence[tuple[str, Sequence[Field]]]
STATES = {"": "", **{code: code for code in sorted(STATE_CODES.values())}}
FILING_DAYS = RUNS_FROM
HOW = {
    "dollars": "Dollars", "dollars or blank": "Dollars; blank: none", "percent": "Percent", "days": "Days",
    "business days": "Business days", "count": "A number", "hour": "Hour of the patient's day, 8 to 21", "months": "Months",
    "days list": "Days, rising, with commas", "by state": "State: months, such as CA: 36",
    "tiers": "Income %: % off, such as 200: 100, 250: 75", "yes": "yes or no",
    "yes, no or blank": "yes, no; blank: once one is recorded", "words": "Names, with commas",
}  # fmt: skip


def _address(prefix: str, *, required: bool) -> tuple[Field, ...]:
    return (
        Field(name=f"{prefix}line1", label="Street", longest=55, required=required, wide=True),
        Field(name=f"{prefix}line2", label="Second line", longest=55),
        Field(name=f"{prefix}city", label="City", longest=30, required=required),
        Field(name=f"{prefix}state", label="State", kind="select", choices=STATES, required=required),
        Field(
            name=f"{prefix}postal_code", label="ZIP code", longest=10, numeric=True, required=required, hint="With +4"
        ),
    )


PRACTICE: Groups = (
    ("Who bills", (
        Field(name="name", label="Name", longest=60, required=True, wide=True, hint="As enrolled with payers (NPPES, W-9)"),
        Field(name="taxonomy", label="Taxonomy", longest=10, hint="Ten characters, from NPPES"),
        Field(name="contact_name", label="Contact", longest=60),
        Field(name="phone", label="Telephone", longest=20, numeric=True),
        Field(name="fax", label="Fax", longest=20, numeric=True),
        Field(name="email", label="Email", longest=254, wide=True),
    )),
    ("Billing address: a street, not a box", _address("", required=True)),
    ("Pay-to address, where checks go elsewhere", _address("pay_to_", required=False)),
    ("On statements", (
        Field(name="statement_name", label="Name", longest=120, wide=True, hint="What patients know the practice as"),
        Field(name="statement_phone", label="Telephone for questions", longest=20, numeric=True),
    )),
)  # fmt: skip

NEW_PRACTICE: Groups = (
    ("Who bills", (
        Field(name="entity", label="It is", kind="select", choices=ENTITIES, hint="As the NPI is registered", wide=True),
        Field(name="name", label="Name of the organization", longest=60, wide=True, hint="As in NPPES and on the W-9"),
        Field(name="last_name", label="Last name, of one person", longest=60),
        Field(name="first_name", label="First name, of one person", longest=35),
    )),
    ("Its numbers", (
        Field(name="npi", label="NPI", longest=10, numeric=True, required=True, hint="That it bills with"),
        Field(name="tax_id_kind", label="Kind of tax id", kind="select", choices=TAX_ID_KINDS),
        Field(name="tax_id", label="Tax id", longest=11, numeric=True, required=True, hint="Nine digits, as payers have it"),
        Field(name="taxonomy", label="Taxonomy", longest=10, required=True, hint="The primary one of NPPES: ten characters"),
        Field(name="start", label="First day of service you bill", kind="date", required=True, hint="The numbers hold from then on"),
    )),
    ("Whom payers call", tuple(field for field in PRACTICE[0][1] if field.name not in ("name", "taxonomy"))),
    *PRACTICE[1:],
    ("Where care is given", (
        Field(name="at_billing_address", label="At the billing address: location MAIN, place of service 11", kind="tick", wide=True),
    )),
)  # fmt: skip

PROVIDER: Groups = (
    ("Provider", (
        Field(name="npi", label="NPI", longest=10, numeric=True, required=True),
        Field(name="last_name", label="Last name", longest=60, required=True),
        Field(name="first_name", label="First name", longest=35, required=True),
        Field(name="middle_name", label="Middle name", longest=25), Field(name="suffix", label="Suffix", longest=10),
        Field(name="taxonomy", label="Taxonomy", longest=10, hint="Ten characters, from NPPES"),
        Field(name="aliases", label="Ids in other systems", wide=True, hint="Separated by semicolons"),
    )),
)  # fmt: skip

LOCATION: Groups = (
    ("Location", (
        Field(name="code", label="Key", longest=40, required=True, hint="What interfaces and files call it"),
        Field(name="name", label="Name", longest=60, required=True),
        Field(name="place_of_service", label="Place of service", longest=2, numeric=True, required=True, hint="CMS code, such as 11"),
        Field(name="npi", label="NPI of the facility", longest=10, numeric=True, hint="Where it has its own"),
    )),
    ("Address; blank: the billing address", _address("", required=False)),
)  # fmt: skip

_PAYER = (
    Field(name="name", label="Name", longest=60, required=True, wide=True),
    Field(name="payer_id", label="Payer id", longest=20, required=True, hint="As the clearinghouse of its connection lists it"),
    Field(name="filing_indicator", label="Filing indicator", longest=2, required=True, hint="SBR09: CI, MB, MC, BL …"),
    Field(name="usual_pay_days", label="Usual days until it pays", longest=3, numeric=True, required=True),
    Field(name="aliases", label="Other ids and names it goes by", wide=True, hint="TRN03, N1 ids, names on remittances; separated by semicolons"),
)  # fmt: skip
_NEW_PAYER = (
    Field(name="key", label="Key", longest=40, hint="What files and interfaces call it; blank: the payer id"),
    Field(name="shares_id", label="Another plan of an insurer that is here under the same id", kind="tick", wide=True),
)
_PAYER_LIMITS = (
    ("Filing limits; blank: not known", tuple(
        field
        for kind, label in (("original", "First claim within"), ("corrected", "Corrected claim within"), ("secondary", "After the earlier payer, within"))
        for field in (
            Field(name=f"{kind}_count", label=label, longest=4, numeric=True),
            Field(name=f"{kind}_unit", label="Unit", kind="select", choices=UNITS),
        )
    ) + (Field(name="warning_days", label="Warned of so many days ahead", longest=3, numeric=True, required=True),)),
    ("Appeals", (
        Field(name="appeal_days", label="First appeal within (days)", longest=4, numeric=True, hint="Blank: as the law says for its kind"),
    )),
)  # fmt: skip


def payer_groups(connections: Mapping[str, str], *, new: bool = False) -> Groups:
    """`connections` are names by id."""
    way = (
        Field(name="connection", label="Claims go over", kind="select", choices={"": "None: on paper", **connections}),
        Field(name="requires_enrolment", label="Takes claims only from who is enrolled (BIL08)", kind="tick"),
    )
    return (("Payer", (*_PAYER, *_NEW_PAYER) if new else _PAYER), ("The way to it", way), *_PAYER_LIMITS)


def enrolment_groups(payers: Mapping[str, str], *, new: bool) -> Groups:
    """Whose standing it is, with whom and for what stays once it is saved."""
    whose = (
        Field(name="payer", label="Payer", kind="select", choices=payers),
        Field(name="transaction", label="For", kind="select", choices=TRANSACTIONS),
        Field(name="npi", label="NPI", longest=10, numeric=True, hint="Blank: any of the practice"),
        Field(name="tax_id", label="Tax id", longest=10, numeric=True, hint="Blank: any of the practice"),
    )
    stands = (
        Field(name="status", label="Stands", kind="select", choices=STATUSES),
        Field(name="start", label="Approved from", kind="date"),
        Field(name="end", label="First day without it", kind="date"),
        Field(name="payer_number", label="Number the payer gave", longest=50),
        Field(name="note", label="Note", longest=200, wide=True, hint="Whom you asked, when they answer"),
    )
    return (("With whom, for what", whose), ("How it stands", stands)) if new else (("How it stands", stands),)


_WITH = (
    Field(name="sender_qualifier", label="Our qualifier (ISA05)", kind="select", choices=QUALIFIERS),
    Field(name="sender_id", label="Our id (ISA06)", longest=15, required=True),
    Field(name="receiver_qualifier", label="Their qualifier (ISA07)", kind="select", choices=QUALIFIERS),
    Field(name="receiver_id", label="Their id (ISA08)", longest=15, required=True),
    Field(name="application_sender", label="Our application (GS02)", longest=15, hint="Blank: our id"),
    Field(name="application_receiver", label="Their application (GS03)", longest=15, hint="Blank: their id"),
    Field(name="usage", label="Files are", kind="select", choices=USAGES),
)
_SAID = (
    Field(name="receiver_name", label="Receiver's name (1000B)", longest=60),
    Field(name="submitter_name", label="Submitter's name (1000A)", longest=60),
    Field(name="submitter_contact", label="Submitter's contact", longest=60),
    Field(name="submitter_phone", label="Submitter's telephone", longest=20, numeric=True),
)
_NAME = Field(name="name", label="Name", longest=60, required=True, hint="What the office calls it")
_ACTIVE = Field(name="active", label="In use: files go and come by it", kind="tick")
_KIND = Field(name="kind", label="Kind", kind="select", choices=KINDS)
_USER = Field(name="username", label="User name", longest=100)
_SFTP = (
    Field(name="host", label="Host (SFTP)", longest=200, hint="Without sftp://"),
    Field(name="port", label="Port (SFTP)", longest=5, numeric=True),
    Field(name="outgoing", label="Folder we write to (SFTP)", longest=300, hint="Theirs to read: often inbound"),
    Field(name="incoming", label="Folder we read (SFTP)", longest=300, hint="Often outbound"),
)
_HTTP = (
    Field(name="address", label="Address (CORE)", longest=300, wide=True, hint="https://host/path"),
    Field(name="trusted_certificate", label="Certificate to trust (CORE)", wide=True, hint="PEM; blank: the authorities of this machine"),
    Field(name="batches", label="Files go and are picked up over it too (CORE)", kind="tick"),
)  # fmt: skip


def connection_groups(kind: str) -> Groups:
    """The fields of a connection of this kind; of a new one ("") all, with its kind."""
    where = {"sftp": (_USER, *_SFTP), "folder": (), "": (_USER, *_SFTP, *_HTTP)}.get(kind, (_USER, *_HTTP))
    first = (_NAME, _ACTIVE) if kind else (_KIND, _NAME, _ACTIVE)
    return (
        ("Connection", (*first, *where)), ("Who we are to each other", _WITH), ("Said in files", _SAID),
    )  # fmt: skip


def policy_groups() -> Groups:
    """One group a subject, its source in the title; how a cell is written stands under it."""
    groups: dict[str, list[Field]] = {}
    for field in FIELDS:
        shown = Field(
            name=field.name,
            label=field.label,
            hint=HOW[field.unit],
            numeric=field.unit in ("days", "count"),
            wide=field.unit == "tiers",
        )
        groups.setdefault(f"{field.group} ({field.source})", []).append(shown)
    return tuple(groups.items())
