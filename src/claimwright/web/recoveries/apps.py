from django.apps import AppConfig


class RecoveriesConfig(AppConfig):
    name = "claimwright.web.recoveries"
    label = "recoveries"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from claimwright.web.payments.closing import register
        from claimwright.web.recoveries.underpaid import open_variances

        register("recoveries", open_variances)
