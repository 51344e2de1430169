"""Addresses of phones."""

from __future__ import annotations

from casework.vif.phones.views import court_papers, lists, page, papers, totals

app_name = "phones"
urlpatterns = [*lists.patterns, *totals.patterns, *court_papers.patterns, *page.patterns, *papers.patterns]
