"""How figures, dates and codes are written on the pages: one way each."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import template
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from claimwright.billing.registration import read_day
from claimwright.codes.denials import category_defaults, plain_words
from claimwright.codes.payment_words import METHODS, PROVIDER_ADJUSTMENTS, STATUSES
from claimwright.web.core.worklists import TITLES
from claimwright.web.workbench import words as words_of
from claimwright.web.workbench.navigation import NAVIGATION
from claimwright.web.workbench.policies import is_public
from claimwright.web.workbench.policies import may as may_of

register = template.Library()

BUCKET_WORDS = {
    "INS1": "Primary",
    "INS2": "Secondary",
    "INS3": "Tertiary",
    "PAT": "Patient",
    "BD": "Bad debt",
    "CREDIT": "Credit",
}
LANGUAGES = {"en": "English", "es": "Spanish"}
CASE_WORDS = {"WC": "Workers compensation", "AM": "Auto", "LM": "Liability"}
BLANK = re.compile(r"\{\d*\}")
ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
SENDERS_KEY = re.compile(r"^(?:[^\s|]*\|)+(?=[^\s|]+: )")
# A diagnosis where an edit names one: kept without its dot, read with it.
_NAMES_DIAGNOSIS = r"(?<=[Dd]iagnosis )|(?<=Diagnoses )|(?<=External cause )"
DIAGNOSIS_NAMED = re.compile(
    rf"(?:(?:{_NAMES_DIAGNOSIS})([A-Z]\d\w)(\w{{1,4}})\b|(?<= and )([A-Z]\d\w)(\w{{1,4}})(?= exclude))"
)
NEXT_EDIT = re.compile(r"; (?=[A-Z]{2,4}\d{2} )")
SOURCES = {
    "837p": "Claim file (837)", "csv": "CSV file", "ehr": "EHR", "fhir": "EHR (FHIR)", "hl7": "EHR (HL7)", "manual": "Entered here",
}  # fmt: skip
VIEW_WORDS = {"carc": "CARC", "payer_carc_code": "Payer, CARC and code"}
THEME_COOKIE = "claimwright_theme"  # written by workbench.js
SEQUENCE_WORDS = {"P": "primary", "S": "secondary", "T": "tertiary"}


@register.filter
def how_many(pages: Paginator) -> str:
    """Rows of a list: 1,234, or "10,000+" where they were counted no further."""
    return f"{pages.count:,}{'+' if getattr(pages, 'is_more', False) else ''}"


@register.filter
def money(value: object) -> str:
    """1234.5 as 1,234.50, below zero in parentheses, nothing where there is no amount."""
    if value is None or value == "":
        return ""
    amount = Decimal(str(value))
    return f"({-amount:,.2f})" if amount < 0 else f"{amount:,.2f}"


@register.filter
def dollars(value: object) -> str:
    """As `money`, with the dollar sign: for figures that stand alone."""
    text = money(value)
    if not text:
        return "–"
    return f"(${text[1:]}" if text.startswith("(") else f"${text}"


@register.filter
def units(value: object) -> str:
    """1.000 as 1, 1.500 as 1.5."""
    return f"{Decimal(str(value)).normalize():f}" if value not in (None, "") else ""


@register.filter
def share(value: object) -> str:
    """0.3111 as 31.1%, nothing where there is no share."""
    return f"{Decimal(str(value)) * 100:.1f}%" if value not in (None, "") else ""


@register.filter
def blanks(text: object) -> str:
    """What an edit says where the claim's own words come in: "The file's {0} is blank" with an ellipsis for each."""
    return BLANK.sub("…", str(text))


@register.filter
def view_words(name: object) -> str:
    """payer_carc_code as Payer, CARC and code."""
    return VIEW_WORDS.get(str(name), words_of.state_words(name))


@register.filter
def on(value: object) -> str:
    """A date, or ISO text of one, as 09/30/2026."""
    if isinstance(value, str) and value:
        value = date.fromisoformat(value[:10])
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return value.strftime("%m/%d/%Y") if isinstance(value, date) else ""


@register.filter
def day_typed(text: object) -> str:
    """What a person or a link asked for as a day, as it stands in the field: 09/30/2026, or the text that is no day."""
    if isinstance(text, date):
        return on(text)
    return on(read_day(str(text or ""))) or str(text or "")


@register.filter
def told(text: object) -> str:
    """What an edit or a job wrote, as a person reads it: its days as 09/30/2026, diagnoses with their dot, each edit on a line of its
    own, and of a visit's key in a claim file (sender|file|transaction|account) the account number alone."""
    words = DIAGNOSIS_NAMED.sub(r"\1\3.\2\4", SENDERS_KEY.sub("", str(text or "")))
    return NEXT_EDIT.sub("\n", ISO_DAY.sub(r"\2/\3/\1", words))


@register.filter
def month(name: object) -> str:
    """2026-09 as Sep 2026."""
    year, _, number = str(name).partition("-")
    return f"{date(int(year), int(number), 1):%b %Y}" if year.isdigit() and number.isdigit() else str(name)


@register.filter
def came_from(source: object) -> str:
    """How a visit came in: 837p as Claim file (837); the sender's own name as it is."""
    return SOURCES.get(str(source), str(source or ""))


@register.filter
def words(code: object) -> str:
    """What a reason or remark code means, in our own words."""
    return plain_words(str(code)) if code else ""


