"""Posts: described, listed, suspended, struck off (HOST-06 to HOST-08); their half-days and what is out of use."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.casefile.codes import ListCode
from casework.casefile.references import new_reference
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts import facts
from casework.placements.hosts.actions import structures
from casework.placements.hosts.codes import (
    LISTS_FOR,
    SUSPENDS_AS,
    AccreditedFor,
    Audience,
    Half,
    OutReason,
    PostNeed,
    PostRisk,
    PostState,
)
from casework.placements.hosts.data import HalfDayData, OutOfUseData, PostData
from casework.placements.hosts.models import HostStructure, OutOfUse, Post, PostHalfDay, Supervisor
from casework.placements.hosts.states import POST
from casework.sealing import keys

PREFIX = "P"
ONE_DAY = timedelta(days=1)
LONGEST = 400  # days of one period out of use


def describe(
    *, by: Viewer, host: HostStructure, data: PostData, half_days: Sequence[HalfDayData], now: datetime
) -> Post:
    """Describe a new post of a host (HOST-07); return it. Its managers are named apart.

    Raises AccessRefused, InputRefused.
    """
    facts.require_new_post(by, host, data.audience, now)
    post = _new(host, now)
    keys.ensure(host.subject_id)
    with audit.writing(by, now=now) as w:
        _fill(post, data)
        POST.apply(post, PostState.DRAFT, w=w, by=by, now=now)
        _set_half_days(post, half_days)
        mine = Supervisor.objects.filter(host=host, mandate_id=by.mandate_id, left_on=None).first()
        if mine is not None:  # a manager who describes a post manages it
            structures.name_manager(w, post, mine, by=by, now=now)
    return post


def take_over(
    *, by: Viewer, host: HostStructure, data: PostData, half_days: Sequence[HalfDayData], now: datetime
) -> Post:
    """Enter a post that is on the official list already, under its number (ATG-04). Raises as `describe`."""
    with audit.writing(by, now=now) as w:
        return enter_listed(w, by=by, host=host, data=data, half_days=half_days, now=now)


def enter_listed(
    w: audit.Writing,
    *,
    by: Viewer,
    host: HostStructure,
    data: PostData,
    half_days: Sequence[HalfDayData],
    now: datetime,
) -> Post:
    """Do the same inside the write of an import. The keys of the host exist."""
    facts.require_new_post(by, host, data.audience, now)
    post, today = _new(host, now), localdate(now)
    _fill(post, data)
    public = LISTS_FOR.get(by.role)
    post.listed_adults_on = today if public == AccreditedFor.ADULTS else None
    post.listed_minors_on = today if public == AccreditedFor.MINORS else None
    post.tig360_read_on = today
    POST.apply(post, PostState.LISTED, w=w, by=by, now=now)
    _set_half_days(post, half_days)
    return post


def _new(host: HostStructure, now: datetime) -> Post:
    post = Post(id=uuid.uuid4(), subject_id=host.subject_id, territory_id=host.territory_id, host=host)
    taken = True
    while taken:  # four random signs: a second draw is rare
        post.reference = new_reference(PREFIX, localdate(now).year)
        taken = Post.objects.filter(reference=post.reference).exists()
    return post


def correct(*, by: Viewer, post: Post, data: PostData, expected: int, now: datetime) -> None:
    """Change what is said of a post. Raises AccessRefused, GuardRefused, InputRefused, ConflictRefused."""
    facts.require_on_post(by, post, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Post.objects.select_related("host"), post.pk, expected)
        if data.audience != row.audience and (row.listed_adults_on or row.listed_minors_on):
            raise GuardRefused("Le public d’un poste inscrit ne change plus : décrivez un autre poste.")
        _fill(row, data)
        facts.require_on_post(by, row, Action.CHANGE, now)  # as it becomes: nobody writes a post away from its reach
        revision.save(row)
        w.note(Act.CHANGE, row, classes=[DataClass.TIG_POSTS])


def set_half_days(*, by: Viewer, post: Post, half_days: Sequence[HalfDayData], expected: int, now: datetime) -> None:
    """Replace the week of a post. What is held stays held and shows. Raises AccessRefused, InputRefused, ConflictRefused."""
    facts.require_on_post(by, post, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Post.objects.all(), post.pk, expected)
        _set_half_days(row, half_days)
        revision.save(row)
        w.note(Act.CHANGE, row, why="half_days")


def _set_half_days(post: Post, half_days: Sequence[HalfDayData]) -> None:
    wanted = {(each.weekday, each.half): each for each in half_days}
    if len(wanted) != len(half_days):
        raise InputRefused("Une demi-journée est donnée deux fois.", field="half_days")
    for each in half_days:
        if not 0 <= each.weekday <= 6 or each.half not in Half.values or not 1 <= each.places <= 50:
            raise InputRefused("Une demi-journée a de 1 à 50 places.", field="half_days")
        if each.ends_at <= each.starts_at:
            raise InputRefused("L’heure de fin doit suivre l’heure de début.", field="half_days")
    kept = {(row.weekday, Half(row.half)): row for row in PostHalfDay.objects.filter(post=post)}
    for at, row in kept.items():
        if at not in wanted:
            row.delete()
    for at, each in wanted.items():
        found = kept.get(at)
        if found is None:
            PostHalfDay(
                id=uuid.uuid4(), subject_id=post.subject_id, territory_id=post.territory_id, post=post,
                weekday=each.weekday, half=each.half, starts_at=each.starts_at, ends_at=each.ends_at, places=each.places,
            ).save(force_insert=True)  # fmt: skip
        elif (found.starts_at, found.ends_at, found.places) != (each.starts_at, each.ends_at, each.places):
            revision.save(found, starts_at=each.starts_at, ends_at=each.ends_at, places=each.places)


def _fill(post: Post, data: PostData) -> None:
    if data.audience not in Audience.values:
        raise InputRefused("Choisissez le public dans la liste.", field="audience")
    if not set(data.needs) <= set(PostNeed.values):
        raise InputRefused("Choisissez dans la liste.", field="needs")
    if not set(data.risks) <= set(PostRisk.values):
        raise InputRefused("Choisissez dans la liste.", field="risks")
    if data.runs_from and data.runs_to and data.runs_to < data.runs_from:
        raise InputRefused("Le dernier jour doit suivre le premier.", field="runs_to")
    nature = " ".join(data.nature.split())
    if not nature:
        raise InputRefused("Dites en quelques mots le travail à faire.", field="nature")
    activity = structures.local_item(post.territory_id, ListCode.ACTIVITY_SECTOR, data.activity, "activity")
    if activity is None:
        raise InputRefused("Choisissez l’activité dans la liste.", field="activity")
    number = data.tig360_number.strip()
    if (
        number
        and Post.objects.filter(territory_id=post.territory_id, tig360_number=number).exclude(pk=post.pk).exists()
    ):
        raise InputRefused("Ce numéro TIG 360° est déjà celui d’un autre poste.", field="tig360_number")
    post.nature, post.activity, post.audience, post.collective = nature, activity, data.audience, data.collective
    post.runs_from, post.runs_to = data.runs_from, data.runs_to
    post.sector = structures.local_item(post.territory_id, ListCode.PLACE_SECTOR, data.sector, "sector")
    post.needs, post.risks, post.address = list(data.needs), list(data.risks), data.address
    post.method, post.access_note, post.tig360_number = data.method, data.access_note, number


# Managers


def set_managers(*, by: Viewer, post: Post, supervisors: Sequence[UUID], now: datetime) -> None:
    """Say who manages a post; those with an account get or lose their right that second. Raises AccessRefused."""
    facts.require_managers(by, post, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Post.objects.select_related("host"), post.pk, None)
        known = {each.pk: each for each in Supervisor.objects.filter(host_id=row.host_id).select_related("host")}
        wanted = {pk for pk in supervisors if pk in known and known[pk].left_on is None}
        current = set(row.managers.values_list("pk", flat=True))
        for pk in current - wanted:
            structures.withdraw_manager(w, row, known[pk], now)
        for pk in wanted - current:
            structures.name_manager(w, row, known[pk], by=by, now=now)
        for pk in wanted:
            if not known[pk].is_manager:
                revision.save(known[pk], is_manager=True)
        revision.save(row)
        w.note(Act.CHANGE, row, why="managers")


# The list


def ask_opinions(*, by: Viewer, post: Post, now: datetime) -> None:
    """Ask the prosecutor and the JAP, and let the CLSPD know: ten days run (HOST-06, DL-10)."""
    _move(by, post, PostState.OPINIONS_ASKED, now, opinions_asked_on=localdate(now))


def receive_opinions(*, by: Viewer, post: Post, now: datetime) -> None:
    """Note that both opinions arrived, on the listing or on the striking off. Raises AccessRefused, GuardRefused."""
    facts.require_on_post(by, post, Action.MANAGE, now)
    _require_authority(by)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Post.objects.all(), post.pk, None)
        if row.state == PostState.OPINIONS_ASKED:
            revision.save(row, opinions_received_on=localdate(now))
        elif row.strike_opinions_asked_on:
            revision.save(row, strike_opinions_received_on=localdate(now))
        else:
            raise GuardRefused("Aucun avis n’est attendu sur ce poste.")
        w.note(Act.CHANGE, row, why="opinions")


def consult_council(*, by: Viewer, post: Post, now: datetime) -> None:
    """Note that the CLSPD was consulted: the public body competent in prevention (HOST-06). Raises AccessRefused."""
    facts.require_on_post(by, post, Action.MANAGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Post.objects.all(), post.pk, None)
        revision.save(row, council_consulted_on=localdate(now))
        w.note(Act.CHANGE, row, why="council")


def enlist(*, by: Viewer, post: Post, now: datetime) -> None:
    """Put a post on the list of the public that `by` answers for (HOST-06, TIGM-06).

    Raises GuardRefused: opinions waited for, no accreditation, no agreement, other public.
    """
    public = LISTS_FOR.get(by.role)
    column = "listed_minors_on" if public == AccreditedFor.MINORS else "listed_adults_on"
    _move(by, post, PostState.LISTED, now, **{column: localdate(now)})


def suspend(*, by: Viewer, post: Post, reason: str, now: datetime) -> None:
    """Suspend a post provisionally (HOST-08). What is held stays held: the services decide case by case."""
    _move(
        by, post, PostState.SUSPENDED, now, suspended_by=SUSPENDS_AS.get(by.role, ""), suspend_reason=reason,
        suspended_on=localdate(now),
    )  # fmt: skip


def resume(*, by: Viewer, post: Post, now: datetime) -> None:
    """Put a suspended post back on the list: by who suspended it (HOST-08)."""
    _move(by, post, PostState.LISTED, now, suspended_by="", suspend_reason="", suspended_on=None)


def ask_strike_opinions(*, by: Viewer, post: Post, now: datetime) -> None:
    """Ask the opinions on striking a post off: the same procedure as to list it (HOST-08)."""
    facts.require_on_post(by, post, Action.MANAGE, now)
    _require_authority(by)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Post.objects.all(), post.pk, None)
        if row.state not in (PostState.LISTED, PostState.SUSPENDED):
            raise GuardRefused("Ce poste n’est pas sur la liste.")
        revision.save(row, strike_opinions_asked_on=localdate(now), strike_opinions_received_on=None)
        w.note(Act.CHANGE, row, why="strike_opinions")


def strike_off(*, by: Viewer, post: Post, reason: str, now: datetime) -> None:
    """Strike a post off, or drop one that never was on the list. Raises GuardRefused while opinions are waited for."""
    _move(
        by, post, PostState.STRUCK_OFF, now, strike_reason=reason, struck_off_on=localdate(now), suspended_by="",
        suspend_reason="", suspended_on=None,
    )  # fmt: skip


def _move(by: Viewer, post: Post, to: PostState, now: datetime, **changes: Any) -> None:
    facts.require_on_post(by, post, Action.MOVE, now)
    with audit.writing(by, now=now) as w:
        POST.apply(post, to, w=w, by=by, now=now, **changes)


def _require_authority(by: Viewer) -> None:
    """The opinions are asked and received by who decides. Raises AccessRefused."""
    if by.role not in LISTS_FOR:
        raise AccessRefused(code="authority")


# Out of use


def close_places(*, by: Viewer, post: Post, data: OutOfUseData, now: datetime) -> OutOfUse:
    """Say that places are out of use for some days. Raises AccessRefused, InputRefused."""
    facts.require_on_post(by, post, Action.CHANGE, now)
    if data.reason not in OutReason.values:
        raise InputRefused("Choisissez le motif dans la liste.", field="reason")
    if data.half not in ("", *Half.values):
        raise InputRefused("Choisissez la demi-journée dans la liste.", field="half")
    if data.ends_on < data.starts_on:
        raise InputRefused("Le dernier jour doit suivre le premier.", field="ends_on")
    if (data.ends_on - data.starts_on).days > LONGEST:
        raise InputRefused("Au-delà d’un an, suspendez plutôt le poste.", field="ends_on")
    if data.places is not None and not 1 <= data.places <= 50:
        raise InputRefused("De 1 à 50 places ; laissez vide pour toutes.", field="places")
    with audit.writing(by, now=now) as w:
        revision.lock(Post.objects.all(), post.pk, None)
        row = OutOfUse(
            id=uuid.uuid4(), subject_id=post.subject_id, territory_id=post.territory_id, post=post,
            starts_on=data.starts_on, ends_on=data.ends_on, half=data.half, places=data.places, reason=data.reason,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row)
    return row


def reopen_places(*, by: Viewer, post: Post, period_id: UUID, now: datetime) -> None:
    """Take back a period out of use; one under way ends yesterday, so that the past stays true. Raises AccessRefused."""
    facts.require_on_post(by, post, Action.CHANGE, now)
    today = localdate(now)
    with audit.writing(by, now=now) as w:
        row = OutOfUse.objects.select_for_update(of=("self",)).filter(pk=period_id, post=post).first()
        if row is None:
            raise AccessRefused(code="out_of_use")
        if row.starts_on >= today:
            w.note(Act.DELETE, row, why="out_of_use")
            row.delete()
            return
        revision.save(row, ends_on=min(row.ends_on, max(row.starts_on, today - ONE_DAY)))
        w.note(Act.CHANGE, row, why="out_of_use")
