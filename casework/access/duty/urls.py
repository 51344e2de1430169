"""Addresses of duty (`/permanence/…`)."""

from __future__ import annotations

from casework.access.duty import views

app_name = "duty"
urlpatterns = views.patterns
