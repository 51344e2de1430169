"""Why a copy is not made, or not taken: one code, one French sentence."""

from __future__ import annotations

from casework.errors import CaseworkError

MESSAGES = {
    "no_recipient": "Clé publique du destinataire absente ou illisible (BACKUP_RECIPIENT, KEYSTORE_RECIPIENT).",
    "private_key": "Ce fichier contient une clé privée : elle n’a rien à faire sur ce serveur.",
    "one_recipient": "Les données et les clés ont le même destinataire : une seule personne ouvrirait tout.",
    "one_folder": "Les copies des données et des clés iraient dans le même dossier : une seule fuite ouvrirait tout.",
    "no_private_key": "Clé privée absente, illisible ou protégée par un mot de passe.",
    "not_a_box": "Ce fichier n’est pas une copie de Casework.",
    "swapped": "Copies interverties : données à la place des clés, ou l’inverse.",
    "wrong_key": "Cette copie est chiffrée pour une autre clé privée.",
    "truncated": "Copie tronquée : la fin du fichier manque.",
    "damaged": "Copie abîmée ou modifiée.",
    "forged": "Cette copie n’est pas signée par cette installation (clé maîtresse différente, ou copie fabriquée).",
    "older_schema": "Copie d’une version plus ancienne du logiciel : restaurez-la avec cette version, puis migrez.",
    "newer_schema": "Copie d’une version plus récente du logiciel : installez d’abord cette version.",
    "other_engine": "Copie d’un autre moteur de base de données.",
    "older_keystore": "La copie des clés est plus ancienne que celle des données : des fiches resteraient fermées.",
    "not_empty": "La base de destination n’est pas vide : une restauration n’écrase rien.",
    "no_tool": "pg_dump ou pg_restore est absent, ou plus ancien que le serveur.",
    "tool_failed": "L’outil de la base de données a échoué.",
    "no_room": "Il ne reste pas assez de place sur le disque.",
    "different": "La base restaurée n’a pas les lignes que la copie annonce.",
    "log": "Le journal restauré n’est pas celui de la copie, ou des lignes ont été changées sans événement.",
    "witness": "Le témoin a vu un autre journal : cette copie n’est pas de la même histoire.",
    "witness_away": "Le témoin ne répond pas, ou refuse la déclaration : une vraie restauration doit lui être déclarée.",
    "no_record": "Aucune fiche ne s’ouvre.",
}


class BackupRefused(CaseworkError):
    """The copy is refused; `code` is one of MESSAGES."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    @property
    def message(self) -> str:
        """The sentence to show."""
        return MESSAGES[self.code] + (f" ({self.detail})" if self.detail else "")
