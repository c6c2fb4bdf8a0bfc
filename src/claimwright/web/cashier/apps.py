from django.apps import AppConfig


class CashierConfig(AppConfig):
    name = "claimwright.web.cashier"
    label = "cashier"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from claimwright.web.bank.groups import register
        from claimwright.web.cashier.selectors import money_groups

        register(money_groups)
