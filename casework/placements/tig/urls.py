"""URLs of placements. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.placements.tig.views import pages, papers, weeks

app_name = "tig"
urlpatterns = [*weeks.patterns, *papers.patterns, *pages.patterns]
