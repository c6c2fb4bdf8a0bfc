"""Which of the two languages a patient's page speaks: as chosen on a page, else as the office knows the patient's."""

from __future__ import annotations

from django.http import HttpRequest

from claimwright.web.portal.words import LANGUAGES

CHOSEN = "portal_language"  # of the session; and `?language=es` of any patient's page chooses


def language_of(request: HttpRequest, otherwise: str) -> str:
    """The language of this request's page. What was chosen in this browser goes before the patient's own."""
    asked = request.GET.get("language", "")
    if asked in LANGUAGES and request.session.get(CHOSEN) != asked:
        request.session[CHOSEN] = asked
    chosen = str(request.session.get(CHOSEN, ""))
    return next(one for one in (chosen, otherwise, LANGUAGES[0]) if one in LANGUAGES)
