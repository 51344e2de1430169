"""The dashboard of a quarter take their place in the menu."""

from __future__ import annotations

from django.apps import AppConfig


class QuartersConfig(AppConfig):
    """The dashboard of a quarter."""

    name = "casework.indicators.quarters"
    label = "quarters"
    verbose_name = "tableau de bord"

    def ready(self) -> None:
        """Register pages and nightly steps."""
        from casework.indicators.quarters import registry  # noqa: F401  it registers on import
