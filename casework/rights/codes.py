"""Closed lists of the register of violations (RGPD 33 and 34, GDP-18)."""

from __future__ import annotations

from django.db import models


class IncidentState(models.TextChoices):
    """Where a violation stands."""

    NOTED = "noted", "consignée"
    ASSESSED = "assessed", "risque évalué"
    NOTIFIED = "notified", "notifiée à la CNIL"
    KEPT = "kept", "gardée au registre seul"
    CLOSED = "closed", "close"


class Breach(models.TextChoices):
    """What was broken (RGPD 4, 12°)."""

    CONFIDENTIALITY = "confidentiality", "confidentialité : des données ont été vues ou transmises"
    INTEGRITY = "integrity", "intégrité : des données ont été changées"
    AVAILABILITY = "availability", "disponibilité : des données sont perdues ou hors d’accès"


class Cause(models.TextChoices):
    """How it happened."""

    WRONG_RECIPIENT = "wrong_recipient", "envoi au mauvais destinataire"
    LOST_PAPER = "lost_paper", "papier perdu ou volé"
    LOST_DEVICE = "lost_device", "ordinateur ou téléphone perdu ou volé"
    UNDUE_READING = "undue_reading", "consultation sans raison"
    SPOKEN = "spoken", "propos tenus hors du groupe"
    ACCOUNT_TAKEN = "account_taken", "compte utilisé par un autre"
    INTRUSION = "intrusion", "intrusion dans le serveur"
    FAULT = "fault", "panne ou défaut du logiciel"
    OTHER = "other", "autre cause"


class Risk(models.TextChoices):
    """What persons risk: it decides who must be told."""

    NONE = "none", "aucun risque vraisemblable"
    RISK = "risk", "un risque : la CNIL est prévenue"
    HIGH = "high", "un risque élevé : la CNIL et les personnes sont prévenues"


class Persons(models.TextChoices):
    """How many persons, in bands: the register names nobody."""

    UNKNOWN = "unknown", "pas encore connu"
    ONE = "one", "une personne"
    FEW = "few", "de 2 à 9 personnes"
    TENS = "tens", "de 10 à 99 personnes"
    MANY = "many", "100 personnes ou plus"


class LateReason(models.TextChoices):
    """Why the CNIL was told after 72 hours (RGPD 33, 1°)."""

    FOUND_SLOWLY = "found_slowly", "la nature de la violation a été comprise plus tard"
    INQUIRY = "inquiry", "l’enquête demandait de ne rien dire"
    SERVICE_AWAY = "service_away", "le service en ligne ne répondait pas"
    OVERSIGHT = "oversight", "oubli"


class NotInformed(models.TextChoices):
    """Why persons at high risk are not told one by one (RGPD 34, 3°)."""

    UNREADABLE = "unreadable", "les données étaient chiffrées, donc illisibles"
    MASTERED = "mastered", "des mesures ont écarté le risque"
    PUBLIC_NOTICE = "public_notice", "effort disproportionné : une communication publique l’a remplacée"
