from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "casework.minors.followups"
    label = "followups"
    verbose_name = "Situations"

    def ready(self) -> None:
        """Register what situations give to other floors."""
        from casework.minors.followups import (  # noqa: F401  they register on import
            registry,
            registry_access,
            registry_circle,
            registry_files,
            registry_letters,
        )
