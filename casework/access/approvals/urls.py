"""Addresses of requests of two persons (`/demandes-a-deux/…`)."""

from __future__ import annotations

from casework.access.approvals import views

app_name = "approvals"
urlpatterns = views.patterns
