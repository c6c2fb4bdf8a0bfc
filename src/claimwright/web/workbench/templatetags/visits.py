"""Why a visit waits, as a person reads it."""

from __future__ import annotations

import re

from django import template

register = template.Library()

_CODE = re.compile(r"(^|; )[A-Z]+(?:_[A-Z]+)+ (?=\S)")
_NEXT = re.compile(r"; [A-Z](?=[a-z ])")


@register.filter
def without_codes(reason: object) -> str:
    """NO_DATE The visit has no date of service, as The visit has no date of service: the words alone say it, as a sentence."""
    words = _CODE.sub(r"\1", str(reason or ""))
    words = _NEXT.sub(lambda found: found[0].lower(), words)
    return words[:1].upper() + words[1:]
