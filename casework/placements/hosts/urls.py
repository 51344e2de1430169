"""URLs of hosts and posts. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.placements.hosts import link_views
from casework.placements.hosts.views import official, posts, structures

app_name = "hosts"
urlpatterns = [*link_views.patterns, *posts.patterns, *structures.patterns, *official.patterns]
