"""Implementation guides as tables of frozen rows, one module each."""

from __future__ import annotations

from claimwright.x12.guides import (
    claim_acknowledgement,
    dental_claim,
    eligibility_inquiry,
    eligibility_response,
    enrollment,
    functional_acknowledgement,
    implementation_acknowledgement,
    institutional_claim,
    patient_information,
    premium_payment,
    professional_claim,
    remittance,
    services_review_request,
    services_review_response,
    status_inquiry,
    status_response,
)
from claimwright.x12.guides.rows import Guide

GUIDES: tuple[Guide, ...] = (
    professional_claim.GUIDE,
    institutional_claim.GUIDE,
    dental_claim.GUIDE,
    remittance.GUIDE,
    enrollment.GUIDE,
    premium_payment.GUIDE,
    eligibility_inquiry.GUIDE,
    eligibility_response.GUIDE,
    status_inquiry.GUIDE,
    status_response.GUIDE,
    services_review_request.GUIDE,
    services_review_response.GUIDE,
    patient_information.GUIDE,
    implementation_acknowledgement.GUIDE,
    claim_acknowledgement.GUIDE,
    functional_acknowledgement.GUIDE,
)

_BY_NAME: dict[str, list[Guide]] = {}
for _guide in GUIDES:
    for _name in (_guide.id, *_guide.aliases):
        _BY_NAME.setdefault(_name, []).append(_guide)


def find(guide_id: str, set_id: str = "", purpose: str = "") -> Guide | None:
    """The guide that GS08 or ST03 names, errata aliases resolved; None when there is no such guide here.

    One id may serve two transaction sets (270 and 271 are both X279A1): `set_id` is ST01. The request and the
    response of the 278 share that as well: `purpose` is BHT02. What is left open by the arguments is the first.
    """
    for guide in _BY_NAME.get(guide_id.strip(), ()):
        if set_id in ("", guide.set_id) and (not purpose or not guide.purposes or purpose in guide.purposes):
            return guide
    return None


__all__ = ["GUIDES", "Guide", "find"]
