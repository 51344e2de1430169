"""Addresses of access requests (`/demander-l-acces/…`)."""

from __future__ import annotations

from casework.access.asking import views

app_name = "asking"
urlpatterns = views.patterns
