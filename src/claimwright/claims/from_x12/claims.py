"""Any 837 to claims: professional, institutional or dental, by what each transaction is."""

from __future__ import annotations

from claimwright.claims.from_x12.claim_levels import TransactionRead
from claimwright.claims.from_x12.claim_reader import ClaimRead
from claimwright.claims.from_x12.kinds import kind_of, reader_for
from claimwright.x12 import reader
from claimwright.x12.segments import Transaction

__all__ = ["ClaimRead", "TransactionRead", "read_claims", "read_file"]


def read_file(data: bytes) -> list[TransactionRead]:
    """Every 837 transaction of a file, of whatever kind. Never raises on content."""
    return [read_claims(transaction) for transaction in reader.read(data).transactions() if transaction.set_id == "837"]


def read_claims(transaction: Transaction) -> TransactionRead:
    """The claims of one 837 ST..SE in file order."""
    return reader_for(kind_of(transaction)).read(transaction)
