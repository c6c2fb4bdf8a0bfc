"""Rows of this app in the back room."""

from claimwright.web.authorizations import models
from claimwright.web.core.admin import register

register(
    look_only=(
        models.Authorization,
        models.AuthorizationChange,
        models.AuthorizationEntry,
        models.AuthorizationRequest,
        models.Document,
        models.DocumentLink,
        models.Questionnaire,
    ),
)
