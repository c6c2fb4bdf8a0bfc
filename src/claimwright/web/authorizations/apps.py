from django.apps import AppConfig


class AuthorizationsConfig(AppConfig):
    name = "claimwright.web.authorizations"
    label = "authorizations"
    default_auto_field = "django.db.models.BigAutoField"
