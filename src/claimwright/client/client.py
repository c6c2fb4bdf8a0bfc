"""The client, with its calls by subject. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, TypeVar

import httpx

from claimwright.client.calls.arrangements import Arrangements
from claimwright.client.calls.bank import Bank
from claimwright.client.calls.before_visit import BeforeVisit
from claimwright.client.calls.claim_desk import ClaimDesk
from claimwright.client.calls.claims import Claims
from claimwright.client.calls.clients import Clients
from claimwright.client.calls.closing import Closing
from claimwright.client.calls.codes import Codes
from claimwright.client.calls.counter import Counter
from claimwright.client.calls.credits import Credits
from claimwright.client.calls.denials import Denials
from claimwright.client.calls.disclosures import Disclosures
from claimwright.client.calls.documents import Documents
from claimwright.client.calls.duplicates import Duplicates
from claimwright.client.calls.edi import Edi
from claimwright.client.calls.eligibility import Eligibility
from claimwright.client.calls.estimates import Estimates
from claimwright.client.calls.files import Files
from claimwright.client.calls.following import Following
from claimwright.client.calls.interfaces import Interfaces
from claimwright.client.calls.ledger import Ledger
from claimwright.client.calls.mailing import Mailing
from claimwright.client.calls.office import Office
from claimwright.client.calls.onboarding import Onboarding
from claimwright.client.calls.patients import Patients
from claimwright.client.calls.payer_rules import PayerRules
from claimwright.client.calls.payments import Payments
from claimwright.client.calls.posting import Posting
from claimwright.client.calls.prevention import Prevention
from claimwright.client.calls.queries import Queries
from claimwright.client.calls.recoveries import Recoveries
from claimwright.client.calls.registration import Registration
from claimwright.client.calls.remittances import Remittances
from claimwright.client.calls.reports import Reports
from claimwright.client.calls.settings import Settings
from claimwright.client.calls.setup import Setup
from claimwright.client.calls.statements import Statements
from claimwright.client.calls.takebacks import Takebacks
from claimwright.client.calls.takeover import Takeover
from claimwright.client.calls.terms import Terms
from claimwright.client.calls.visits import Visits
from claimwright.client.calls.webhooks import Webhooks
from claimwright.client.calls.worklists import Worklists
from claimwright.client.core import Asking, Page, every

T = TypeVar("T")


class Client:
    """A program at the API: `Client("https://billing.example", token)`. Use it in a `with`, or close it."""

    def __init__(self, address: str, token: str, *, timeout: float = 30.0, transport: httpx.BaseTransport | None = None) -> None:
        self._asking = Asking(address, token, timeout=timeout, transport=transport)
        self.ledger = Ledger(self._asking)
        self.patients = Patients(self._asking)
        self.claims = Claims(self._asking)
        self.payments = Payments(self._asking)
        self.visits = Visits(self._asking)
        self.eligibility = Eligibility(self._asking)
        self.files = Files(self._asking)
        self.remittances = Remittances(self._asking)
        self.denials = Denials(self._asking)
        self.worklists = Worklists(self._asking)
        self.bank = Bank(self._asking)
        self.statements = Statements(self._asking)
        self.reports = Reports(self._asking)
        self.setup = Setup(self._asking)
        self.office = Office(self._asking)
        self.documents = Documents(self._asking)
        self.edi = Edi(self._asking)
        self.following = Following(self._asking)
        self.webhooks = Webhooks(self._asking)
        self.registration = Registration(self._asking)
        self.duplicates = Duplicates(self._asking)
        self.before_visit = BeforeVisit(self._asking)
        self.queries = Queries(self._asking)
        self.claim_desk = ClaimDesk(self._asking)
        self.posting = Posting(self._asking)
        self.counter = Counter(self._asking)
        self.credits = Credits(self._asking)
        self.recoveries = Recoveries(self._asking)
        self.takebacks = Takebacks(self._asking)
        self.arrangements = Arrangements(self._asking)
        self.estimates = Estimates(self._asking)
        self.mailing = Mailing(self._asking)
        self.prevention = Prevention(self._asking)
        self.disclosures = Disclosures(self._asking)
        self.interfaces = Interfaces(self._asking)
        self.closing = Closing(self._asking)
        self.clients = Clients(self._asking)
        self.takeover = Takeover(self._asking)
        self.codes = Codes(self._asking)
        self.terms = Terms(self._asking)
        self.settings = Settings(self._asking)
        self.payer_rules = PayerRules(self._asking)
        self.onboarding = Onboarding(self._asking)

    def every(self, ask: Callable[..., Page[T]], **wanted: Any) -> Iterator[T]:
        """Every row of a list, page by page: `client.every(client.claims.list_claims, state="READY")`."""
        return every(ask, **wanted)

    def close(self) -> None:
        self._asking.http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
