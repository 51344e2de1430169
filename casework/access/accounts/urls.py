"""Addresses of sign-in (`/connexion/…`) and of one's own account (`/compte/…`)."""

from __future__ import annotations

from django.urls import path

from casework.access.accounts import own, views

app_name = "partners"
urlpatterns = [
    path("connexion/", views.sign_in, name="sign_in"),
    path("connexion/demo/<uuid:agent_id>", views.demo_sign_in, name="demo_sign_in"),
    path("connexion/code", views.second_factor, name="second_factor"),
    path("connexion/confirmation", views.confirm, name="confirm"),
    path("connexion/invitation/<str:token>", views.open_invitation, name="invitation"),
    path("connexion/mot-de-passe", views.choose_password, name="choose_password"),
    path("connexion/telephone", views.enrol, name="enrol"),
    path("connexion/cle", views.add_passkey, name="add_passkey"),
    path("connexion/verrouillage", views.lock, name="lock"),
    path("connexion/deverrouillage", views.unlock, name="unlock"),
    path("connexion/sortie", views.sign_out, name="sign_out"),
    path("compte/", own.account, name="account"),
    path("compte/fonction", own.switch_mandate, name="switch_mandate"),
    path("compte/charte", own.charter, name="charter"),
    path("compte/telephone", own.new_phone, name="new_phone"),
    path("compte/cles/<uuid:pk>/nom", own.rename_passkey, name="rename_passkey"),
    path("compte/cles/<uuid:pk>/retirer", own.remove_passkey, name="remove_passkey"),
    path("compte/codes-de-secours", own.recovery_codes, name="recovery_codes"),
    path("compte/sessions", own.close_sessions, name="close_sessions"),
    path("compte/mot-de-passe", own.password, name="password"),
]
