"""Row 13: nobody reaches the rows of another tenant, or of a practice not granted, by any address.

Every address of the table of policies is asked by every role of two outsiders, with ids of the attacked practice in the
path, the query, the body, a header and the name of a file. No answer may hold a word of the attacked practice, no id in a
path may be found, and no row of it may have changed. The walker is walked by an insider first: it must see the leak.
`make prove ROW=13` makes more than 100,000 such requests.
"""

from __future__ import annotations

import itertools
import random
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lib.proving import result, scale, seeds, under
from tests.safety.attacked import CANARIES, Attacked

FULL_SCALE = 100_000
COMMIT_SCALE = 60  # a seed; other addresses with each fresh one
WORKBENCH = Path(__file__).parents[2] / "src/claimwright/web/workbench"
PLACES = ("path", "query", "body", "header", "file")
HEADERS = ("HTTP_X_TENANT", "HTTP_X_PRACTICE", "HTTP_X_FORWARDED_HOST", "HTTP_REFERER", "HTTP_IF_NONE_MATCH")
NOT_FOUND = (403, 404, 405)
# Pages of what every practice of an office has in common: payers and what they ask (core/practice_grants.py, OPEN).
# Agencies are the office's too; what is exported to one are accounts of the person's own practices.
OF_THE_OFFICE = frozenset({"settings_payer", "settings_payer_rules", "agency_export"})
LEAVES = frozenset({"logout", "session_end", "end_other_sessions", "change_password"})  # would only end the walk


@dataclass(frozen=True)
class Asked:
    name: str
    place: str
    status: int
    words: tuple[str, ...]
    kind: str = "stranger"  # or limited: of the office, to another of its practices

    def leaks(self) -> bool:
        reached = self.place == "path" and self.status not in NOT_FOUND
        if self.kind == "limited" and self.name in OF_THE_OFFICE:
            reached = False
        return bool(self.words) or self.status >= 500 or reached


def addresses() -> list[tuple[str, str]]:
    from claimwright.web.workbench.policies import OF_ADDRESS
    from tests.house.test_policies import addresses as declared

    return [(name, pattern) for name, pattern in declared() if name in OF_ADDRESS and name not in LEAVES]


def parameters() -> list[str]:
    """Every name that a view reads from a query or a form."""
    found: set[str] = set()
    for path in WORKBENCH.glob("*.py"):
        found |= set(
            re.findall(r"""\b(?:GET|POST|wanted|form|asked)(?:\.get|\.getlist)?[(\[]"(\w+)["]""", path.read_text())
        )
    return sorted(found - {"next"})


class Walker:
    """Asks with ids of the attacked practice. `names` are the parameters that views read."""

    def __init__(self, attacked: Attacked, rng: random.Random) -> None:
        self.rng, self.names = rng, parameters()
        office = attacked.office
        ids = dict(attacked.ids)
        ids |= {"version": office.held.pk, "claim": office.held.claim_id, "finding": ids["editfinding"]}
        ids |= {"item": ids["workitem"], "received_file": ids["inboxfile"], "sent_file": ids["outboxfile"]}
        ids |= {"claim_payment": ids["claimpayment"], "coverage": ids["patientcoverage"], "line": ids["chargeline"]}
        ids |= {
            "adjustment": ids["provideradjustment"],
            "receipt": ids["patientreceipt"],
            "practice": office.practice.pk,
        }
        self.ids, self.all = ids, list(ids.values())
        self.texts = [str(office.held.control_number), "MRN1001", "Tester", office.remittance.trace_number]

    def ask(self, client: Any, name: str, pattern: str, place: str) -> Asked:
        foreign = self.rng.choice(self.all)
        path = "/" + re.sub(r"<(\w+):(\w+)>", lambda part: self._part(part[1], part[2], place), pattern)
        picked = self.rng.sample(self.names, 12)
        values = {one: self._value(one, foreign) for one in picked}
        headers = {self.rng.choice(HEADERS): str(foreign)} if place == "header" else {}
        body: dict[str, Any] = dict(values) if place == "body" else {"reason": "x"}
        if place == "file":
            body = {one: _file(self.rng, foreign) for one in ("file", "files", "image", "statement", "sheet")}
        query = values if place == "query" else {}
        read = _reads(name)
        answer = client.get(path, query, **headers) if read else client.post(path, body, **headers)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        said = content.decode(errors="replace") + repr(dict(answer.headers))
        sent = repr((values, body, path))
        words = tuple(word for word in CANARIES if word in said and word not in sent)
        return Asked(
            name,
            place if "<uuid:" in pattern or place != "path" else "no id",
            answer.status_code,
            words,
            getattr(client, "kind", "stranger"),
        )

    def _part(self, kind: str, name: str, place: str) -> str:
        if kind == "uuid":
            return str(
                self.ids.get(
                    name.removesuffix("_id").replace("_", ""),
                    self.ids.get(name.removesuffix("_id"), self.ids["patient"]),
                )
            )
        return str(self.ids["person"]) if kind == "int" else "x"

    def _value(self, name: str, foreign: Any) -> str:
        own = self.ids.get(name.removesuffix("_id"))
        return str(own if own is not None else self.rng.choice([foreign, foreign, *self.texts]))


