"""Letters to a payer about more than one claim: underpayments disputed, a takeback contested, a refund that goes with it.

The words are ours; the table is what the payer needs to find each line. The layout is `payer_letter.typ`.
"""

from __future__ import annotations

from datetime import date

import msgspec

from claimwright.documents.letters import Column, LetterIncomplete, _compiled
from claimwright.documents.statement import date_text

DISPUTE = (
    "We reviewed your payments of the lines below against our agreement with you. For each of them the amount you allowed"
    " is below the amount that the agreement sets for the date of service.",
    "The difference is not explained by a reduction that your remittance names. Nothing in this letter concerns a line"
    " that you denied.",
)
DISPUTE_ASKS = (
    "Please reprice these lines under the agreement and pay the difference, with a corrected remittance for each claim.",
    "If you hold that a line was allowed correctly, tell us which rate, which schedule and which effective date you used.",
)
CONTEST = ("You took the amount below out of a payment to us. We do not agree that it is owed.",)
CONTEST_ANNOUNCED = ("You wrote that you will recover the amount below from us. We do not agree that it is owed.",)
CONTEST_ANNOUNCED_ASKS = (
    "Please begin no recovery while this is open, tell us the date of the original payment and the ground of the"
    " recovery, and confirm in writing when you withdraw it.",
)
CONTEST_ASKS = (
    "Please stop further recovery, tell us the claim, the date of the original payment and the ground of the recovery,"
    " and return the amount unless it is shown to be owed.",
)
REFUND = (
    "We found that you paid more than you owed on the lines below. The refund described above pays it back.",
    "Please apply it to these lines. Do not recover the same amount from a later payment as well.",
)
REFUND_ASKS = ("Please confirm that you received it, and adjust your records of these claims.",)


class PayerLetter(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` stand above the table; each row of it has one text for each column."""

    subject: str
    written_on: date
    practice_name: str
    practice_lines: tuple[str, ...]
    recipient: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    asks: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    signature: tuple[str, ...]


def render_payer_letter(letter: PayerLetter) -> bytes:
    """The letter as PDF, the same bytes for the same letter. Raises LetterIncomplete, ValueError for an uneven table."""
    lacking = [
        name
        for name, value in (
            ("the payer's name", letter.recipient), ("the lines", letter.rows), ("a signer's name", letter.signature),
        )
        if not value
    ]  # fmt: skip
    if lacking:
        raise LetterIncomplete(f"the letter needs {', '.join(lacking)}")
    if any(len(row) != len(letter.columns) for row in letter.rows):
        raise ValueError("every row of a letter has one cell for each column")
    data = msgspec.to_builtins(letter) | {
        "written_on": date_text(letter.written_on, "en"),
        "practice": {"name": letter.practice_name, "lines": letter.practice_lines},
    }
    return _compiled("payer_letter.typ", data, letter.written_on)
