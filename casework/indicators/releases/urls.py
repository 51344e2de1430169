"""URLs of figures of nobody."""

from __future__ import annotations

app_name = "releases"
urlpatterns: list[object] = []
