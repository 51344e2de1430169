"""The facts about a situation handed to access.decide(), and the same rule as a queryset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access import exclusions, grants, memo
from casework.access.matrix import DataClass
from casework.access.policy import BREAKS, Action, Basis, Facts, Need, ceiling, classes_for, need_of, require
from casework.access.protection import actions as protection
from casework.access.queryset import granted_subquery, viewable
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.errors import AccessRefused
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import Action as Step
from casework.minors.followups.models import FollowUp, FollowUpGrant, FollowUpQuerySet
from casework.partners import reads as partners
from casework.partners.models import WatchGroup
from casework.sealing import sweep

# Nobody opens these, whatever the right: the record has reached its end or is somebody else's shell.
GONE = (Stage.EXPIRED, Stage.DESTROYED)
# Sorted out: their grants are closed at once, nothing more is written, and they are erased within 30 days.
SORTED_OUT = (Stage.REDIRECTED, Stage.REJECTED)
CLOSED = (Stage.ENDED, Stage.ARCHIVED)

CLASSES = (
    DataClass.YOUTH_IDENTITY,
    DataClass.YOUTH_CARD,
    DataClass.YOUTH_REPRESENTATIVES,
    DataClass.YOUTH_REFERRAL,
    DataClass.YOUTH_REVIEW,
    DataClass.YOUTH_OCCUPATION,
    DataClass.YOUTH_SENSITIVE,
    DataClass.YOUTH_JUDICIAL,
    DataClass.SESSION_MINUTES,
    DataClass.MAYOR_DISCLOSURE,
    DataClass.WHO_OPENED,
)
# What puts a situation on a list. A disclosure is opened one at a time; who opened a record is read from it.
LISTED = tuple(each for each in CLASSES if each not in (DataClass.MAYOR_DISCLOSURE, DataClass.WHO_OPENED))


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one viewer stands to one situation at one instant: what `decide` needs, but the data class."""

    territory_id: UUID
    group_id: UUID
    grants: frozenset[Basis]
    rules_in_force: bool
    stage: str
    excluded: bool = False

    def facts(self, data_class: DataClass, *, is_author: bool = False) -> Facts:
        """Return the facts for one data class."""
        return Facts(
            territory_id=self.territory_id,
            group_id=self.group_id,
            data_class=data_class,
            grants=self.grants,
            is_author=is_author,
            excluded=self.excluded,
            break_open=bool(BREAKS & self.grants),
            rules_in_force=self.rules_in_force,
            state_open=self.stage not in (*CLOSED, *GONE, *SORTED_OUT, Stage.MERGED),
            archived=self.stage in CLOSED,
            archive_reason=Basis.ARCHIVE in self.grants,
            gone=self.stage in GONE or self.stage == Stage.MERGED,
        )

    def classes(self, viewer: Viewer, now: datetime, action: Action = Action.VIEW) -> frozenset[DataClass]:
        """Return the data classes this viewer may open."""
        return _classes(self, viewer, now, action)


@lru_cache(maxsize=256)
def _classes(relation: Relation, viewer: Viewer, now: datetime, action: Action) -> frozenset[DataClass]:
    """Ask decide() once for all situations of a page to which the viewer stands alike: it is pure."""
    return classes_for(viewer, action, relation.facts(DataClass.YOUTH_CARD), CLASSES, now)


def rules_run(group_id: UUID, now: datetime) -> bool:
    """Say whether group rules are in force on the day (CLV-06)."""
    day = localdate(now)
    return memo.once(("rules_run", group_id, day), lambda: partners.group_rules(group_id, day) is not None)


