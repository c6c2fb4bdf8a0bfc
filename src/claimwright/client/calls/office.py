"""Calls about office. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import datetime
from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.office import AuditOutPage, JobOut, JobRunOut, JobRunOutPage, ScheduleJob


class Office:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_jobs(self) -> list[JobOut]:
        """The jobs of the office and when they run, in the tenant's time zone."""
        found: list[JobOut] = self._ask("GET", "/jobs", list[JobOut])
        return found

    def list_job_runs(self, *, job: str = "", state: str = "", cursor: str = "", limit: int = 50) -> JobRunOutPage:
        """Runs, the newest first."""
        found: JobRunOutPage = self._ask("GET", "/jobs/runs", JobRunOutPage, query={"job": job, "state": state, "cursor": cursor, "limit": limit})
        return found

    def read_job_run(self, *, jobrun_id: UUID) -> JobRunOut:
        """One run and what it counted."""
        found: JobRunOut = self._ask("GET", f"/jobs/runs/{place(jobrun_id)}", JobRunOut)
        return found

    def schedule_a_job(self, *, job: str, body: ScheduleJob, key: str = "") -> JobOut:
        """Change when a job runs, in the tenant's time zone; it counts from now."""
        found: JobOut = self._ask("POST", f"/jobs/{place(job)}/schedule", JobOut, body=body, key=key)
        return found

    def run_job_now(self, *, job: str, key: str = "") -> JobRunOut:
        """Queue a run of a job now."""
        found: JobRunOut = self._ask("POST", f"/jobs/{place(job)}/run", JobRunOut, key=key)
        return found

    def run_job_run_again(self, *, jobrun_id: UUID, key: str = "") -> JobRunOut:
        """Queue a failed run once more."""
        found: JobRunOut = self._ask("POST", f"/jobs/runs/{place(jobrun_id)}/again", JobRunOut, key=key)
        return found

    def list_audit(self, *, actor: str = "", action: str = "", subject_id: str = "", since: datetime | None = None, cursor: str = "", limit: int = 50) -> AuditOutPage:
        """Who did or read what, the newest first. Ids only."""
        found: AuditOutPage = self._ask("GET", "/audit", AuditOutPage, query={"actor": actor, "action": action, "subject_id": subject_id, "since": since, "cursor": cursor, "limit": limit})
        return found
