"""Calls about estimates. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.estimates import AskEstimate, CloseDispute, ConfirmExcess, EstimateDisputeOut, EstimateDisputeOutPage, EstimateFields, EstimateOut, EstimateOutPage, EstimateRequestOut, EstimateRequestOutPage, ExcessOut, ExcessOutPage, FileDispute, IssueEstimate


class Estimates:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_estimates(self, *, patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> EstimateOutPage:
        """Estimates given, every version, the newest first."""
        found: EstimateOutPage = self._ask("GET", "/estimates", EstimateOutPage, query={"patient_id": patient_id, "cursor": cursor, "limit": limit})
        return found

    def issue_an_estimate(self, *, body: IssueEstimate, key: str = "") -> EstimateOut:
        """Price the services and give the estimate."""
        found: EstimateOut = self._ask("POST", "/estimates", EstimateOut, body=body, key=key)
        return found

    def read_estimate_paper(self, *, estimate_id: UUID) -> bytes:
        """An estimate as it was given."""
        found: bytes = self._ask("GET", f"/estimates/{place(estimate_id)}/estimate.pdf", bytes)
        return found

    def revise_an_estimate(self, *, estimate_id: UUID, body: EstimateFields, key: str = "") -> EstimateOut:
        """Give another version in its place."""
        found: EstimateOut = self._ask("POST", f"/estimates/{place(estimate_id)}/revise", EstimateOut, body=body, key=key)
        return found

    def list_estimate_requests(self, *, open_only: bool = True, cursor: str = "", limit: int = 50) -> EstimateRequestOutPage:
        """Estimates that patients asked for, the newest first."""
        found: EstimateRequestOutPage = self._ask("GET", "/estimates/requests", EstimateRequestOutPage, query={"open_only": open_only, "cursor": cursor, "limit": limit})
        return found

    def ask_for_an_estimate(self, *, body: AskEstimate, key: str = "") -> EstimateRequestOut:
        """A patient asked what care will cost: the clock runs."""
        found: EstimateRequestOut = self._ask("POST", "/estimates/requests", EstimateRequestOut, body=body, key=key)
        return found

    def list_excesses(self, *, state: str = "", cursor: str = "", limit: int = 50) -> ExcessOutPage:
        """Bills so far above their estimate that a patient may dispute them, the newest found first."""
        found: ExcessOutPage = self._ask("GET", "/estimates/excesses", ExcessOutPage, query={"state": state, "cursor": cursor, "limit": limit})
        return found

    def confirm_an_excess(self, *, excess_id: UUID, body: ConfirmExcess, key: str = "") -> ExcessOut:
        """It is billed as it is: statements may ask for it."""
        found: ExcessOut = self._ask("POST", f"/estimates/excesses/{place(excess_id)}/confirm", ExcessOut, body=body, key=key)
        return found

    def log_estimate_dispute(self, *, excess_id: UUID, body: FileDispute, key: str = "") -> EstimateDisputeOut:
        """The patient disputes it: nothing of the visit is collected meanwhile."""
        found: EstimateDisputeOut = self._ask("POST", f"/estimates/excesses/{place(excess_id)}/dispute", EstimateDisputeOut, body=body, key=key)
        return found

    def list_estimate_disputes(self, *, cursor: str = "", limit: int = 50) -> EstimateDisputeOutPage:
        """What patients dispute of bills over their estimates, the newest first."""
        found: EstimateDisputeOutPage = self._ask("GET", "/estimates/disputes", EstimateDisputeOutPage, query={"cursor": cursor, "limit": limit})
        return found

    def end_estimate_dispute(self, *, estimate_dispute_id: UUID, body: CloseDispute, key: str = "") -> EstimateDisputeOut:
        """What came of it."""
        found: EstimateDisputeOut = self._ask("POST", f"/estimates/disputes/{place(estimate_dispute_id)}/close", EstimateDisputeOut, body=body, key=key)
        return found
