"""Claimwright: medical billing from the encounter to the reconciled cent."""

__version__ = "0.1.0"
