"""The back room: set-up rows are changed here, all other rows are only looked at, and both leave an audit row.

Row-level security bounds it like every page: a person sees the rows of the own tenant. People and tenants are not
bound by it, so their queries are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from claimwright.web.core.models import AuditEvent, Counter, SavedView, SentForm, Tenant, TenantModel, User, WorkItem
from claimwright.web.core.services import record_audit
from claimwright.web.core.sign_in_models import EmergencyAccess


def sign_in_first(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """No second way in: who is not signed in goes through the same two proofs as everybody."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


def own_sign_in(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """One's password is changed in one place: where one's other sessions end with it."""
    return redirect("my_sign_in")


COLUMNS_SHOWN = 7
HIDDEN = ("content", "pdf", "secret", "ssn_sealed", "ssn_index", "working", "previous_hash", "hash")

admin.site.unregister(Group)  # groups know no tenant; roles are fields of the person
admin.site.login = sign_in_first  # type: ignore[method-assign]
admin.site.password_change = own_sign_in  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Claimwright administration"
admin.site.index_title = "Set-up and records"


class LookOnly(admin.ModelAdmin):
    """Rows that services write: nobody adds, changes or deletes them by hand."""

    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        wanted = [
            field.name
            for field in self.model._meta.concrete_fields
            if field.name not in ("id", "tenant", *HIDDEN)
            and not isinstance(field, models.TextField | models.BinaryField | models.JSONField)
        ]
        return tuple(wanted[:COLUMNS_SHOWN])

    def get_list_select_related(self, request: HttpRequest) -> bool:
        return True

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(
            field.name
            for field in self.model._meta.concrete_fields
            if isinstance(field, models.BinaryField) or field.name in ("secret", "ssn_sealed", "ssn_index")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if self.has_change_permission(request, obj):
            return ()
        return tuple(
            field.name for field in self.model._meta.concrete_fields if field.name not in self.get_exclude(request)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        self._audit(request, "admin.list", "")
        return response

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if object_id and request.method == "GET" and response.status_code == 200:
            self._audit(request, "admin.read", object_id)
        return response

    # Django's own admin log keeps the names of rows in a table without tenants; ours keeps ids in one with them.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self._audit(request, "admin.add", obj.pk)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self._audit(request, "admin.change", obj.pk)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self._audit(request, "admin.delete", obj.pk)

    def _audit(self, request: HttpRequest, action: str, subject: object) -> None:
        if request.user.tenant_id:  # type: ignore[union-attr]
            record_audit(action=action, subject_type=self.model._meta.model_name or "", subject_id=subject)


class Optional(forms.JSONField):
    """Django takes {} and [] for a missing answer; here they are answers, and a blank is the column's default."""

    def __init__(self, *, default: Callable[[], Any], **options: Any) -> None:
        super().__init__(**{**options, "required": False})
        self._default = default

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return self._default() if found is None else found


class SetUp(LookOnly):
    """Rows that people set up. They are ended by date or switched off, never deleted."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **options: Any) -> Any:
        if isinstance(db_field, models.JSONField):
            return db_field.formfield(form_class=Optional, default=db_field.get_default)
        return super().formfield_for_dbfield(db_field, request, **options)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)


def register(*, look_only: tuple[type[TenantModel], ...] = (), set_up: tuple[type[TenantModel], ...] = ()) -> None:
    for model in look_only:
        admin.site.register(model, LookOnly)
    for model in set_up:
        if model.append_only:
            raise ValueError(f"{model.__name__} is append-only: it is only looked at")
        admin.site.register(model, SetUp)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """A person with a tenant sees the people of that tenant only, and cannot move anybody to another."""

    list_display = ("username", "role", "tenant", "is_staff", "is_active")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Practice", {"fields": ("tenant", "role")}))
    add_fieldsets = (*UserAdmin.add_fieldsets, ("Practice", {"fields": ("tenant", "role")}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = super().get_queryset(request)
        own = request.user.tenant_id  # type: ignore[union-attr]
        return people if own is None else people.filter(tenant=own)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = tuple(super().get_readonly_fields(request, obj))
        if request.user.tenant_id is None:  # type: ignore[union-attr]
            return fixed
        own = ("role", "is_active", "is_staff") if obj is not None and obj.pk == request.user.pk else ()
        return (*fixed, "tenant", "is_superuser", "groups", "user_permissions", *own)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if request.user.tenant_id is not None:  # type: ignore[union-attr]
            obj.tenant_id = request.user.tenant_id  # type: ignore[union-attr]
        super().save_model(request, obj, form, change)

    log_addition = LookOnly.log_addition
    log_change = LookOnly.log_change
    log_deletions = LookOnly.log_deletions
    _audit = LookOnly._audit

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Tenant)
class TenantAdmin(SetUp):
    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        tenants = super().get_queryset(request)
        own = request.user.tenant_id  # type: ignore[union-attr]
        return tenants if own is None else tenants.filter(pk=own)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.tenant_id is None and super().has_add_permission(request)  # type: ignore[union-attr]


register(look_only=(AuditEvent, Counter, EmergencyAccess, SavedView, SentForm, WorkItem))
