"""Addresses of the end of records (`/fin-de-fiche/…`)."""

from __future__ import annotations

from casework.casefile.endings import views

app_name = "endings"
urlpatterns = views.patterns
