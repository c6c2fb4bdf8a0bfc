"""`claimwright eob`: the claims of an 835 as printed explanations of benefits. No database, no Django."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwright.cli.files import document_of
from claimwright.cli.words import Refused, console, plural, print_json, read_bytes
from claimwright.cli.x12_sources import Force, writing


def eob(
    file: Annotated[Path, typer.Argument(help="An 835.", metavar="FILE", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The PDF to write.", metavar="FILE.pdf", show_default=False)
    ],
    claim: Annotated[
        str, typer.Option(help="Only the claim of this control number (CLP01) or payer's number (CLP07).")
    ] = "",
    force: Force = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line instead of text.")] = False,
) -> None:
    """Print the claims of an 835 as explanations of benefits: one claim a page, for the file or for the next payer.

    Exit status 2 when the file is not there, is no 835, cannot be read without doubt, or has no such claim.
    """
    from claimwright.claims.from_x12.remittance import remittance
    from claimwright.documents.claim_eob import ClaimNotInRemittance, claims_of, render_claim_eobs

    document = document_of(file, read_bytes(file), "835", {"837": "try `claimwright form`"})
    papers: list[bytes] = []
    pages = 0
    for transaction in document.transactions():
        if transaction.set_id != "835":
            continue
        reading = remittance(transaction)
        rejected = next((fault for fault in reading.faults if fault.severity == "reject"), None)
        if rejected is not None:
            raise Refused(f"{file}: {rejected.message} ({rejected.place()}): ask the payer for a corrected file")
        try:
            chosen = claims_of(reading.remittance, claim)
        except ClaimNotInRemittance:
            continue
        pages += len(chosen)
        papers.append(render_claim_eobs(reading.remittance, chosen))
    if not papers:
        raise Refused(f"{file}: no claim {claim} is in it" if claim else f"{file}: there is no claim in it")
    with writing(output, None, force) as target:
        target.write(_joined(papers))
    if as_json:
        print_json({"file": str(output), "claims": pages})
    else:
        console.print(f"{output}: {plural(pages, 'claim')}")


def _joined(papers: list[bytes]) -> bytes:
    """Several payments of one file as one PDF; the same papers give the same bytes."""
    if len(papers) == 1:
        return papers[0]
    from io import BytesIO

    import pikepdf

    whole, out = pikepdf.new(), BytesIO()
    for paper in papers:
        with pikepdf.open(BytesIO(paper)) as one:
            whole.pages.extend(one.pages)
    whole.save(out, deterministic_id=True)
    return out.getvalue()
