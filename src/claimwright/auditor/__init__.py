"""Recomputes the books' invariants from SQL and raw files, by its own path; shares no code with what it audits."""

from claimwright.auditor.report import AuditFault, AuditReport, CheckResult
from claimwright.auditor.run import audit

__all__ = ["AuditFault", "AuditReport", "CheckResult", "audit"]
