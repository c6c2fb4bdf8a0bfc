"""What a person sets of an interface: its practice, its maps of ids and codes. Each act is audited."""

from __future__ import annotations

import re

from django.db.models import Max

from claimwright.claims.interface_maps import ANY, CHARGE_CODES
from claimwright.codes.identifiers import Npi
from claimwright.web.charges.models import CodeMapping
from claimwright.web.core.services import record_audit
from claimwright.web.operations.interface_models import Interface, InterfaceCode
from claimwright.web.operations.interfaces import Refused
from claimwright.web.practice.models import Location, Payer, Practice, Provider

CHARGE, DIAGNOSIS = "charge", "diagnosis"
MOST_GATHER_DAYS = 14
_PROCEDURE = re.compile(r"(?:\d{4}[0-9A-Z]|[A-V]\d{4})\Z", re.ASCII)
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}\Z", re.ASCII)
_TARGETS = {CHARGE: (CHARGE_CODES, "hcpcs"), DIAGNOSIS: ("L", "icd10cm")}


def save_interface(
    *, interface: Interface, practice: Practice | None, is_active: bool, takes_test: bool, gather_days: int
) -> Interface:
    """Whose messages these are and how they are taken. Raises Refused for days below 0 or above MOST_GATHER_DAYS."""
    if not 0 <= gather_days <= MOST_GATHER_DAYS:
        raise Refused(f"Charges are waited for 0 to {MOST_GATHER_DAYS} days")
    interface.practice, interface.is_active = practice, is_active
    interface.takes_test, interface.gather_days = takes_test, gather_days
    interface.save(update_fields=["practice", "is_active", "takes_test", "gather_days"])
    detail = (
        f"practice {practice.npi if practice else '-'}, active {is_active}, test {takes_test}, gather {gather_days}"
    )
    record_audit(action="interface.save", subject_type="interface", subject_id=interface.pk, detail=detail)
    return interface


def add_code(*, interface: Interface, kind: str, theirs: str, ours: str) -> None:
    """What one id or code of the sender's is here, instead of what it was before. Raises Refused, naming what is wrong."""
    theirs, ours = theirs.strip()[:80], ours.strip()
    if not theirs:
        raise Refused("Enter the sender's id as it stands in the message")
    if kind in _TARGETS:
        _add_mapping(interface, kind, theirs, ours)
    elif kind in InterfaceCode.Kind.values:
        InterfaceCode.objects.update_or_create(
            interface=interface,
            kind=kind,
            theirs=theirs.upper(),
            defaults={"ours": _own(interface, kind, theirs, ours)},
        )
    else:
        raise Refused("Choose what the id is of")
    detail = f"{interface.name} {kind} {theirs} {ours}"
    record_audit(action="interface.code", subject_type="interface", subject_id=interface.pk, detail=detail)


def _own(interface: Interface, kind: str, theirs: str, ours: str) -> str:
    if theirs == ANY and kind != InterfaceCode.Kind.LOCATION:
        raise Refused("* stands for any other location only")
    if kind == InterfaceCode.Kind.PROVIDER:
        if not Npi(ours).is_valid or not Provider.objects.filter(npi=ours).exists():
            raise Refused("No provider here has this NPI: set the provider up first")
    elif kind == InterfaceCode.Kind.LOCATION:
        if not Location.objects.filter(practice=interface.practice, code=ours).exists():
            raise Refused("The interface's practice has no location of this code")
    elif kind == InterfaceCode.Kind.PAYER:
        if not Payer.objects.filter(key=ours).exists():
            raise Refused("No payer here has this key")
    elif not ours:
        raise Refused("Enter the name of the kind of visit")
    return ours[:120]


def _add_mapping(interface: Interface, kind: str, theirs: str, ours: str) -> None:
    """A row of the interface's code map. `ignore` says that the code is not billed."""
    system, target = _TARGETS[kind]
    code = ours.upper().replace(".", "")
    shape = _PROCEDURE if kind == CHARGE else _DIAGNOSIS
    if code == "IGNORE":
        target, code = "ignore", ""
    elif not shape.match(code):
        raise Refused("Ours is a CPT or HCPCS code of five signs, or ignore" if kind == CHARGE
                      else "Ours is an ICD-10-CM code, or ignore")  # fmt: skip
    rows = CodeMapping.objects.filter(interface=interface.name, system=system, code=theirs[:40])
    position = (rows.aggregate(last=Max("position"))["last"] or 0) if rows.exists() else 0
    rows.delete()
    CodeMapping.objects.create(
        interface=interface.name, system=system, code=theirs[:40], target_system=target, target_code=code,
        position=position, note="not billed, set on the page Interfaces" if target == "ignore" else "",
    )  # fmt: skip


def drop_code(*, code: InterfaceCode) -> None:
    """The sender's id means nothing here any more."""
    record_audit(
        action="interface.drop_code", subject_type="interface", subject_id=code.interface_id,
        detail=f"{code.kind} {code.theirs}",
    )  # fmt: skip
    code.delete()
