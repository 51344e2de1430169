from django.apps import AppConfig
from django.conf import settings


class TigConfig(AppConfig):
    name = "casework.placements.tig"
    label = "tig"
    verbose_name = "Affectations"

    def ready(self) -> None:
        """Register what placements give to other floors, where this installation has the subject."""
        if "placements" in settings.SUBJECTS:
            from casework.placements.tig import registry  # noqa: F401  it registers on import
