"""Addresses of the victim's side."""

from __future__ import annotations

from casework.vif.victims.views import lists, page, places

app_name = "victims"
urlpatterns = [*lists.patterns, *places.patterns, *page.patterns]
