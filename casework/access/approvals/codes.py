"""Which acts need two persons, and who may be the second (security.md §3.12, design.md §11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import models

from casework.partners.codes import Role


class ApprovalAct(models.TextChoices):
    """The acts that nobody does alone."""

    EXCLUSION_REMOVAL = "exclusion_removal", "levée d’une mise à l’écart"
    SUBJECT_ERASE = "subject_erase", "effacement anticipé d’une fiche"
    LEGAL_HOLD = "legal_hold", "changement d’une conservation imposée"
    ARCHIVE_REOPEN = "archive_reopen", "réouverture d’une fiche archivée"
    JOURNAL_PURGE = "journal_purge", "purge du journal à son terme"
    VIF_LEAD = "vif_lead", "désignation d’un responsable du suivi des violences dans le couple"
    SIDE_CHANGE = "side_change", "passage de l’autre côté du suivi des violences dans le couple"
    BREAK_GLASS_RESUME = "break_glass_resume", "rétablissement de l’ouverture d’urgence"
    STATS_RELEASE = "stats_release", "publication de chiffres"


class ApprovalReason(models.TextChoices):
    """Why the act is asked for."""

    RIGHTS_REQUEST = "rights_request", "demande de la personne concernée"
    COURT_ORDER = "court_order", "décision de justice"
    LEGAL_DUTY = "legal_duty", "obligation légale"
    ERROR = "error", "erreur à corriger"
    CHANGE = "change", "la situation a changé"
    SERVICE_NEED = "service_need", "besoin du service"
    TERM = "term", "terme atteint"
    SECURITY = "security", "sécurité du système"
    OTHER = "other", "autre motif"


class ApprovalState(models.TextChoices):
    """Where a request stands. Lateness is read from `expires_at`, never stored."""

    ASKED = "asked", "en attente"
    APPROVED = "approved", "accordée"
    REFUSED = "refused", "refusée"
    WITHDRAWN = "withdrawn", "retirée"
    USED = "used", "exécutée"


@dataclass(frozen=True)
class Row:
    """Who may be the second person of an act, and for how long its answer holds."""

    seconds: frozenset[str]
    by_delegation: bool = True  # the valideur too (DGS by delegation)
    other_organisation: bool = False  # the second works for another organisation
    waits: timedelta = timedelta(days=30)  # for an answer
    holds: timedelta = timedelta(days=7)  # once agreed to, to be carried out


_CO, _DP, _PR = Role.COORDINATOR, Role.DPO, Role.PROSECUTOR

TABLE: dict[str, Row] = {
    ApprovalAct.EXCLUSION_REMOVAL: Row(frozenset({_CO, _DP})),
    ApprovalAct.SUBJECT_ERASE: Row(frozenset({_CO, _DP})),
    ApprovalAct.LEGAL_HOLD: Row(frozenset({_CO, _DP})),
    ApprovalAct.ARCHIVE_REOPEN: Row(frozenset({_DP})),
    ApprovalAct.JOURNAL_PURGE: Row(frozenset({_CO, _DP})),
    # domain.md §11.1, row 31a: the DPO or the prosecutor's agent, nobody by delegation.
    ApprovalAct.VIF_LEAD: Row(frozenset({_DP, _PR}), by_delegation=False),
    # VIC-07: the prosecutor and nobody else.
    ApprovalAct.SIDE_CHANGE: Row(frozenset({_PR}), by_delegation=False),
    ApprovalAct.BREAK_GLASS_RESUME: Row(frozenset({_DP}), other_organisation=False),
    # security.md §3.14: figures leave once a second person has read them.
    ApprovalAct.STATS_RELEASE: Row(frozenset({_DP})),
}

# After so many working days without an answer, a deputy of the valideur is asked too (design.md §11).
DEPUTY_AFTER = 5
