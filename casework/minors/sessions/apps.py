from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "casework.minors.sessions"
    label = "group_sessions"  # django.contrib.sessions holds "sessions"
    verbose_name = "Réunions"

    def ready(self) -> None:
        """Register what meetings give to other floors."""
        from casework.minors.sessions import erasing, merge, registry  # noqa: F401  they register on import
