"""The wire: bytes, segments, loops, guides, faults. Knows nothing of what a claim means."""

from claimwright.x12.faults import Fault, Severity
from claimwright.x12.reader import read, stream_transactions
from claimwright.x12.segments import Delimiters, Document, FunctionalGroup, Interchange, Segment, Transaction
from claimwright.x12.writer import Envelope, InterchangeBuilder, TransactionBuilder, ValueRefused, write

__all__ = [
    "Delimiters",
    "Document",
    "Envelope",
    "Fault",
    "FunctionalGroup",
    "Interchange",
    "InterchangeBuilder",
    "Segment",
    "Severity",
    "Transaction",
    "TransactionBuilder",
    "ValueRefused",
    "read",
    "stream_transactions",
    "write",
]
