"""Files received and sent, each with its fate, and the files themselves."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.web.exchange.models import InboxFile, InboxPart, OutboxFile
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import page, rows_of, show
from claimwright.web.workbench.raw import raw_page


def received() -> QuerySet[InboxFile]:
    parts = InboxPart.objects.order_by("ordinal")
    return (
        InboxFile.objects.defer("content")
        .prefetch_related(Prefetch("parts", parts))
        .annotate(arrivals=Count("deliveries"))
        .order_by("-received_at", "name")
    )


def sent() -> QuerySet[OutboxFile]:
    return (
        OutboxFile.objects.defer("content")
        .select_related("connection")
        .annotate(claims=Count("submissions"))
        .order_by("-prepared_at", "name")
    )


RECEIVED: Columns = (
    ("Received", "received_at"), ("Name", "name"), ("From", "source"), ("Kind", "kind"), ("Bytes", "size"),
    ("Arrivals", "arrivals"), ("State", "get_state_display"), ("Why", "reason"),
    ("Parts", lambda row: "; ".join(_part(one) for one in row.parts.all())), ("SHA-256", "sha256"),
)  # fmt: skip
SENT: Columns = (
    ("Prepared", "prepared_at"), ("Name", "name"), ("Over", "connection.name"), ("Kind", "kind"), ("Claims", "claims"),
    ("Interchange", "interchange_control_number"), ("Group", "group_control_number"),
    ("Use", lambda row: "Test" if row.usage == "T" else "Production"), ("State", "get_state_display"),
    ("Problem", "problem"), ("Tries", "attempts"), ("Sent", "sent_at"), ("SHA-256", "sha256"),
)  # fmt: skip


def _part(one: InboxPart) -> str:
    told = f"{one.kind} {one.transaction_control_number} {one.get_fate_display()}"
    return f"{told}: {one.reason}" if one.reason else told


@page(reads="file.list")
def files(request: HttpRequest) -> HttpResponse:
    """Received files unless `box=sent`; `state` filters."""
    box = "sent" if request.GET.get("box") == "sent" else "received"
    rows = sent() if box == "sent" else received()
    states = OutboxFile.State if box == "sent" else InboxFile.State
    if request.GET.get("state") in states.values:
        rows = rows.filter(state=request.GET["state"])
    if text := request.GET.get("q", "").strip():
        rows = rows.filter(name__icontains=text)
    if file := exported(request, f"files-{box}", SENT if box == "sent" else RECEIVED, rows):
        return file
    return show(
        request,
        "workbench/files.html",
        {
            "box": box,
            "rows": rows_of(request, rows),
            "states": [(key, "Done" if key == "done" else name) for key, name in states.choices],
            "wanted": request.GET,
        },
    )


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdigit() and len(text) < 10 else otherwise


@page(reads="file.read")
def received_file(request: HttpRequest, received_file_id: UUID) -> HttpResponse:
    """A received file; `part` and `segment` name the place to mark."""
    file = get_object_or_404(InboxFile, pk=received_file_id)
    parts = list(file.parts.order_by("ordinal"))
    named = [part for part in parts if str(part.pk) == request.GET.get("part")]
    content = raw_page(
        bytes(file.content),
        segment=_number(request, "segment", 0),
        part_start=named[0].byte_start if named else 0,
        start=_number(request, "start", -1),
        holds=request.GET.get("claim", ""),
    )
    deliveries = file.deliveries.order_by("at")
    return show(
        request,
        "workbench/received_file.html",
        {
            "file": file,
            "parts": parts,
            "deliveries": deliveries,
            "content": content,
            "part": named[0] if named else None,
        },
    )


@page(reads="file.read")
def sent_file(request: HttpRequest, sent_file_id: UUID) -> HttpResponse:
    file = get_object_or_404(OutboxFile.objects.select_related("connection"), pk=sent_file_id)
    content = raw_page(
        bytes(file.content),
        segment=_number(request, "segment", 0),
        start=_number(request, "start", -1),
        holds=request.GET.get("claim", ""),
    )
    submissions = file.submissions.select_related("version").defer("version__content")
    return show(
        request,
        "workbench/sent_file.html",
        {"file": file, "content": content, "submissions": submissions.order_by("version__control_number")[:200]},
    )


def _download(name: str, content: bytes) -> HttpResponse:
    # As bytes and as a download, whatever a partner put in it: a browser must never show it as a page of ours.
    response = HttpResponse(content, content_type="application/octet-stream")
    safe = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response


@page(reads="file.download")
def received_download(request: HttpRequest, received_file_id: UUID) -> HttpResponse:
    file = get_object_or_404(InboxFile, pk=received_file_id)
    return _download(file.name, bytes(file.content))


@page(reads="file.download")
def sent_download(request: HttpRequest, sent_file_id: UUID) -> HttpResponse:
    file = get_object_or_404(OutboxFile, pk=sent_file_id)
    return _download(file.name, bytes(file.content))
