"""Statements in, lines matched where it is proved, the rest on worklists; what a person accepts, explains or undoes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

import msgspec
from django.db.models import Q

from claimwright.billing.bank_files import AccountStatement, CsvProfile, read_bank_file
from claimwright.billing.bank_files import BankLine as LineNoun
from claimwright.billing.bank_matching import Expected, Proof, match_certainly
from claimwright.billing.bank_reconciliation import missing_from
from claimwright.web.bank import selectors
from claimwright.web.bank.booking import BankRefused, book_match, book_undoing, fill_part
from claimwright.web.bank.groups import opened
from claimwright.web.bank.marks import mark_anew
from claimwright.web.bank.models import (
    BankAccount,
    BankFile,
    BankLine,
    BankMatch,
    BankMatchLine,
    BankMatchPart,
    BankStatement,
    OpenLine,
)
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.payments.services import return_payment
from claimwright.web.practice.models import Practice

ZERO = Decimal("0.00")
# What a line may be that is no money of claims. A bank fee is booked; the others stand outside these books.
CATEGORIES = {
    "bank_fee": "Fee of the bank", "interest": "Interest of the bank", "transfer": "Transfer between own accounts",
    "payroll": "Payroll", "expense": "Expense of the practice", "owner": "Owner's money", "other": "Other, as noted",
}  # fmt: skip


class BankImport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did. `faults` not empty: the file is kept and none of its lines was taken."""

    file: str
    seen_before: bool = False
    new_lines: int = 0
    repeated_lines: int = 0
    matched: int = 0
    open: int = 0
    faults: tuple[dict[str, object], ...] = ()


def open_account(
    *, name: str, practice: Practice | None = None, profile: CsvProfile | None = None, number: str = ""
) -> BankAccount:
    """An account by its name; again with the same name gives the account that is there."""
    from claimwright.billing.bank_files.cells import account_ending, account_key

    account, _ = BankAccount.objects.get_or_create(
        name=name,
        defaults={
            "practice": practice, "profile": msgspec.to_builtins(profile) if profile else {},
            "ending": account_ending(number), "account_key": account_key(number),
        },
    )  # fmt: skip
    return account


def import_bank_file(*, name: str, content: bytes, account: BankAccount | None = None) -> BankImport:
    """Keep the file, read it, take its new lines, match what is proved. The same bytes again change nothing.

    Raises BankRefused where it is not clear which account the file is of. A file with faults is kept with them.
    """
    digest = hashlib.sha256(content).hexdigest()
    known = BankFile.objects.filter(sha256=digest).first()
    if known is not None:
        return BankImport(file=name, seen_before=True, faults=tuple(known.faults))
    profile = msgspec.convert(account.profile, CsvProfile) if account and account.profile else None
    read = read_bank_file(content, profile=profile)
    faults = tuple(msgspec.to_builtins(fault) for fault in read.faults)
    accounts = [_account_of(statement, account) for statement in read.statements] if not faults else []
    file, is_new = BankFile.objects.get_or_create(
        sha256=digest,
        defaults={
            "name": name[:255], "content": content, "format": read.format, "faults": list(faults),
            "received_at": clock.now(), "received_by": actor(),
        },
    )  # fmt: skip
    if not is_new:  # another person brought it in this moment
        return BankImport(file=name, seen_before=True, faults=tuple(file.faults))
    record_audit(action="bank.file", subject_type="bank_file", subject_id=file.pk, detail=f"{len(faults)} faults")
    if faults:
        return BankImport(file=name, faults=faults)
    counts: Counter[str] = Counter()
    for owner, statement in zip(accounts, read.statements, strict=True):
        counts.update(_take(file, owner, statement))
    matched = match_open_lines()
    return BankImport(
        file=name, new_lines=counts["new"], repeated_lines=counts["repeated"], matched=matched,
        open=selectors.open_lines().filter(statement__file=file).count(),
    )  # fmt: skip


def _account_of(statement: AccountStatement, given: BankAccount | None) -> BankAccount:
    """The account that the file's number names. A chosen account without a number learns it; another's is refused."""
    if statement.account_key:
        owner = BankAccount.objects.filter(account_key=statement.account_key).first()
        if owner is not None and given is not None and owner.pk != given.pk:
            raise BankRefused(f"the file is of the account {owner.name}, not of {given.name}")
        if owner is not None:
            return owner
        if given is None or given.account_key:
            raise BankRefused("the file's account number is of no account here; name the account, or open it first")
        given.account_key, given.ending = statement.account_key, statement.account_ending
        given.save(update_fields=["account_key", "ending"])
        return given
    if given is not None:
        return given
    accounts = list(BankAccount.objects.all()[:2])
    if len(accounts) != 1:
        raise BankRefused("the file names no account; say which one it is of")
    return accounts[0]


