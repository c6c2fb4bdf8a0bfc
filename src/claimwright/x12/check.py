"""Everything that is wrong with a file, SNIP levels 1 to 5, each fault with its place."""

from __future__ import annotations

from claimwright.x12.balance import check_balance
from claimwright.x12.elements import Checker
from claimwright.x12.envelope import check_envelope
from claimwright.x12.faults import Fault
from claimwright.x12.findings import Findings
from claimwright.x12.guides import control
from claimwright.x12.loops import Loop, guide_of, parse
from claimwright.x12.reader import read
from claimwright.x12.segments import Delimiters, Document
from claimwright.x12.situations import check_situations
from claimwright.x12.structure import check_structure, report_flaws
from claimwright.x12.vocabulary import Vocabulary
from claimwright.x12.words import check_words


def check(data: bytes | Document, vocabulary: Vocabulary | None = None) -> list[Fault]:
    """All faults of a file in file order; empty = none. Without a vocabulary level 5 is not looked at.

    Never raises on content and never stops at the first fault. A transaction of an unknown guide has its envelope
    checked, says so (ENV-GUIDE) and gets no further.
    """
    document = data if isinstance(data, Document) else read(data)
    findings = Findings(document)
    findings.faults.extend(document.faults)
    check_envelope(document, findings)
    for interchange in document.interchanges:
        for segment in interchange.ta1s:
            report_flaws(segment, control.TA1, None, checker_for(interchange.delimiters), findings)
    for transaction in document.transactions():
        guide = guide_of(transaction)
        if guide is not None:
            check_loops(parse(transaction, guide), transaction.st.delimiters, findings, vocabulary)
    return sorted(findings.faults, key=lambda fault: (fault.byte, fault.segment, fault.element))


def check_loops(root: Loop, delimiters: Delimiters, findings: Findings, vocabulary: Vocabulary | None) -> None:
    """Levels 1 to 5 of one parsed transaction."""
    check_structure(root, checker_for(delimiters), findings)
    check_balance(root, findings)
    check_situations(root, findings)
    if vocabulary is not None:
        check_words(root, vocabulary, findings)


_CHECKERS: dict[Delimiters, Checker] = {}
MOST_CHECKERS = 16


def checker_for(delimiters: Delimiters) -> Checker:
    """The compiled checks for a set of separators. Few sets exist in practice; odd ones do not pile up."""
    found = _CHECKERS.get(delimiters)
    if found is None:
        if len(_CHECKERS) >= MOST_CHECKERS:
            _CHECKERS.clear()
        found = _CHECKERS[delimiters] = Checker(delimiters)
    return found