def relations(viewer: Viewer, follow_ups: Iterable[FollowUp], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each situation, with one query for all grants."""
    rows = list(follow_ups)
    held = grants.bases(FollowUpGrant, viewer, [row.pk for row in rows], now)
    stands = _Stands(viewer, now)
    return {row.pk: stands.to(row, held.get(row.pk, _NOTHING)) for row in rows}


def those_open(viewer: Viewer, follow_ups: Iterable[FollowUp], data_class: DataClass, now: datetime) -> list[FollowUp]:
    """Return those of which this viewer may open this data class, deciding once for those that it stands alike to.

    Grants are asked for only where the function alone does not open: a grant opens, it never closes.
    """
    rows = list(follow_ups)
    stands = _Stands(viewer, now)
    opens: dict[Relation, bool] = {}

    def is_open(row: FollowUp, bases: frozenset[Basis]) -> bool:
        link = stands.to(row, bases)
        if link not in opens:
            opens[link] = data_class in link.classes(viewer, now)
        return opens[link]

    if all(is_open(row, _NOTHING) for row in rows):
        return rows
    held = grants.bases(FollowUpGrant, viewer, [row.id for row in rows], now)
    return [row for row in rows if is_open(row, held.get(row.id, _NOTHING))]


_NOTHING: frozenset[Basis] = frozenset()


class _Stands:
    """Relations of one viewer at one instant; situations to which it stands alike share one.

    A page has a few of them, a search thousands of rows.
    """

    def __init__(self, viewer: Viewer, now: datetime) -> None:
        self._now = now
        self._shut = exclusions.shut(viewer, now)
        self._rules: dict[UUID, bool] = {}
        self._alike: dict[tuple[UUID, UUID, frozenset[Basis], str, bool], Relation] = {}

    def to(self, row: FollowUp, bases: frozenset[Basis]) -> Relation:
        """Return the relation to one situation, on which the viewer holds these grants."""
        excluded = bool(self._shut) and row.subject_id in self._shut
        key = row.territory_id, row.group_id, bases, row.state, excluded
        found = self._alike.get(key)
        if found is None:
            if row.group_id not in self._rules:
                self._rules[row.group_id] = rules_run(row.group_id, self._now)
            found = self._alike[key] = Relation(
                territory_id=row.territory_id, group_id=row.group_id, grants=bases,
                rules_in_force=self._rules[row.group_id], stage=row.state, excluded=excluded,
            )  # fmt: skip
        return found


PROTECTED, DURESS, ON_DUTY = "protected", "duress", "duty"


def withheld(viewer: Viewer, follow_up: FollowUp, relation: Relation) -> str:
    """Return why the whereabouts of the person (address, phone, school) are kept from `viewer`, "" if they are not.

    « Adresse à ne pas communiquer » beats every right but the setters'; an opening under duress and a day on duty
    show none either (a fresh second factor shows them to the agent on duty, one record at a time).
    """
    if Basis.BREAK_MASKED in relation.grants:
        return DURESS
    if follow_up.subject_id in protection.hidden(viewer, [follow_up.subject_id]):
        return PROTECTED
    return ON_DUTY if relation.grants == {Basis.DUTY} else ""


def relation(viewer: Viewer, follow_up: FollowUp, now: datetime) -> Relation:
    """Return the relation of the viewer to one situation."""
    return relations(viewer, [follow_up], now)[follow_up.pk]


def creation_facts(viewer: Viewer, data_class: DataClass, now: datetime) -> Facts:
    """Return the facts for something that does not exist yet, in the viewer's group or the one it refers to."""
    group_id = group_to_refer(viewer)
    return Facts(
        territory_id=viewer.territory_id,
        group_id=group_id,
        data_class=data_class,
        grants=frozenset(),
        is_author=True,
        excluded=False,
        rules_in_force=rules_run(group_id, now),
        state_open=True,
    )


def coordinates(viewer: Viewer) -> bool:
    """Say whether the matrix lets this role manage the exchange: only its cell W does.

    For what a page offers and whose work it lists; each act still asks `require_coordination` or `require_on`.
    """
    return ceiling(viewer.role, Action.MANAGE, DataClass.YOUTH_REFERRAL)


def controls(viewer: Viewer) -> bool:
    """Say whether this role reads a file by a reason only (cell `!`) and decides rights: the DPO, nobody else."""
    guarded = need_of(viewer.role, Action.VIEW, DataClass.YOUTH_IDENTITY) is Need.BREAK
    return guarded and ceiling(viewer.role, Action.MANAGE, DataClass.RIGHTS)


def require_coordination(viewer: Viewer, now: datetime, data_class: DataClass = DataClass.YOUTH_REFERRAL) -> None:
    """Ask decide() for an act of the coordination that bears on no situation yet. Raises AccessRefused."""
    require(viewer, Action.MANAGE, creation_facts(viewer, data_class, now), now)


def group_to_refer(viewer: Viewer) -> UUID:
    """Return the viewer's group; for a service that does not sit (school, police), the first of the territory.

    Raises AccessRefused where there is none.
    """
    if viewer.group_id is not None:
        return viewer.group_id
    found = WatchGroup.objects.filter(territory_id=viewer.territory_id).order_by("name", "id").first()
    if found is None:
        raise AccessRefused(code="no_group")
    return found.pk


def past_purge(follow_ups: Iterable[FollowUp], now: datetime) -> frozenset[UUID]:
    """Return those whose purge date is reached, even if the nightly job is late (RET-03, RET-05).

    Opens `purge_on` in a system gate, and only where 1 January of the purge year has come.
    """
    today = localdate(now)
    rows = [row for row in follow_ups if row.purge_check_on <= today]
    if not rows:
        return frozenset()
    with audit.reading(
        audit.system_actor(rows[0].territory_id), subjects=[row.subject_id for row in rows],
        classes=[DataClass.YOUTH_CARD], purpose=Purpose.RETENTION, act=Act.SYSTEM, object_type="follow_up",
        object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        return reached(rows, today)


def over(follow_ups: Iterable[tuple[UUID, date]], now: datetime) -> frozenset[UUID]:
    """Return those whose purge date is reached, of ids with their `purge_check_on`; most days nothing is asked."""
    today = localdate(now)
    ids = {pk for pk, check_on in follow_ups if check_on <= today}
    return past_purge(FollowUp.objects.filter(pk__in=ids), now) if ids else frozenset()


def not_over(follow_ups: Iterable[FollowUp], now: datetime) -> list[FollowUp]:
    """Return those whose purge date is ahead, in their order: what any list, count or date may still name."""
    rows = list(follow_ups)
    gone = past_purge(rows, now)
    return [row for row in rows if row.pk not in gone]


def reached(follow_ups: Iterable[FollowUp], today: date) -> frozenset[UUID]:
    """Return those whose purge date has come; the caller holds the gate on their card (RET-03).

    Lists drop them, in the sweep that opens the page: the nightly job may be late, access is not.
    """
    rows = [row for row in follow_ups if row.purge_check_on <= today]
    if rows:
        sweep.open_many(rows, "purge_on")
    return frozenset(row.pk for row in rows if row.purge_on is not None and row.purge_on <= today)


def visible_to(viewer: Viewer, now: datetime) -> FollowUpQuerySet:
    """Return the situations of which the viewer may open at least one data class: decide() as a queryset.

    Starts from the grants, never from a scan; the coordinator's right runs on the territory (cell W).
    """
    running = [group_id for group_id in viewer.group_ids if rules_run(group_id, now)]
    rows: FollowUpQuerySet = FollowUp.objects.all()
    shut = exclusions.shut(viewer, now)
    return viewable(
        rows, viewer, now, grant_model=FollowUpGrant, classes=LISTED, rules_in_force=Q(group_id__in=running),
        closed=Q(state__in=CLOSED), gone=Q(state__in=(*GONE, Stage.MERGED)),
        archive_reasons=granted_subquery(FollowUpGrant, viewer, now, [Basis.ARCHIVE]),
        excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip


def count_visible(viewer: Viewer, now: datetime, kinds: Mapping[str, Iterable[Stage]], most: int) -> dict[str, int]:
    """Return how many situations of each kind (a set of stages) `visible_to` holds, counted up to `most`.

    One query, and no more than `most` rows of each kind read, however many there are.
    """
    visible = visible_to(viewer, now)
    return count_up_to(most, {kind: visible.filter(state__in=list(stages)) for kind, stages in kinds.items()})


def count_up_to(most: int, asked: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """Return how many rows each queryset holds, counted up to `most`, all by one query."""
    counted, parts, values = dict.fromkeys(asked, 0), dict[str, str](), list[Any]()
    for kind, rows in asked.items():
        with suppress(EmptyResultSet):
            sql, params = rows.order_by().values("pk")[:most].query.sql_with_params()
            parts[kind] = f"(SELECT COUNT(*) FROM ({sql}) c)"  # noqa: S608 the ORM's own statement, values apart  # nosec B608
            values += params
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts.values())}", values)
            counted |= dict(zip(parts, cursor.fetchone(), strict=True))
    return counted


def find(viewer: Viewer, pk: UUID, now: datetime) -> FollowUp:
    """Return one situation that the viewer may see. Raises AccessRefused: absent and refused look the same."""
    rows = visible_to(viewer, now).select_related("person", "group", "lead_organisation", "programme")
    follow_up = rows.filter(pk=pk).first()
    if follow_up is None or past_purge([follow_up], now):
        raise AccessRefused(code="follow_up")
    return follow_up


def find_step(viewer: Viewer, pk: UUID, now: datetime) -> Step:
    """Return one action of a situation that the viewer may see. Raises AccessRefused, absent or refused alike."""
    step = Step.objects.filter(pk=pk, follow_up__in=visible_to(viewer, now).values("pk"))
    found = step.select_related("follow_up").first()
    if found is None or past_purge([found.follow_up], now):
        raise AccessRefused(code="follow_up")
    return found


def require_on(
    viewer: Viewer,
    follow_up: FollowUp,
    action: Action,
    data_class: DataClass,
    now: datetime,
    *,
    is_author: bool = False,
) -> Relation:
    """Ask decide() for one act on one data class of one situation. Raises AccessRefused."""
    link = relation(viewer, follow_up, now)
    require(viewer, action, link.facts(data_class, is_author=is_author), now)
    return link