def _take(file: BankFile, account: BankAccount, statement: AccountStatement) -> dict[str, int]:
    BankAccount.objects.select_for_update().get(pk=account.pk)  # two imports of one account come one after the other
    keyed = list(zip(_keys(statement.lines), statement.lines, strict=True))
    there = set(
        BankLine.objects.filter(account=account, key__in=[key for key, _ in keyed]).values_list("key", flat=True)
    )
    fresh = [(key, line) for key, line in keyed if key not in there]
    row = BankStatement.objects.create(
        file=file, account=account, start=statement.start, end=statement.end, new_lines=len(fresh),
        opening_balance=statement.opening_balance, closing_balance=statement.closing_balance,
        repeated_lines=len(keyed) - len(fresh),
    )  # fmt: skip
    lines = BankLine.objects.bulk_create(
        [
            BankLine(
                statement=row, account=account, place=line.place, key=key, posted_on=line.posted_on, amount=line.amount,
                kind=line.kind.value, description=line.description, content=msgspec.to_builtins(line),
            )
            for key, line in fresh
        ],
        batch_size=1000,
    )  # fmt: skip
    OpenLine.objects.bulk_create([OpenLine(line=line) for line in lines], batch_size=1000)
    return {"new": len(fresh), "repeated": len(keyed) - len(fresh)}


def _keys(lines: Iterable[LineNoun]) -> list[str]:
    """What a line is known by in overlapping files. Alike lines of one day are told apart by their count in the file:
    a statement has whole days, so the second of a day is the second in every file."""
    seen: Counter[str] = Counter()
    keys = []
    for line in lines:
        parts = (line.posted_on.isoformat(), str(line.amount), line.bank_reference, line.check_number, line.description)
        plain = "|".join(parts)
        seen[plain] += 1
        keys.append(hashlib.sha256(f"{plain}|{seen[plain]}".encode()).hexdigest())
    return keys


# Matching ------------------------------------------------------------------------------------------------------------


def match_open_lines() -> int:
    """Match every open line that a proof names, list the rest; says how many lines were matched. Repeatable."""
    lock_matching()
    count = 0
    while made := _match_all():
        count += made
    list_open_lines()
    return count


def _match_all() -> int:
    """All accounts at once: a payment that lines of two accounts claim is in doubt."""
    rows = {str(row.pk): row for row in selectors.open_lines().select_related("account__practice")}
    if not rows:
        return 0
    expected = {one.expected_id: one for one in selectors.open_money()}
    scopes: dict[object, set[str]] = {}
    lines = [selectors.as_money(row) for row in rows.values()]
    count = 0
    for match in match_certainly(lines, list(expected.values()), selectors.settled_traces()).certain:
        tied = [rows[line_id] for line_id in match.line_ids]
        account = tied[0].account
        if any(line.account_id != account.pk for line in tied):
            continue
        if account.pk not in scopes:
            scopes[account.pk] = {one.expected_id for one in selectors.money_of(account, expected.values())}
        if not set(match.expected_ids) <= scopes[account.pk]:
            continue  # money of another practice
        _tie(
            tied, [expected[one] for one in match.expected_ids], kind=match.proof.value, fee=match.fee,
            undoes=match.undoes, automatic=True,
        )  # fmt: skip
        count += len(tied)
    return count


