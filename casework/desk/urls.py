"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from casework.desk import views

app_name = "desk"

urlpatterns = [
    path("", views.home, name="home"),
    path("mon-travail/", views.my_work, name="work"),
    path("mon-travail/compte", views.work_count, name="work_count"),
    path("mon-travail/echeances.ics", views.calendar, name="calendar"),
    path("masquer-les-noms", views.hide_names, name="hide_names"),
    path("presence", views.presence, name="presence"),
    path("messages-envoyes/", views.sent_messages, name="sent_messages"),
    path("administration/incidents/", views.errors, name="errors"),
    path("administration/etat/", views.system_state, name="system"),
    path("aide/", views.help_page, name="help"),
    path("aide/qui-voit-quoi/", views.help_who_sees, name="help_who_sees"),
    path("confidentialite/", views.privacy, name="privacy"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("robots.txt", views.robots, name="robots"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
