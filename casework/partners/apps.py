from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "casework.partners"
    label = "partners"
    verbose_name = "Partenaires"

    def ready(self) -> None:
        """Register the checks."""
        import casework.partners.checks  # noqa: F401  it registers on import
