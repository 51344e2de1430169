from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "casework.audit"
    label = "audit"

    def ready(self) -> None:
        """Register the checks."""
        import casework.audit.checks  # noqa: F401  it registers on import
