"""Addresses of the reflex sheet."""

from __future__ import annotations

from django.urls import path

from casework.vif.reflex import views

app_name = "reflex"
urlpatterns = [
    path("", views.sheet, name="sheet"),
    path("modifier/", views.edit, name="edit"),
    path("sensibilisations", views.session, name="session"),
    path("fiche.pdf", views.paper, name="paper"),
]
