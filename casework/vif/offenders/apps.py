from django.apps import AppConfig
from django.conf import settings


class OffendersConfig(AppConfig):
    name = "casework.vif.offenders"
    label = "vif_offenders"
    verbose_name = "Personnes sous mesure"

    def ready(self) -> None:
        """Register what measures give to other floors, where this installation has the subject."""
        if "vif" in settings.SUBJECTS:
            from casework.vif.offenders import registry  # noqa: F401  it registers on import
