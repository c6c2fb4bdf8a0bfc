"""The template tag csrf_token, which every form that is sent by POST has: with the key of this form as shown beside it."""

from __future__ import annotations

import secrets
from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from claimwright.web.workbench.sent_forms import FIELD

register = template.Library()


class FormKeyNode(CsrfTokenNode):
    def render(self, context: Context) -> SafeString:
        token: Any = super().render(context)
        # Firefox puts old values back into fields of a page that is loaded again, hidden ones too: not into this one.
        field = '{}<input type="hidden" name="{}" value="{}" autocomplete="off">'
        return token and format_html(field, token, FIELD, secrets.token_hex(16))


@register.tag
def csrf_token(parser: Parser, token: Token) -> FormKeyNode:
    """In place of Django's own, so that no form can be written that has the one and not the other."""
    return FormKeyNode()
