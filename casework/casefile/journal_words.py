"""The words of the journal on screen and on paper: what was done, to what, why, and how it ended."""

from __future__ import annotations

from django.apps import apps

ACTS = {
    "view": "a ouvert", "list": "a vu dans une liste", "search": "a trouvé par une recherche", "create": "a saisi",
    "change": "a modifié", "move": "a changé l’état", "print": "a imprimé", "export": "a exporté",
    "reveal": "a affiché le nom", "grant": "a ouvert un accès", "revoke": "a fermé un accès",
    "delete": "a supprimé", "history": "a lu l’historique", "who_read": "a consulté le journal",
    "system": "traitement automatique", "import": "a repris d’un ancien fichier", "sign_in": "s’est connecté",
    "sign_out": "s’est déconnecté", "sign_in_failed": "connexion refusée", "lock": "écran verrouillé",
    "miss": "page absente ou refusée", "denied": "acte refusé", "error": "incident technique",
    "integrity_fail": "donnée altérée détectée", "purge": "purge du journal", "restore": "retour à une sauvegarde",
    "row": "ligne écrite",
}  # fmt: skip

PURPOSES = {
    "review": "suivi", "session": "réunion", "preparation": "préparation", "sorting": "tri", "listing": "liste",
    "search": "recherche", "document": "document", "rights": "droits de la personne", "import": "reprise",
    "retention": "durées de conservation", "duplicates": "recherche de doublons", "history": "historique",
    "administration": "administration", "system": "traitement automatique",
}  # fmt: skip

OUTCOMES = {"ok": ("fait", "ok"), "denied": ("refusé", "late"), "error": ("échec", "late")}


def act(code: str) -> str:
    """Return what an act is called."""
    return ACTS.get(code, code)


def purpose(code: str) -> str:
    """Return what a purpose is called; "" for none."""
    return PURPOSES.get(code, code)


def thing(object_type: str) -> str:
    """Return what an object is called: the name of its model, else nothing (a route, a job)."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return {"journal": "journal", "journal.proof": "preuve", "audit.log": "journal entier"}.get(object_type, "")
