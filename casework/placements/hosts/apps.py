from django.apps import AppConfig
from django.conf import settings


class HostsConfig(AppConfig):
    name = "casework.placements.hosts"
    label = "hosts"
    verbose_name = "Postes et accueils"

    def ready(self) -> None:
        """Register what hosts and posts give to other floors, where this installation has the subject."""
        if "placements" in settings.SUBJECTS:
            from casework.placements.hosts import registry  # noqa: F401  it registers on import