@register.filter
def state(value: object) -> str:
    """PAYER_ACCEPTED as Payer accepted."""
    return words_of.state_words(value)


@register.filter
def figure(name: object) -> str:
    """days_in_ar as Days in A/R."""
    return words_of.figure_words(name)


@register.filter
def counted(value: object, name: object) -> str:
    """What a figure was computed from: dollars as dollars, things and days as whole numbers where they are."""
    number = Decimal(str(value))
    if str(name) in words_of.DOLLAR_FIGURES or str(name).startswith("write_off_rate"):
        return dollars(number)
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"


@register.filter
def reason(code: object) -> str:
    """A work item's reason code in words."""
    return words_of.reason_words(code)


@register.filter
def place(path: object) -> str:
    """Where on the claim a finding is."""
    return words_of.place_words(path)


@register.filter
def entry_type(value: object) -> str:
    """INS_PAY as Payer paid."""
    return words_of.ENTRY_TYPES.get(str(value), words_of.sentence(value))


@register.filter
def claim_status(code: object) -> str:
    """CLP02 in words, with the code where we have none."""
    text = STATUSES.get(str(code), f"status {code}")
    return text[:1].upper() + text[1:]


@register.filter
def provider_adjustment(code: object) -> str:
    return PROVIDER_ADJUSTMENTS.get(str(code), "")


@register.filter
def claim_status_short(code: object) -> str:
    """As `claim_status`, for a column."""
    text = claim_status(code).removeprefix("Processed as ")
    return text[:1].upper() + text[1:]


@register.filter
def denial_category(value: object) -> str:
    """COB as Coordination of benefits."""
    found = category_defaults(str(value))
    text = found.meaning if found else words_of.sentence(value)
    return text[:1].upper() + text[1:]


@register.filter
def method(code: object) -> str:
    """BPR04 in words: ACH as Electronic payment."""
    return METHODS.get(str(code), str(code))


@register.filter
def language(code: object) -> str:
    return LANGUAGES.get(str(code), str(code))


@register.filter
def person(value: object) -> str:
    """A patient's name, or that there is none."""
    return str(value) or "Patient without a name"


@register.filter
def subject(value: object) -> str:
    """What a ledger account is about, where a person can read it: our own row ids are left out."""
    text = str(value or "")
    try:
        UUID(text)
    except ValueError:
        return text
    return ""


@register.filter
def bucket(value: object) -> str:
    return BUCKET_WORDS.get(str(value), str(value))


@register.filter
def case_kind(code: object) -> str:
    """WC as Workers compensation."""
    return CASE_WORDS.get(str(code), str(code))


@register.filter
def sequence(value: object) -> str:
    return SEQUENCE_WORDS.get(str(value), str(value))


@register.filter
def worklist_title(value: object) -> str:
    return TITLES.get(str(value), state(value))


@register.filter
def item(mapping: object, key: object) -> object:
    """The value under a key, or nothing."""
    return mapping.get(key) if isinstance(mapping, dict) else None


@register.filter
def diagnosis(code: object) -> str:
    """J069 as J06.9: ICD-10-CM is kept without its dot and read with it."""
    text = str(code)
    return f"{text[:3]}.{text[3:]}" if len(text) > 3 else text


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """The address's query with some values changed; blank ones are left out."""
    request: HttpRequest = context["request"]
    values = {**request.GET.dict(), **{key: str(value) for key, value in changes.items()}}
    return "?" + urlencode({key: value for key, value in values.items() if value})


@register.simple_tag
def selected(value: object, chosen: object) -> str:
    return SafeString(" selected") if str(value) == str(chosen) else ""


@register.simple_tag(takes_context=True)
def may(context: Any, address: str) -> bool:
    """Whether the person may open the address of this name: `{% may "save_plan" as may_save %}`."""
    request = context.get("request")
    return may_of(request, address) if request is not None else is_public(address)


@register.tag("may_do")
def may_do(parser: Any, token: Any) -> MayDo:
    """`{% may_do "save_plan" %}…{% end_may_do %}`: shown to who may open the address of this name, to others nothing."""
    address = token.split_contents()[1].strip("\"'")
    inside = parser.parse(("end_may_do",))
    parser.delete_first_token()
    return MayDo(address, inside)


class MayDo(template.Node):
    """A form or a button that only some roles may press."""

    def __init__(self, address: str, nodelist: template.NodeList) -> None:
        self.address, self.nodelist = address, nodelist

    def render(self, context: template.Context) -> SafeString:
        return self.nodelist.render(context) if may(context, self.address) else SafeString("")


@register.simple_tag(takes_context=True)
def theme(context: Any) -> str:
    """The light or dark that the person chose in this browser, as the page's attribute; nothing: as the system has it."""
    request = context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE, "") if request is not None else ""
    return SafeString(f' data-bs-theme="{chosen}"') if chosen in ("light", "dark") else ""


@register.simple_tag(takes_context=True)
def navigation(context: Any) -> list[dict[str, object]]:
    """The groups of the side bar: the pages that the person may open, each with its address and whether it is shown."""
    match = getattr(context.get("request"), "resolver_match", None)
    shown = match.url_name if match else ""
    return [
        {
            "words": words,
            "pages": [
                {
                    "address": reverse(one.address),
                    "words": one.words,
                    "key": one.key,
                    "here": shown in (one.address, *one.here),
                }
                for one in pages
                if may(context, one.address)
            ],
        }
        for words, pages in NAVIGATION
    ]
