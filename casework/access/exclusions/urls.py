"""Addresses of exclusions (`/mises-a-l-ecart/…`)."""

from __future__ import annotations

from casework.access.exclusions import views

app_name = "exclusions"
urlpatterns = views.patterns
