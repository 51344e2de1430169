"""URLs of placements. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.placements.tig.views import calls, pages, papers, phone, service, weeks

app_name = "tig"
urlpatterns = [
    *calls.patterns,
    *service.patterns,
    *phone.patterns,
    *weeks.patterns,
    *papers.patterns,
    *pages.patterns,
]
