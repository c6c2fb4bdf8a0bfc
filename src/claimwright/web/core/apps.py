from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "claimwright.web.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        super().import_models()
        import claimwright.web.core.sign_in_models  # noqa: F401
