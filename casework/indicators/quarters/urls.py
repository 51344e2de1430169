"""URLs of the dashboard of a quarter. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.indicators.quarters import link_views
from casework.indicators.quarters.views import keeping, pages

app_name = "quarters"
urlpatterns = [*link_views.patterns, *keeping.patterns, *pages.patterns]
