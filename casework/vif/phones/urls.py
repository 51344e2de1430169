"""Addresses of phones."""

from __future__ import annotations

from casework.vif.phones.views import lists, page, papers, totals

app_name = "phones"
urlpatterns = [*lists.patterns, *totals.patterns, *page.patterns, *papers.patterns]
