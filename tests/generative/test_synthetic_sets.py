"""Whole synthetic sets: every file sound for us and for pyx12, every id found again, every sum told twice and equal.

One seed is fixed, one is fresh and shown when a test fails; `SYNTHETIC_SEED=n` repeats it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from claimwright.claims.from_x12 import (
    acknowledgements,
    attachment,
    authorization,
    claims,
    eligibility,
    enrollment,
    premium,
    remittance,
    status,
)
from claimwright.claims.nouns import ClaimAcknowledgement, ClaimPayment, Noun, Remittance
from claimwright.claims.synthetic import stories
from claimwright.claims.synthetic.sets import Options, SyntheticSet, write_set
from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import Envelope, Transaction, read
from claimwright.x12.acknowledge import functional_acknowledgement, ta1
from claimwright.x12.check import check
from tests.lib import pyx12_oracle

FRESH = int(os.environ.get("SYNTHETIC_SEED", secrets.randbelow(1_000_000)))
FIXED = 20260820
SEEDS = (FIXED, FRESH)
CLAIMS = 200  # enough for every story of every kind
# pyx12's map of the 835 has one PLB segment; the guide does not limit them.
PYX12_WRONG = ("Loop FOOTER exceeded max count",)
NO_MODEL = ("275", "277ca", "278", "820", "837D", "999", "ta1")
NO_MAP = ("270", "271", "275", "276", "277-", "278", "837D")
VOCABULARY = CodeVocabulary()


class Made:
    """A set as it was written: where, what its manifest and links say, and every noun that went into it."""

    def __init__(self, directory: Path, options: Options) -> None:
        self.directory = directory
        self.nouns: dict[str, list[Noun]] = defaultdict(list)
        directory.mkdir()
        self.manifest = SyntheticSet(directory, options, lambda name, noun: self.nouns[name].append(noun)).write()
        self.links = [json.loads(line) for line in (directory / "links.jsonl").read_text().splitlines()]
        self.told: dict[str, list[dict[str, Any]]] = defaultdict(list)  # of each file's transactions
        for line in (directory / "transactions.jsonl").read_text().splitlines():
            one = json.loads(line)
            self.told[one["file"]].append(one)

    def names(self, start: str) -> list[str]:
        return sorted(name for name in self.manifest["files"] if name.startswith(start))

    def data(self, name: str) -> bytes:
        return (self.directory / name).read_bytes()

    def transactions(self, name: str) -> list[Transaction]:
        return list(read(self.data(name)).transactions())

    def remittances(self) -> Iterator[tuple[str, Remittance]]:
        for name in self.names("835"):
            for transaction in self.transactions(name):
                found = remittance.remittance(transaction)
                assert found.faults == ()
                yield name, found.remittance

    def acknowledged(self) -> dict[str, ClaimAcknowledgement]:
        """Each claim of the 277CAs by its number."""
        found = {}
        for name in self.names("277ca"):
            for transaction in self.transactions(name):
                for item in acknowledgements.claim_acknowledgement_report(transaction).items:
                    if item.level == "claim":
                        assert item.control_number not in found
                        found[item.control_number] = item
        return found


@pytest.fixture(scope="module", params=SEEDS, ids=("fixed", "fresh"))  # ids must not differ between workers
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    print(f"SYNTHETIC_SEED={request.param}")
    return Made(tmp_path_factory.mktemp("sets") / str(request.param), Options(seed=request.param, claims=CLAIMS))


def dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


# Sound --------------------------------------------------------------------------------------------------------------


def test_no_file_has_a_fault(made: Made) -> None:
    for path in sorted(made.directory.glob("*.edi")):
        found = [(fault.id, fault.place(), fault.message) for fault in check(path.read_bytes(), VOCABULARY)]
        assert not found, (path.name, found[:3])


def test_a_planted_fault_is_seen(made: Made) -> None:
    """The canary of the tests around it: a cent off, and a segment gone."""
    data = made.data("835-P-1.edi")
    clp = next(line for line in data.splitlines() if line.startswith(b"CLP"))
    parts = clp.split(b"*")
    parts[4] += b".01" if b"." not in parts[4] else b"1"
    assert check(data.replace(clp, b"*".join(parts)), VOCABULARY)
    assert pyx12_oracle.check(made.data("837P-1.edi").replace(b"BHT*0019", b"BHX*0019", 1))


def test_pyx12_finds_nothing_where_it_has_the_map(tmp_path: Path) -> None:
    write_set(tmp_path, Options(seed=FRESH, claims=60))
    judged = 0
    for path in sorted(tmp_path.glob("*.edi")):
        if path.name.startswith(NO_MAP):
            continue
        found = [one for one in pyx12_oracle.check(path.read_bytes()) if not any(wrong in one for wrong in PYX12_WRONG)]
        assert not found, (FRESH, path.name, found[:3])
        judged += 1
    assert judged > 20


def segments_x12sdk_loses(data: bytes) -> int:
    """x12sdk 2.2.0 keeps one 2430 of a line: the segments of a second payer's decisions."""
    lost = decided = 0
    for segment in read(data).segments:
        if segment.id in ("LX", "HL", "CLM", "SE"):
            decided = 0
        decided += segment.id == "SVD"
        lost += decided > 1
    return lost


