"""What was typed into a form whose act refused: kept for one showing, so that the page can be filled again.

An act that refuses says why (`messages.error`) and leads back to a page, which is made anew: without this, a long argument
would be gone for one wrong day. The cells are sealed into the person's session, so they lie in clear nowhere, end with
the session, and are nobody else's. The next page takes them out, whatever page it is; `static/kept_form.js` puts them
back where that page shows the form. An act that says what it has done beside its errors is done with: its form stays empty.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from claimwright.web.core.sessions import BACKGROUND
from claimwright.web.patients.sealing import Unreadable, seal, unseal
from claimwright.web.workbench.sent_forms import OTHER
from claimwright.web.workbench.templatetags.workbench import told

KEPT = "kept_form"  # of the session
MOST_BYTES = 100_000  # a form that is longer is not kept: the session is read with every request
LONGEST_SECONDS = 10 * 60  # the page follows at once; what nobody came for is no answer to anything later
# Never kept, not even sealed: what opens a door, and what belongs to one showing of a form.
SECRET = re.compile(r"password|passphrase|secret|private_key|credential|^again$|^new_ssn$|^ssn$", re.IGNORECASE)
OF_ONE_SHOWING = {"csrfmiddlewaretoken", "form_key"}


def told_so_far(request: HttpRequest) -> int:
    """Messages that wait to be shown: what an act adds comes after them."""
    return len(messages.get_messages(request))


def why_refused(request: HttpRequest, told_before: int) -> str:
    """What the act says in refusing, "" where it did not: errors, and nothing that is done."""
    said = messages.get_messages(request)
    new = list(said)[told_before:]
    said.used = False  # they were looked at, not shown
    if any(one.level == messages.SUCCESS for one in new):
        return ""
    return " ".join(str(one.message) for one in new if one.level >= messages.ERROR)


def after_act(request: HttpRequest, response: HttpResponse, told_before: int) -> HttpResponse:
    """The answer of an act; where it refused and leads on to a page, its cells are kept for that page.

    A page that was filtered, or was the second of a list, is shown so again: the view names the page alone.
    """
    if not 300 <= response.status_code < 400:
        return response
    why = why_refused(request, told_before)
    if not why or why == OTHER:  # what the same form did before counts: who means a second one writes it anew
        return response
    _keep(request, why)
    return _as_it_was(request, response)


def _keep(request: HttpRequest, why: str) -> None:
    cells = {
        name: values for name, values in request.POST.lists() if name not in OF_ONE_SHOWING and not SECRET.search(name)
    }
    kept = json.dumps({"action": request.get_full_path(), "cells": cells, "why": why}, ensure_ascii=False).encode()
    request.session.pop(KEPT, None)
    if cells and len(kept) <= MOST_BYTES:
        request.session[KEPT] = {"sealed": seal(kept).decode(), "at": timezone.now().timestamp()}


def _as_it_was(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    to, came_from = urlsplit(response["Location"]), urlsplit(request.META.get("HTTP_REFERER", ""))
    same = came_from.netloc == request.get_host() and came_from.path == to.path and not to.netloc
    if to.query or not came_from.query or not same:
        return response
    return redirect(to._replace(query=came_from.query).geturl())


def form_again(request: HttpRequest) -> dict[str, Any] | None:
    """The form to fill again: `action`, `cells` (name to values), `why`. Taken out; what a page asks by itself takes none."""
    if BACKGROUND in request.headers or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return None
    kept = request.session.pop(KEPT, None)
    if kept is None or timezone.now().timestamp() - kept["at"] > LONGEST_SECONDS:
        return None
    try:
        found: dict[str, Any] = json.loads(unseal(kept["sealed"].encode()))
    except Unreadable:  # the keys were changed twice meanwhile
        return None
    return found | {"why": told(found["why"])}
