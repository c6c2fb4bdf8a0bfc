from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "claimwright.web.statements"
    label = "statements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from claimwright.web.arrangements.selectors import dunning_stops, statement_bars
        from claimwright.web.statements.holds import register_check, register_stop

        register_check("arrangements", statement_bars)
        register_stop("arrangements", dunning_stops)
