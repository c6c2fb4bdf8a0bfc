"""Calls about interfaces. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.interfaces import AddInterfaceCode, CloseMessage, InterfaceOut, InterfaceRow, MessageOut, MessageOutPage, MessagesTaken, Replayed, SetInterface


class Interfaces:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def take_fhir_bundle(self, *, content: bytes, key: str = "") -> MessagesTaken:
        """Take in one FHIR R4 bundle: patients, coverages, appointments, encounters with their charges, answers."""
        found: MessagesTaken = self._ask("POST", "/fhir", MessagesTaken, content=content, key=key)
        return found

    def take_hl7_messages(self, *, content: bytes, key: str = "") -> MessagesTaken:
        """Take in HL7 v2 messages: one, or several one after the other."""
        found: MessagesTaken = self._ask("POST", "/hl7", MessagesTaken, content=content, key=key)
        return found

    def list_interfaces(self) -> list[InterfaceRow]:
        """Every sender, those with something waiting first."""
        found: list[InterfaceRow] = self._ask("GET", "/interfaces", list[InterfaceRow])
        return found

    def read_interface(self, *, interface_id: UUID) -> InterfaceOut:
        """One sender: its settings, what its ids are here, and its days."""
        found: InterfaceOut = self._ask("GET", f"/interfaces/{place(interface_id)}", InterfaceOut)
        return found

    def set_interface(self, *, interface_id: UUID, body: SetInterface, key: str = "") -> InterfaceOut:
        """Say whose messages these are and how they are taken."""
        found: InterfaceOut = self._ask("POST", f"/interfaces/{place(interface_id)}", InterfaceOut, body=body, key=key)
        return found

    def add_interface_code(self, *, interface_id: UUID, body: AddInterfaceCode, key: str = "") -> InterfaceOut:
        """Say what one of the sender's ids is here, instead of what it was before."""
        found: InterfaceOut = self._ask("POST", f"/interfaces/{place(interface_id)}/codes", InterfaceOut, body=body, key=key)
        return found

    def remove_interface_code(self, *, code_id: UUID, key: str = "") -> InterfaceOut:
        """Take an id out of the table."""
        found: InterfaceOut = self._ask("POST", f"/interfaces/codes/{place(code_id)}/remove", InterfaceOut, key=key)
        return found

    def replay_interface_messages(self, *, interface_id: UUID, key: str = "") -> Replayed:
        """Take everything that waits of this sender again, with the maps of today."""
        found: Replayed = self._ask("POST", f"/interfaces/{place(interface_id)}/replay", Replayed, key=key)
        return found

    def list_interface_messages(self, *, interface_id: UUID | None = None, state: str = "", waiting: bool = False, cursor: str = "", limit: int = 50) -> MessageOutPage:
        """Messages, the newest first. `waiting`: those for a person, and those whose visits are held."""
        found: MessageOutPage = self._ask("GET", "/interfaces/messages", MessageOutPage, query={"interface_id": interface_id, "state": state, "waiting": waiting, "cursor": cursor, "limit": limit})
        return found

    def read_interface_message(self, *, message_id: UUID) -> MessageOut:
        """One message: what became of it, and why it waits if it does."""
        found: MessageOut = self._ask("GET", f"/interfaces/messages/{place(message_id)}", MessageOut)
        return found

    def download_interface_message(self, *, message_id: UUID) -> bytes:
        """The message's own bytes, as they came."""
        found: bytes = self._ask("GET", f"/interfaces/messages/{place(message_id)}/content", bytes)
        return found

    def replay_one_message(self, *, message_id: UUID, key: str = "") -> MessageOut:
        """Take one message again with the maps of today; what it did before it does not do twice."""
        found: MessageOut = self._ask("POST", f"/interfaces/messages/{place(message_id)}/replay", MessageOut, key=key)
        return found

    def close_one_message(self, *, message_id: UUID, body: CloseMessage, key: str = "") -> MessageOut:
        """Nothing is to be done with it."""
        found: MessageOut = self._ask("POST", f"/interfaces/messages/{place(message_id)}/close", MessageOut, body=body, key=key)
        return found
