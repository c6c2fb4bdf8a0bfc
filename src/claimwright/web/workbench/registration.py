"""Registering a patient and correcting the record, with whoever may be the same person shown before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.registration import (
    CHANNELS,
    EMPLOYMENT,
    GENDER_IDENTITIES,
    LANGUAGES,
    MARITAL,
    PHONE_KINDS,
    SEXES,
    SUFFIXES,
    Fault,
)
from claimwright.codes.states import STATE_CODES
from claimwright.web.patients.models import Patient
from claimwright.web.patients.registration import (
    cells_of,
    correct_patient,
    mail_came_back,
    register_patient,
    reveal_ssn,
)
from claimwright.web.patients.sealing import Unreadable
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.policies import may

STATES = {"": "", **{code: code for code in sorted(STATE_CODES.values())}}


def _phone(number: str) -> list[Field]:
    name = f"phone{number}"
    return [
        Field(name=name, label=f"Telephone {number}", numeric=True, longest=20),
        Field(name=f"{name}_kind", label="Kind", kind="select", choices=PHONE_KINDS),
        Field(name=f"{name}_may_text", label="May be sent texts", kind="tick"),
        Field(
            name=f"{name}_consent_on", label="Agreed on", kind="date", hint="Day of consent to texts and calls (TCPA)"
        ),
        Field(name=f"{name}_may_leave_message", label="May leave a message", kind="tick"),
        Field(name=f"{name}_no_calls", label="No calls", kind="tick"),
    ]


GROUPS: Sequence[tuple[str, Sequence[Field]]] = (
    ("Who", (
        Field(name="last_name", label="Last name", longest=60, required=True, hint="As the payer holds it, without suffix"),
        Field(name="first_name", label="First name", longest=35, required=True),
        Field(name="middle_name", label="Middle name", longest=25),
        Field(name="suffix", label="Suffix", kind="select", choices={"": "", **{one: one for one in SUFFIXES}}),
        Field(name="preferred_name", label="Preferred name", longest=35),
        Field(name="birth_date", label="Date of birth", kind="date", required=True),
        Field(name="sex", label="Sex, as the payer holds it", kind="select", choices={"": "", **SEXES}, required=True),
        Field(name="gender_identity", label="Gender identity", kind="select", choices=GENDER_IDENTITIES),
        Field(name="ssn", label="Social security number", longest=11, numeric=True, hint="Optional; kept encrypted"),
        Field(name="record_number", label="Record number", longest=60, hint="Blank: the next one"),
        Field(name="death_date", label="Date of death", kind="date"),
    )),
    ("Where", (
        Field(name="line1", label="Street", longest=55, required=True, wide=True),
        Field(name="line2", label="Second line", longest=55),
        Field(name="city", label="City", longest=30, required=True),
        Field(name="state", label="State", kind="select", choices=STATES, required=True),
        Field(name="postal_code", label="ZIP code", longest=10, numeric=True, required=True),
        Field(name="no_address", label="Has no address", kind="tick"),
    )),
    ("How to reach them", (
        *_phone("1"), *_phone("2"),
        Field(name="email", label="Email", longest=254, wide=True),
        Field(name="channel", label="Write by", kind="select", choices=CHANNELS),
        Field(name="language", label="Language", kind="select", choices=LANGUAGES),
    )),
    ("Who answers for the bills", (
        Field(name="guarantor", label="Guarantor", kind="select", choices={"self": "The patient", "other": "Another person"}),
        Field(name="guarantor_record_number", label="Guarantor's record number", hint="Where the guarantor is a patient here"),
        Field(name="guarantor_last_name", label="Guarantor's last name", longest=60),
        Field(name="guarantor_first_name", label="Guarantor's first name", longest=35),
        Field(name="guarantor_birth_date", label="Guarantor's date of birth", kind="date"),
        Field(name="guarantor_relationship", label="Relationship to the patient", longest=30),
        Field(name="guarantor_phone", label="Guarantor's telephone", longest=20, numeric=True),
        Field(name="guarantor_line1", label="Guarantor's street", longest=55, hint="Blank: lives with the patient"),
        Field(name="guarantor_city", label="Guarantor's city", longest=30),
        Field(name="guarantor_state", label="Guarantor's state", kind="select", choices=STATES),
        Field(name="guarantor_postal_code", label="Guarantor's ZIP code", longest=10, numeric=True),
        Field(name="emancipated", label="Minor who answers alone (emancipated)", kind="tick"),
    )),
    ("More", (
        Field(name="marital", label="Marital status", kind="select", choices=MARITAL),
        Field(name="employment", label="Employment", kind="select", choices=EMPLOYMENT),
        Field(name="employer", label="Employer", longest=60),
        Field(name="is_newborn", label="Newborn", kind="tick", hint="Without a first name it is named by the rule"),
        Field(name="mother_record_number", label="Mother's record number"),
    )),
)  # fmt: skip
CORRECTING = tuple(
    (title, tuple(field for field in fields if field.name != "record_number")) for title, fields in GROUPS
)


def _practices() -> list[Practice]:
    return list(Practice.objects.order_by("name"))


def _form(
    request: HttpRequest,
    *,
    patient: Patient | None,
    cells: Mapping[str, str],
    faults: Sequence[Fault] = (),
    **more: Any,
) -> HttpResponse:
    groups = GROUPS if patient is None else CORRECTING
    return show(
        request,
        "workbench/registration.html",
        {
            "patient": patient, "groups": bound(groups, cells, faults), "faults": faults, "practices": _practices(),
            "may_reveal": may(request, "show_ssn"),
        } | more,
    )  # fmt: skip


@page()
def new_patient(request: HttpRequest) -> HttpResponse:
    return _form(request, patient=None, cells={"channel": "mail", "language": "en", "guarantor": "self"})


@action(does="patient.register_asked")
def save_new_patient(request: HttpRequest) -> HttpResponse:
    """Saved, or the form again with every fault, or those who may be the same person."""
    practice = _chosen_practice(request)
    cells = posted(request.POST, GROUPS)
    decided = request.POST.get("decided_new") == "on"
    outcome = register_patient(practice=practice, cells=cells, decided_new=decided)
    if outcome.patient is None:
        return _form(
            request, patient=None, cells=cells, faults=outcome.faults, candidates=outcome.candidates,
            chosen_practice=practice.pk,
        )  # fmt: skip
    messages.success(request, f"Registered as {outcome.patient.record_number}. Add the coverage.")
    return redirect("coverages", patient_id=outcome.patient.pk)


def _chosen_practice(request: HttpRequest) -> Practice:
    practices = _practices()
    wanted = request.POST.get("practice", "")
    return next((one for one in practices if str(one.pk) == wanted), practices[0])


@page(reads="patient.read")
def edit_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.select_related("practice", "guarantor", "mother"), pk=patient_id)
    return _form(request, patient=patient, cells=cells_of(patient))


@action(does="patient.correct_asked")
def save_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.select_related("practice"), pk=patient_id)
    cells = posted(request.POST, CORRECTING) | {"remove_ssn": request.POST.get("remove_ssn", "")}
    outcome = correct_patient(patient=patient, cells=cells)
    if outcome.patient is None:
        return _form(request, patient=patient, cells=cells, faults=outcome.faults)
    messages.success(request, "Saved.")
    return redirect("patient", patient_id=patient.pk)


@action(does="patient.mail_returned_asked")
def returned_mail(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    mail_came_back(patient=patient, because=request.POST.get("reason", "").strip() or "mail came back")
    messages.success(request, "The address is marked; no statement goes there.")
    return redirect("patient", patient_id=patient.pk)


@action(does="patient.ssn_asked")
def show_ssn(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The number in the clear on this one answer, for the roles that may; it is kept nowhere else."""
    patient = get_object_or_404(Patient.objects.select_related("practice", "guarantor", "mother"), pk=patient_id)
    try:
        number = reveal_ssn(patient=patient)
    except Unreadable as problem:
        messages.error(request, str(problem))
        return redirect("edit_patient", patient_id=patient.pk)
    response = _form(request, patient=patient, cells=cells_of(patient), ssn=number)
    response["Cache-Control"] = "no-store"
    return response
