"""Hypothesis strategies for claim status inquiries (276) and their answers (277)."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from claimwright.claims.parties import CoveredPerson, Party, Procedure, Reference
from claimwright.claims.status import (
    ClaimInquiry,
    LineInquiry,
    LineStatus,
    StatusCode,
    StatusInquiry,
    StatusReport,
    StatusResponse,
    StatusStatement,
)
from tests.lib.transaction_strategies import (
    births,
    cents,
    contacts,
    days,
    identifiers,
    individuals,
    maybe,
    optional,
    organizations,
    parties,
    periods,
    procedures,
    some,
    times,
)

# Claim status -------------------------------------------------------------------------------------------------------

service_dates = optional(periods("472"))
service_codes = st.one_of(procedures, st.builds(Procedure, qualifier=st.just("NU"), code=st.just("0300")))


@cache
@st.composite
def status_people(draw: st.DrawFn, subscriber: bool, asked: bool) -> CoveredPerson:
    base = draw(individuals("IL" if subscriber else "QC", *(("MI", "II", "24") if subscriber else ())))
    born = draw(births) if asked and (not subscriber or draw(st.booleans())) else None
    return CoveredPerson(
        **{field: getattr(base, field) for field in Party.__struct_fields__},
        birth_date=born,
        sex=draw(st.sampled_from(("", "F", "M"))) if born else "",
    )


@cache
def by_order(kinds: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """References of some of the kinds, in the order of the guide."""
    return st.lists(st.sampled_from(kinds), max_size=4, unique=True).flatmap(
        lambda chosen: st.tuples(
            *(st.builds(Reference, qualifier=st.just(k), value=identifiers) for k in sorted(chosen, key=kinds.index))
        )
    )


line_inquiries = st.builds(
    LineInquiry,
    procedure=service_codes,
    charge=cents,
    revenue_code=st.sampled_from(("", "0450")),
    units=st.sampled_from((Decimal(1), Decimal("2.5"))),
    control_number=maybe(identifiers),
    dates=periods("472"),
)


@cache
@st.composite
def status_inquiries(draw: st.DrawFn) -> StatusInquiry:
    payer = draw(organizations("PR", "PI", "XV"))
    receiver = draw(parties("41", "46").map(lambda party: msgspec.structs.replace(party, suffix="")))
    claims: list[ClaimInquiry] = []
    for _ in range(draw(st.integers(1, 4))):
        family = claims[-1].subscriber if claims and draw(st.booleans()) else draw(status_people(True, True))
        providers = (
            claims[-1].providers if claims and draw(st.booleans()) else draw(some(parties("1P", "XX", "FI"), 2, 1))
        )
        claims.append(ClaimInquiry(
            payer=payer,
            receiver=receiver,
            providers=providers,
            subscriber=family,
            dependent=draw(optional(status_people(False, True))),
            trace_number=draw(identifiers),
            references=draw(by_order(("1K", "BLT", "LU", "6P", "EJ", "XZ", "D9"))),
            charge=draw(optional(cents)),
            dates=draw(service_dates),
            lines=draw(some(line_inquiries, 2)),
        ))  # fmt: skip
    return StatusInquiry(
        transaction_control_number="0001",
        reference=draw(identifiers),
        created=draw(days),
        created_time=draw(times),
        claims=tuple(claims),
    )


@cache
def status_codes(*entities: str, pharmacy: bool = True) -> st.SearchStrategy[Any]:
    return st.builds(
        StatusCode,
        category=st.sampled_from(("P1", "F0", "F1", "F2", "R3", "A1")),
        code=st.sampled_from(("1", "20", "317", "65")),
        entity=st.sampled_from(("", *entities)),
        code_list=st.sampled_from(("", "RX")) if pharmacy else st.just(""),
    )


@cache
@st.composite
def statements(draw: st.DrawFn, *entities: str, claim: bool = False, line: bool = False) -> StatusStatement:
    return StatusStatement(
        codes=draw(some(status_codes(*entities, pharmacy=claim or line), 3, 1)),
        effective_date=draw(days),
        charge=draw(optional(cents)) if claim else None,
        paid=draw(optional(cents)) if claim else None,
        finalized_date=draw(optional(days)) if claim else None,
        payment_date=draw(optional(days)) if claim else None,
        payment_trace=draw(maybe(identifiers)) if claim else "",
    )


line_statuses = st.builds(
    LineStatus,
    procedure=service_codes,
    charge=cents,
    paid=cents,
    revenue_code=st.sampled_from(("", "0450")),
    units=st.sampled_from((Decimal(1), Decimal("2.5"))),
    statuses=some(statements("QC", "PR", line=True), 2, 1),
    control_number=maybe(identifiers),
    dates=periods("472"),
)


@st.composite
def claim_reports(draw: st.DrawFn, base: StatusReport) -> StatusReport:
    return msgspec.structs.replace(
        base,
        subscriber=draw(status_people(True, False)),
        dependent=draw(optional(status_people(False, False))),
        trace_number=draw(identifiers),
        statuses=draw(some(statements("QC", "PR", "1P", claim=True), 2, 1)),
        references=draw(by_order(("1K", "BLT", "EJ", "XZ", "VV", "D9"))),
        dates=draw(service_dates),
        lines=draw(some(line_statuses, 2)),
    )


@cache
@st.composite
def status_responses(draw: st.DrawFn) -> StatusResponse:
    base = StatusReport(
        payer=msgspec.structs.replace(draw(organizations("PR", "PI", "XV")), contacts=draw(some(contacts(), 1))),
        receiver=draw(organizations("41", "46")),
    )
    told = StatusReport(
        level="receiver", payer=base.payer, receiver=base.receiver, trace_number=draw(identifiers),
        statuses=draw(some(statements("41", "AY", "PR"), 2, 1)),
    )  # fmt: skip
    reports: list[StatusReport] = [told] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0 if reports else 1, 2))):
        of_provider = msgspec.structs.replace(base, providers=draw(some(parties("1P", "XX", "SV"), 2, 1)))
        if draw(st.booleans()):
            said = draw(some(statements("1P"), 2, 1))
            reports.append(
                msgspec.structs.replace(of_provider, level="provider", trace_number=draw(identifiers), statuses=said)
            )
        else:
            reports.extend(draw(some(claim_reports(of_provider), 3, 1)))
    return StatusResponse(
        transaction_control_number="0001",
        reference=draw(identifiers),
        created=draw(days),
        created_time=draw(times),
        reports=tuple(reports),
    )