def test_x12sdk_finds_nothing_where_it_has_the_model(tmp_path: Path) -> None:
    """On a fixed set: x12sdk 2.2.0 falls over some 277 in which a dependent has no claim of its own."""
    x12sdk = pytest.importorskip("x12sdk.io")
    write_set(tmp_path, Options(seed=FIXED, claims=60))
    judged = 0
    for path in sorted(tmp_path.glob("*.edi")):
        data = path.read_bytes()
        if path.name.startswith(NO_MODEL):
            continue
        lost = segments_x12sdk_loses(data)
        try:
            with x12sdk.X12ModelReader(str(path)) as reader:
                judged += len(list(reader.models()))
        except ValueError as error:
            (stated, counted) = map(
                int, re.findall(r"SE segment count ([0-9]+) != actual count ([0-9]+)", str(error))[0]
            )
            # of dependents it drops status lines (2220E) as well
            dependents = path.name.startswith(("276", "277")) and b"*23~" in data
            assert (stated > counted) if dependents else (stated - counted == lost), path.name
        else:
            assert not lost, path.name
    assert judged > 20


def test_every_story_is_told(made: Made) -> None:
    told = Counter(link["story"] for link in made.links)
    assert set(told) == {story.name for deck in stories.DECKS.values() for story in deck}
    payments = [payment for _, one in made.remittances() for payment in one.claims]
    assert {payment.status for payment in payments} == {"1", "2", "3", "19", "20", "21", "22", "25"}
    codes = {one.code for _, found in made.remittances() for one in found.provider_adjustments}
    assert codes == {"CS", "FB", "L6", "WO", "72"}


# Read back ----------------------------------------------------------------------------------------------------------

NOUNS = {
    "270": eligibility.eligibility_inquiry,
    "271": eligibility.eligibility_response,
    "275": attachment.attachment,
    "276": status.status_inquiry,
    "277-": status.status_response,
    "278-request": authorization.prior_auth_request,
    "278-response": authorization.prior_auth_response,
}
PLACES = ("segment", "transaction_control_number", "fingerprint")


def plain(noun: Any) -> str:
    """A noun with all its fields but those only a file can say: its place there and control numbers."""

    def told(value: Any) -> Any:
        if isinstance(value, msgspec.Struct):
            return {field: told(getattr(value, field)) for field in value.__struct_fields__ if field not in PLACES}
        return [told(one) for one in value] if isinstance(value, tuple) else str(value)

    return json.dumps(told(noun), sort_keys=True)


def read_nouns(made: Made, name: str) -> Iterator[Noun]:
    for transaction in made.transactions(name):
        reader = next((found for start, found in NOUNS.items() if name.startswith(start)), None)
        if reader is not None:
            answer: Any = reader(transaction)
            assert answer.faults == (), name
            yield answer.noun
        elif name.startswith("834"):
            yield from enrollment.enrollment(transaction).noun.members
        elif name.startswith("820"):
            yield from premium.premium_payment(transaction).noun.remitters
        elif name.startswith("837"):
            for one in claims.read_claims(transaction).reads:
                assert one.faults == (), name
                yield one.claim
        elif name.startswith("277ca"):
            items = acknowledgements.claim_acknowledgement_report(transaction).items
            yield from (item for item in items if item.level == "claim")
        else:
            yield from remittance.remittance(transaction).remittance.claims


def test_every_noun_written_is_read_back_equal(made: Made) -> None:
    assert len(made.nouns) > 20
    for name, written in made.nouns.items():
        assert sorted(map(plain, read_nouns(made, name))) == sorted(map(plain, written)), name


# The manifest -------------------------------------------------------------------------------------------------------


