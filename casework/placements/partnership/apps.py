from django.apps import AppConfig
from django.conf import settings


class PartnershipConfig(AppConfig):
    name = "casework.placements.partnership"
    label = "partnership"
    verbose_name = "Bilan de l’année"

    def ready(self) -> None:
        """Register the yearly page, where this installation has the subject."""
        if "placements" in settings.SUBJECTS:
            from casework.placements.partnership import registry  # noqa: F401  it registers on import
