"""URLs of placements. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.placements.tig.views import links, pages, papers, weeks

app_name = "tig"
urlpatterns = [*links.patterns, *weeks.patterns, *papers.patterns, *pages.patterns]
