from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Makes the schema's extensions known before any view is described."""
        from config import schema  # noqa: F401 - needs the app registry
