"""The desk takes its place in the menu."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Layout, Mon travail, help, error pages."""

    name = "casework.desk"
    label = "desk"
    verbose_name = "bureau"

    def ready(self) -> None:
        """Register the entries of the menu, and the checks that refuse a server in doubt."""
        import config.checks  # noqa: F401
        from casework.access.matrix import DataClass
        from casework.access.policy import Action
        from casework.casefile.navigation import Entry, register

        register(Entry(label="Mon travail", url_name="desk:work", icon="task", order=10))
        register(
            Entry(
                label="Incidents techniques",
                url_name="desk:errors",
                icon="admin",
                order=980,
                action=Action.VIEW,
                data_class=DataClass.KEYS,
            )
        )
