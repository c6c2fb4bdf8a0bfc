"""The dunning clocks of many accounts at once, from the rows that start and stop them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from claimwright.billing.dunning import FLAG_STOPS, Clock, Step, Stop, StopKind, clock_of
from claimwright.billing.patient import barred_by
from claimwright.web.patients.models import FoundCoverage, Patient
from claimwright.web.payments.models import PatientReceipt
from claimwright.web.payments.statements import FLAG_WORDS
from claimwright.web.statements.holds import standing_stops
from claimwright.web.statements.models import Account, ClockStop, DunningStep, GuarantorStatement, StatementPart


class Clocks:
    """Read once, asked for each account. `patients` are all that the account's statements ever named."""

    def __init__(self, accounts: Sequence[Account], on: date) -> None:
        self.on = on
        self.patients: dict[UUID, set[UUID]] = {account.pk: {account.patient_id} for account in accounts}
        self.issued: dict[UUID, list[date]] = defaultdict(list)
        for account_id, patient_id in StatementPart.objects.filter(whole__account__in=accounts).values_list(
            "whole__account_id", "statement__patient_id"
        ):
            self.patients[account_id].add(patient_id)
        for account_id, day in GuarantorStatement.objects.filter(
            account__in=accounts, state=GuarantorStatement.State.ISSUED
        ).values_list("account_id", "issued_on"):
            self.issued[account_id].append(day)
        self.owner: dict[UUID, set[UUID]] = defaultdict(set)
        for account_id, patient_ids in self.patients.items():
            for patient_id in patient_ids:
                self.owner[patient_id].add(account_id)
        self.stops: dict[UUID, list[Stop]] = defaultdict(list)
        self._read_events()
        self.kept = self._kept(accounts)
        self.done: dict[tuple[UUID, date], dict[Step, date]] = defaultdict(dict)
        for account_id, started, step, day in DunningStep.objects.filter(account__in=accounts).values_list(
            "account_id", "clock_started_on", "step", "done_on"
        ):
            self.done[account_id, started][Step(step)] = day

    def _read_events(self) -> None:
        """Payments that stand, and insurance found: each on its day."""
        receipts = PatientReceipt.objects.filter(patient__in=self.owner).exclude(state="returned")
        for patient_id, day in receipts.values_list("patient_id", "received_on"):
            self._event(patient_id, StopKind.PAYMENT, day)
        found = FoundCoverage.objects.filter(patient__in=self.owner).exclude(state=FoundCoverage.State.UNDONE)
        for patient_id, day in found.values_list("patient_id", "made_on"):
            self._event(patient_id, StopKind.NEW_INSURANCE, day)

    def _event(self, patient_id: UUID, kind: StopKind, day: date) -> None:
        for account_id in self.owner[patient_id]:
            self.stops[account_id].append(Stop(kind=kind, start=day, end=day))

    def _kept(self, accounts: Sequence[Account]) -> dict[UUID, list[ClockStop]]:
        kept: dict[UUID, list[ClockStop]] = defaultdict(list)
        for row in ClockStop.objects.filter(account__in=accounts):
            kept[row.account_id].append(row)
            self.stops[row.account_id].append(Stop(kind=StopKind(row.kind), start=row.started_on, end=row.ended_on))
        return kept

    def standing(self) -> dict[UUID, set[StopKind]]:
        """What stops each account's clock as of now and bears no day of its own: flags, and what others know."""
        found: dict[UUID, set[StopKind]] = defaultdict(set)
        people = Patient.objects.filter(Q(pk__in=self.owner)).select_related("guarantor")
        for person in people.only("flags", "content", "guarantor__flags", "guarantor__content"):
            for kind in _flag_stops(filter(None, (person, person.guarantor))):
                self._stand(found, person.pk, kind)
        for patient_id, kinds in standing_stops(self.owner, self.on).items():
            for kind in kinds:
                self._stand(found, patient_id, kind)
        return found

    def _stand(self, found: dict[UUID, set[StopKind]], patient_id: UUID, kind: StopKind) -> None:
        for account_id in self.owner[patient_id]:
            found[account_id].add(kind)

    def keep(self, account: Account, kinds: set[StopKind]) -> None:
        """Write what began or ended to stand, and count with it. A stop ends on the first day it no longer stands."""
        open_rows = {StopKind(row.kind): row for row in self.kept[account.pk] if row.ended_on is None}
        for kind in sorted(kinds - set(open_rows)):
            ClockStop.objects.create(account=account, kind=kind, started_on=self.on)
            self.stops[account.pk].append(Stop(kind=kind, start=self.on))
        for kind in sorted(set(open_rows) - kinds):
            row = open_rows[kind]
            row.ended_on = self.on
            row.save(update_fields=["ended_on"])
            self.stops[account.pk] = [
                Stop(kind=one.kind, start=one.start, end=self.on) if one.kind is kind and one.end is None else one
                for one in self.stops[account.pk]
            ]

    def clock(self, account: Account) -> Clock:
        return clock_of(self.issued[account.pk], self.stops[account.pk], self.on)

    def steps(self, account: Account, clock: Clock) -> dict[Step, date]:
        return self.done.get((account.pk, clock.started_on), {}) if clock.started_on is not None else {}


def _flag_stops(people: Iterable[Patient]) -> set[StopKind]:
    found: set[StopKind] = set()
    for person in people:
        for flag in (FLAG_WORDS.get(flag, flag) for flag in person.flags):
            if flag in FLAG_STOPS:
                found.add(FLAG_STOPS[flag])
            elif barred_by([flag]):
                found.add(StopKind.BARRED)
        if person.content.get("death_date"):
            found.add(StopKind.BARRED)
    return found
