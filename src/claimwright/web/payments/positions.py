"""Rows to posting's nouns: the state of each visit a payment may touch, loaded in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import DecimalField, Prefetch, Q, Sum, Value
from django.db.models.functions import Coalesce, Lower

from claimwright.billing.denials import OPEN_STATES
from claimwright.billing.lifecycle import State
from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.posting.identity import identity_parts, offset_subject, payer_key, practices_of
from claimwright.billing.posting.provider_adjustments import mapped_account, reference_parts
from claimwright.billing.posting.state import (
    AdjudicationRecord,
    Automation,
    ChainPosition,
    CoveragePosition,
    DenialPosition,
    IssuedRefund,
    LinePosition,
    OpenOffset,
    PayerAutomation,
    PaymentSeen,
    PostingContext,
    PracticeIdentity,
    PriorPosting,
    VersionPosition,
)
from claimwright.claims.nouns import ZERO, ClaimPayment, Remittance
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import Transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances, patient_credits
from claimwright.web.accounts.services import as_transfer
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.denials.appeals import OUT
from claimwright.web.denials.models import Denial
from claimwright.web.patients.models import PatientCoverage
from claimwright.web.payments import models
from claimwright.web.practice.models import NeverAutomatic, Payer, Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.models import Claim, ClaimVersion

OPEN_DENIALS = tuple(state.value for state in OPEN_STATES)


def posting_context(remittance: Remittance, *, payment_id: str, looked_at: bool = False) -> PostingContext:
    """The tenant's practices with every identifier they ever had, every id its payers go by, and what posts unseen.

    `looked_at`: a person has the payment before them, as one who keys it does, and nothing waits for another look.
    """
    practices, rows = [], {}
    for practice in Practice.objects.prefetch_related("identifiers"):
        rows[str(practice.pk)] = practice
        npis = {practice.npi, *(row.value for row in practice.identifiers.all() if row.kind == "NPI")}
        tax_ids = {practice.tax_id, *(row.value for row in practice.identifiers.all() if row.kind in ("EI", "SY"))}
        practices.append(
            PracticeIdentity(
                practice_id=str(practice.pk), npis=tuple(sorted(npis - {""})), tax_ids=tuple(sorted(tax_ids - {""}))
            )
        )
    payers = list(Payer.objects.all())
    aliases = {alias: payer.key for payer in payers for alias in payer_names(payer)}
    ours = practices_of(remittance, tuple(practices))
    policies = policies_of(rows[ours[0].practice_id]) if ours else DEFAULT_POLICIES
    context = PostingContext(
        practices=tuple(practices), effective_date=clock.today(), payment_id=payment_id, payer_aliases=aliases,
        policies=policies, automation=Automation() if looked_at else _automation(payers, policies),
    )  # fmt: skip
    return msgspec.structs.replace(context, provider_adjustment_accounts=_remembered_accounts(remittance, context))


def _automation(payers: Iterable[Payer], policies: Policies) -> Automation:
    listed: dict[str, set[str]] = defaultdict(set)
    for practice_id, carc in NeverAutomatic.objects.filter(ended_on=None).values_list("practice_id", "carc"):
        listed[str(practice_id)].add(carc)
    return Automation(
        payers={
            payer.key: PayerAutomation(posts_by_itself=payer.posts_by_itself, hold_over_amount=payer.hold_over_amount)
            for payer in payers
            if not payer.posts_by_itself or payer.hold_over_amount is not None
        },
        hold_over_amount=policies.hold_payments_over_amount,
        never_automatic={practice_id: frozenset(carcs) for practice_id, carcs in listed.items()},
    )


def _remembered_accounts(remittance: Remittance, context: PostingContext) -> dict[str, Account]:
    """PLB codes of this payer that a person has mapped for good."""
    if not remittance.provider_adjustments:
        return {}
    ours = practices_of(remittance, context.practices)
    key = payer_key(remittance, context)
    rows = models.AdjustmentAccount.objects.filter(payer__key=key) if ours else ()
    return {
        row.code: mapped_account(
            Kind(row.account_kind), row.code, subject=offset_subject(key, remittance, ours[0]),
            practice_id=ours[0].practice_id,
        )
        for row in rows
    }  # fmt: skip


def payer_names(payer: Payer) -> tuple[str, ...]:
    """Every id and name a payer goes by, its own key first."""
    return tuple(dict.fromkeys((payer.key, payer.payer_id, payer.name, *payer.aliases)))


def load_chains(encounter_ids: Iterable[Any]) -> dict[str, ChainPosition]:
    """Chains by encounter id, locked against other postings until the transaction ends."""
    wanted = sorted(set(map(str, encounter_ids)))
    if not wanted:
        return {}
    list(Encounter.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))
    # An acknowledgement that is being applied ends first: the state its event leaves is the one posting starts from.
    sent = ClaimVersion.objects.select_for_update(of=("self",)).filter(claim__encounter_id__in=wanted)
    list(sent.order_by("control_number").values_list("pk"))
    claims = Claim.objects.select_related("payer", "coverage").prefetch_related(
        Prefetch("versions", ClaimVersion.objects.order_by("number").defer("content"))
    )
    encounters = (
        Encounter.objects.filter(pk__in=wanted)
        .select_related("patient", "practice")
        .prefetch_related("lines", Prefetch("claims", claims.order_by("bucket")), "patient__coverages")
    )
    rows = list(encounters)
    balances = line_balances(line.line_id for encounter in rows for line in encounter.lines.all())
    credits = patient_credits(str(encounter.patient_id) for encounter in rows)
    postings = _postings(wanted)
    denials = _denials(wanted)
    held = _held_reversals(wanted)
    return {
        str(encounter.pk): _chain(
            encounter, balances, credits.get(str(encounter.patient_id), ZERO), postings.get(str(encounter.pk), ()),
            denials.get(str(encounter.pk), ()), held.get(str(encounter.pk), ()),
        )
        for encounter in rows
    }  # fmt: skip


def _chain(
    encounter: Encounter,
    balances: Mapping[str, Mapping[str, Decimal]],
    credit: Decimal,
    postings: tuple[PriorPosting, ...],
    denials: tuple[DenialPosition, ...],
    held: tuple[str, ...],
) -> ChainPosition:
    patient = encounter.patient
    flags = set(patient.flags)
    lines = tuple(
        LinePosition(
            line_id=line.line_id, procedure_code=line.code, modifiers=tuple(line.modifiers), charge=line.charge,
            units=line.units, date_of_service=line.date_of_service,
            balances={b: v for b, v in balances.get(line.line_id, {}).items() if b != "BD"},
        )
        for line in sorted(encounter.lines.all(), key=lambda line: line.number)
    )  # fmt: skip
    coverages, versions = [], []
    for claim in encounter.claims.all():
        payer = claim.payer
        coverages.append(
            CoveragePosition(
                sequence=claim.sequence, bucket=claim.bucket, payer_keys=payer_names(payer), payer_id=payer.payer_id,
                member_id=claim.coverage.member_id if claim.coverage else "", active=not _taken_back(claim),
                is_medicaid=payer.kind == "medicaid", is_medicare=payer.kind == "medicare", qmb="qmb" in flags,
                nsa_protected="nsa" in flags, out_of_network=bool(payer.profile.get("out_of_network")),
            )
        )  # fmt: skip
        versions += [
            VersionPosition(
                version_id=str(version.pk), control_number=version.control_number, sequence=claim.sequence,
                state=State(version.state), previous_state=State(version.held_from) if version.held_from else None,
                number=version.number, frequency=version.frequency, payer_claim_number=version.payer_claim_number,
                charge=version.total_charge, outcome=version.outcome, claim_id=str(claim.pk),
            )
            for version in claim.versions.all()
        ]  # fmt: skip
    return ChainPosition(
        chain_id=str(encounter.pk), practice_id=str(encounter.practice_id), patient_id=str(patient.pk),
        last_name=patient.last_name, first_name=patient.first_name, birth_date=patient.birth_date,
        member_ids=tuple(coverage.member_id for coverage in patient.coverages.all()),
        billing_npis=(encounter.practice.npi,), lines=lines, coverages=_once(coverages), versions=tuple(versions),
        postings=postings, held_reversals=held, denials=denials, patient_credit=credit,
    )  # fmt: skip


def _taken_back(claim: Claim) -> bool:
    """A coverage that turned out never to have been in force, and whose claim was cancelled: no payer to move money to."""
    cover = claim.coverage
    void = cover is not None and cover.start is not None and cover.end is not None and cover.end <= cover.start
    return void and all(version.state == State.CANCELLED for version in claim.versions.all())


def _once(coverages: list[CoveragePosition]) -> tuple[CoveragePosition, ...]:
    """One position a coverage, also where its claim was split among several; in force where it is for one of them."""
    found: dict[str, CoveragePosition] = {}
    for cover in coverages:
        if cover.sequence not in found or (cover.active and not found[cover.sequence].active):
            found[cover.sequence] = cover
    return tuple(found.values())


def _postings(encounter_ids: list[str]) -> dict[str, tuple[PriorPosting, ...]]:
    """Posted claim payments of each chain, oldest first, with their own transfers."""
    rows = (
        models.ClaimPayment.objects.filter(
            encounter_id__in=encounter_ids, state__in=["posted", "released", "report_only"]
        )
        .exclude(status="22")
        .order_by("posting_order")
    )
    found = [(str(row.encounter_id), row, msgspec.convert(row.working, AdjudicationRecord)) for row in rows]
    if not found:
        return {}
    transfers: dict[str, list[Transfer]] = defaultdict(list)
    payments = {record.payment for _, _, record in found}
    for row in LedgerTransfer.objects.filter(payment__in=payments, reverses="").order_by("sequence"):
        transfers[row.key.rpartition("/")[0]].append(as_transfer(row))
    standing = [record.record_id for _, row, record in found if not row.reversed_by_id]
    keys = [entry.key for record_id in standing for entry in transfers.get(record_id, ())]
    undone = set(LedgerTransfer.objects.filter(reverses__in=keys).values_list("reverses", flat=True))
    chains: dict[str, list[PriorPosting]] = defaultdict(list)
    for encounter_id, row, record in found:
        own = tuple(transfers.get(record.record_id, ()))
        chains[encounter_id].append(
            PriorPosting(
                record=record, transfers=own, reversed=bool(row.reversed_by_id),
                undone=frozenset(undone.intersection(entry.key for entry in own)),
            )
        )  # fmt: skip
    return {encounter_id: tuple(postings) for encounter_id, postings in chains.items()}


def _denials(encounter_ids: list[str]) -> dict[str, tuple[DenialPosition, ...]]:
    rows = Denial.objects.filter(version__claim__encounter_id__in=encounter_ids, state__in=OPEN_DENIALS)
    chains: dict[str, list[DenialPosition]] = defaultdict(list)
    for row in rows.select_related("version__claim").prefetch_related("appeals"):
        claim = row.version.claim
        chains[str(claim.encounter_id)].append(
            DenialPosition(
                denial_id=str(row.pk), line_id=row.line_id, reason=row.carc, sequence=claim.sequence, state=row.state,
                amount=row.amount, under_appeal=any(appeal.state in OUT for appeal in row.appeals.all()),
            )
        )  # fmt: skip
    return {encounter_id: tuple(denials) for encounter_id, denials in chains.items()}


def _held_reversals(encounter_ids: list[str]) -> dict[str, tuple[str, ...]]:
    """Coverage sequences with a reversal on hold; one that posted later settles it."""
    rows = models.ClaimPayment.objects.filter(encounter_id__in=encounter_ids, status="22").order_by("posting_order")
    chains: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        waiting, sequence = chains[str(row.encounter_id)], str(row.working.get("sequence", ""))
        if row.state == "held":
            waiting.append(sequence)
        elif row.state == "posted" and sequence in waiting:  # a released one waited itself
            waiting.remove(sequence)
    return {encounter_id: tuple(sequences) for encounter_id, sequences in chains.items()}


class DatabaseLookup:
    """Answers posting's questions for one remittance; what its claims name is loaded at once, at the start."""

    def __init__(self, remittance: Remittance) -> None:
        self._fingerprint = remittance.fingerprint
        self.chains: dict[str, ChainPosition] = {}
        self._by_control_number: dict[str, list[str]] = defaultdict(list)
        self._by_payer_claim_number: dict[str, list[str]] = defaultdict(list)
        named = {part for entry in remittance.provider_adjustments for part in reference_parts(entry.reference)}
        control_numbers = {claim.control_number for claim in remittance.claims} | named
        payer_numbers = {
            number for claim in remittance.claims for number in (claim.payer_claim_number, claim.original_reference)
        } - {""} | named
        known = ClaimVersion.objects.filter(
            Q(control_number__in=control_numbers) | Q(payer_claim_number__in=payer_numbers)
        ).values_list("control_number", "payer_claim_number", "claim__encounter_id")
        seen = models.ClaimPayment.objects.filter(
            payer_claim_number__in=payer_numbers, encounter__isnull=False
        ).values_list("payer_claim_number", "encounter_id")
        for control_number, payer_number, encounter_id in known:
            self._by_control_number[control_number].append(str(encounter_id))
            self._by_payer_claim_number[payer_number].append(str(encounter_id))
        for payer_number, encounter_id in seen:
            self._by_payer_claim_number[payer_number].append(str(encounter_id))
        wanted = {i for ids in self._by_control_number.values() for i in ids}
        wanted |= {i for ids in self._by_payer_claim_number.values() for i in ids}
        self.chains.update(load_chains(wanted))

    def _answer(self, encounter_ids: Iterable[str]) -> tuple[ChainPosition, ...]:
        wanted = list(dict.fromkeys(encounter_ids))
        missing = [i for i in wanted if i not in self.chains]
        self.chains.update(load_chains(missing))
        return tuple(self.chains[i] for i in wanted if i in self.chains)

    def by_control_number(self, control_number: str) -> tuple[ChainPosition, ...]:
        return self._answer(self._by_control_number.get(control_number, ()))

    def by_payer_claim_number(self, payer_claim_number: str) -> tuple[ChainPosition, ...]:
        if not payer_claim_number:
            return ()
        return self._answer(self._by_payer_claim_number.get(payer_claim_number, ()))

    def candidates(self, claim_payment: ClaimPayment) -> tuple[ChainPosition, ...]:
        """Visits that share a member id, or name and date of service, with the claim payment."""
        members = {claim_payment.subscriber_id, claim_payment.patient_id, claim_payment.corrected_member_id} - {""}
        insured = PatientCoverage.objects.filter(member_id__in=members).values("patient")
        name = claim_payment.patient.last_name.strip()
        dates = {line.date_from for line in claim_payment.lines} | {claim_payment.date_from}
        of_day = Encounter.objects.filter(date_from__in=dates - {None}, patient__last_name_folded=Lower(Value(name)))
        # Each by an index of its own, then together: one question with "or" reads every visit there is.
        billed = [
            rows.filter(claims__isnull=False).values("pk")
            for rows in (Encounter.objects.filter(patient__in=insured), of_day if name else Encounter.objects.none())
        ]
        return self._answer(str(row["pk"]) for row in billed[0].union(billed[1])[:50])

    def payment_identity(self, identity: str) -> PaymentSeen | None:
        payer, trace, payee = identity_parts(identity)
        rows = models.Remittance.objects.filter(trace_payer_id=payer, trace_number=trace, payee_id=payee)
        # One that a person called a duplicate is known as well: the same bytes again ask nobody a second time.
        rows = rows.filter(Q(state__in=["posted", "partial", "held"]) | Q(state="duplicate", decision="DUPLICATE"))
        known = list(rows.order_by("received_on", "number").values_list("number", "fingerprint"))
        same = [one for one in known if one[1] == self._fingerprint] or known
        return PaymentSeen(payment_id=same[0][0], fingerprint=same[0][1]) if same else None

    def open_offsets(self, subject: str) -> tuple[OpenOffset, ...]:
        rows = (
            models.ProviderAdjustment.objects.filter(
                offset_subject=subject, code__in=["FB", "WO"], amount__lt=0, state__in=["posted", "released"]
            )
            .annotate(settled=Coalesce(Sum("settlements__amount"), ZERO, output_field=DecimalField()))
            .select_related("remittance")
            .order_by("remittance__posted_at", "ordinal")
        )
        return tuple(
            OpenOffset(
                code=row.code, reference=row.reference, amount=-row.amount - row.settled, payment=row.remittance.number
            )
            for row in rows
            if -row.amount > row.settled
        )  # fmt: skip

    def issued_refunds(self, subject: str) -> tuple[IssuedRefund, ...]:
        payer_key = subject.partition("|")[0]
        # The bank mostly pays the check before the payer acknowledges it; one is acknowledged once.
        rows = models.Refund.objects.filter(
            payer__key=payer_key, state__in=["ISSUED", "CLEARED"], issued_on__isnull=False, acknowledged_on__isnull=True
        ).filter(subject=subject)
        answer = []
        for row in rows:
            transfers = LedgerTransfer.objects.filter(payment=f"refund:{row.pk}").order_by("sequence")
            answer.append(
                IssuedRefund(
                    refund_id=str(row.pk), reference=row.reference, amount=row.amount,
                    transfers=tuple(as_transfer(transfer) for transfer in transfers),
                )
            )  # fmt: skip
        return tuple(answer)
