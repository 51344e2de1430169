"""URLs of the yearly page."""

from __future__ import annotations

from casework.placements.partnership import views

app_name = "partnership"
urlpatterns = [*views.patterns]