def test_the_manifest_tells_what_the_files_hold(made: Made) -> None:
    for name, told in made.manifest["files"].items():
        document = read(made.data(name))
        (interchange,) = document.interchanges
        assert interchange.isa is not None
        assert interchange.isa[13] == told["interchange_control_number"]
        if told["set"] == "TA1":
            continue
        (group,) = interchange.groups
        assert group.gs is not None
        assert (group.gs[6], group.gs[8]) == (told["group_control_number"], told["guide"])
        found = [(one.control_number, len(one.segments)) for one in group.transactions]
        assert found == [(one["control_number"], one["segments"]) for one in made.told[name]]
        assert len(found) == told["transactions"]
    numbers = [told["interchange_control_number"] for told in made.manifest["files"].values()]
    assert len(set(numbers)) == len(numbers)


def test_what_was_charged_and_paid_is_what_the_manifest_says(made: Made) -> None:
    for kind in made.manifest["kinds"]:
        told = made.manifest["totals"][kind]
        sent = [claim for name in made.names(f"837{kind}") for claim in read_nouns(made, name)]
        assert len(sent) == told["claims_sent"]
        assert sum(claim.total_charge for claim in sent) == dollars(told["charge_sent"])
        first = list(read_nouns(made, f"837{kind}-1.edi"))
        assert (len(first), sum(claim.total_charge for claim in first)) == (told["claims"], dollars(told["charge"]))
        received = [one for name, one in made.remittances() if name.startswith(f"835-{kind}")]
        payments = [payment for one in received for payment in one.claims]
        assert len(payments) == told["claim_payments"]
        assert sum(payment.paid for payment in payments) == dollars(told["paid"])
        assert sum(one.amount for one in received) == dollars(told["payment"])
        beside: Counter[str] = Counter()
        for one in received:
            for adjustment in one.provider_adjustments:
                beside[f"provider_adjustment_{adjustment.code}"] += int(adjustment.amount * 100)
        assert {key: value for key, value in told.items() if key.startswith("provider_adjustment")} == beside
        assert told["paid"] - sum(beside.values()) == told["payment"]


def test_each_payment_is_its_claims_less_what_stands_beside(made: Made) -> None:
    for name, one in made.remittances():
        told = {item["trace"]: item for item in made.told[name]}[one.trace_number]
        assert one.amount == dollars(told["payment_cents"]) >= 0
        beside = sum((item.amount for item in one.provider_adjustments), Decimal(0))
        assert sum(payment.paid for payment in one.claims) - beside == one.amount
        for payment in one.claims:
            reduced = [*payment.adjustments, *(item for line in payment.lines for item in line.adjustments)]
            assert payment.charge - sum(item.amount for item in reduced) == payment.paid
            if payment.lines:
                assert sum(line.charge for line in payment.lines) == payment.charge
                assert sum(line.paid for line in payment.lines) == payment.paid


def test_debts_are_recovered_or_outstanding(made: Made) -> None:
    """What FB and WO gave comes back, never before it was given, or is listed as open."""
    open_now: Counter[str] = Counter()
    for _, one in sorted(made.remittances(), key=lambda found: str(found[1].payment_date)):
        for item in one.provider_adjustments:
            if item.code in ("FB", "WO"):
                open_now[item.reference] -= int(item.amount * 100)
                assert open_now[item.reference] >= 0
    told = {item["reference"]: item["cents"] for item in made.manifest["outstanding"]}
    assert {reference: amount for reference, amount in open_now.items() if amount} == told


def test_premiums_are_those_of_the_subscribers(made: Made) -> None:
    told = made.manifest["totals"]["enrolment"]
    paid = [premium.premium_payment(one).noun for one in made.transactions("820.edi")]
    assert all(one.is_balanced for one in paid)
    assert sum(one.amount for one in paid) == dollars(told["premium"])
    enrolled = [member for one in made.transactions("834.edi") for member in enrollment.enrollment(one).noun.members]
    subscribers = [member for member in enrolled if member.is_subscriber]
    assert (len(enrolled), len(subscribers)) == (told["members"], told["subscribers"])
    assert sum(item.amount("P3") or 0 for member in subscribers for item in member.coverages) == dollars(
        told["premium"]
    )
    payers = {remitter.identifier for one in paid for remitter in one.remitters}
    assert payers == {member.subscriber_id for member in subscribers}


# The links ----------------------------------------------------------------------------------------------------------


def test_no_claim_is_lost_on_its_way(made: Made) -> None:
    """CLM01 = TRN02 of the 277CA = CLP01; the payer's number, the clearinghouse's trace and the charge with it."""
    taken = made.acknowledged()
    sent = {claim.control_number: claim for name in made.names("837") for claim in read_nouns(made, name)}
    assert set(sent) == set(taken)
    told = {one["control_number"]: one for link in made.links for one in link["sent"]}
    assert set(told) == set(sent)
    for number, claim in sent.items():
        item = taken[number]
        assert item.clearinghouse_trace == claim.clearinghouse_trace == told[number]["clearinghouse_trace"]
        assert item.charge == claim.total_charge
        assert item.payer_claim_number == told[number]["payer_claim_number"]
        assert item.accepted == bool(item.payer_claim_number)


