"""The state of the installation, for whoever keeps it running: jobs, keys, checkpoints, mail. Numbers and dates only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max
from django.utils.timezone import localdate, localtime

from casework.audit import checkpoints, standing
from casework.audit.models import AuditCheckpoint, AuditEvent, AuditHead
from casework.casefile import daily, mailer
from casework.desk.backup import state
from casework.desk.models import ErrorReport
from casework.desk.release import release
from casework.partners.models import Territory
from casework.sealing.models import KekEpoch, KeyState, SubjectKey

OK, WAIT, LATE = "ok", "wait", "late"
TO_DO = {
    standing.Reason.WITNESS: "Depuis plus d’une heure, des événements du journal n’ont pas pu être confiés au témoin. Vérifiez que son "
    "dossier (AUDIT_WITNESS_DIR) répond et que la tâche audit_checkpoint tourne, puis lancez-la : tout reprend à son succès. Si elle "
    "dit que le journal ne prolonge pas le dernier point signé, ne touchez à rien et prévenez le délégué à la protection des données.",
    standing.Reason.ROOM: "Faites de la place sur le volume indiqué plus bas : tout reprend quelques secondes après.",
}
SUBJECT_NAMES = {
    "minors": "Prévention de la délinquance des mineurs",
    "exclusions": "Exclusion temporaire",
    "placements": "TIG et réparation",
    "vif": "Violences intrafamiliales",
}
# The names of the nightly steps, as somebody who does not read the code says them.
JOBS = {
    "once.purge": "Jetons de formulaires d’il y a une semaine",
    "drafts.purge": "Brouillons d’un mois",
    "mailer.purge": "Messages déjà partis",
    "throttle.sweep": "Essais de connexion oubliés",
    "partners.warn_idle": "Comptes inactifs prévenus",
    "partners.close_idle": "Comptes inactifs fermés",
    "partners.give_back": "Situations de fonctions terminées rendues au service",
    "access.seals": "Titres d’accès relus : lignes écrites hors de l’application",
    "access.deputies": "Rappel au suppléant de la seconde validation",
    "followups.write_lines": "Suivis terminés le mois passé, comptés sans personne",
    "followups.expire_due": "Fiches arrivées à leur terme",
    "followups.erase_sorted_out": "Saisines non retenues effacées",
    "followups.duplicates": "Doublons proposés",
    "followups.sensitive": "Données sensibles arrivées à leur terme",
    "followups.majority": "Représentants fermés aux dix-huit ans",
    "followups.imports": "Tableaux importés laissés de côté",
    "journal.look": "Règles de veille du journal",
    "journal.empty": "Événements du journal arrivés à leur terme",
    "journal.digest": "Résumé de la semaine pour le délégué",
    "journal.sign": "Points de contrôle signés",
    "sessions.approve_silent": "Relevés approuvés sans réponse",
    "hosts.release_overdue": "Places de TIG réservées sans réponse, rendues",
    "hosts.release_unanswered": "Demandes aux structures restées sans réponse",
    "hosts.remind": "Rappels aux structures d’accueil",
    "hosts.erase_over": "Contacts et tuteurs des structures, effacés à leur terme",
    "tig.release_unconfirmed": "Appels du SPIP restés sans confirmation",
    "returns.write_lines": "Mesures terminées le mois passé, comptées sans personne",
    "returns.destroy": "Retours à suivre, répondus ou trop anciens, détruits",
    "partnership.count_month": "TIG et réparations en cours, comptés par tranches une fois par mois",
    "reparation.erase_closed": "Réparations terminées depuis six mois, effacées",
    "victims.erase_closed": "Dossiers fermés depuis six mois, effacés",
    "vif.erase_closed_measures": "Mesures closes depuis six mois, effacées",
    "phones.tell_terms": "Téléphones dont le terme est passé, signalés au parquet et au service",
    "phones.mark_left_out": "Téléphones dont la fiche est effacée, à récupérer",
    "phones.delete_over": "Attributions de téléphones, effacées à leur date",
    "exclusions.free_unconfirmed": "Places tenues sans nom pour un élève, rendues",
    "exclusions.forget_needs": "Demandes de places pour élèves exclus, passées",
    "exclusions.erase_over": "Accueils d’élèves de l’année scolaire passée, effacés",
    "exclusions.write_lines": "Accueils d’élèves effacés le mois passé, comptés sans personne",
    "releases.freeze": "Chiffres des périodes closes, comptés une fois et scellés",
    "quarters.remind": "Rappels aux partenaires qui donnent des chiffres",
    "tig.erase_ended": "Affectations terminées depuis un an, effacées",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to know: what, in which state, and a precision."""

    what: str
    state: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """The whole state, part by part."""

    read_only: str  # since when nothing may be written, "" while all is well
    to_do: str  # what brings writes back
    jobs: tuple[Line, ...]
    stopped: bool  # nothing of the daily work ran for a week
    keys: tuple[Line, ...]
    journals: tuple[Line, ...]
    rest: tuple[Line, ...]
    subjects: tuple[Line, ...]


def page(now: datetime) -> Page:
    """Return the state of the installation at `now`."""
    stop = standing.look()
    return Page(
        read_only=_read_only(stop), to_do=TO_DO[stop.reason] if stop else "",
        jobs=tuple(_jobs(now)), stopped=all(day is None for _, day in daily.last_done(now)), keys=tuple(_keys()), journals=tuple(_journals(now)), rest=tuple(_rest(now)),
        subjects=tuple(_subjects()),
    )  # fmt: skip


