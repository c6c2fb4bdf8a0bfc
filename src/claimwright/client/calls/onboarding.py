"""Calls about onboarding. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from uuid import UUID

from claimwright.client.core import Asking, place
from claimwright.client.structs.onboarding import CodeSetEndingOut, EnrolmentOut, EnrolmentStanding, NeedOut, NewEnrolment, NewLocation, NewPayer, NewPractice, NewProvider
from claimwright.client.structs.settings import ChangeEntry, SettingsOut
from claimwright.client.structs.setup import LocationOut, PayerOut, PracticeOut, ProviderOut


class Onboarding:
    def __init__(self, asking: Asking) -> None:
        self._ask = asking.ask

    def take_on_practice(self, *, body: NewPractice, key: str = "") -> PracticeOut:
        """Take on a practice, its numbers from its first day."""
        found: PracticeOut = self._ask("POST", "/practices", PracticeOut, body=body, key=key)
        return found

    def take_on_provider(self, *, body: NewProvider, key: str = "") -> ProviderOut:
        """A person who renders, refers, orders or supervises."""
        found: ProviderOut = self._ask("POST", "/providers", ProviderOut, body=body, key=key)
        return found

    def take_on_location(self, *, body: NewLocation, key: str = "") -> LocationOut:
        """A place of care; without an address it is the billing address."""
        found: LocationOut = self._ask("POST", "/locations", LocationOut, body=body, key=key)
        return found

    def take_on_payer(self, *, body: NewPayer, key: str = "") -> PayerOut:
        """Take on a payer with the rules of its kind."""
        found: PayerOut = self._ask("POST", "/payers", PayerOut, body=body, key=key)
        return found

    def read_first_claim(self, *, practice_id: UUID) -> list[NeedOut]:
        """What is left before its first claim can be sent, looked up now."""
        found: list[NeedOut] = self._ask("GET", f"/practices/{place(practice_id)}/first-claim", list[NeedOut])
        return found

    def read_payer_settings(self, *, payer_id: UUID) -> SettingsOut:
        """Its names, ids, limits and way."""
        found: SettingsOut = self._ask("GET", f"/settings/payers/{place(payer_id)}", SettingsOut)
        return found

    def change_payer_settings(self, *, payer_id: UUID, body: ChangeEntry, key: str = "") -> SettingsOut:
        """Change them; every other rule of the payer stays."""
        found: SettingsOut = self._ask("POST", f"/settings/payers/{place(payer_id)}", SettingsOut, body=body, key=key)
        return found

    def list_enrolments(self, *, practice_id: UUID) -> list[EnrolmentOut]:
        """Where the practice and its providers stand with each payer."""
        found: list[EnrolmentOut] = self._ask("GET", f"/practices/{place(practice_id)}/enrolments", list[EnrolmentOut])
        return found

    def record_enrolment(self, *, practice_id: UUID, body: NewEnrolment, key: str = "") -> EnrolmentOut:
        """A new standing of the practice with a payer."""
        found: EnrolmentOut = self._ask("POST", f"/practices/{place(practice_id)}/enrolments", EnrolmentOut, body=body, key=key)
        return found

    def change_enrolment_standing(self, *, enrolment_id: UUID, body: EnrolmentStanding, key: str = "") -> EnrolmentOut:
        """How it stands now; whose and with whom it is stays."""
        found: EnrolmentOut = self._ask("PUT", f"/enrolments/{place(enrolment_id)}", EnrolmentOut, body=body, key=key)
        return found

    def list_code_set_endings(self) -> list[CodeSetEndingOut]:
        """Code sets whose loaded editions end within 45 days, or have ended, with nothing loaded after them."""
        found: list[CodeSetEndingOut] = self._ask("GET", "/code-sets/endings", list[CodeSetEndingOut])
        return found
