"""The boundary to a card processor: sessions on its hosted page, signed messages, refunds by its own reference.

A processor is a `Processor`: four methods, no state of ours. To use another one write a module with a class that has
them, and name it in `CLAIMWRIGHT_CARD_PROCESSOR` as `package.module.Class`; it is made once, without arguments, and
reads its own keys from the environment. What it must promise:

- `create_session` is idempotent by `key`: the same attempt gives the same page, never a second charge. `back` is the
  path the patient returns to, `notify` the path of this tenant's messages; both begin at `CLAIMWRIGHT_PUBLIC_URL`.
- The page at `Session.page` is the processor's own. No card or account number passes through here, neither in a form
  nor in a message; a message that holds a run of 12 to 19 digits is refused (`holds_card_number`).
- `read_message` checks the signature over the raw bytes and the time in it, and raises `MessageRefused` otherwise.
- `refund` is idempotent by `key` and names the payment by the processor's reference.

One that can keep a card or bank account for later is a `Keeper` too, with two methods more: `create_keeping_session`,
whose page tells the patient that it is kept and whose message brings the processor's `token` of it; and `charge`, which
takes an amount by that token without the patient, is idempotent by `key`, and answers with the same kind of message.
Without them nothing is kept, and instalments that a patient allowed to be charged are listed for a person.

`SandboxProcessor` is the one that comes along: it moves no money, its page is served by this installation under
`/pay/sandbox/`, and it asks no card number either but which outcome is wanted. Whoever reaches it pays with nothing, so
it stands in only where no bill is real: in a demonstration's home, in an office whose calendar stands still, or where the
setting says `sandbox`. Everywhere else an office without a processor takes no cards.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Protocol, runtime_checkable

import environ
import msgspec
from django.conf import settings
from django.core import signing
from django.urls import reverse

from claimwright.billing.patient import RefusedPayment
from claimwright.claims.nouns import Noun
from claimwright.codes.money import AmountError, parse_amount
from claimwright.web.core.tenancy import current_tenant

MESSAGE_AGE_SECONDS = 300  # an older message is a replay
SANDBOX_SALT = "card-sandbox-page"
SANDBOX = "sandbox"
KEEPING = "ck_"  # begins the sandbox's sessions that keep what they were paid with
SANDBOX_REFUSES_CENTS = Decimal("0.13")  # a charge of such an amount is declined, for trying that out
OUTCOMES = ("captured", "declined", "chargeback", "expired")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_CARD_NUMBER = re.compile(r"(?<![\d.])\d(?:[ -]?\d){11,18}(?![\d.])")


class MessageRefused(ValueError):
    """A message that is not the processor's, too old, or not one of ours; nothing of it is kept."""


class ProcessorUnavailable(RuntimeError):
    """The processor did not answer, or refused: nothing was charged or given back by this call."""


class Session(Noun, frozen=True, kw_only=True):
    """A page at the processor's where one amount may be paid once."""

    session: str
    page: str


class Message(Noun, frozen=True, kw_only=True):
    """What the processor says of a session. `event` is its id of the message: the same one is the same message."""

    event: str
    session: str
    outcome: str  # captured, declined, expired, chargeback
    amount: Decimal
    means: str = "card"  # card or ach
    brand: str = ""
    last_four: str = ""
    authorization_code: str = ""
    reference: str = ""  # of the payment: refunds name it
    settlement: str = ""  # batch in which it is paid out, as the bank line will name it
    reason: str = ""
    token: str = ""  # the processor's name of what it keeps, where the session was to keep it


class Processor(Protocol):
    """See the module: what a processor must promise."""

    name: str

    def create_session(self, *, key: str, amount: Decimal, description: str, back: str, notify: str) -> Session: ...

    def read_message(self, *, body: bytes, signature: str, now: datetime) -> Message: ...

    def refund(self, *, reference: str, amount: Decimal, key: str) -> str: ...


@runtime_checkable
class Keeper(Protocol):
    """What a processor has beside that keeps cards and bank accounts for later. See the module."""

    def create_keeping_session(
        self, *, key: str, amount: Decimal, description: str, back: str, notify: str
    ) -> Session: ...

    def charge(self, *, token: str, amount: Decimal, key: str, on: str) -> Message: ...


class NoProcessor(RefusedPayment):
    """This office has no card processor: no card is charged, kept or given back on."""


def keeper() -> Keeper | None:
    """The processor of the tenant in scope where it keeps cards, else None."""
    found = processor() if takes_cards() else None
    return found if isinstance(found, Keeper) else None


def takes_cards() -> bool:
    """Whether the tenant in scope has a processor."""
    if setting() or settings.DEMONSTRATION:
        return True
    return current_tenant().fixed_date is not None


def processor() -> Processor:
    """The processor of the tenant in scope. Raises NoProcessor where it has none, and ImportError or AttributeError where
    the setting names none."""
    if not takes_cards():
        raise NoProcessor("this office takes no cards: no card processor is set up")
    return named_processor(setting() or SANDBOX)


def setting() -> str:
    return environ.Env().str("CLAIMWRIGHT_CARD_PROCESSOR", "")


@cache
def named_processor(name: str) -> Processor:
    """What the setting names: `sandbox` or `package.module.Class`. Raises ImportError or AttributeError."""
    if name == SANDBOX:
        return SandboxProcessor()
    module, _, attribute = name.rpartition(".")
    made: Processor = getattr(import_module(module), attribute)()
    return made


