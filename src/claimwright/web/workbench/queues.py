"""The queues of a billing office, by stage: one row each, and what each counts. A queue is a query, nothing is filed.

A row names the worklists whose open items it counts, or the rows of claims, denials, appeals and statements that it asks
for itself; `mirrors` are worklists that repeat those rows as items, and are shown and not counted twice. Every worklist
stands in one row. All rows together take a fixed number of questions to the database, however many claims there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from django.db.models import Count, Min, Q, Sum, Value
from django.http import HttpRequest
from django.urls import reverse

from claimwright.billing.lifecycle import ANY_UNSENT, State
from claimwright.billing.order_of_day import Tally
from claimwright.codes.money import ZERO
from claimwright.web.core import clock
from claimwright.web.core.desks import DESKS
from claimwright.web.core.models import WorkItem
from claimwright.web.core.work_in_hand import awake
from claimwright.web.core.worklists import TITLES
from claimwright.web.denials.models import Denial
from claimwright.web.statements.models import Account, Delivery
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.denial_views import appeal_due, appeals_to_act_on, denial_due, in_view
from claimwright.web.workbench.pages import with_query
from claimwright.web.workbench.policies import has, may, may_see_worklist

FILING_WARNING_DAYS = 15  # how near a filing limit is shown here: the default of the domain's filing alarm
REJECTED = (State.FILE_REJECTED.value, State.CH_REJECTED.value, State.PAYER_REJECTED.value)
# The payer has no claim: not sent, or turned back before anybody decided. Its filing limit runs.
NOT_FILED = (*(state.value for state in ANY_UNSENT), State.ON_HOLD.value, *REJECTED)
ENDED = (State.CLOSED, State.VOIDED, State.REPLACED, State.CANCELLED)
LIVE = tuple(state.value for state in State if state and state not in ENDED)
WHOSE = ("team", "desk", "mine")
ALL = Q(pk__isnull=False)


@dataclass(frozen=True)
class Queue:
    """`address` is the name of the page that works it, with `query`; without one, its first worklist with items.

    `due_query` is what more it takes to show of that page what the queue counts as due; without it, all is.
    """

    key: str
    title: str
    worklists: str = ""
    address: str = ""
    query: Mapping[str, str] | None = None
    due_query: Mapping[str, str] | None = None
    mirrors: str = ""

    @property
    def lists(self) -> tuple[str, ...]:
        return tuple(self.worklists.split())


QUEUES: tuple[Queue, ...] = (
    Queue(
        "eligibility", "Eligibility and registration",
        "eligibility_queue eligibility_set_up eligibility_queries eligibility_registration eligibility_not_active "
        "eligibility_changes eligibility_answers coverage_candidates coverage_order new_coverage duplicate_patients "
        "unreadable_cards document_problems schedule_problems interface_messages",
    ),
    Queue(
        "authorizations", "Authorizations", "authorization_chase authorization_problems authorization_answers"
    ),
    Queue(
        "missing_charges", "Missing charges",
        "arrived_without_note note_without_charge documented_without_line lab_result_without_charge charge_lag "
        "intake_problems intake_unmapped_codes unpriced_charges",
    ),
    Queue("coding", "Coding", "provider_queries line_without_documentation"),
    Queue("edits", "Held by edits", "edit_holds file_edits unknown_payer rule_proposals"),
    Queue("hold", "On hold", address="claims", query={"state": "ON_HOLD"}, due_query={"hold": "due"}),
    Queue("ready", "Ready to send", address="claims", query={"state": "READY"}),
    Queue(
        "timely_filing", "Near the filing limit", address="claims", query={"limit": "near"}, due_query={"limit": "due"}
    ),
    Queue("follow_up", "Follow up today", address="claims", query={"follow": "due"}),
    Queue(
        "rejected", "Rejected", "file_rejections clearinghouse_rejections payer_rejections claims_not_on_file"
    ),
    Queue(
        "no_response", "No response",
        "no_file_acknowledgement no_clearinghouse_answer no_payer_acknowledgement no_payer_answer missing_remittances "
        "contacts_due status_answers ambiguous_sends orphan_acknowledgements",
    ),
    Queue("information", "Information asked for", "information_requested records_requested"),
    Queue("denied", "Denied", address="denials", due_query={"due": "today"}, mirrors="denials"),
    Queue(
        "appeals", "Appeals", address="denials", query={"view": "appeals"}, due_query={"due": "today"},
        mirrors="appeals_unanswered",
    ),
    Queue("underpaid", "Underpaid", "underpayments"),
    Queue("later_payers", "Next payer", "next_payer missing_crossover primary_changed"),
    Queue(
        "remittance_exceptions", "Remittance exceptions",
        "quarantined_remittances remittance_conflicts duplicate_remittances unmatched_payments partial_matches "
        "unmatched_lines payer_not_on_claim other_practice unknown_reason_codes reversals_without_original "
        "second_remittances would_go_negative claim_status_on_hold claim_not_sent posting_review before_posting "
        "reversed_without_correction open_after_decision",
    ),
    Queue(
        "provider_adjustments", "Provider adjustments not posted", "provider_adjustments unidentified_takebacks"
    ),
    Queue(
        "deposits", "Deposits and bank",
        "deposits eft_without_era era_without_eft bank_lines cash_differences returned_payments card_payments",
    ),
    Queue("credits", "Credits and write-offs", "credit_balances refunds_out write_off_approvals"),
    Queue("statements", "Statements to send", "returned_mail", address="statements"),
    Queue(
        "patients", "Patients' affairs",
        "inquiries assistance gfe_due estimate_exceeded plan_defaults plan_payments agency_review agency_problems",
    ),
    Queue("office", "The office", "connection_problems quarantined_files failed_jobs emergency_access webhooks_undelivered"),
)  # fmt: skip
BY_KEY = {queue.key: queue for queue in QUEUES}
OF_LIST = {name: queue.key for queue in QUEUES for name in (*queue.lists, *queue.mirrors.split())}


class ListTally(msgspec.Struct, frozen=True, kw_only=True):
    """One worklist's open items that are awake."""

    name: str
    title: str
    address: str
    tally: Tally


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One queue as home shows it."""

    key: str
    title: str
    address: str
    due_address: str
    tally: Tally
    days: int
    lists: tuple[ListTally, ...] = ()


@dataclass(frozen=True)
class Whose:
    """Whose work is counted: everybody's, what lies unclaimed at the desk of a role, or one person's."""

    which: str
    username: str
    role: str
    leads: bool = False  # what was passed up lies at their desk

    def items(self) -> Q:
        if self.which == "mine":
            return Q(owner=self.username)
        if self.which == "desk":
            lists = [name for name, desk in DESKS.items() if desk == self.role]
            at_desk = Q(owner="", worklist__in=lists, escalated_on__isnull=True)
            if self.leads:
                at_desk |= Q(escalated_on__isnull=False)
            return at_desk
        return Q()

    def owned(self, field: str) -> Q:
        """Rows that have an owner and no desk: mine, or all."""
        return Q(**{field: self.username}) if self.which == "mine" else Q()


def whose(request: HttpRequest) -> Whose:
    which = request.GET.get("whose", "")
    user = request.user
    return Whose(
        which if which in WHOSE else "team", user.get_username(), getattr(user, "role", ""), has(request, "office.lead")
    )  # fmt: skip


def _tally(key: str, row: Mapping[str, object]) -> Tally:
    return Tally(
        key=key, count=int(str(row["count"])), amount=row["dollars"] or ZERO, oldest=row["oldest"],  # type: ignore[arg-type]
        due=int(str(row["due"])), due_amount=row["due_dollars"] or ZERO,  # type: ignore[arg-type]
    )  # fmt: skip


def _measures(amount: str, oldest: str, due: Q) -> dict[str, object]:
    """Rows, not ids, are counted: an index that holds what is asked answers alone."""
    return {
        "count": Count(Value(1)), "dollars": Sum(amount), "oldest": Min(oldest), "due": Count(Value(1), filter=due),
        "due_dollars": Sum(amount, filter=due),
    }  # fmt: skip


def item_tallies(of: Whose, today: date) -> dict[str, Tally]:
    """Every worklist with items that are awake."""
    rows = (
        WorkItem.objects.filter(awake(today) & of.items())
        .values("worklist")
        .annotate(**_measures("amount", "raised_on", Q(due_date__lte=today)))
    )
    return {row["worklist"]: _tally(row["worklist"], row) for row in rows}


def claim_states(of: Whose, today: date) -> list[dict[str, object]]:
    """The newest version of every claim that has not ended, counted by state in the order of its life."""
    order = [str(state) for state in State]
    rows = (
        ClaimVersion.objects.filter(of.owned("claim__owner"), newest=True, state__in=LIVE)
        .values("state")
        .annotate(
            charge=Sum("total_charge"),
            **_measures("total_charge", "date_of_service", Q(hold_until__lte=today)),
        )
    )
    return sorted(rows, key=lambda row: order.index(row["state"]))


def _of_state(key: str, state: State) -> Callable[[list[dict[str, object]]], Tally]:
    def find(states: list[dict[str, object]]) -> Tally:
        return next((_tally(key, row) for row in states if row["state"] == state), Tally(key=key))

    return find


OF_STATES = {"hold": _of_state("hold", State.ON_HOLD), "ready": _of_state("ready", State.READY)}


def near_limit(of: Whose, today: date) -> Tally:
    """Newest versions that no payer has, and whose filing limit is near or past; past or of today: due."""
    rows = ClaimVersion.objects.filter(
        of.owned("claim__owner"), newest=True, state__in=NOT_FILED,
        filing_deadline__lte=today + timedelta(days=FILING_WARNING_DAYS),
    )  # fmt: skip
    measures = _measures("total_charge", "date_of_service", Q(filing_deadline__lte=today))
    return _tally("timely_filing", rows.aggregate(**measures))


def follow_ups(of: Whose, today: date) -> Tally:
    """Claims that a person wanted to see again by today: all due, the oldest day first."""
    rows = ClaimVersion.objects.filter(of.owned("claim__owner"), newest=True, claim__follow_up_on__lte=today)
    return _tally("follow_up", rows.aggregate(**_measures("total_charge", "claim__follow_up_on", ALL)))


def denied(of: Whose, today: date) -> Tally:
    """Open denials that are ours to work and awake."""
    rows = in_view(Denial.objects.filter(of.owned("owner")), "work", today)
    return _tally("denied", rows.aggregate(**_measures("amount", "received_on", denial_due(today))))


def appeals(of: Whose, today: date) -> Tally:
    """Appeals to send, and those sent whose answer is late."""
    rows = appeals_to_act_on(today).filter(of.owned("denial__owner"))
    return _tally("appeals", rows.aggregate(**_measures("amount", "notice_on", appeal_due(today))))


def statements(of: Whose, today: date) -> Tally:
    """Pieces to send, and accounts whose next step has come; nobody owns these."""
    if of.which == "mine":
        return Tally(key="statements")
    pieces = Delivery.objects.filter(state=Delivery.State.WAITING)
    found = _tally("statements", pieces.aggregate(**_measures("whole__amount_due", "made_on", Q(made_on__lt=today))))
    steps = Account.objects.filter(stopped_by="", next_step_on__lte=today).exclude(next_step="")
    asked = steps.aggregate(count=Count(Value(1)), oldest=Min("next_step_on"))
    more = Tally(key="statements", count=asked["count"], oldest=asked["oldest"], due=asked["count"])
    return found.plus(more)


OWN: Mapping[str, Callable[[Whose, date], Tally]] = {
    "timely_filing": near_limit, "follow_up": follow_ups, "denied": denied, "appeals": appeals, "statements": statements,
}  # fmt: skip


def shown(request: HttpRequest, of: Whose, states: list[dict[str, object]]) -> list[Shown]:
    """Every queue with what is in it, in the order of a claim's life; without those that the person may not open."""
    today, role = clock.today(), getattr(request.user, "role", "")
    items = item_tallies(of, today)
    by_queue: dict[str, list[ListTally]] = defaultdict(list)
    for name, tally in items.items():
        if may_see_worklist(role, name):
            by_queue[OF_LIST.get(name, "office")].append(_listed(name, tally, of))
    found = []
    for queue in QUEUES:
        lists = sorted(by_queue[queue.key], key=lambda one: (-one.tally.due, -one.tally.amount, one.title))
        if queue.address and not may(request, queue.address):
            if not lists:
                continue
            found.append(_shown(queue, lists, Tally(key=queue.key), of, today, own_page=False))
            continue
        own = OWN[queue.key](of, today) if queue.key in OWN else Tally(key=queue.key)
        own = OF_STATES[queue.key](states) if queue.key in OF_STATES else own
        if queue.address or lists or any(may_see_worklist(role, name) for name in queue.lists):
            found.append(_shown(queue, lists, own, of, today, own_page=bool(queue.address)))
    return found


