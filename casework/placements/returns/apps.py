from django.apps import AppConfig
from django.conf import settings


class ReturnsConfig(AppConfig):
    name = "casework.placements.returns"
    label = "returns"
    verbose_name = "Retours connus"

    def ready(self) -> None:
        """Register what known returns give to other floors, where this installation has the subject."""
        if "placements" in settings.SUBJECTS:
            from casework.placements.returns import registry  # noqa: F401  it registers on import
