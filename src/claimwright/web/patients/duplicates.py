"""Finding records that may be one person. `billing.duplicates` scores; a pair is listed once; only a person decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Lower, Upper

from claimwright.billing.duplicates import SAYS, Likeness, Match, compare, plain
from claimwright.billing.registration import Registered
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import DuplicatePair, Patient, PatientCoverage, PatientPhone
from claimwright.web.patients.sealing import ssn_index
from claimwright.web.patients.selectors import begins
from claimwright.web.practice.models import Practice

LARGEST_BLOCK = 200  # records that share one key; a larger block is a household number or a placeholder
MOST_CANDIDATES = 20


class Candidate(msgspec.Struct, frozen=True):
    """A patient of the practice who may be the one being registered."""

    patient: Patient
    match: Match

    @property
    def reasons(self) -> list[str]:
        return [SAYS[reason] for reason in self.match.reasons]


def find_candidates(*, practice: Practice, record: Registered) -> list[Candidate]:
    """Patients of the practice, the most alike first. Only this practice's: nobody searches another's."""
    wanted = likeness_of_record(record)
    # Each by an index of its own: one question with "or" would read every patient there is.
    alike: list[dict[str, object]] = [
        {"last_name_folded": Lower(Value(wanted.last_name)), **begins("first_name_folded", wanted.first_name[:1])}
    ]
    if wanted.birth_date is not None:
        alike.append({"birth_date": wanted.birth_date})
        alike.append(begins("last_name_folded", wanted.last_name[:3]) | {"birth_date__year": wanted.birth_date.year})
    if wanted.ssn:
        alike.append({"ssn_index": wanted.ssn})
    if wanted.phones:
        alike.append({"phones__number__in": wanted.phones})
    first, *others = [
        Patient.objects.filter(**one, practice=practice, merged_into__isnull=True).values("pk") for one in alike
    ]
    rows = Patient.objects.filter(pk__in=first.union(*others, all=True))[:LARGEST_BLOCK]
    patients = {str(row.pk): row for row in rows}
    found = [Candidate(patients[one.key], compare(wanted, one)) for one in likenesses(list(patients.values()))]
    found = [one for one in found if one.match.is_possible]
    found.sort(key=lambda one: (not one.match.exact, -one.match.points, one.patient.record_number))
    return found[:MOST_CANDIDATES]


def likeness_of_record(record: Registered) -> Likeness:
    patient = record.patient
    return Likeness(
        last_name=patient.last_name, first_name=patient.first_name, middle_name=patient.middle_name,
        suffix=patient.suffix, preferred_name=patient.preferred_name, birth_date=patient.birth_date, sex=patient.sex,
        ssn=ssn_index(record.ssn), phones=tuple(phone.number for phone in record.phones), email=record.email,
        street=patient.address.line1, postal_code=patient.address.postal_code,
    )  # fmt: skip


def likenesses(patients: Sequence[Patient]) -> list[Likeness]:
    """What is compared of each, loaded in three queries."""
    phones: dict[UUID, list[str]] = defaultdict(list)
    for owner, number in PatientPhone.objects.filter(patient__in=patients).values_list("patient_id", "number"):
        phones[owner].append(number)
    members: dict[UUID, set[str]] = defaultdict(set)
    covers = PatientCoverage.objects.filter(patient__in=patients).exclude(member_id="")
    for owner, payer, member, relationship in covers.values_list(
        "patient_id", "payer_id", "member_id", "content__relationship"
    ):
        # A family shares a subscriber's number: it tells a person only together with how they are related to it.
        members[owner].add(f"{payer}|{member.upper()}|{relationship or '18'}")
    found = []
    for patient in patients:
        noun = msgspec.convert(patient.content, PatientNoun)
        found.append(
            Likeness(
                key=str(patient.pk), last_name=patient.last_name, first_name=patient.first_name,
                middle_name=noun.middle_name, suffix=noun.suffix, preferred_name=noun.preferred_name,
                birth_date=patient.birth_date, sex=noun.sex, ssn=patient.ssn_index,
                phones=tuple(sorted({*phones[patient.pk], noun.phone} - {""})),
                email=str(patient.details.get("email", "")), street=noun.address.line1,
                postal_code=noun.address.postal_code, members=tuple(sorted(members[patient.pk])),
            )
        )  # fmt: skip
    return found


def scan_duplicates(*, practice: Practice, only_changed: bool = False) -> int:
    """Compare the practice's records that share a key, and list the pairs nobody has listed; says how many are new.

    With `only_changed`, those that are new or differ from what the last search compared, against all others.
    """
    digests = _changed(practice, only_changed)
    if not digests:
        return 0
    changed = {str(pk) for pk in digests}
    rows = Patient.objects.filter(practice=practice, merged_into__isnull=True)
    rows = rows.filter(pk__in=_beside(practice, changed)) if only_changed else rows
    patients = {str(row.pk): row for row in rows}
    alike = {one.key: one for one in likenesses(list(patients.values()))}
    known = {
        (str(first), str(second))
        for first, second in DuplicatePair.objects.filter(first__practice=practice).values_list("first_id", "second_id")
    }
    made = 0
    for first, second in sorted(_pairs(alike.values(), changed) - known):
        match = compare(alike[first], alike[second])
        if match.is_possible:
            made += note_pair(one=patients[first], other=patients[second], match=match)
    _remember(digests)
    record_audit(
        action="patient.duplicates_scanned", subject_type="practice", subject_id=practice.pk,
        detail=f"{made} new among {len(changed)}",
    )  # fmt: skip
    return made


def _pairs(alike: Iterable[Likeness], changed: Collection[str]) -> set[tuple[str, str]]:
    """Pairs that share a key and hold a changed record, each in the order of its ids."""
    blocks: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in alike:
        for key in _keys(one):
            blocks[key].append(one.key)
    found: set[tuple[str, str]] = set()
    for block in blocks.values():
        if len(block) <= LARGEST_BLOCK and not changed.isdisjoint(block):
            found |= {
                (min(pair), max(pair)) for pair in combinations(block, 2) if pair[0] in changed or pair[1] in changed
            }
    return found


# What `likenesses` compares, as the database holds it: whoever wrote it, and however, a change of it shows.
CHANGED = """
SELECT id, digest FROM (
  SELECT p.id, p.compared_as, md5(concat_ws('|', p.last_name, p.first_name, p.birth_date, p.content::text,
    p.details->>'email', p.ssn_index,
    (SELECT string_agg(f.number, ',' ORDER BY f.number) FROM patients_patientphone f WHERE f.patient_id = p.id),
    (SELECT string_agg(concat_ws('/', c.payer_id, c.member_id, c.content->>'relationship'), ','
       ORDER BY c.payer_id, c.member_id, c.content->>'relationship')
     FROM patients_patientcoverage c WHERE c.patient_id = p.id AND c.member_id <> ''))) AS digest
  FROM patients_patient p WHERE p.practice_id = %s AND p.merged_into_id IS NULL) each
