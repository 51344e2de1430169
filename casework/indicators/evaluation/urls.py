"""URLs of the yearly evaluation."""

from __future__ import annotations

from casework.indicators.evaluation.views import patterns

app_name = "evaluation"
urlpatterns = [*patterns]
