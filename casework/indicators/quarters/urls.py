"""URLs of the dashboard of a quarter."""

from __future__ import annotations

app_name = "quarters"
urlpatterns: list[object] = []
