from django.apps import AppConfig


class CloseConfig(AppConfig):
    name = "claimwright.web.close"
    label = "close"
    default_auto_field = "django.db.models.BigAutoField"
