"""Addresses of openings in an emergency (`/urgences/…`)."""

from __future__ import annotations

from casework.access.emergencies import views

app_name = "emergencies"
urlpatterns = views.patterns