def lock_matching() -> None:
    """One matching at a time in a tenant: two people never give one payment to two lines, or to a line and a slip.

    Also for whoever gathers money that the bank will show, before reading what waits for it.
    """
    list(BankAccount.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _tie(
    lines: Sequence[BankLine], money: Sequence[Expected], *, kind: str, fee: Decimal = ZERO, undoes: str = "",
    automatic: bool = False, score: int | None = None, reasons: Sequence[str] = (),
) -> BankMatch:  # fmt: skip
    undone = BankMatch.objects.get(pk=undoes) if undoes else None
    if undone is not None:
        # The lines that came and went stand together from now on: their money is expected again.
        book_undoing(undone, on=max(line.posted_on for line in lines))
        lines = [*lines, *(row.line for row in undone.lines.select_related("line"))]
    total = sum((line.amount for line in lines), ZERO)
    returned = total < 0 and bool(money) and all(one.amount > 0 for one in money)
    expected = sum((-one.amount if returned else one.amount for one in money), ZERO)
    if total != expected - fee:
        raise BankRefused(f"the lines are {total}, the money is {expected} with a fee of {fee}: they must agree")
    money, less = opened(money, selectors.open_single_money)
    match = BankMatch.objects.create(
        kind=kind, automatic=automatic, score=score, reasons=list(reasons), fee=fee + less, actor=actor(), at=clock.now(),
        effective_on=max(line.posted_on for line in lines), undoes=undone,
    )  # fmt: skip
    BankMatchLine.objects.bulk_create([BankMatchLine(match=match, line=line, amount=line.amount) for line in lines])
    parts = [BankMatchPart(match=match, amount=-one.amount if returned else one.amount) for one in money]
    for part, one in zip(parts, money, strict=True):
        fill_part(part, one.expected_id)
        if returned and part.receipt is not None:
            return_payment(receipt=part.receipt)
    book_match(match, parts, lines, fee=fee)
    BankMatchPart.objects.bulk_create(parts)
    _mark(lines, match, *([undone] if undone else []))
    _resolve(lines, "Matched")
    record_audit(action="bank.match", subject_type="bank_match", subject_id=match.pk, detail=f"{kind} {total}")
    return match


def _mark(lines: Sequence[BankLine], *matches: BankMatch) -> None:
    parts = BankMatchPart.objects.filter(match__in=matches, receipt__isnull=False)
    mark_anew(lines=lines, receipts=list(parts.values_list("receipt_id", flat=True)))


def accept_match(
    *, line_ids: Sequence[str], expected_ids: Sequence[str], fee: Decimal = ZERO, undoes: str = "",
    score: int | None = None, reasons: Sequence[str] = (),
) -> BankMatch:  # fmt: skip
    """A person ties lines to money. Raises BankRefused if either is taken by now, or the sums do not agree."""
    lock_matching()
    lines = list(selectors.open_lines().filter(pk__in=line_ids).select_related("account__practice"))
    if not lines or len(lines) != len(set(line_ids)):
        raise BankRefused("a line is matched by now; look at the list again")
    if len({line.account_id for line in lines}) > 1:
        raise BankRefused("the lines are of several accounts")
    open_money = {one.expected_id: one for one in selectors.open_money(lines[0].account)}
    takes_back = bool(undoes) or sum((line.amount for line in lines), ZERO) < 0
    settled = selectors.settled_lines(selectors.taken_back(lines)) if takes_back else []
    shown = {one.expected_id: one for past in settled for one in past.expected}
    open_money |= shown
    missing = [one for one in expected_ids if one not in open_money]
    if missing or (undoes and undoes not in {past.match_id for past in settled}):
        raise BankRefused("the money is matched or gone by now; look at the list again")
    if not expected_ids and not undoes:
        raise BankRefused("say what money the line is")
    if fee < 0:
        raise BankRefused("a fee is not below zero")
    money = [open_money[one] for one in dict.fromkeys(expected_ids)]
    if undoes:
        _check_undoes(lines, undoes)
    else:
        _check_taken_back(lines, money, shown)
    return _tie(lines, money, kind=Proof.REVERSAL.value if undoes else "ACCEPTED", fee=fee, undoes=undoes, score=score,
                reasons=reasons)  # fmt: skip


def _check_taken_back(lines: Sequence[BankLine], money: Sequence[Expected], shown: Collection[str]) -> None:
    """Money that leaves takes back whole payments of patients that had come; what is still to come cannot come so."""
    comes_back = sum((line.amount for line in lines), ZERO) < 0 and all(one.amount > 0 for one in money)
    if any((one.expected_id in shown) is not comes_back for one in money):
        raise BankRefused("money that leaves is a refund of ours, or patients' payments that the bank had shown")


def _check_undoes(lines: Sequence[BankLine], undoes: str) -> None:
    past = sum(BankMatchLine.objects.filter(match=undoes).values_list("amount", flat=True), ZERO)
    if past + sum((line.amount for line in lines), ZERO):
        raise BankRefused(f"the line does not take back {past}")


def accept_best(*, line: BankLine) -> BankMatch:
    """The best suggestion of a line, where it may be accepted. Raises BankRefused where none may."""
    made = selectors.suggester(line.account).for_line(selectors.as_money(line))
    if not made or made[0].difference:
        raise BankRefused("nothing that is suggested has the same amount")
    best = made[0]
    return accept_match(
        line_ids=best.line_ids, expected_ids=best.expected_ids, fee=best.fee, undoes=best.undoes, score=best.score,
        reasons=best.reasons,
    )  # fmt: skip


def explain_line(*, line: BankLine, category: str, note: str = "") -> BankMatch:
    """A line that is no money of claims, with its reason. A bank's fee is booked. Raises BankRefused."""
    lock_matching()
    if category not in CATEGORIES:
        raise BankRefused(f"the reason is one of {', '.join(CATEGORIES)}")
    if category == "other" and not note.strip():
        raise BankRefused("say in a note what the line is")
    if category == "bank_fee" and line.amount >= 0:
        raise BankRefused("a fee is money that went out")
    if not selectors.open_lines().filter(pk=line.pk).exists():
        raise BankRefused("the line is matched by now; look at the list again")
    match = BankMatch.objects.create(
        fee=ZERO, kind="EXPLAINED", category=category, note=note.strip(), actor=actor(), at=clock.now(),
        effective_on=line.posted_on,
    )  # fmt: skip
    BankMatchLine.objects.create(match=match, line=line, amount=line.amount)
    book_match(match, [], [line])
    mark_anew(lines=[line])
    _resolve([line], CATEGORIES[category])
    record_audit(action="bank.explain", subject_type="bank_line", subject_id=line.pk, detail=category)
    return match


def undo_match(*, match: BankMatch, note: str) -> BankMatch:
    """Take a match back: its bookings are reversed, its lines and money are open again. Raises BankRefused."""
    lock_matching()
    if match.kind == "UNDONE" or BankMatch.objects.filter(undoes=match).exists():
        raise BankRefused("it is undone already")
    if match.kind == Proof.REVERSAL.value:
        raise BankRefused("the bank itself took it back; match its next line instead")
    if match.parts.filter(receipt__state="returned").exists():
        raise BankRefused("a patient's payment of it came back since; money that came after all is a new payment")
    if not note.strip():
        raise BankRefused("say why in a note")
    book_undoing(match, on=clock.today())
    undone = BankMatch.objects.create(
        fee=ZERO,
        kind="UNDONE",
        undoes=match,
        note=note.strip(),
        actor=actor(),
        at=clock.now(),
        effective_on=clock.today(),
    )
    _mark([row.line for row in match.lines.select_related("line")], match)
    record_audit(action="bank.undo", subject_type="bank_match", subject_id=match.pk)
    list_open_lines()
    return undone


# Worklists -----------------------------------------------------------------------------------------------------------


def _item(line: BankLine) -> str:
    return f"bank-line:{line.pk}"


def _resolve(lines: Sequence[BankLine], resolution: str) -> None:
    keys = [key for line in lines for key in (_item(line), f"{_item(line)}:era")]
    resolve_work_items(keys=keys, resolution=resolution)


def list_open_lines() -> None:
    """Every open line is on a worklist; a payer's payment without its remittance also on the call list, from its day."""
    today = clock.today()
    listed = set(
        WorkItem.objects.filter(subject_type="bank_line")
        .exclude(state=WorkItem.State.DONE)
        .values_list("key", flat=True)
    )
    for line in selectors.open_lines().select_related("account"):
        if _item(line) not in listed:
            _list_line(line)
        if line.amount > 0 and line.content.get("traces") and missing_from(line.posted_on) <= today:
            if f"{_item(line)}:era" not in listed:
                _list_missing_remittance(line)


def _list_line(line: BankLine) -> None:
    raise_work_item(
        worklist="bank_lines", key=_item(line), reason_code=line.kind, amount=line.amount, subject_type="bank_line",
        subject_id=line.pk, practice_id=line.account.practice_id, reopen=True,
        reason="No proof says what this line of the bank is",
        what_to_do="Accept a suggestion on the bank page, or say what the line is",
    )  # fmt: skip


def _list_missing_remittance(line: BankLine) -> None:
    raise_work_item(
        worklist="eft_without_era", key=f"{_item(line)}:era", reason_code="UNMATCHED_EFT", amount=line.amount,
        subject_type="bank_line", subject_id=line.pk, practice_id=line.account.practice_id, reopen=True,
        reason="Money came to the bank and its remittance is missing after four business days",
        what_to_do="Ask the payer for the 835 of this trace number; nothing is booked until then",
    )  # fmt: skip


def account_for(*, name: str = "", practice: Practice | None = None) -> BankAccount | None:
    """The account of that name; without one the only one of the practice, if there is exactly one."""
    rows = (
        BankAccount.objects.filter(Q(practice=practice) | Q(practice__isnull=True)) if practice else BankAccount.objects
    )
    found = list(rows.filter(name=name) if name else rows.all()[:2])
    return found[0] if len(found) == 1 else None


__all__ = [
    "CATEGORIES", "BankImport", "BankRefused", "accept_best", "accept_match", "account_for",
    "explain_line", "import_bank_file", "list_open_lines", "lock_matching", "match_open_lines", "open_account", "undo_match",
]  # fmt: skip
