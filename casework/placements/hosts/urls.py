"""URLs of hosts and posts. Paths say the act in French; ids are opaque."""

from __future__ import annotations

app_name = "hosts"
urlpatterns: list[object] = []
