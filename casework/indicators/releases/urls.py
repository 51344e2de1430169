"""URLs of figures of nobody."""

from __future__ import annotations

from casework.indicators.releases.views import proposals, published

app_name = "releases"
urlpatterns = [*published.patterns, *proposals.patterns]
