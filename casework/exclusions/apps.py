from django.apps import AppConfig
from django.conf import settings


class ExclusionSupportConfig(AppConfig):
    name = "casework.exclusions"
    label = "exclusion_support"
    verbose_name = "Accueil des élèves exclus"

    def ready(self) -> None:
        """Register what exclusion support gives to other floors, where this installation has the subject."""
        if "exclusions" in settings.SUBJECTS:
            from casework.exclusions import registry  # noqa: F401  it registers on import