def _read_only(stop: standing.Stop | None) -> str:
    if stop is None:
        return ""
    return f"Lecture seule depuis le {localtime(stop.since):%d/%m/%Y à %H:%M}." if stop.since else "Lecture seule."


def _jobs(now: datetime) -> Iterable[Line]:
    today = localdate(now)
    for name, day in daily.last_done(now):
        yield Line(what=JOBS.get(name, name), state=_since(day, today), kind=_freshness(day, today))


def _freshness(day: date | None, today: date) -> str:
    if day is None:
        return LATE
    return OK if day >= today - timedelta(days=1) else LATE


def _since(day: date | None, today: date) -> str:
    if day is None:
        return "Pas depuis une semaine"
    return {0: "Fait aujourd’hui", 1: "Fait hier"}.get((today - day).days, f"Fait il y a {(today - day).days} jours")


def _keys() -> Iterable[Line]:
    live = SubjectKey.objects.filter(state=KeyState.LIVE).values_list("kek_epoch").annotate(n=Count("pk"))
    held = dict(live)
    epochs = list(KekEpoch.objects.order_by("-number"))
    if not epochs:
        yield Line(what="Clés", state="Aucune", kind=LATE, detail="Lancer keys_init")
    for place, epoch in enumerate(epochs):
        current = place == 0 and epoch.state == KeyState.LIVE
        count = held.get(epoch.number, 0)
        state = "En service" if current else ("À relever" if count else "Sans usage")
        yield Line(
            what=f"Époque {epoch.number}", state=state, kind=OK if current or not count else WAIT,
            detail=f"depuis le {localdate(epoch.created_at):%d/%m/%Y}, {count} clés de personnes",
        )  # fmt: skip


def _journals(now: datetime) -> Iterable[Line]:
    names = {str(pk): name for pk, name in Territory.objects.values_list("pk", "name")}
    signed = dict(AuditCheckpoint.objects.values_list("log").annotate(at=Max("signed_at")))
    for head in AuditHead.objects.order_by("log"):
        late = checkpoints.is_late(head.log, now)
        at = signed.get(head.log)
        said = f"point de contrôle du {localdate(at):%d/%m/%Y}" if at else "aucun point de contrôle"
        yield Line(
            what=names.get(head.log, "Installation"), state="En retard" if late else "Témoin à jour",
            kind=LATE if late else OK, detail=f"{head.size} événements, {said}",
        )  # fmt: skip


def _rest(now: datetime) -> Iterable[Line]:
    waiting = mailer.waiting_count()
    yield Line(what="Messages en attente", state=str(waiting), kind=WAIT if waiting else OK)
    faults = ErrorReport.objects.filter(at__gt=now - timedelta(days=7)).count()
    yield Line(what="Incidents techniques depuis sept jours", state=str(faults), kind=WAIT if faults else OK)
    forged = AuditEvent.objects.filter(act="integrity_fail", ts__gt=now - timedelta(days=7)).count()
    yield Line(
        what="Lignes écrites hors de l’application depuis sept jours", state=str(forged), kind=LATE if forged else OK,
        detail="prévenir le délégué à la protection des données" if forged else "",
    )  # fmt: skip
    yield from _volumes()
    copy, drill = state.last_copy(), state.last_drill()
    yield Line(
        what="Dernière copie de secours", state=_said(copy), kind=_young(copy, now, state.COPY_EVERY),
        detail="" if copy else "backup_make ne tourne pas, ou ses dossiers sont ailleurs",
    )  # fmt: skip
    yield Line(
        what="Dernier essai de restauration", state=_said(drill), kind=_young(drill, now, state.DRILL_EVERY),
        detail="tous les quatre-vingt-dix jours, par quelqu’un d’autre : restore_check",
    )  # fmt: skip
    yield Line(what="Version", state=release(), kind="info")


def _volumes() -> Iterable[Line]:
    for volume in standing.volumes():
        what = f"Place libre : {volume.folder}"
        if volume.free is None:
            yield Line(what=what, state="Inconnue", kind=LATE, detail="ce dossier de FREE_SPACE_DIRS ne répond pas")
            continue
        kind = LATE if volume.is_full else WAIT if volume.is_tight else OK
        detail = f"sous {_room(settings.FREE_SPACE_FLOOR_MB)}, plus rien ne s’enregistre" if kind != OK else ""
        yield Line(what=what, state=_room(volume.free), kind=kind, detail=detail)


def _room(megabytes: int) -> str:
    """Return a size as people say it."""
    return f"{megabytes} Mo" if megabytes < 1024 else f"{megabytes / 1024:.1f} Go".replace(".", ",")


def _said(at: datetime | None) -> str:
    return f"{localdate(at):%d/%m/%Y}" if at else "Jamais"


def _young(at: datetime | None, now: datetime, age: timedelta) -> str:
    return OK if at is not None and now - at <= age else LATE


def _subjects() -> Iterable[Line]:
    for code, name in SUBJECT_NAMES.items():
        on = code in settings.SUBJECTS
        yield Line(what=name, state="Ouvert" if on else "Fermé", kind=OK if on else "off")
