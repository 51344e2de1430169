"""URLs of hosts and posts. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.placements.hosts import views

app_name = "hosts"
urlpatterns = [*views.patterns]