def test_every_payment_belongs_to_a_claim_and_its_lines(made: Made) -> None:
    sent = {claim.control_number: claim for name in made.names("837") for claim in read_nouns(made, name)}
    taken = made.acknowledged()
    paid: Counter[str] = Counter()
    told = [
        (one["control_number"], one["status"], one["paid_cents"]) for link in made.links for one in link["payments"]
    ]
    found = []
    for _, one in made.remittances():
        for payment in one.claims:
            claim = sent[payment.control_number]
            paid[payment.control_number] += 1
            found.append((payment.control_number, payment.status, int(payment.paid * 100)))
            lines = {line.control_number: line for line in claim.lines}
            assert {line.control_number for line in payment.lines} <= set(lines)
            assert abs(payment.charge) == claim.total_charge
            if payment.status in ("1", "19") and not payment.original_reference:
                assert payment.payer_claim_number == taken[payment.control_number].payer_claim_number
                assert payment.patient_id == claim.coverage.member_id
    assert sorted(found) == sorted(told)
    accepted = {number for number, item in taken.items() if item.accepted and sent[number].frequency != "8"}
    assert accepted == set(paid), "each claim taken in is paid or denied, and no other"


def test_replacements_and_corrections_name_what_they_replace(made: Made) -> None:
    known = {payment.payer_claim_number for _, one in made.remittances() for payment in one.claims}
    again = [claim for name in made.names("837") for claim in read_nouns(made, name) if claim.frequency != "1"]
    assert {claim.frequency for claim in again} == {"7", "8"}
    assert {claim.payer_claim_number for claim in again} <= known
    payments: dict[str, list[ClaimPayment]] = defaultdict(list)
    for _, one in made.remittances():
        for payment in one.claims:
            payments[payment.payer_claim_number].append(payment)
            if payment.original_reference:
                assert payment.original_reference in known
    for found in payments.values():
        for back in (one for one in found if one.status == "22"):
            (original,) = (one for one in found if one.status != "22" and one.control_number == back.control_number)
            assert (original.charge + back.charge, original.paid + back.paid) == (0, 0)


def test_a_later_payer_is_told_what_the_earlier_paid(made: Made) -> None:
    """2320 and 2430 of the next claim are the CLP and SVC of the payment before it, amount by amount."""
    payments = {
        (payment.control_number, one.payer.payer_id): payment for _, one in made.remittances() for payment in one.claims
    }
    numbers = {one["control_number"]: link for link in made.links for one in link["sent"]}
    judged = 0
    for name in made.names("837"):
        for claim in read_nouns(made, name):
            link = numbers[claim.control_number]
            for at, prior in enumerate(one for one in claim.prior_payments if one.adjudicated):
                payer = prior.coverage.payer.payer_id
                assert payer == link["payers"][at]
                number = link["control_number"] if at == 0 else f"{link['control_number']}-{at + 1}"
                payment = payments[number, payer]
                assert (prior.paid_amount, prior.payer_claim_number) == (payment.paid, payment.payer_claim_number)
                assert prior.adjustments == payment.adjustments
                paid = {line.control_number: line for line in payment.lines}
                for line in claim.lines:
                    for own in (one for one in line.adjudications if one.payer_id == payer):
                        settled = paid[line.control_number]
                        assert (own.paid_amount, own.adjustments) == (settled.paid, settled.adjustments)
                judged += 1
    assert judged > 20


def test_crossovers_name_the_payer_that_then_pays(made: Made) -> None:
    paid = {(payment.control_number, one.payer.payer_id) for _, one in made.remittances() for payment in one.claims}
    forwarded = [payment for _, one in made.remittances() for payment in one.claims if payment.forwarded_to is not None]
    assert {payment.status for payment in forwarded} == {"19", "20", "21"}
    for payment in forwarded:
        assert payment.forwarded_to is not None
        assert (payment.control_number, payment.forwarded_to.payer_id) in paid


