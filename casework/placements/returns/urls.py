"""URLs of known returns. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.placements.returns import views

app_name = "returns"
urlpatterns = [*views.patterns]
