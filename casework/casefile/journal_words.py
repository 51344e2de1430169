"""The words of the journal on screen and on paper: what was done, to what, why, and how it ended."""

from __future__ import annotations

from django.apps import apps

from casework.access.approvals.codes import ApprovalAct
from casework.casefile.endings.codes import HoldReason

ACTS = {
    "view": "a ouvert", "list": "a vu dans une liste", "search": "a trouvé par une recherche", "create": "a saisi",
    "change": "a modifié", "move": "a changé l’état", "print": "a imprimé", "export": "a exporté",
    "reveal": "a affiché un nom ou une adresse", "grant": "a ouvert un accès", "revoke": "a fermé un accès",
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

# Codes that events of the daily work bear; one without a word shows as it is.
WHYS = {
    "session": "services invités", "circle": "cercle", "deputy": "suppléance", "asked": "demande d’accès",
    "emergency": "urgence", "agenda": "ordre du jour", "opened": "situation ouverte en réunion",
    "informed": "information donnée", "inform": "information donnée", "done": "fait", "failed": "pas abouti",
    "void": "sans objet", "refused": "refusé", "requested": "demandé", "active": "actif", "not_tried": "non tenté",
    "continue": "poursuivre", "review": "examen en réunion", "follow": "entrée en suivi", "suspend": "suspension",
    "end": "fin du suivi", "archive": "mise en archives", "follow_uninformed": "entrée en suivi, famille non informée",
    "follow_up_ended": "suivi terminé", "knows": "connaît le jeune", "refer": "saisine", "referred": "saisine",
    "sorted": "tri", "to_study": "à étudier", "redirected": "réorientée", "redirect": "réorientée",
    "out_of_scope": "hors champ", "reject": "hors champ", "sorted_out": "saisine écartée, délai atteint",
    "majority": "majorité atteinte", "family_meeting": "rencontre avec la famille",
    "training_or_job": "formation ou emploi", "school_return": "retour à l’école",
    "leisure_or_sport": "loisirs ou sport", "outreach_contact": "prise de contact de rue",
    "social_service_contact": "contact du service social", "street_outreach": "prévention spécialisée",
    "social_service": "service social", "pjj": "PJJ", "aemo": "AEMO", "school": "établissement scolaire",
    "landlord": "bailleur", "municipal_police": "police municipale", "prepare": "préparation de la réunion",
    "convene": "invitations envoyées", "open": "ouverture de la réunion", "close": "clôture de la réunion",
    "submitted": "relevé soumis", "approve": "relevé approuvé", "approved": "relevé approuvé",
    "sent": "transmis au maire", "mayor_warning": "rappel à l’ordre", "demo": "entrée de démonstration",
    "erase.begin": "effacement commencé", "erase.end": "effacement terminé", "referral_link": "lien de saisine",
    "deposit": "tableau déposé", "phone": "par téléphone",
    "review_justified": "relecture : justifiée", "emergency_danger": "danger immédiat",
    "emergency_control": "contrôle par référence", "emergency_page": "page ouverte en urgence",
    "emergency_requisition": "réquisition", "emergency_continuity": "continuité du suivi",
    "emergency_duress": "contrainte particulière", "review_not_justified": "relecture : non justifiée",
    "review_to_investigate": "relecture : à approfondir", "not_same": "deux personnes", "merged": "fiches réunies",
    "address_protected": "adresse à ne pas communiquer", "excluded_kin": "lien de famille déclaré",
    "reopen": "réouverture", "used": "acte exécuté", "withdrawn": "demande retirée",
    "answered": "chiffres donnés par le lien", "reminder": "rappel envoyé", "words": "note et commentaires",
    "published": "publié", "left_list": "retiré de la liste", "address": "adresse changée, lien retiré",
    "hold_lifted": "conservation imposée levée", "emergency_restored": "droit d’urgence rétabli",
}  # fmt: skip
WHYS |= {each.value: str(each.label) for each in ApprovalAct}
WHYS |= {f"hold_{each.value}": f"conservation imposée : {each.label}" for each in HoldReason}

OUTCOMES = {"ok": ("fait", "ok"), "denied": ("refusé", "late"), "error": ("échec", "late")}


def act(code: str) -> str:
    """Return what an act is called."""
    return ACTS.get(code, code)


def purpose(code: str) -> str:
    """Return what a purpose is called; "" for none."""
    return PURPOSES.get(code, code)


def why(code: str) -> str:
    """Return what a reason is called; the code itself when it has no word."""
    return WHYS.get(code, code)


def thing(object_type: str) -> str:
    """Return what an object is called: the name of its model, else nothing (a route, a job)."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return {"journal": "journal", "journal.proof": "preuve", "audit.log": "journal entier"}.get(object_type, "")
