from django.apps import AppConfig


class EligibilityConfig(AppConfig):
    name = "claimwright.web.eligibility"
    label = "eligibility"
    default_auto_field = "django.db.models.BigAutoField"
