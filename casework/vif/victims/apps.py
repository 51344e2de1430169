from django.apps import AppConfig
from django.conf import settings


class VictimsConfig(AppConfig):
    name = "casework.vif.victims"
    label = "vif_victims"
    verbose_name = "Victimes accompagnées"

    def ready(self) -> None:
        """Register what victims give to other floors, where this installation has the subject."""
        if "vif" in settings.SUBJECTS:
            from casework.vif.victims import registry  # noqa: F401  it registers on import
