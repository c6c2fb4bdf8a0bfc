"""Links and codes to a statement's page: signed, with their tenant inside, expiring, revocable, and never enough alone.

Whoever has a link or a code also tells a birth date, and the ZIP of the address or the code on paper. Until then
nothing is shown, and wrong answers are all answered alike.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

from claimwright.web.core import clock
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.payments.guarantors import addressee_of
from claimwright.web.practice.selectors import policies_of
from claimwright.web.statements.models import GuarantorStatement, StatementLink

SALT = "claimwright.statement-link"
FAILURES_TO_LOCK = 5
FAILURES_TO_REVOKE = 15
LOCK_MINUTES = 15
_CODE = re.compile(r"(\d{1,9})([A-Z2-7]{8})\Z")


class LinkRefused(ValueError):
    """The link or the answers do not open the statement. Which of them is wrong is never said."""


class LinkLocked(LinkRefused):
    """Too many wrong answers; for a while none is looked at."""


def statement_code(number: str) -> str:
    """The code printed on a statement, such as 123-K7QF-2MXP: its number, and what only we can compute from it."""
    digits = number.lstrip("ST0") or "0"
    mark = _mark(digits)
    return f"{digits}-{mark[:4]}-{mark[4:]}"


def _mark(digits: str) -> str:
    message = f"statement-code|{current_tenant().pk}|{digits}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:8]


def pay_at(number: str) -> tuple[str, str]:
    """The printed address of the tenant's statements and the code of this one; blanks without a public address."""
    if not settings.PUBLIC_URL:
        return "", ""
    return f"{settings.PUBLIC_URL}/bill/{current_tenant().slug}/", statement_code(number)


def make_link(*, whole: GuarantorStatement) -> StatementLink:
    """One link a statement, made with it; it opens until the policy's days are over."""
    days = policies_of(whole.account.practice).statement_link_days
    return StatementLink.objects.create(
        whole=whole, made_on=clock.today(), expires_on=clock.today() + timedelta(days=days)
    )


def token_of(link: StatementLink) -> str:
    return signing.dumps({"t": str(current_tenant().pk), "l": str(link.pk)}, salt=SALT)


def address_of(link: StatementLink) -> str:
    return f"{settings.PUBLIC_URL}/s/{token_of(link)}/"


def read_token(token: str) -> tuple[Tenant, UUID]:
    """(tenant, link id) of a token of ours, outside any scope. Raises LinkRefused."""
    try:
        told = signing.loads(token, salt=SALT)
        return Tenant.objects.get(pk=UUID(told["t"])), UUID(told["l"])
    except (signing.BadSignature, KeyError, TypeError, ValueError, Tenant.DoesNotExist):
        raise LinkRefused("the link is not valid") from None


def find_link(link_id: UUID) -> StatementLink:
    """The open link, locked for this transaction. Raises LinkRefused where it ended, was revoked or withdrawn."""
    link = StatementLink.objects.select_for_update(of=("self",)).select_related("whole").filter(pk=link_id).first()
    if link is None or not is_open(link):
        raise LinkRefused("the link is not valid")
    return link


def find_by_code(code: str) -> tuple[StatementLink, bool]:
    """The link of the statement whose number the code names, and whether the code is right. Raises LinkRefused."""
    found = _CODE.match(re.sub(r"[^0-9A-Z]", "", code.upper()))
    if found is None:
        raise LinkRefused("the code is not valid")
    row = StatementLink.objects.filter(whole__number=f"ST{int(found[1]):07d}").order_by("-made_on").first()
    if row is None:
        raise LinkRefused("the code is not valid")
    return find_link(row.pk), hmac.compare_digest(found[2], _mark(str(int(found[1]))))


def is_open(link: StatementLink) -> bool:
    issued = link.whole.state == GuarantorStatement.State.ISSUED
    return issued and link.revoked_on is None and clock.today() < link.expires_on


def verify(
    *, link: StatementLink, birth_date: date | None, postal_code: str = "", code: str = "", known: bool = True
) -> None:
    """Who opens it must tell the birth date of the guarantor or of a patient on it, and the ZIP or the printed code.

    `known` False: something told before was wrong already. Raises LinkRefused, and LinkLocked after too many failures;
    the failure is counted in the caller's transaction, which must be committed.
    """
    now = clock.now()
    if link.locked_until is not None and now < link.locked_until:
        raise LinkLocked("too many wrong answers")
    if known and _identifies(link.whole, birth_date, postal_code, code):
        link.failures, link.locked_until, link.opened_at = 0, None, now
        link.save(update_fields=["failures", "locked_until", "opened_at"])
        record_audit(action="statement.link_opened", subject_type="statement_link", subject_id=link.pk)
        return
    link.failures += 1
    if link.failures % FAILURES_TO_LOCK == 0:
        link.locked_until = now + timedelta(minutes=LOCK_MINUTES)
    if link.failures >= FAILURES_TO_REVOKE:
        link.revoked_on = clock.today()
    link.save(update_fields=["failures", "locked_until", "revoked_on"])
    record_audit(action="statement.link_refused", subject_type="statement_link", subject_id=link.pk)
    raise LinkRefused("the answers do not fit")


def _identifies(whole: GuarantorStatement, birth_date: date | None, postal_code: str, code: str) -> bool:
    patients = [part.statement.patient for part in whole.parts.select_related("statement__patient__guarantor")]
    births = {person.birth_date for one in patients for person in (one, one.guarantor) if person and person.birth_date}
    zips = {addressee_of(one).address.postal_code[:5] for one in patients} - {""}
    digits = re.sub(r"\D", "", postal_code)[:5]
    typed = re.sub(r"[^0-9A-Z]", "", code.upper())
    printed = statement_code(whole.number).replace("-", "")
    second = (len(digits) == 5 and digits in zips) or (bool(typed) and hmac.compare_digest(typed, printed))
    return birth_date is not None and birth_date in births and second


def revoke_links(*, whole: GuarantorStatement) -> int:
    """No link to the statement opens any more; says how many were open."""
    record_audit(action="statement.links_revoked", subject_type="statement", subject_id=whole.pk)
    return StatementLink.objects.filter(whole=whole, revoked_on__isnull=True).update(revoked_on=clock.today())
