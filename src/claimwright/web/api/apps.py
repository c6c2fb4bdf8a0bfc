from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "claimwright.web.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from claimwright.web.api.webhooks import keep_events
        from claimwright.web.core.events import listen

        listen(keep_events)
