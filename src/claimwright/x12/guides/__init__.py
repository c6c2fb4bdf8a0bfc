"""Implementation guides as tables of frozen rows, one module each, read when first asked for."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module

from claimwright.x12.guides.rows import Guide

# Module, transaction set, ids: of each guide what its module says, so that a file costs no more than its own guide.
MODULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("professional_claim", "837", ("005010X222A1", "005010X222", "005010X222A2")),
    ("institutional_claim", "837", ("005010X223A2", "005010X223", "005010X223A1", "005010X223A3")),
    ("dental_claim", "837", ("005010X224A2", "005010X224", "005010X224A1", "005010X224A3")),
    ("remittance", "835", ("005010X221A1", "005010X221")),
    ("enrollment", "834", ("005010X220A1", "005010X220")),
    ("premium_payment", "820", ("005010X218",)),
    ("eligibility_inquiry", "270", ("005010X279A1", "005010X279")),
    ("eligibility_response", "271", ("005010X279A1", "005010X279")),
    ("status_inquiry", "276", ("005010X212", "005010X212E1", "005010X212E2")),
    ("status_response", "277", ("005010X212", "005010X212E1", "005010X212E2")),
    ("services_review_request", "278", ("005010X217",)),
    ("services_review_response", "278", ("005010X217",)),
    ("patient_information", "275", ("005010X210",)),
    ("implementation_acknowledgement", "999", ("005010X231A1", "005010X231")),
    ("claim_acknowledgement", "277", ("005010X214",)),
    ("functional_acknowledgement", "997", ("997",)),
)

_BY_NAME: dict[str, list[tuple[str, str]]] = {}
for _module, _set_id, _names in MODULES:
    for _name in _names:
        _BY_NAME.setdefault(_name, []).append((_module, _set_id))
_BY_SET: dict[str, str] = {_set_id: _module for _module, _set_id, _ in reversed(MODULES)}


@cache
def guide(module: str) -> Guide:
    """The guide of a module of this folder."""
    found: Guide = import_module(f"claimwright.x12.guides.{module}").GUIDE
    return found


@lru_cache(maxsize=1)
def all_guides() -> tuple[Guide, ...]:
    return tuple(guide(module) for module, _, _ in MODULES)


def ids() -> tuple[str, ...]:
    """The id of each guide, once each."""
    return tuple(dict.fromkeys(names[0] for _, _, names in MODULES))


def find(guide_id: str, set_id: str = "", purpose: str = "") -> Guide | None:
    """The guide that GS08 or ST03 names, errata aliases resolved; None when there is no such guide here.

    One id may serve two transaction sets (270 and 271 are both X279A1): `set_id` is ST01. The request and the
    response of the 278 share that as well: `purpose` is BHT02. What is left open by the arguments is the first.
    """
    for module, its_set in _BY_NAME.get(guide_id.strip(), ()):
        if set_id in ("", its_set):
            found = guide(module)
            if not purpose or not found.purposes or purpose in found.purposes:
                return found
    return None


def of_set(set_id: str) -> Guide | None:
    """The guide of a transaction set, the first where there are several; None for a set that is not known here."""
    module = _BY_SET.get(set_id)
    return guide(module) if module else None


__all__ = ["Guide", "all_guides", "find", "guide", "ids", "of_set"]
