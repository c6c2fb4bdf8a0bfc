"""Row 16 at the addresses: a form sent again has one effect, whatever address it is sent to.

Every page that an owner can open is opened with ids that are there, and each of its forms is sent as a person would: again
and again with the same content, and some of them by several windows at once. What was written is compared row by row.
With every test run that is a sample of the forms; `make prove ROW=16` sends every one five times, and every one that wrote
by four windows at once. What services do under a key, at once and after a crash is tests/faults/test_retried_requests.py.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from tests.faults.clients import Clients
from tests.lib.proving import result, seeds, under
from tests.safety.attacked import person
from tests.safety.forms import Form, forms_of

TIMES, WINDOWS = 5, 4
PAGES, SAMPLE = 40, 25  # pages opened and forms sent, a seed, with every test run
# Rows of the office under attack hold words where the product writes a state or a document: these acts stumble over them.
OF_MADE_UP_ROWS = frozenset({"release_payment", "run_dunning", "settle_debt", "sign_document", "undo_merge"})
# Asked again may be noted again; a number may be skipped.
UNCOUNTED = frozenset({"core_auditevent", "core_counter", "core_sentform"})
ENDS_THE_WALK = frozenset({"logout", "session_end", "end_other_sessions", "change_password"})


@dataclass
class Walk:
    once: dict[str, Counter[str]] = field(default_factory=dict)  # rows that the first sending wrote, by act and table
    twice: dict[str, Counter[str]] = field(default_factory=dict)  # rows that the further ones wrote
    broken: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
def owner(attacked):
    return person(attacked.tenant, "owner", [], "pressing")


def pages(attacked: Any) -> list[str]:
    """Every page that the table of policies knows, with ids of rows that are there."""
    from claimwright.web.workbench.policies import OF_ADDRESS
    from tests.safety.test_route_walker import Walker, addresses

    walker = Walker(attacked, random.Random(1))

    def part(found: re.Match[str]) -> str:
        return "denials" if found[2] == "worklist" else walker._part(found[1], found[2], "path")

    read = [pattern for name, pattern in addresses() if OF_ADDRESS[name].only_reads]
    return ["/" + re.sub(r"<(\w+):(\w+)>", part, pattern) for pattern in read]


def forms_shown(owner: Any, addresses: list[str]) -> dict[str, Form]:
    """By act: the first form of it that one of these pages shows."""
    from django.urls import resolve

    seen: dict[str, Form] = {}
    for address in addresses:
        answer = owner.get(address)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for form in forms_of(answer.content.decode()):
            form.action = urljoin(address, form.action)
            name = resolve(urlsplit(form.action).path).view_name
            if name not in ENDS_THE_WALK:
                seen.setdefault(name, form)
    return seen


def rows(tenant: Any) -> Counter[tuple[str, str]]:
    """How many rows of each content stand in each table."""
    from django.db import connection

    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.tenancy import tenant_scope

    tables = [model._meta.db_table for model in tenant_models() if model._meta.db_table not in UNCOUNTED]
    one = "SELECT '{0}', md5(row::text), count(*) FROM \"{0}\" row GROUP BY 2"
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(table) for table in tables))
        return Counter({(table, digest): count for table, digest, count in cursor.fetchall()})


def written(before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> Counter[str]:
    """Rows that are new or say something else, by table; and those that are gone or said it."""
    found: Counter[str] = Counter()
    for (table, _), count in (after - before).items():
        found[table] += count
    for (table, _), count in (before - after).items():
        found[f"{table} before"] += count
    return found


def send(client: Any, form: Form, times: int = 1) -> int:
    """The worst status of so many sendings of the same content."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    status = 0
    for _ in range(times):
        files = {name: SimpleUploadedFile("x.csv", b"code,amount\n99213,80.00\n") for name in form.files}
        status = max(status, client.post(form.action, {**form.fields, **files}).status_code)
    return status


def walk(attacked: Any, owner: Any, shown: dict[str, Form], names: list[str], *, times: int = TIMES) -> Walk:
    """Each form for itself: what it did is taken back before the next one."""
    from django.db import transaction

    done = Walk()
    before = rows(attacked.tenant)
    for name in names:
        with transaction.atomic():
            if (status := send(owner, shown[name])) >= 500:
                done.broken[name] = status
            once = rows(attacked.tenant)
            send(owner, shown[name], times - 1)
            after = rows(attacked.tenant)
            transaction.set_rollback(True)
        if wrote := written(before, once):
            done.once[name] = wrote
        if more := written(once, after):
            done.twice[name] = more
    return done


def at_once(attacked: Any, owner: Any, form: Form) -> Counter[str]:
    """What several windows of one person write that send the same form at the same moment. It stays."""
    from django.test import Client

    before = rows(attacked.tenant)

    def window(_: int) -> int:
        client = Client(raise_request_exception=False)
        client.cookies = owner.cookies
        return send(client, form)

    with Clients(attacked.tenant, count=WINDOWS) as clients:
        answers = clients.together(window, scope=False)
    assert all(isinstance(answer, int) and answer < 500 for answer in answers), (form.action, answers)
    return written(before, rows(attacked.tenant))


def check_at_once(attacked: Any, owner: Any, done: Walk, names: list[str]) -> int:
    """Of forms as pages show them now; an earlier one may have ended what a later one is about. Says how many wrote."""
    now = forms_shown(owner, pages(attacked))
    wrote = 0
    for name in names:
        if name in now:
            found = at_once(attacked, owner, now[name])
            assert not found - done.once[name], (name, found)
            wrote += bool(found)
    return wrote