def test_questions_find_their_answers(made: Made) -> None:
    def traces(name: str) -> Counter[str]:
        return Counter(segment[2] for one in made.transactions(name) for segment in one.segments if segment.id == "TRN")

    assert traces("270.edi") == traces("271.edi")
    assert traces("278-request.edi") == traces("278-response.edi")
    payments = {one.trace_number: one for _, one in made.remittances()}
    taken = made.acknowledged()
    asked_of = set()
    for kind in made.manifest["kinds"]:
        assert traces(f"276-{kind}.edi") == traces(f"277-{kind}.edi")
        for transaction in made.transactions(f"277-{kind}.edi"):
            for report in status.status_response(transaction).noun.reports:
                asked_of.add(report.patient_control_number)
                assert report.payer_claim_number == taken[report.patient_control_number].payer_claim_number
                (said,) = report.statuses
                if said.payment_trace:
                    one = payments[said.payment_trace]
                    (payment,) = (item for item in one.claims if item.control_number == report.patient_control_number)
                    assert (said.paid, said.payment_date) == (payment.paid, one.payment_date)
    assert asked_of == {link["control_number"] for link in made.links if link["payments"]}
    eligibility_traces = {trace for link in made.links for trace in link["eligibility_traces"]}
    assert set(traces("270.edi")) <= eligibility_traces


def test_numbers_given_before_the_claim_are_on_it(made: Made) -> None:
    first = [claim for name in made.names("837") for claim in read_nouns(made, name) if claim.frequency == "1"]
    certified = {
        authorization.prior_auth_response(one).noun.event.certification_number
        for one in made.transactions("278-response.edi")
    }
    assert certified == {claim.prior_authorization for claim in first if claim.prior_authorization}
    assert certified
    sent = {}
    for one in made.transactions("275.edi"):
        noun = attachment.attachment(one).noun
        sent[noun.items[0].control_number] = noun.patient_control_number
    announced = {item.control_number: claim.control_number for claim in first for item in claim.attachments}
    assert sent == announced and sent
    members = {
        member.subscriber_id
        for one in made.transactions("834.edi")
        for member in enrollment.enrollment(one).noun.members
    }
    assert {claim.coverage.member_id for claim in first} <= members


def test_the_acknowledgements_are_those_we_would_give(made: Made) -> None:
    envelope = Envelope(sender_id="SYNCLEAR", receiver_id="SYNSUBMIT")
    for name in made.names("837"):
        document = read(made.data(name))
        faults = check(document)
        ours = functional_acknowledgement(
            document, faults, envelope=envelope, control_number=1, when=datetime(2026, 8, 20)
        )
        (own,) = read(ours).transactions()
        (made_one,) = made.transactions(f"999-{name}")
        assert [one.elements for one in made_one.segments] == [one.elements for one in own.segments]
        (answer,) = acknowledgements.interchange_acknowledgements(read(made.data(f"ta1-{name}")))
        told = (answer.control_number, answer.interchange_date, answer.interchange_time, answer.code, answer.note)
        assert told == ta1(document.interchanges[0], faults)


# The same again -----------------------------------------------------------------------------------------------------


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    options = Options(seed=FRESH, claims=30)
    for name in ("one", "two"):
        write_set(tmp_path / name, options)
    write_set(tmp_path / "other", Options(seed=FRESH + 1, claims=30))
    one, two, other = (contents(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert one["837P-1.edi"] != other["837P-1.edi"]


def test_the_size_of_transactions_changes_no_claim(tmp_path: Path) -> None:
    whole = Made(tmp_path / "whole", Options(seed=FRESH, claims=90))
    parts = Made(tmp_path / "parts", Options(seed=FRESH, claims=90, claims_per_transaction=7))
    for made in (whole, parts):
        test_no_file_has_a_fault(made)
        test_each_payment_is_its_claims_less_what_stands_beside(made)
        test_debts_are_recovered_or_outstanding(made)
    for name in ("837P-1.edi", "837I-1.edi", "837D-1.edi"):
        assert sorted(map(plain, whole.nouns[name])) == sorted(map(plain, parts.nouns[name]))
    assert len(parts.transactions("837P-1.edi")) == 8
    assert [link["story"] for link in whole.links] == [link["story"] for link in parts.links]


def test_all_claims_in_one_transaction(tmp_path: Path) -> None:
    """More than one batch, so that transactions stay open from one to the next."""
    made = Made(tmp_path / "single", Options(seed=FRESH, claims=1_050, kinds=("P",), single_st=True))
    for name in ("837P-1.edi", "277ca-837P-1.edi", "835-P-1.edi"):
        assert len(made.transactions(name)) == 1
        assert check(made.data(name), VOCABULARY) == []
    assert made.told["837P-1.edi"][0]["claims"] == 1_050
    test_what_was_charged_and_paid_is_what_the_manifest_says(made)