WHERE %s OR digest <> compared_as"""
REMEMBER = """
UPDATE patients_patient p SET compared_as = told.digest
FROM unnest(%s::uuid[], %s::text[]) AS told(id, digest) WHERE p.id = told.id AND p.compared_as <> told.digest"""


def _changed(practice: Practice, only_changed: bool) -> dict[UUID, str]:
    """The digest of each record that is new or changed since the last search; of all without `only_changed`."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, [practice.pk, not only_changed])
        return dict(cursor.fetchall())


def _remember(digests: dict[UUID, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, [list(digests), list(digests.values())])


def _beside(practice: Practice, changed: Collection[str]) -> set[str]:
    """The changed records and all that share a key of theirs, by looking at the indexed columns; a few more do no harm."""
    own = likenesses(list(Patient.objects.filter(pk__in=changed)))
    keys = {key for one in own for key in _keys(one)}
    rows = Patient.objects.filter(practice=practice, merged_into__isnull=True)
    found = {
        str(pk)
        for pk, last, first, born in rows.values_list("pk", "last_name", "first_name", "birth_date")
        if not keys.isdisjoint(_keys(Likeness(last_name=last, first_name=first, birth_date=born)))
    }
    phones = {phone for one in own for phone in one.phones}
    members = {member.split("|")[1] for one in own for member in one.members}
    words = Q(phones__number__in=phones) | Q(content__phone__in=list(phones))
    words |= Q(ssn_index__in={one.ssn for one in own} - {""})
    words |= Q(details__email__in=list({one.email for one in own} - {""}))
    holders = PatientCoverage.objects.annotate(number=Upper("member_id")).filter(number__in=members)
    found |= {str(pk) for pk in rows.filter(words).values_list("pk", flat=True)}
    found |= {str(pk) for pk in rows.filter(pk__in=holders.values("patient")).values_list("pk", flat=True)}
    return found | set(changed)


def _keys(one: Likeness) -> Iterable[tuple[str, ...]]:
    if one.birth_date is not None:
        yield ("born", one.birth_date.isoformat())
        yield ("name", plain(one.last_name)[:4], plain(one.first_name)[:1], str(one.birth_date.year))
    yield ("whole name", plain(one.last_name), plain(one.first_name))
    for kind, values in (("ssn", (one.ssn,)), ("phone", one.phones), ("member", one.members), ("email", (one.email,))):
        yield from ((kind, value) for value in values if value)


def note_pair(*, one: Patient, other: Patient, match: Match) -> bool:
    """List the pair; False where it was listed, or decided, before."""
    first, second = sorted((one, other), key=lambda patient: str(patient.pk))
    pair, made = DuplicatePair.objects.get_or_create(
        first=first, second=second,
        defaults={
            "points": match.points, "exact": match.exact, "reasons": list(match.reasons), "found_on": clock.today(),
        },
    )  # fmt: skip
    if made:
        raise_work_item(
            worklist=Worklist.DUPLICATE_PATIENTS, key=_item(pair), reason_code="DUPLICATE_PATIENT",
            reason="; ".join(SAYS[reason] for reason in match.reasons),
            what_to_do="Compare the two records: merge them, or say that they are two people",
            subject_type="patient", subject_id=first.pk, practice_id=first.practice_id,
        )  # fmt: skip
    return made


def _item(pair: DuplicatePair) -> str:
    return f"duplicate:{pair.first_id}:{pair.second_id}"


def decide(*, pair: DuplicatePair, state: str, note: str = "") -> None:
    """A person's decision on a pair; it leaves the list and does not come back."""
    pair.state, pair.note = state, note[:200]
    pair.decided_by, pair.decided_on = actor(), clock.today()
    pair.save(update_fields=["state", "note", "decided_by", "decided_on"])
    resolve_work_items(keys=[_item(pair)], resolution=pair.get_state_display())
    record_audit(
        action="patient.duplicate_decided", subject_type="patient", subject_id=pair.first_id,
        detail=f"{state} {pair.second_id}",
    )  # fmt: skip
