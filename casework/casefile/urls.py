"""Addresses of drafts, local lists and school holidays."""

from __future__ import annotations

from django.urls import path

from casework.casefile import views

app_name = "casefile"

urlpatterns = [
    path("brouillons/<str:form_key>", views.draft, name="draft"),
    path("listes/", views.local_lists, name="local_lists"),
    path("listes/ajouter", views.add_item, name="add_item"),
    path("listes/<uuid:pk>/renommer", views.rename_item, name="rename_item"),
    path("listes/<uuid:pk>/<slug:act>", views.change_item, name="change_item"),
    path("vacances-scolaires/", views.school_holidays, name="school_holidays"),
    path("vacances-scolaires/<uuid:pk>/supprimer", views.delete_school_holiday, name="delete_school_holiday"),
]
