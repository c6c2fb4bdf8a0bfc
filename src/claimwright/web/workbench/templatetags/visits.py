"""Why a visit waits, as a person reads it."""

from __future__ import annotations

import re

from django import template

register = template.Library()

_CODE = re.compile(r"(^|; )[A-Z]+(?:_[A-Z]+)+ (?=\S)")


@register.filter
def without_codes(reason: object) -> str:
    """NO_DATE The visit has no date of service, as The visit has no date of service: the words alone say it."""
    return _CODE.sub(r"\1", str(reason or ""))
