"""Addresses of measures."""

from __future__ import annotations

from casework.vif.offenders.views import lists, page, papers, reports, templates

app_name = "measures"
urlpatterns = [*lists.patterns, *page.patterns, *reports.patterns, *papers.patterns, *templates.patterns]
