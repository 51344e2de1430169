from django.apps import AppConfig
from django.conf import settings


class ReflexConfig(AppConfig):
    name = "casework.vif.reflex"
    label = "vif_reflex"
    verbose_name = "Fiche réflexe"

    def ready(self) -> None:
        """Register what the sheet gives to other floors, where this installation has the subject."""
        if "vif" in settings.SUBJECTS:
            from casework.vif.reflex import registry  # noqa: F401  it registers on import
