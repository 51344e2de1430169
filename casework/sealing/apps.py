"""Sealing: fields whose values only open inside an audited gate."""

from django.apps import AppConfig
from django.core import checks


class SealingConfig(AppConfig):
    """Floor 0: knows no other room."""

    name = "casework.sealing"
    label = "sealing"
    verbose_name = "scellement"

    def ready(self) -> None:
        """Register the system checks."""
        from casework.sealing.checks import check_history, check_provider
        from casework.sealing.labels import check_labels

        for check in (check_labels, check_history, check_provider):
            checks.register(check)
