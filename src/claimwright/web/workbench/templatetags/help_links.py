"""The template tag that leads from any page to what explains it."""

from __future__ import annotations

from typing import Any

from django import template

from claimwright.web.workbench.help_pages import about

register = template.Library()


@register.simple_tag(takes_context=True)
def about_page(context: Any) -> str:
    """The address of the document about the page that is shown."""
    match = getattr(context.get("request"), "resolver_match", None)
    return about(match.url_name if match and match.url_name else "")
