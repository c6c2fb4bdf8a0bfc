"""A form has one effect, however often it is sent: each has a key of its own, and the first answer stands for all.

A double click, a browser that asks again after a dropped line, a page restored and sent once more: the second request
finds the first one's key, waits until that is in or undone, and is given its answer. The key is taken in the transaction
of the act, so they are kept together or not at all. What `Idempotency-Key` is to programs (`api/door.py`), this is to
people; a request without a key (a program that plays a browser) is an act each time.

What is kept says nothing of the content: digests under the key as it was drawn, which is not kept, and the answer sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from claimwright.web.core.models import SentForm
from claimwright.web.patients.sealing import seal, unseal

FIELD = "form_key"
_KEY = re.compile(r"[0-9a-f]{32}\Z")
OTHER = "This form was sent before with other content, which counts. What you sent now changed nothing: look, and send it anew."


def take_form(request: HttpRequest) -> tuple[SentForm | None, HttpResponse | None]:
    """The row of the form that the request sends, or the answer where it was sent before; neither for one without key.

    Takes the key out of `request.POST`, so that a view sees what the person filled in and nothing else.
    """
    content: QueryDict = request.POST.copy()
    drawn = (content.pop(FIELD, None) or [""])[-1]
    request.POST = content  # type: ignore[assignment]
    if not _KEY.match(drawn):
        return None, None
    person = str(request.user.pk)  # the same key of another person is another form
    row = SentForm(
        key=hmac.new(drawn.encode(), person.encode(), hashlib.sha256).hexdigest(),
        told=_digest(drawn, request, content),
        sent_at=timezone.now(),
    )
    SentForm.objects.bulk_create([row], ignore_conflicts=True)  # a second one waits here for the first
    first = SentForm.objects.get(key=row.key)
    return (row, None) if first.pk == row.pk else (None, _again(request, first, row.told))


def shown_once(response: HttpResponse, *, to: str, says: str) -> HttpResponse:
    """The answer of an act that shows a secret. It is not kept: the same form again is led to page `to` and told this."""
    response.told_again = (reverse(to), says)  # type: ignore[attr-defined]
    return response


def keep_answer(request: HttpRequest, form: SentForm, response: HttpResponse) -> None:
    """An act leads on to a page. Any other answer that is a page did nothing yet: faults, a preview, a file."""
    if 300 <= response.status_code < 400:
        said = messages.get_messages(request)
        told = [[one.level, str(one.message), one.extra_tags] for one in said]
        said.used = False  # they were looked at, not shown
        answer = {"to": response["Location"], "messages": told}
    elif hasattr(response, "told_again"):
        to, says = response.told_again
        answer = {"to": to, "messages": [[messages.WARNING, says, ""]]}
    else:
        forget_form(form)
        return
    SentForm.objects.filter(pk=form.pk).update(sealed=seal(json.dumps(answer).encode()))


def forget_form(form: SentForm | None) -> None:
    """It had no effect: the same form may be sent again, put right."""
    if form is not None:
        form.delete()


def _again(request: HttpRequest, first: SentForm, told: str) -> HttpResponse:
    answer = json.loads(unseal(bytes(first.sealed)))
    if first.told != told:
        messages.error(request, OTHER)
    else:
        for level, message, tags in answer["messages"]:
            messages.add_message(request, level, message, extra_tags=tags)
    return redirect(answer["to"])


def _digest(drawn: str, request: HttpRequest, content: QueryDict) -> str:
    """Of the address and all that was filled in, files included; the token against other sites changes by itself."""
    fields = {name: values for name, values in content.lists() if name != "csrfmiddlewaretoken"}
    files = [(name, file) for name, several in sorted(request.FILES.lists()) for file in several]
    head = [request.get_full_path(), fields, [[name, file.name, file.size] for name, file in files]]
    digest = hmac.new(drawn.encode(), json.dumps(head, sort_keys=True).encode(), hashlib.sha256)
    for _, file in files:
        for part in file.chunks():
            digest.update(part)
        file.seek(0)
    return digest.hexdigest()
