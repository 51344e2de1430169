"""What waits for somebody in exclusion support: lines of « Mon travail », by reference, without a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile import work
from casework.casefile.work import WorkItem
from casework.exclusions import deadlines, facts
from casework.exclusions.codes import Presence, State
from casework.exclusions.models import ExclusionSupport, SupportHalfDay
from casework.exclusions.reads import conventions, offers, since


def _supports(viewer: Viewer, now: datetime) -> QuerySet[Any]:
    return facts.visible_to(viewer, now)


inbox.probe("exclusion_supports", _supports)
inbox.probe("exclusion_asked", facts.asked_of)
inbox.probe("exclusion_since", since.to_say)
inbox.probe("exclusion_needs", offers.own_needs)
inbox.probe("exclusion_conventions", conventions.to_confirm)


@work.register
def items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the lines of a school, or those of a host."""
    found = inbox.waiting(viewer, now)
    lines: list[WorkItem] = []
    if "exclusion_supports" in found:
        lines += _dated(viewer, now)
        lines += _of_school(viewer, now) if facts.sends(viewer.role) else _of_host(viewer, now)
    if "exclusion_asked" in found:
        lines += _asked(viewer, now)
    if "exclusion_since" in found:
        lines.append(_since(viewer, now))
    if "exclusion_needs" in found:
        lines += _needs(viewer, now)
    if "exclusion_conventions" in found:
        lines += _conventions(viewer, now)
    return lines


def _since(viewer: Viewer, now: datetime) -> WorkItem:
    url = reverse("exclusion_support:since")
    pupils = fr.plural(since.to_say(viewer, now).count(), "élève")
    return WorkItem(
        group_when=None, kind="mine", reference="", url=url, act_label="Répondre", act_url=url, rule="EXC-19",
        label=f"Accueil d’élèves : nouvelle exclusion depuis ? À dire pour {pupils}",
    )  # fmt: skip


def _needs(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    url = reverse("exclusion_support:waiting")
    for need in offers.needs(viewer, now):
        if need.hosts:
            yield WorkItem(
                group_when=need.starts_on, kind="mine", reference="", url=url, act_label="Voir", act_url=url,
                label=f"Accueil d’un élève : une place s’est libérée, {need.level}", rule="EXC-16",
            )  # fmt: skip


def _conventions(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    for row in conventions.to_confirm(viewer, now):
        url = reverse("exclusion_support:convention", args=[row.pk])
        yield WorkItem(
            group_when=None, kind="mine", reference="", url=url, act_label="Relire", act_url=url, rule="EXC-06",
            label=f"Convention d’accueil à confirmer, proposée par {row.proposed_by.name}",
        )  # fmt: skip


def _asked(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    for row in facts.asked_of(viewer, now).order_by("held_at"):
        url = reverse("exclusion_support:answer", args=[row.pk])
        yield WorkItem(
            group_when=row.held_until, kind="mine", reference=row.reference, url=url, act_label="Répondre", act_url=url,
            label=f"Accueil d’un élève : une place demandée, {row.get_level_display()}", rule="EXC-16",
        )  # fmt: skip


def _dated(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    today = localdate(now)
    for due in deadlines.dates(viewer, now):
        if today >= due.warn:
            yield _line(due.object_id, due.reference, due.said, "mine", due.due, due.rule, "Ouvrir")


def _of_school(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    rows = deadlines.own(viewer, now)
    missing = _absent_today(rows, now)
    for row in rows:
        if row.pk in missing:
            yield _line(
                row.pk, row.reference, "un élève attendu n’est pas arrivé", "mine", localdate(now), "EXC-20", "Ouvrir"
            )
        if row.host_no:
            yield _line(row.pk, row.reference, "la structure ne peut pas recevoir", "mine", None, "EXC-16", "Ouvrir")
        elif row.state == State.NOTIFIED:
            asks = row.pupil_agreed_on is None or (row.parents_agreed_on is None and not row.is_adult)
            said = "accords à recueillir" if asks else "réponse de la structure attendue"
            kind = "mine" if asks else "waiting"
            yield _line(row.pk, row.reference, said, kind, row.starts_on, "EXC-07", "Ouvrir" if asks else "")
        elif row.state == State.PLACE_HELD and row.host_accepted_at is None:
            yield _line(row.pk, row.reference, "réponse de la structure attendue", "waiting", None, "EXC-16", "")
        elif row.state == State.RETURN_MEETING:
            yield _line(
                row.pk, row.reference, "dire ce qui a été convenu, puis clore", "mine", None, "EXC-20", "Ouvrir"
            )


def _of_host(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    today = localdate(now)
    rows = deadlines.own(viewer, now)
    unsaid = _unsaid(rows, today)
    bare = _without_theme(rows, today)
    for row in rows:
        if row.pk in unsaid:
            yield _line(row.pk, row.reference, "présence à inscrire", "mine", unsaid[row.pk], "EXC-20", "Inscrire")
        if row.state == State.AGREED and row.educator_id is None and viewer.is_service_lead:
            yield _line(row.pk, row.reference, "éducateur référent à nommer", "mine", row.starts_on, "EXC-16", "Nommer")
        if row.pk in bare and row.state in (State.AGREED, State.HOSTED):
            yield _line(row.pk, row.reference, "programme à préparer", "mine", bare[row.pk], "EXC-18", "Préparer")
        if row.state == State.HOSTED and row.ends_on and row.ends_on <= today and row.return_at is None:
            yield _line(
                row.pk, row.reference, "rencontre de retour à prévoir", "mine", row.ends_on, "EXC-18", "Prévoir"
            )


def _absent_today(rows: list[ExclusionSupport], now: datetime) -> set[UUID]:
    """Return the supports of which a half-day of today is absent: the school was told; one query."""
    found = SupportHalfDay.objects.filter(support__in=rows, day=localdate(now), presence=Presence.ABSENT)
    return set(found.values_list("support_id", flat=True))


def _unsaid(rows: list[ExclusionSupport], today: date) -> dict[UUID, date]:
    """Return the supports of which a half-day waits for its presence, with its oldest day; one query."""
    going = [row for row in rows if row.state in (State.AGREED, State.HOSTED)]
    found = SupportHalfDay.objects.filter(support__in=going, presence="", day__lte=today).order_by("-day")
    return dict(found.values_list("support_id", "day"))


def _without_theme(rows: list[ExclusionSupport], today: date) -> dict[UUID, date]:
    """Return the supports of which a half-day to come has no theme, with its first day; one query."""
    found = SupportHalfDay.objects.filter(support__in=rows, theme="", presence="", day__gte=today).order_by("-day")
    return dict(found.values_list("support_id", "day"))


def _line(pk: UUID, reference: str, said: str, kind: str, when: date | None, rule: str, act: str) -> WorkItem:
    url = reverse("exclusion_support:page", args=[pk])
    return WorkItem(
        group_when=when, kind=kind, reference=reference, label=f"Accueil d’un élève : {said}", url=url, act_label=act,
        act_url=url if act else "", rule=rule,
    )  # fmt: skip
