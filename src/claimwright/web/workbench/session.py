"""Signing in and out, each in the audit log of the person's tenant."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from claimwright.web.core.models import User
from claimwright.web.core.services import acting_as, record_audit
from claimwright.web.core.tenancy import tenant_scope


class SignIn(LoginView):
    template_name = "workbench/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        response = super().form_valid(form)
        if isinstance(user, User) and user.tenant:
            with tenant_scope(user.tenant), acting_as(user.get_username()):
                record_audit(action="session.sign_in", subject_type="user", subject_id=user.pk)
        return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.user.tenant_id:
        record_audit(action="session.sign_out", subject_type="user", subject_id=request.user.pk)
    logout(request)
    return redirect("login")
