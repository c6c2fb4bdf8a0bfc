"""Settings: the way to each part, the practice with its numbers, time zone and policies, providers and locations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.policies import DEFAULT_POLICIES
from claimwright.billing.policy_cells import BY_NAME, cells_of
from claimwright.billing.registration import Fault
from claimwright.web.core.models import User
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.models import Connection
from claimwright.web.practice import office
from claimwright.web.practice.models import Location, NeverAutomatic, Payer, Practice, Provider
from claimwright.web.practice.selectors import policies_of
from claimwright.web.workbench import settings_forms as forms
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.policies import may

ZONES = tuple(
    f"America/{city}" for city in ("New_York", "Chicago", "Denver", "Phoenix", "Los_Angeles", "Anchorage", "Puerto_Rico")
) + ("Pacific/Honolulu", "Pacific/Guam")  # fmt: skip
KINDS = {"NPI": "NPI", "EI": "Tax id (EIN)", "SY": "Tax id (social security number)", "CLIA": "CLIA number"}
IDENTIFIER: forms.Groups = (
    ("Another number from a day on", (
        Field(name="kind", label="Kind", kind="select", choices=KINDS),
        Field(name="value", label="Number", longest=20), Field(name="start", label="From", kind="date"),
    )),
)  # fmt: skip


def form_page(
    request: HttpRequest, *, title: str, groups: forms.Groups, cells: Mapping[str, str], save: str, address: str,
    crumbs: Sequence[tuple[str, str]], faults: Sequence[Fault] = (), template: str = "settings_form", **more: Any,
) -> HttpResponse:  # fmt: skip
    """A record of the settings: a form for who may save it, and for others what it holds."""
    return show(
        request, f"workbench/{template}.html",
        {
            "title": title, "groups": bound(groups, cells, faults, begins_here=False), "faults": faults, "address": address,
            "may_save": may(request, save), "crumbs": [("Settings", reverse("settings")), *crumbs],
        } | more,
    )  # fmt: skip


def _many(count: int, one: str, several: str = "") -> str:
    words = one if count == 1 else several or f"{one}s"
    return f"{count or 'No'} {words}"


@page()
def settings(request: HttpRequest) -> HttpResponse:
    """Each part with how much of it there is."""
    practices = list(Practice.objects.order_by("name"))
    by_hand = Payer.objects.filter(posts_by_itself=False).count()
    listed = NeverAutomatic.objects.filter(ended_on=None).count()
    ways = [
        (
            reverse("settings_providers"),
            "Providers",
            _many(Provider.objects.count(), "person", "people") + " who render, refer or supervise",
        ),
        (reverse("settings_locations"), "Locations", _many(Location.objects.count(), "place") + " where care is given"),
        (
            reverse("settings_payers"),
            "Payers",
            _many(Payer.objects.count(), "payer") + ": ids, filing limits, what posts automatically",
        ),
        (
            reverse("settings_posting"),
            "Automatic posting",
            f"{_many(by_hand, 'payer')} posted by hand, {_many(listed, 'reason code')} always looked at first",
        ),
    ]
    if may(request, "settings_connections"):
        ways.append(
            (
                reverse("settings_connections"),
                "Connections",
                _many(Connection.objects.count(), "way", "ways") + " to trading partners",
            )
        )
    if may(request, "people"):
        people = User.objects.filter(tenant=current_tenant(), is_active=True).count()
        ways.append(
            (
                reverse("people"),
                "People",
                _many(people, "person", "people") + " who may sign in, their roles and practices",
            )
        )
    if may(request, "setup"):
        ways.append((reverse("setup"), "Rules and prices", "edits, own rules, code sets, contracts, the charge master"))
    return show(
        request, "workbench/settings.html",
        {
            "ways": ways, "practices": practices, "zones": dict.fromkeys([current_tenant().time_zone, *ZONES]),
            "zone": current_tenant().time_zone,
        },
    )  # fmt: skip


@action(does="settings.time_zone_asked")
def save_time_zone(request: HttpRequest) -> HttpResponse:
    faults = office.change_time_zone(tenant=current_tenant(), name=request.POST.get("time_zone", ""))
    _say(request, faults, "The time zone is changed.")
    return redirect("settings")


def _say(request: HttpRequest, faults: Sequence[Fault], done: str) -> None:
    for fault in faults:
        messages.error(request, f"Not saved: {fault.says}. {fault.fix}.")
    if not faults:
        messages.success(request, done)


def _practice_page(
    request: HttpRequest, practice: Practice, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:
    return form_page(
        request, title=practice.name, groups=forms.PRACTICE, cells=cells, faults=faults, save="save_practice_settings",
        address=reverse("save_practice_settings", args=[practice.pk]), crumbs=[], template="settings_practice",
        practice=practice, identifiers=[(KINDS.get(kind, kind), *rest) for kind, *rest in office.identifier_days(practice)],
        adding=bound(IDENTIFIER, {"kind": "NPI"}, begins_here=False),
    )  # fmt: skip


@page()
def settings_practice(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    return _practice_page(request, practice, office.practice_cells(practice))


@action(does="settings.practice_asked")
def save_practice_settings(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    cells = posted(request.POST, forms.PRACTICE)
    if faults := office.change_practice(practice=practice, cells=cells):
        return _practice_page(request, practice, cells, faults)
    messages.success(request, "Saved. Claims made from now on carry it.")
    return redirect("settings_practice", practice_id=practice.pk)


@action(does="settings.identifier_asked")
def add_identifier(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    faults = office.change_identifier(practice=practice, cells=posted(request.POST, IDENTIFIER))
    _say(request, faults, "It holds from that day; earlier dates of service keep the old one.")
    return redirect("settings_practice", practice_id=practice.pk)


def _policies_page(
    request: HttpRequest, practice: Practice, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:
    defaults = cells_of(DEFAULT_POLICIES)
    own = [BY_NAME[name].label for name, text in cells.items() if text != defaults.get(name, text)]
    return form_page(
        request, title=f"Policies of {practice.name}", groups=forms.policy_groups(), cells=cells, faults=faults,
        save="save_policies", address=reverse("save_policies", args=[practice.pk]), template="settings_policies", own=own,
        crumbs=[(practice.name, reverse("settings_practice", args=[practice.pk]))],
    )  # fmt: skip


@page()
def settings_policies(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    return _policies_page(request, practice, cells_of(policies_of(practice)))


@action(does="settings.policies_asked")
def save_policies(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    cells = posted(request.POST, forms.policy_groups())
    if faults := office.change_policies(practice=practice, cells=cells):
        return _policies_page(request, practice, cells, faults)
    messages.success(request, "Saved. It counts for what is decided from now on.")
    return redirect("settings_policies", practice_id=practice.pk)


# Providers and locations --------------------------------------------------------------------------------------------


def _practice_chosen(request: HttpRequest) -> Practice | None:
    """The practice that the form names, else the first; None while there is none."""
    practices = list(Practice.objects.order_by("name"))
    named = request.POST.get("practice") or request.GET.get("practice")
    return next((one for one in practices if str(one.pk) == named), practices[0] if practices else None)


@page()
def settings_providers(request: HttpRequest) -> HttpResponse:
    rows = Provider.objects.select_related("practice").order_by("name", "npi")
    return show(
        request, "workbench/settings_providers.html", {"rows": rows, "may_save": may(request, "save_new_provider")}
    )


def _provider_page(
    request: HttpRequest, provider: Provider | None, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:
    address = reverse("save_provider", args=[provider.pk]) if provider else reverse("save_new_provider")
    practices = Practice.objects.order_by("name") if provider is None else []
    return form_page(
        request, title=provider.name if provider else "New provider", groups=forms.PROVIDER, cells=cells, faults=faults,
        save="save_provider", address=address, crumbs=[("Providers", reverse("settings_providers"))], practices=practices,
        any_practice=True, chosen=request.POST.get("practice", request.GET.get("practice", "")),
    )  # fmt: skip


@page()
def settings_provider(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    provider = get_object_or_404(Provider, pk=provider_id)
    return _provider_page(request, provider, office.provider_cells(provider))


@page()
def settings_new_provider(request: HttpRequest) -> HttpResponse:
    return _provider_page(request, None, {})


@action(does="settings.provider_asked")
def save_provider(request: HttpRequest, provider_id: UUID | None = None) -> HttpResponse:
    provider = get_object_or_404(Provider.objects.select_related("practice"), pk=provider_id) if provider_id else None
    cells = posted(request.POST, forms.PROVIDER)
    chosen = _practice_chosen(request) if request.POST.get("practice") else None
    practice = provider.practice if provider else chosen
    if faults := office.change_provider(provider=provider, practice=practice, cells=cells):
        return _provider_page(request, provider, cells, faults)
    messages.success(request, "The provider is saved.")
    return redirect("settings_providers")


@page()
def settings_locations(request: HttpRequest) -> HttpResponse:
    rows = Location.objects.select_related("practice").order_by("practice__name", "code")
    return show(
        request, "workbench/settings_locations.html", {"rows": rows, "may_save": may(request, "save_new_location")}
    )


def _location_page(
    request: HttpRequest, location: Location | None, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:
    address = reverse("save_location", args=[location.pk]) if location else reverse("save_new_location")
    practices = Practice.objects.order_by("name") if location is None else []
    return form_page(
        request, title=location.name if location else "New location", groups=forms.LOCATION, cells=cells, faults=faults,
        save="save_location", address=address, crumbs=[("Locations", reverse("settings_locations"))], practices=practices,
        chosen=request.POST.get("practice", request.GET.get("practice", "")),
    )  # fmt: skip


@page()
def settings_location(request: HttpRequest, location_id: UUID) -> HttpResponse:
    location = get_object_or_404(Location, pk=location_id)
    return _location_page(request, location, office.location_cells(location))


@page()
def settings_new_location(request: HttpRequest) -> HttpResponse:
    return _location_page(request, None, {"place_of_service": "11"})


@action(does="settings.location_asked")
def save_location(request: HttpRequest, location_id: UUID | None = None) -> HttpResponse:
    location = get_object_or_404(Location.objects.select_related("practice"), pk=location_id) if location_id else None
    cells = posted(request.POST, forms.LOCATION)
    practice = location.practice if location else _practice_chosen(request)
    if practice is None:
        messages.error(request, "Not saved: a location is a practice's. Take on the practice first.")
        return redirect("settings")
    if faults := office.change_location(location=location, practice=practice, cells=cells):
        return _location_page(request, location, cells, faults)
    messages.success(request, "The location is saved.")
    return redirect("settings_locations")
