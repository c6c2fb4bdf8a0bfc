"""What one interface's own ids mean to the practice: a table that a person keeps, given to the readers as data."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from claimwright.claims.basis import Noun, Provider
from claimwright.claims.from_fhir.code_map import CodeMap
from claimwright.claims.nouns import Payer

ANY = "*"  # the row that stands for every id without a row of its own
CHARGE_CODES = "charge"  # the system under which a sender's own charge codes stand in the code map


class Place(Noun, frozen=True):
    """A location of the practice. `facility` is blank where it is the billing address itself."""

    code: str = ""
    place_of_service: str = ""
    facility: Provider | None = None


class InterfaceMaps(msgspec.Struct, frozen=True, kw_only=True):
    """All maps of one interface. Keys are the sender's ids in upper case; values are the practice's own records."""

    name: str = "hl7"
    code_map: CodeMap = msgspec.field(default_factory=lambda: CodeMap({}))
    providers: Mapping[str, Provider] = {}
    places: Mapping[str, Place] = {}
    payers: Mapping[str, Payer] = {}
    visit_types: Mapping[str, str] = {}
    billing_npi: str = ""
    takes_test: bool = False  # messages marked as test (MSH-11 T or D) are for us

    def provider(self, *ids: str) -> Provider | None:
        """The practice's own record of the first id that it knows."""
        return next((found for one in ids if (found := self.providers.get(one.strip().upper()))), None)

    def place(self, *ids: str) -> Place | None:
        """The location of the first id that is known, else the one set for any other id."""
        found = next((found for one in ids if one and (found := self.places.get(one.strip().upper()))), None)
        return found or self.places.get(ANY)

    def payer(self, *ids: str) -> Payer | None:
        return next((found for one in ids if one and (found := self.payers.get(one.strip().upper()))), None)

    def visit_type(self, theirs: str) -> str:
        """Our name of the kind of visit; theirs where no row says another."""
        return self.visit_types.get(theirs.strip().upper(), theirs)
