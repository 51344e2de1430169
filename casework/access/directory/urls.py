"""Addresses of the directory (`/partenaires/…`)."""

from __future__ import annotations

from django.urls import path

from casework.access.directory import houses, views

app_name = "directory"
urlpatterns = [
    path("partenaires/", views.index, name="index"),
    path("partenaires/services/", views.services, name="services"),
    path("partenaires/services/ajouter", views.add_service, name="add_service"),
    path("partenaires/services/<uuid:pk>", views.service, name="service"),
    path("partenaires/services/<uuid:pk>/modifier", views.change_service, name="change_service"),
    path("partenaires/services/<uuid:pk>/inviter", views.invite, name="invite"),
    path("partenaires/fonctions/<uuid:pk>", views.function, name="function"),
    path("partenaires/fonctions/<uuid:pk>/prolonger", views.renew, name="renew"),
    path("partenaires/fonctions/<uuid:pk>/terminer", views.end, name="end"),
    path("partenaires/fonctions/<uuid:pk>/confier", views.hand_over, name="hand_over"),
    path("partenaires/comptes/", views.accounts, name="accounts"),
    path("partenaires/comptes/<uuid:agent_id>/", views.change_account, name="change_account"),
    path("partenaires/comptes/<uuid:agent_id>/lien", views.new_link, name="new_link"),
    path("partenaires/comptes/<uuid:agent_id>/lien/annuler", views.revoke_link, name="revoke_link"),
    path("partenaires/comptes/<uuid:agent_id>/recommencer", views.start_again, name="start_again"),
    path("partenaires/comptes/<uuid:agent_id>/fermer", views.close_account, name="close_account"),
    path("partenaires/comptes/<uuid:agent_id>/rouvrir", views.reopen_account, name="reopen_account"),
    path("partenaires/mon-service/", houses.my_service, name="my_service"),
    path("partenaires/mon-service/representant", houses.name_representative, name="name_representative"),
    path("partenaires/mon-service/suppleant", houses.switch_deputy, name="switch_deputy"),
    path("partenaires/mon-service/places/<uuid:seat_id>/terminer", houses.end_seat, name="end_seat"),
    path("partenaires/reglement/", houses.rules, name="rules"),
    path("partenaires/reglement/groupes", houses.add_group, name="add_group"),
    path("partenaires/reglement/<uuid:group_id>/adopter", houses.adopt_rules, name="adopt_rules"),
    path("partenaires/reglement/<uuid:group_id>/suspendre", houses.end_rules, name="end_rules"),
    path("partenaires/reglement/<uuid:group_id>/membres", houses.join, name="join"),
    path("partenaires/reglement/<uuid:group_id>/membres/depart", houses.leave, name="leave"),
    path("partenaires/charte/", houses.charter, name="charter"),
    path("partenaires/charte/adopter", houses.adopt_charter, name="adopt_charter"),
]
