from django.apps import AppConfig


class CashierConfig(AppConfig):
    name = "claimwright.web.cashier"
    label = "cashier"
    default_auto_field = "django.db.models.BigAutoField"
