"""Calls about before_visit. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.before_visit import AcceptCandidate, AskAuthorization, CandidateOut, CandidateOutPage, DeclineCandidate, KeyEligibility, NoticeOut, PayerCheckIn, PayerCheckOut, RecordNotice, RequestOut, WithdrawNotice
from claimwright.client.structs.eligibility import AnswerRow, InquiryOut


class BeforeVisit:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_authorization_requests(self, *, authorization_id: UUID) -> list[RequestOut]:
        """What was asked of the payer and what it answered, the newest first."""
        found: list[RequestOut] = self._ask("GET", f"/authorizations/{place(authorization_id)}/requests", list[RequestOut])
        return found

    def ask_for_authorization(self, *, body: AskAuthorization, key: str = "") -> RequestOut:
        """Ask the payer by 278; the authorization stands as requested, and the answer comes to it."""
        found: RequestOut = self._ask("POST", "/authorizations/requests", RequestOut, body=body, key=key)
        return found

    def ask_authorization_once_more(self, *, request_id: UUID, key: str = "") -> RequestOut:
        """The same request under a new trace, after a rejection that lets it go again."""
        found: RequestOut = self._ask("POST", f"/authorizations/requests/{place(request_id)}/again", RequestOut, key=key)
        return found

    def list_advance_notices(self, *, patient_id: UUID) -> list[NoticeOut]:
        """Advance beneficiary notices of a patient, the newest first."""
        found: list[NoticeOut] = self._ask("GET", f"/patients/{place(patient_id)}/notices", list[NoticeOut])
        return found

    def record_advance_notice(self, *, patient_id: UUID, body: RecordNotice, key: str = "") -> NoticeOut:
        """Keep a signed notice with the patient's choice; unsent claims that it is about tell of it."""
        found: NoticeOut = self._ask("POST", f"/patients/{place(patient_id)}/notices", NoticeOut, body=body, key=key)
        return found

    def withdraw_a_notice(self, *, abn_id: UUID, body: WithdrawNotice, key: str = "") -> NoticeOut:
        """It stays on record; claims that tell of it are changed by hand."""
        found: NoticeOut = self._ask("POST", f"/notices/{place(abn_id)}/withdraw", NoticeOut, body=body, key=key)
        return found

    def look_for_other_coverage(self, *, patient_id: UUID, key: str = "") -> list[InquiryOut]:
        """Ask the payers set up for searches, by name and birth date; what they find are candidates."""
        found: list[InquiryOut] = self._ask("POST", f"/patients/{place(patient_id)}/eligibility/search", list[InquiryOut], key=key)
        return found

    def list_candidates(self, *, state: str = "open", patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> CandidateOutPage:
        """Coverage that may be a patient's, the newest found first."""
        found: CandidateOutPage = self._ask("GET", "/eligibility/candidates", CandidateOutPage, query={"state": state, "patient_id": patient_id, "cursor": cursor, "limit": limit})
        return found

    def accept_a_candidate(self, *, candidate_id: UUID, body: AcceptCandidate, key: str = "") -> CandidateOut:
        """Take it as a coverage; the order of the coverages is confirmed before anything is billed."""
        found: CandidateOut = self._ask("POST", f"/eligibility/candidates/{place(candidate_id)}/accept", CandidateOut, body=body, key=key)
        return found

    def decline_a_candidate(self, *, candidate_id: UUID, body: DeclineCandidate, key: str = "") -> CandidateOut:
        """It is not the patient's, and does not come back."""
        found: CandidateOut = self._ask("POST", f"/eligibility/candidates/{place(candidate_id)}/decline", CandidateOut, body=body, key=key)
        return found

    def key_eligibility_answer(self, *, coverage_id: UUID, body: KeyEligibility, key: str = "") -> AnswerRow:
        """Keep what a payer said elsewhere, with the number to hold it to; compared with the answer before."""
        found: AnswerRow = self._ask("POST", f"/coverages/{place(coverage_id)}/eligibility/answers", AnswerRow, body=body, key=key)
        return found

    def set_payer_eligibility(self, *, payer_id: UUID, body: PayerCheckIn, key: str = "") -> PayerCheckOut:
        """How a payer is asked; questions that its set-up stopped go again."""
        found: PayerCheckOut = self._ask("POST", f"/payers/{place(payer_id)}/eligibility", PayerCheckOut, body=body, key=key)
        return found
