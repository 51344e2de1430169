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
        from casework.casefile.navigation import OWN_SERVICE, SERVER, Entry, register
        from casework.desk import access_desk, partners_desk  # noqa: F401  they register on import
        from casework.desk.journal import registry  # noqa: F401  it registers on import

        register(Entry(label="Mon travail", url_name="desk:work", icon="task", order=10))
        register(
            Entry(
                label="Mon service",
                url_name="directory:my_service",
                icon="groups",
                order=61,
                section=OWN_SERVICE,
                action=Action.MANAGE,
                data_class=DataClass.OWN_SERVICE,
                leads_only=True,
            )
        )
        register(
            Entry(
                label="Incidents techniques",
                url_name="desk:errors",
                icon="admin",
                order=980,
                section=SERVER,
                action=Action.VIEW,
                data_class=DataClass.KEYS,
            )
        )
