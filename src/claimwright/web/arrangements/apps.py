from django.apps import AppConfig


class ArrangementsConfig(AppConfig):
    name = "claimwright.web.arrangements"
    label = "arrangements"
    default_auto_field = "django.db.models.BigAutoField"
