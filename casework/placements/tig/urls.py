"""URLs of placements. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.placements.tig.views import pages, papers, phone, service, weeks

app_name = "tig"
urlpatterns = [*service.patterns, *phone.patterns, *weeks.patterns, *papers.patterns, *pages.patterns]
