"""The rights floor takes its place in the menu and on « Mon travail »."""

from __future__ import annotations

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """Register of violations of personal data."""

    name = "casework.rights"
    label = "rights"
    verbose_name = "droits"

    def ready(self) -> None:
        """Register the page, its lines and its deadline."""
        from casework.rights import registry  # noqa: F401  it registers on import
