from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "casework.access"
    label = "access"

    def ready(self) -> None:
        """Lend partners the agreements of second persons: it may not import this floor."""
        from casework.access import appointments
        from casework.partners import hooks

        hooks.on_agreement(appointments.take)
