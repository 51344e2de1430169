from django.apps import AppConfig
from django.conf import settings


class ReparationConfig(AppConfig):
    name = "casework.placements.reparation"
    label = "reparation"
    verbose_name = "Réparations"

    def ready(self) -> None:
        """Register what réparations give to other floors, where this installation has the subject."""
        if "placements" in settings.SUBJECTS:
            from casework.placements.reparation import registry  # noqa: F401  it registers on import
