"""The yearly evaluation take their place in the menu."""

from __future__ import annotations

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """The yearly evaluation."""

    name = "casework.indicators.evaluation"
    label = "evaluation"
    verbose_name = "évaluation annuelle"

    def ready(self) -> None:
        """Register pages and nightly steps."""
        from casework.indicators.evaluation import registry  # noqa: F401  it registers on import
