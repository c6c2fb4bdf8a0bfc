"""Calls about settings. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.settings import AddNever, AddNumber, AutomationIn, AutomationOut, ChangeEntry, ConnectionOut, EndNever, NeverOut, PracticeSettings, SetZone, SettingsOut, TriedOut, ZoneOut


class Settings:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def read_practice_settings(self, *, practice_id: UUID) -> PracticeSettings:
        """Name, addresses, contact, what statements say; its NPIs, tax ids and CLIA numbers with their days."""
        found: PracticeSettings = self._ask("GET", f"/settings/practices/{place(practice_id)}", PracticeSettings)
        return found

    def change_practice_settings(self, *, practice_id: UUID, body: ChangeEntry, key: str = "") -> PracticeSettings:
        """Change it; claims made from now on carry it."""
        found: PracticeSettings = self._ask("POST", f"/settings/practices/{place(practice_id)}", PracticeSettings, body=body, key=key)
        return found

    def add_practice_number(self, *, practice_id: UUID, body: AddNumber, key: str = "") -> PracticeSettings:
        """Another NPI, tax id or CLIA number from a day on; earlier dates of service keep the old one."""
        found: PracticeSettings = self._ask("POST", f"/settings/practices/{place(practice_id)}/numbers", PracticeSettings, body=body, key=key)
        return found

    def read_practice_policies(self, *, practice_id: UUID) -> SettingsOut:
        """Every number that the practice may set, as it holds now."""
        found: SettingsOut = self._ask("GET", f"/settings/practices/{place(practice_id)}/policies", SettingsOut)
        return found

    def change_practice_policies(self, *, practice_id: UUID, body: ChangeEntry, key: str = "") -> SettingsOut:
        """Change them; they count for what is decided from now on."""
        found: SettingsOut = self._ask("POST", f"/settings/practices/{place(practice_id)}/policies", SettingsOut, body=body, key=key)
        return found

    def set_time_zone(self, *, body: SetZone, key: str = "") -> ZoneOut:
        """The zone in which the office's days begin. It moves no day that is written."""
        found: ZoneOut = self._ask("POST", "/settings/time-zone", ZoneOut, body=body, key=key)
        return found

    def read_provider_settings(self, *, provider_id: UUID) -> SettingsOut:
        """One provider."""
        found: SettingsOut = self._ask("GET", f"/settings/providers/{place(provider_id)}", SettingsOut)
        return found

    def change_provider_settings(self, *, provider_id: UUID, body: ChangeEntry, key: str = "") -> SettingsOut:
        """Change what is known of one; the NPI stays."""
        found: SettingsOut = self._ask("POST", f"/settings/providers/{place(provider_id)}", SettingsOut, body=body, key=key)
        return found

    def read_location_settings(self, *, location_id: UUID) -> SettingsOut:
        """One location."""
        found: SettingsOut = self._ask("GET", f"/settings/locations/{place(location_id)}", SettingsOut)
        return found

    def change_location_settings(self, *, location_id: UUID, body: ChangeEntry, key: str = "") -> SettingsOut:
        """Change what is known of one; its key stays."""
        found: SettingsOut = self._ask("POST", f"/settings/locations/{place(location_id)}", SettingsOut, body=body, key=key)
        return found

    def list_payer_automation(self) -> list[AutomationOut]:
        """What of each payer's remittances posts by itself."""
        found: list[AutomationOut] = self._ask("GET", "/settings/automation", list[AutomationOut])
        return found

    def change_payer_automation(self, *, payer_id: UUID, body: AutomationIn, key: str = "") -> AutomationOut:
        """Set it; it counts for what posts from now on."""
        found: AutomationOut = self._ask("POST", f"/settings/payers/{place(payer_id)}/automation", AutomationOut, body=body, key=key)
        return found

    def list_never_automatic(self) -> list[NeverOut]:
        """Adjustment reasons that no remittance posts unseen, ended ones too."""
        found: list[NeverOut] = self._ask("GET", "/settings/never-automatic", list[NeverOut])
        return found

    def add_never_automatic_reason(self, *, body: AddNever, key: str = "") -> NeverOut:
        """Claims with this reason wait for a look from now on."""
        found: NeverOut = self._ask("POST", "/settings/never-automatic", NeverOut, body=body, key=key)
        return found

    def end_never_automatic_reason(self, *, entry_id: UUID, body: EndNever, key: str = "") -> NeverOut:
        """It posts by itself again."""
        found: NeverOut = self._ask("POST", f"/settings/never-automatic/{place(entry_id)}/end", NeverOut, body=body, key=key)
        return found

    def list_connections(self) -> list[ConnectionOut]:
        """The ways to trading partners, without their secrets."""
        found: list[ConnectionOut] = self._ask("GET", "/settings/connections", list[ConnectionOut])
        return found

    def try_a_connection(self, *, connection_id: UUID, key: str = "") -> TriedOut:
        """Connect now, send nothing and take nothing."""
        found: TriedOut = self._ask("POST", f"/settings/connections/{place(connection_id)}/try", TriedOut, key=key)
        return found
