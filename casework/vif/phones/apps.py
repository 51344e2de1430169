from django.apps import AppConfig
from django.conf import settings


class PhonesConfig(AppConfig):
    name = "casework.vif.phones"
    label = "vif_phones"
    verbose_name = "Téléphones grave danger"

    def ready(self) -> None:
        """Register what phones give to other floors, where this installation has the subject."""
        if "vif" in settings.SUBJECTS:
            from casework.vif.phones import registry  # noqa: F401  it registers on import