def holds_card_number(text: str) -> bool:
    """Whether a run of digits in it passes the check digit of card numbers (ISO/IEC 7812-1, Luhn)."""
    return any(_luhn("".join(filter(str.isdigit, found))) for found in _CARD_NUMBER.findall(text))


def _luhn(digits: str) -> bool:
    doubled = (int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


class SandboxProcessor:
    """Pays and refuses as it is told, with the same signed messages as a real one. Only for trying out."""

    name = SANDBOX

    def _name(self, text: str) -> str:
        """An id that follows from the text, in letters: digits in a row could be taken for a card's number."""
        digest = hmac.new(self._key(), text.encode(), hashlib.sha256).hexdigest()
        return digest.translate(_LETTERS)

    def _key(self) -> bytes:
        return hashlib.sha256(f"card sandbox|{settings.SECRET_KEY}".encode()).digest()

    def create_session(self, *, key: str, amount: Decimal, description: str, back: str, notify: str) -> Session:
        session = "cs_" + self._name(key)[:24]
        token = signing.dumps([session, str(amount), description[:60], back, notify], salt=SANDBOX_SALT, compress=True)
        return Session(session=session, page=reverse("card_sandbox", args=[token]))

    def create_keeping_session(self, *, key: str, amount: Decimal, description: str, back: str, notify: str) -> Session:
        made = self.create_session(key=f"keep|{key}", amount=amount, description=description, back=back, notify=notify)
        session = made.session.replace("cs_", KEEPING, 1)
        token = signing.dumps([session, str(amount), description[:60], back, notify], salt=SANDBOX_SALT, compress=True)
        return Session(session=session, page=reverse("card_sandbox", args=[token]))

    def charge(self, *, token: str, amount: Decimal, key: str, on: str) -> Message:
        if not token.startswith("tok_"):
            raise ProcessorUnavailable("the sandbox keeps nothing under that name")
        session = "ch_" + self._name(key)[:24]
        refused = amount % 1 == SANDBOX_REFUSES_CENTS
        means = "ach" if token.endswith("_ach") else "card"
        return self.outcome(
            session=session, amount=amount, outcome="declined" if refused else "captured", means=means, on=on
        )

    def read_page(self, token: str) -> tuple[str, Decimal, str, str, str]:
        """Session, amount, whom it pays, where to go back, whom to notify. Raises MessageRefused."""
        try:
            session, amount, description, back, notify = signing.loads(token, salt=SANDBOX_SALT)
        except (signing.BadSignature, ValueError, TypeError):
            raise MessageRefused("the sandbox did not make this page") from None
        return session, Decimal(amount), description, back, notify

    def sign(self, body: bytes, now: datetime) -> str:
        at = str(int(now.timestamp()))
        digest = hmac.new(self._key(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return f"t={at},v1={digest}"

    def message(self, message: Message) -> bytes:
        """The bytes that the sandbox would post."""
        return json.dumps(msgspec.to_builtins(message), sort_keys=True).encode()

    def outcome(self, *, session: str, amount: Decimal, outcome: str, means: str, on: str) -> Message:
        """What happened on the sandbox's page: numbers that follow from the session, so that trying twice is the same."""
        digest = self._name(f"{session}|{outcome}")
        captured = outcome == "captured"
        return Message(
            event=f"evt_{digest[:20]}", session=session, outcome=outcome, amount=amount, means=means,
            brand="Visa" if means == "card" else "Bank account", last_four="4242" if means == "card" else "6789",
            authorization_code="".join(str(ord(letter) % 10) for letter in digest[:6]) if captured else "",
            reference=f"pay_{digest[20:36]}" if captured else "",
            settlement=f"SB{on.replace('-', '')}" if captured else "",
            reason="" if captured else "the bank of the card refused it",
            token=f"tok_{digest[36:56]}_{means}" if captured and session.startswith(KEEPING) else "",
        )  # fmt: skip

    def read_message(self, *, body: bytes, signature: str, now: datetime) -> Message:
        parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
        at = parts.get("t", "")
        if not at.isascii() or not at.isdigit() or len(at) > 12:
            raise MessageRefused("the signature names no time")
        expected = hmac.new(self._key(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, parts.get("v1", "")):
            raise MessageRefused("the signature is not the processor's")
        if abs(now.timestamp() - int(at)) > timedelta(seconds=MESSAGE_AGE_SECONDS).total_seconds():
            raise MessageRefused("the message is older than five minutes")
        return decode(body)

    def refund(self, *, reference: str, amount: Decimal, key: str) -> str:
        if not reference.startswith("pay_"):
            raise ProcessorUnavailable("the sandbox knows no payment of that reference")
        return "ref_" + hashlib.sha256(f"{reference}|{amount}|{key}".encode()).hexdigest()[:20]


def decode(body: bytes) -> Message:
    """A message of our own shape as JSON. Raises MessageRefused."""
    text = body.decode("utf-8", "replace")
    if holds_card_number(text):
        raise MessageRefused("the message holds a card number: the processor must never send one")
    try:
        raw = json.loads(text)
        message = msgspec.convert(raw | {"amount": parse_amount(str(raw["amount"]))}, Message, strict=False)
    except (ValueError, KeyError, TypeError, AmountError, msgspec.ValidationError):
        raise MessageRefused("the message is not of the agreed shape") from None
    if message.outcome not in OUTCOMES or not re.fullmatch(r"\d{0,4}", message.last_four):
        raise MessageRefused("the message says no outcome we know")
    return message
