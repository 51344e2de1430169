"""Addresses of phones."""

from __future__ import annotations

from casework.vif.phones.views import lists, page, papers

app_name = "phones"
urlpatterns = [*lists.patterns, *page.patterns, *papers.patterns]