def _listed(name: str, tally: Tally, of: Whose) -> ListTally:
    which = of.which if of.which != "team" else ""
    return ListTally(
        name=name, title=TITLES.get(name, name.replace("_", " ")), tally=tally,
        address=with_query(reverse("worklist", args=[name]), whose=which),
    )  # fmt: skip


def _shown(queue: Queue, lists: list[ListTally], own: Tally, of: Whose, today: date, *, own_page: bool) -> Shown:
    counted = [one.tally for one in lists if one.name not in queue.mirrors.split()]
    tally = own
    for one in counted:
        tally = tally.plus(one)
    address = due_address = ""
    if own_page:
        mine = {"owner": of.username} if of.which == "mine" else {}
        page = reverse(queue.address)
        address = with_query(page, **{**(queue.query or {}), **mine})
        due_address = with_query(page, **{**(queue.query or {}), **(queue.due_query or {}), **mine})
    elif lists:
        address = lists[0].address
        due_address = f"{address}{'&' if '?' in address else '?'}due=today"
    return Shown(
        key=queue.key, title=queue.title, address=address, due_address=due_address, tally=tally,
        days=(today - tally.oldest).days if tally.oldest else 0, lists=tuple(lists),
    )  # fmt: skip


def lists_in_order(request: HttpRequest, order: Iterable[str]) -> list[str]:
    """The worklists of one's own desk, for who leads all of them, in the order of the day: where the next item is."""
    role, leads = getattr(request.user, "role", ""), has(request, "office.lead")
    names = [name for key in order for name in BY_KEY[key].lists + tuple(BY_KEY[key].mirrors.split())]
    own = [name for name in names if leads or DESKS.get(name) == role]
    return [name for name in own if may_see_worklist(role, name)]