def unreached(shown: dict[str, Form]) -> list[str]:
    """Acts that no page of this office shows a form for."""
    from claimwright.web.workbench.policies import OF_ADDRESS

    return sorted(name for name, policy in OF_ADDRESS.items() if not policy.only_reads and name not in shown)


def an_inquiry(attacked: Any, client: Any) -> Form:
    """The form of a new inquiry of a patient, filled in, as a page shows it just now."""
    page = client.get(f"/inquiries/?patient={attacked.ids['patient']}").content.decode()
    return next(form for form in forms_of(page) if "words" in form.fields)


def said(client: Any, form: Form, **other: str) -> list[str]:
    """What the person is told who sends it and is led on."""
    from html import unescape

    page = unescape(client.post(form.action, {**form.fields, **other}, follow=True).content.decode())
    return re.findall(r"Inquiry \S+ is open|Not done: [\w ]+|sent before with other content", page)


def inquiries(attacked: Any) -> int:
    from claimwright.web.arrangements.models import Inquiry
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(attacked.tenant):
        return Inquiry.objects.count()


def test_row16_a_form_sent_again_has_one_effect(attacked, owner):
    sent, wrote = 0, 0
    with result(16, lambda: f"{sent} forms sent twice, {wrote} of them wrote; no second effect"):
        for seed in seeds():
            with under(seed) as rng:
                shown = forms_shown(owner, rng.sample(pages(attacked), PAGES))
                names = rng.sample(sorted(shown), min(SAMPLE, len(shown)))
                done = walk(attacked, owner, shown, names, times=2)
                assert done.twice == {} and set(done.broken) <= OF_MADE_UP_ROWS, (done.twice, done.broken)
                sent, wrote = sent + len(names), wrote + len(done.once)
        assert sent > SAMPLE and wrote > 3


def test_the_first_answer_stands_for_all_and_other_content_changes_nothing(attacked, owner):
    form, before = an_inquiry(attacked, owner), inquiries(attacked)
    first = said(owner, form)
    assert len(first) == 1 and said(owner, form) == first
    assert said(owner, form, words="Something else") == ["sent before with other content"]
    other = person(attacked.tenant, "manager", [], "another")
    assert said(other, form) != first  # the key is the person's own: nobody is given what another was answered
    assert inquiries(attacked) == before + 2
    assert said(owner, an_inquiry(attacked, owner)) != first  # meant twice: the page shows a form with another key
    assert inquiries(attacked) == before + 3


def test_what_did_nothing_keeps_no_key_and_keys_are_forgotten(attacked, owner, monkeypatch):
    from django.utils import timezone

    from claimwright.web.api import tasks
    from claimwright.web.arrangements import services
    from claimwright.web.core.models import SentForm
    from claimwright.web.core.tenancy import tenant_scope

    form, before = an_inquiry(attacked, owner), inquiries(attacked)
    with monkeypatch.context() as patch:
        patch.setattr(services, "open_inquiry", lambda **_: 1 / 0)
        assert owner.post(form.action, form.fields).status_code == 500
    assert len(said(owner, form)) == 1  # the same form, sent again after the fault
    assert inquiries(attacked) == before + 1
    with tenant_scope(attacked.tenant):
        kept = SentForm.objects.order_by("-sent_at").first()
        assert kept is not None and b"Inquiry" not in bytes(kept.sealed)
        SentForm.objects.filter(pk=kept.pk).update(sent_at=timezone.now() - tasks.KEPT - timedelta(minutes=1))
    tasks.forget_kept_answers(timestamp=0)
    with tenant_scope(attacked.tenant):
        assert not SentForm.objects.filter(pk=kept.pk).exists()


def test_a_secret_is_shown_once_and_made_once(attacked, owner):
    from claimwright.web.api.models import ApiToken
    from claimwright.web.core.tenancy import tenant_scope

    page = owner.get("/programs/").content.decode()
    form = next(one for one in forms_of(page) if {"name", "days"} <= {*one.fields})
    first, again = (owner.post(form.action, form.fields, follow=True).content.decode() for _ in range(2))
    assert "cw1_" in first
    assert "cw1_" not in again and "shown with the first answer only" in again
    with tenant_scope(attacked.tenant):
        assert ApiToken.objects.filter(name=form.fields["name"][0]).count() == 1


def test_canary_a_form_without_its_key_is_an_act_each_time(attacked, owner):
    """The comparison of rows sees a second effect, one by one and by windows at once."""
    form = an_inquiry(attacked, owner)
    del form.fields["form_key"]
    assert walk(attacked, owner, {"open_inquiry": form}, ["open_inquiry"], times=2).twice
    assert at_once(attacked, owner, form)["arrangements_inquiry"] == WINDOWS


def test_row16_windows_at_once_have_one_effect(attacked, owner):
    assert at_once(attacked, owner, an_inquiry(attacked, owner))["arrangements_inquiry"] == 1


@pytest.mark.prove
def test_row16_every_form_five_times_and_by_windows_at_once(attacked, owner):
    shown = forms_shown(owner, pages(attacked))
    found: list[Any] = []

    def words() -> str:
        done, wrote = found
        return (
            f"{len(shown)} forms {TIMES} times, {len(done.once)} wrote, {wrote} of them by {WINDOWS} windows at once; "
            f"no second effect; no form shown for: {', '.join(unreached(shown))}"
        )

    with result(16, words):
        assert len(shown) > 60
        done = walk(attacked, owner, shown, sorted(shown))
        assert done.twice == {} and set(done.broken) <= OF_MADE_UP_ROWS, (done.twice, done.broken)
        found += [done, check_at_once(attacked, owner, done, sorted(done.once))]
