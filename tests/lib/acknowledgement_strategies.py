"""Hypothesis strategies for acknowledgements: TA1, 999 and 277CA."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import msgspec
from hypothesis import strategies as st

from claimwright.claims.nouns import (
    AcknowledgedLine,
    ClaimAcknowledgement,
    ClaimAcknowledgementReport,
    ClaimStatus,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    SyntaxError999,
    TransactionAcknowledgement,
)
from tests.lib.transaction_strategies import (
    cents,
    days,
    identifiers,
    individuals,
    maybe,
    optional,
    organizations,
    parties,
    periods,
    procedures,
    references,
    some,
    times,
    words,
)

interchange_acknowledgements = st.builds(
    InterchangeAcknowledgement,
    control_number=st.integers(1, 999_999_999).map(lambda number: f"{number:09d}"),
    interchange_date=days.map(lambda day: day.strftime("%y%m%d")),
    interchange_time=times,
    code=st.sampled_from(("A", "E", "R")),
    note=st.sampled_from(("000", "001", "022", "024")),
)


@cache
@st.composite
def syntax_errors(draw: st.DrawFn) -> SyntaxError999:
    element = draw(st.sampled_from((0, 2, 9)))
    return SyntaxError999(
        segment_id=draw(st.sampled_from(("SV1", "NM1", "REF"))),
        segment=draw(st.integers(2, 900)),
        loop=draw(st.sampled_from(("", "2400", "2010"))),
        code="8" if element else draw(st.sampled_from(("1", "3", "I4"))),
        element=element,
        component=draw(st.sampled_from((0, 3))) if element else 0,
        element_code=draw(st.sampled_from(("1", "7", "I6"))) if element else "",
        bad_value=draw(maybe(words)) if element else "",
        claim_control_number=draw(maybe(identifiers)),
    )


@cache
@st.composite
def group_acknowledgements(draw: st.DrawFn) -> GroupAcknowledgement:
    found = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        errors = draw(some(syntax_errors(), 4))
        found.append(
            TransactionAcknowledgement(
                set_id="837",
                control_number=f"{number:04d}",
                code=draw(st.sampled_from(("R", "E"))) if errors else "A",
                errors=errors,
            )
        )
    accepted = sum(1 for one in found if one.code != "R")
    return GroupAcknowledgement(
        functional_id="HC",
        control_number=str(draw(st.integers(1, 99_999))),
        guide="005010X222A1",
        code="A" if accepted == len(found) else "P" if accepted else "R",
        included=len(found),
        received=len(found),
        accepted=accepted,
        transactions=tuple(found),
    )


@cache
def statuses(*entities: str) -> st.SearchStrategy[ClaimStatus]:
    return st.builds(
        ClaimStatus,
        category=st.sampled_from(("A1", "A2", "A3", "A7")),
        code=st.sampled_from(("19", "20", "21", "507")),
        entity=st.sampled_from(("", *entities)),
    )


counts = optional(st.integers(0, 5_000).map(Decimal))
lines = st.builds(
    AcknowledgedLine,
    procedure=procedures,
    charge=cents,
    revenue_code=st.sampled_from(("", "0450")),
    units=optional(st.just(Decimal(2))),
    statuses=some(statuses("QC", "85"), 3, 1),
    effective_date=days,
    action=st.just("U"),
    control_number=maybe(identifiers),
    prescription_number=maybe(identifiers),
    service=optional(periods("472")),
)


@cache
@st.composite
def verdicts(draw: st.DrawFn, level: str) -> ClaimAcknowledgement:
    claim = level == "claim"
    totals = None if claim else draw(optional(st.tuples(cents, cents)))  # they add up to the charge
    entities = {"receiver": ("41",), "provider": ("85",), "claim": ("QC", "85")}[level]
    return ClaimAcknowledgement(
        level=level,
        control_number=draw(identifiers),
        accepted=draw(st.booleans()),
        statuses=draw(some(statuses(*entities), 5, 1)),
        charge=sum(totals, Decimal("0.00")) if totals else draw(cents),
        message=draw(maybe(words)) if claim else "",
        payer_claim_number=draw(maybe(identifiers)) if claim else "",
        clearinghouse_trace=draw(maybe(identifiers)) if claim else "",
        effective_date=draw(days) if level != "provider" else None,
        references={"receiver": (), "provider": draw(references("G2"))}.get(level) or (),
        service=draw(periods("472")) if claim else None,
        lines=draw(some(lines, 2)) if claim else (),
        accepted_count=None if claim else draw(counts),
        rejected_count=None if claim else draw(counts),
        accepted_amount=totals[0] if totals else None,
        rejected_amount=totals[1] if totals else None,
    )


@cache
@st.composite
def claim_acknowledgement_reports(draw: st.DrawFn) -> ClaimAcknowledgementReport:
    items = [draw(verdicts("receiver"))]
    for _ in range(draw(st.integers(1, 2))):
        provider = draw(parties("85", "XX", "FI"))
        items.append(msgspec.structs.replace(draw(verdicts("provider")), provider=provider))
        for _ in range(draw(st.integers(1, 3))):
            patient = draw(individuals("QC", "MI"))
            for _ in range(draw(st.integers(1, 2))):
                items.append(msgspec.structs.replace(draw(verdicts("claim")), provider=provider, patient=patient))
    source = draw(organizations("AY", "46", "PI"))
    return ClaimAcknowledgementReport(
        transaction_control_number="0001",
        source_qualifier=draw(st.sampled_from(("AY", "PR"))),
        source_name=source.last_name,
        source_id_qualifier=source.id_qualifier,
        source_id=source.identifier,
        source_trace=draw(identifiers),
        received_date=draw(days),
        processed_date=draw(days),
        receiver=msgspec.structs.replace(draw(parties("41", "46")), suffix=""),
        trace_number=items[0].control_number,
        reference=draw(identifiers),
        created=draw(days),
        created_time=draw(times),
        items=tuple(items),
    )
