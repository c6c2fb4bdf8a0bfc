"""What the office's documentation says about a page, inside the workbench: reached from the list of keys (`?`).

The pages are those of docs/how-it-works, in the little Markdown that they are written in. All of it is escaped: what
stands in a page is shown, and does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

import claimwright
from claimwright.web.workbench.pages import page, show

_PACKAGE = Path(claimwright.__file__).parent
# In an installed package beside the pages, in a checkout among the documents.
_PLACES = (_PACKAGE / "web" / "help", _PACKAGE.parents[1] / "docs" / "how-it-works")
INDEX, OTHERWISE = "README", "workbench"
# What explains a page: the document, and the names of the addresses. A page in no row has the keys and the palette.
_EXPLAINS: tuple[tuple[str, str], ...] = (
    ("home", "home worklist claims search"),
    ("claim-page", "claim change_claim correct_claim fix claim_authorizations"),
    ("front-desk", "patients patient new_patient edit_patient coverages duplicates duplicate advance_notices"),
    ("eligibility", "eligibility eligibility_snapshot patient_eligibility eligibility_asking key_eligibility"),
    ("authorizations", "authorizations authorization new_authorization edit_authorization ask_authorization documents document"),
    ("charge-entry", "visits visit new_visit edit_visit"),
    ("following", "following"),
    ("denials", "denials denial denial_trends letter_templates rule_proposals"),
    ("posting", "remittances remittance"),
    ("payments-by-hand", "paper_list paper counter"),
    ("bank", "bank"),
    ("recoveries", "refunds write_offs underpayments takebacks agency"),
    ("statements", "statements due_statements dunning"),
    ("arrangements", "plans plan inquiries assistance estimates"),
    ("close-and-reports", "reports report figure report_trends report_costs close"),
    ("people", "people practice_grants"),
    ("signing-in", "my_sign_in"),
    ("interfaces", "interfaces interface interface_message"),
    ("api", "programs program_endpoint"),
    ("takeover", "takeovers takeover"),
    ("clients", "clients client"),
    ("jobs", "jobs"),
    ("audit-log", "audit_log audit_proof patient_seen disclosures"),
    ("wire", "files received_file sent_file"),
    ("settings", "settings settings_practice settings_policies settings_providers settings_provider settings_new_provider "
     "settings_locations settings_location settings_new_location settings_posting settings_connections settings_connection "
     "settings_new_connection"),
    ("payer-rules", "settings_payers settings_payer rules rule new_rule edit_rule"),
    ("taking-on", "settings_new_practice settings_first_claim settings_enrolments settings_enrolment "
     "settings_new_enrolment settings_new_payer settings_new_payer_of setup"),
    ("codes", "code_sets"),
    ("clean-claims", "edits edit"),
    ("pricing", "contracts contract charge_master price_import"),
)  # fmt: skip
OF_PAGE: dict[str, str] = {name: document for document, names in _EXPLAINS for name in names.split()}


def about(address: str) -> str:
    """Where the page of this name is explained."""
    return reverse("help_page", args=[OF_PAGE.get(address, OTHERWISE)])


@lru_cache(maxsize=128)
def document(name: str) -> str:
    """The text of a document, "" where there is none of this name."""
    for folder in _PLACES:
        place = folder / f"{name}.md"
        if place.is_file():
            return place.read_text(encoding="utf-8")
    return ""


@page()
def help_index(request: HttpRequest) -> HttpResponse:
    return _shown(request, INDEX)


@page()
def help_page(request: HttpRequest, page_name: str) -> HttpResponse:
    return _shown(request, page_name)


def _shown(request: HttpRequest, name: str) -> HttpResponse:
    text = document(name)
    if not text:
        raise Http404("there is no such page of the documentation")
    title, _, body = text.partition("\n")
    return show(
        request, "workbench/help.html",
        {"title": title.lstrip("# "), "body": as_html(body), "is_index": name == INDEX},
    )  # fmt: skip


# Markdown ------------------------------------------------------------------------------------------------------------

_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*\s][^*]*)\*|\[(?P<words>[^\]]+)\]\((?P<to>[^)\s]+)\)"
)
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s+")
_CELL = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[|\s:-]+\Z")


def as_html(text: str) -> SafeString:
    """Headings, paragraphs, lists, tables, code, bold, italics and links to other documents; all else as it stands."""
    return SafeString("\n".join(_blocks(text.splitlines())))  # each piece was escaped where it was made


def _blocks(lines: list[str]) -> Iterator[SafeString]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.startswith("```"):
            at, taken = _while(lines, at + 1, lambda one: not one.startswith("```"))
            at += 1
            yield format_html('<pre class="scroll">{}</pre>', "\n".join(taken))
        elif line.startswith("#"):
            level = min(len(line) - len(line.lstrip("#")), 4)
            yield format_html("<h{}>{}</h{}>", level, _inline(line.lstrip("# ")), level)
            at += 1
        elif line.startswith("|"):
            at, taken = _while(lines, at, lambda one: one.startswith("|"))
            yield _table(taken)
        elif _ITEM.match(line):
            at, taken = _while(lines, at, lambda one: bool(_ITEM.match(one)) or one.startswith("  "))
            yield _list(taken)
        elif line.startswith("    "):
            at, taken = _while(lines, at, lambda one: one.startswith("    ") or not one.strip())
            yield format_html('<pre class="scroll">{}</pre>', "\n".join(one[4:] for one in taken).rstrip())
        else:
            at, taken = _while(
                lines,
                at,
                lambda one: bool(one.strip()) and not one.startswith(("#", "|", "```")) and not _ITEM.match(one),
            )
            yield format_html("<p>{}</p>", _inline(" ".join(one.strip() for one in taken)))


def _while(lines: list[str], at: int, goes_on: Callable[[str], bool]) -> tuple[int, list[str]]:
    taken: list[str] = []
    while at < len(lines) and goes_on(lines[at]):
        taken.append(lines[at])
        at += 1
    return at, taken


def _table(lines: list[str]) -> SafeString:
    rows = [
        [cell.strip().replace("\\|", "|") for cell in _CELL.split(line.strip().removeprefix("|").removesuffix("|"))]
        for line in lines
        if not _RULE.match(line)
    ]
    head = format_html_join("", '<th scope="col">{}</th>', ((_inline(cell),) for cell in rows[0]))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        ((format_html_join("", "<td>{}</td>", ((_inline(cell),) for cell in row)),) for row in rows[1:]),
    )
    return format_html(
        '<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, body
    )


def _list(lines: list[str]) -> SafeString:
    items: list[str] = []
    for line in lines:
        if begins := _ITEM.match(line):
            items.append(line[begins.end() :])
        else:
            items[-1] += " " + line.strip()
    kind = "ol" if lines[0].lstrip()[:1].isdigit() else "ul"
    return format_html(
        "<{}>{}</{}>", kind, format_html_join("", "<li>{}</li>", ((_inline(one),) for one in items)), kind
    )


def _inline(text: str) -> SafeString:
    found, at = [], 0
    for part in _INLINE.finditer(text):
        found += [escape(text[at : part.start()]), _span(part)]
        at = part.end()
    return SafeString("".join([*found, escape(text[at:])]))


def _span(part: re.Match[str]) -> SafeString:
    if part["code"]:
        return format_html("<code>{}</code>", part["code"])
    if part["bold"] or part["italic"]:
        return format_html(
            "<strong>{}</strong>" if part["bold"] else "<em>{}</em>", _inline(part["bold"] or part["italic"])
        )
    name, suffix, _ = part["to"].partition(".md")
    if suffix and "/" not in name and document(name):  # a page of these; what lies elsewhere is named alone
        return format_html('<a href="{}">{}</a>', reverse("help_page", args=[name]), _inline(part["words"]))
    return _inline(part["words"])
