"""Figures of nobody take their place in the menu."""

from __future__ import annotations

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """Figures of nobody."""

    name = "casework.indicators.releases"
    label = "releases"
    verbose_name = "chiffres publiés"

    def ready(self) -> None:
        """Register pages and nightly steps."""
        from casework.indicators.releases import registry  # noqa: F401  it registers on import