def _reads(name: str) -> bool:
    from claimwright.web.workbench.policies import OF_ADDRESS

    return OF_ADDRESS[name].only_reads


def _file(rng: random.Random, foreign: Any) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    name = rng.choice([f"{foreign}.csv", f"../{foreign}.835", f"..%2f{foreign}.pdf", "prices.csv"])
    return SimpleUploadedFile(name, rng.choice([b"ISA*00*", b"code,amount\n", b"%PDF-1.4", b""]))


def rows_of(attacked: Attacked) -> dict[str, dict[uuid.UUID, str]]:
    """What every row of the attacked practice says, by table."""
    from django.db import connection

    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.practice_grants import OPEN
    from claimwright.web.core.tenancy import tenant_scope

    found = {}
    for model in tenant_models():
        if model._meta.label in OPEN:
            continue
        table = model._meta.db_table
        with tenant_scope(attacked.tenant), connection.cursor() as cursor:
            cursor.execute(f'SELECT id, md5(row::text) FROM "{table}" row')
            whole = dict(cursor.fetchall())
        with tenant_scope(attacked.tenant, practices=[attacked.granted.pk]), connection.cursor() as cursor:
            cursor.execute(f'SELECT id FROM "{table}"')
            own = {row for (row,) in cursor.fetchall()}
        found[table] = {row: digest for row, digest in whole.items() if row not in own}
    return found


def walk(attacked: Attacked, people: list[Any], rng: random.Random, requests: int) -> list[Asked]:
    walker, cases = Walker(attacked, rng), []
    rounds = itertools.cycle(itertools.product(PLACES, people)) if requests > 5_000 else None
    while len(cases) < requests:
        order = addresses()
        rng.shuffle(order)
        for name, pattern in order:
            place, client = next(rounds) if rounds else (rng.choice(PLACES), rng.choice(people))
            cases.append(walker.ask(client, name, pattern, place))
            if len(cases) == requests:
                break
    return cases


def cross(attacked: Attacked, outsiders: dict[Any, Any], rng: random.Random, requests: int) -> Counter[str]:
    """Walks, demands that nothing leaked or changed, and counts the requests by place."""
    # an owner is stopped by no policy: half of all requests ask what stands behind the door
    people = [*outsiders.values(), *[outsiders[kind, "owner"] for kind in ("stranger", "limited")] * 9]
    for (kind, _), client in outsiders.items():
        client.kind = kind
    before = rows_of(attacked)
    cases = walk(attacked, people, rng, requests)
    assert not [case for case in cases if case.leaks()][:20]
    after = rows_of(attacked)
    changed = [table for table, rows in before.items() if rows.items() - after[table].items()]
    assert changed == []
    return Counter(case.place for case in cases)


def test_row13_commit_scale_no_address_gives_another_ones_rows(attacked, outsiders):
    counts: Counter[str] = Counter()
    with result(13, lambda: f"{counts.total()} crossing requests, 0 leaks, by place {dict(counts)}"):
        for seed in seeds():
            with under(seed) as rng:
                counts += cross(attacked, outsiders, rng, COMMIT_SCALE)
        assert counts.total() >= 2 * COMMIT_SCALE and {*PLACES} <= {*counts}


def test_the_walker_sees_a_leak(attacked):
    """The same walk by somebody of the attacked practice itself: its words are there, and its ids are found."""
    from tests.safety.attacked import person

    insider = person(attacked.tenant, "auditor", [], "insider")
    walker = Walker(attacked, random.Random(1))
    seen = [
        walker.ask(insider, name, dict(addresses())[name], "path")
        for name in ("patients", "patient", "claims", "claim", "remittances", "denials")
    ]
    assert sum(case.leaks() for case in seen) >= 4
    assert {word for case in seen for word in case.words} >= {"CW1003"}


@pytest.mark.prove
def test_row13_full_scale(attacked, outsiders):
    counts: Counter[str] = Counter()
    with result(13, lambda: f"{counts.total()} crossing requests, 0 leaks, by place {dict(counts)}"):
        for seed in seeds():
            with under(seed) as rng:
                counts += cross(attacked, outsiders, rng, scale(FULL_SCALE) // 2)
