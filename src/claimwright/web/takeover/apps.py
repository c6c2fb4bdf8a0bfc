from django.apps import AppConfig


class TakeoverConfig(AppConfig):
    name = "claimwright.web.takeover"
    label = "takeover"
    default_auto_field = "django.db.models.BigAutoField"
