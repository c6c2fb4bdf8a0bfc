"""How much a request may bring, asked before a byte of it is read: what says that it is larger is refused at once."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from claimwright.web.workbench.policies import may

MOST_BYTES = 26 * 1024 * 1024  # the largest paper, 20 MB, with what a form wraps around it; as in deploy/nginx
LARGER = {"check_code_files": 410 * 1024 * 1024, "save_takeover": 110 * 1024 * 1024}


class UploadLimits:
    """Middleware, after the one that knows the person: larger files are taken only from whoever may open the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            told = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            told = 0  # no number: nothing of the body is read
        if told > MOST_BYTES and told > _most(request):
            most = _most(request) // 1024**2
            return HttpResponse(
                f"The upload is larger than {most} MB, which is the most that this page takes. Nothing was kept. "
                "Send less at once, or scan in black and white.",
                status=413, content_type="text/plain; charset=utf-8",
            )  # fmt: skip
        return self.get_response(request)


def _most(request: HttpRequest) -> int:
    try:
        name = resolve(request.path_info).url_name or ""
    except Resolver404:
        return MOST_BYTES
    return LARGER[name] if name in LARGER and may(request, name) else MOST_BYTES
