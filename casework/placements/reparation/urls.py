"""Addresses of réparations."""

from __future__ import annotations

from casework.placements.reparation.views import activity, lists, page

app_name = "reparation"
urlpatterns = [*lists.patterns, *page.patterns, *activity.patterns]
