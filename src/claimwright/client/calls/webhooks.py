"""Calls about webhooks. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.webhooks import DeliveryOutPage, EndpointOut, NewEndpointOut, RegisterEndpoint, SentAgain


class Webhooks:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def list_webhooks(self) -> list[EndpointOut]:
        """Endpoints, ended ones too."""
        found: list[EndpointOut] = self._ask("GET", "/webhooks", list[EndpointOut])
        return found

    def register_webhook(self, *, body: RegisterEndpoint, key: str = "") -> NewEndpointOut:
        """Register an address; its secret is shown once."""
        found: NewEndpointOut = self._ask("POST", "/webhooks", NewEndpointOut, body=body, key=key)
        return found

    def end_webhook(self, *, endpoint_id: UUID, key: str = "") -> EndpointOut:
        """Nothing more goes there."""
        found: EndpointOut = self._ask("POST", f"/webhooks/{place(endpoint_id)}/end", EndpointOut, key=key)
        return found

    def list_deliveries(self, *, endpoint_id: UUID, state: str = "", cursor: str = "", limit: int = 50) -> DeliveryOutPage:
        """What was sent there or waits, the newest first."""
        found: DeliveryOutPage = self._ask("GET", f"/webhooks/{place(endpoint_id)}/deliveries", DeliveryOutPage, query={"state": state, "cursor": cursor, "limit": limit})
        return found

    def send_webhook_again(self, *, endpoint_id: UUID, key: str = "") -> SentAgain:
        """Send again what was given up."""
        found: SentAgain = self._ask("POST", f"/webhooks/{place(endpoint_id)}/send-again", SentAgain, key=key)
        return found
