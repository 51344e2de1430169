"""The queue of saisines, one of them, the pairs that may be one person: what each viewer may see of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.timezone import localdate

from casework import audit
from casework.access import exclusions
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import work
from casework.minors.followups import facts
from casework.minors.followups.actions import duplicates, links, merge, sorting
from casework.minors.followups.codes import BirthPrecision, OutsideStatus, ReferralReason, Sorting, Stage, Urgency
from casework.minors.followups.models import FollowUp, PossibleDuplicate, Referral, ReferralLink
from casework.minors.followups.reads.situations import Card, card_of, full_name
from casework.sealing import sweep

CAP = 200
# Days in which a saisine is expected to be sorted, by what its author says of the delay.
DAYS = {Urgency.AT_ONCE: 0, Urgency.SOON: 7, Urgency.NORMAL: 14}
STATUS_KINDS = {OutsideStatus.RECEIVED: "wait", OutsideStatus.STUDIED: "ok", OutsideStatus.CLOSED: "off"}
SORTING_KINDS = {
    Sorting.WAITING: "wait",
    Sorting.MORE_ASKED: "info",
    Sorting.TO_STUDY: "ok",
    Sorting.REDIRECTED: "off",
    Sorting.OUT_OF_SCOPE: "off",
}


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One saisine as the coordinator sees it."""

    id: UUID
    revision: int
    follow_up_id: UUID
    reference: str
    name: str
    card: Card
    origin: str
    organisation: str
    reasons: tuple[str, ...]
    urgency: str
    urgent: bool
    gateway: str
    referred_by: str
    received_at: datetime
    due: date
    sorting: str
    sorting_label: str
    sorting_kind: str
    more_asked: str
    redirected_to: str
    batch: UUID | None
    batch_size: int
    erase_on: date | None
    doubtful: bool


@dataclass(frozen=True, kw_only=True)
class OwnRow:
    """One saisine as its author sees it: a date, a status, and the page where its rights open one."""

    id: UUID
    received_at: datetime
    status: str
    status_kind: str
    follow_up_id: UUID | None
    reference: str
    card: Card | None
    more_asked: bool


def queue(viewer: Viewer, *, now: datetime, asked: bool = False) -> tuple[QueueRow, ...]:
    """Return the saisines to sort, most urgent first, then oldest (no rank of persons: GDP-14)."""
    rows = _waiting(viewer, now).filter(sorting=Sorting.MORE_ASKED if asked else Sorting.WAITING)
    order = Case(
        *(When(urgency=urgency, then=Value(place)) for place, urgency in enumerate(DAYS)),
        default=Value(len(DAYS)), output_field=IntegerField(),
    )  # fmt: skip
    found = list(rows.order_by(order, "received_at", "pk")[:CAP])
    late = facts.past_purge({row.follow_up_id: row.follow_up for row in found}.values(), now)
    return _rows(viewer, [row for row in found if row.follow_up_id not in late], now)


def counts(viewer: Viewer, now: datetime) -> dict[str, int]:
    """Return how many saisines wait, how many wait for a complement, how many pairs may be one person."""
    waiting = [code for code, _, _ in _left(viewer, now)]
    return {
        "waiting": waiting.count(Sorting.WAITING),
        "asked": waiting.count(Sorting.MORE_ASKED),
        "duplicates": _pairs_left(viewer, now),
    }


def _left(viewer: Viewer, now: datetime) -> list[tuple[str, datetime, str]]:
    """Return sorting, day and urgency of what waits, without the records whose purge date is reached (RET-03)."""
    found = list(
        _waiting(viewer, now).values_list(
            "sorting", "received_at", "urgency", "follow_up", "follow_up__purge_check_on"
        )
    )  # fmt: skip
    late = facts.over(((row[3], row[4]) for row in found), now)
    return [row[:3] for row in found if row[3] not in late]


def _waiting(viewer: Viewer, now: datetime) -> Any:
    if not facts.coordinates(viewer):
        return Referral.objects.none()
    gone = (*facts.GONE, *facts.SORTED_OUT, Stage.MERGED, *facts.CLOSED)
    rows = Referral.objects.filter(territory_id=viewer.territory_id, sorting__in=sorting.WAITS)
    rows = rows.exclude(follow_up__state__in=gone).exclude(follow_up__subject_id__in=exclusions.shut(viewer, now))
    return rows.select_related("follow_up__person", "organisation", "redirected_to")


def one(viewer: Viewer, referral: Referral, now: datetime) -> QueueRow:
    """Return one saisine for the coordinator. The caller checked that it may be seen."""
    return _rows(viewer, [referral], now, act=Act.VIEW)[0]


def _rows(viewer: Viewer, rows: list[Referral], now: datetime, *, act: Act = Act.LIST) -> tuple[QueueRow, ...]:
    today = localdate(now)
    doubtful = _doubtful(row.follow_up_id for row in rows)
    sizes: dict[UUID, int] = {}
    for row in rows:
        if row.batch is not None:
            sizes[row.batch] = sizes.get(row.batch, 0) + 1
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows],
        classes=[DataClass.YOUTH_CARD, DataClass.YOUTH_IDENTITY, DataClass.YOUTH_REFERRAL], purpose=Purpose.SORTING,
        act=act, object_type="referral", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(rows, "reasons", "referred_by", "more_asked")
        sweep.open_many([row.follow_up.person for row in rows], "card", "last_name", "first_name")
        labels = dict(ReferralReason.choices)
        return tuple(
            QueueRow(
                id=row.pk, revision=row.revision, follow_up_id=row.follow_up_id, reference=row.follow_up.reference,
                name=full_name(row.follow_up.person), card=card_of(row.follow_up.person.card, today),
                origin=row.get_origin_display(), organisation=str(row.organisation or ""),
                reasons=tuple(str(labels.get(code, code)) for code in row.reasons or ()),
                urgency=row.get_urgency_display(), urgent=row.urgency != Urgency.NORMAL,
                gateway=row.get_gateway_display(), referred_by=row.referred_by or "", received_at=row.received_at,
                due=localdate(row.received_at) + timedelta(days=DAYS[Urgency(row.urgency)]), sorting=row.sorting,
                sorting_label=row.get_sorting_display(), sorting_kind=SORTING_KINDS[Sorting(row.sorting)],
                more_asked=row.more_asked or "", redirected_to=row.redirected_to.label if row.redirected_to else "",
                batch=row.batch, batch_size=sizes.get(row.batch, 0) if row.batch is not None else 0,
                erase_on=row.follow_up.erase_on, doubtful=row.follow_up_id in doubtful,
            )
            for row in rows
        )  # fmt: skip


def _doubtful(follow_up_ids: Iterable[UUID]) -> frozenset[UUID]:
    ids = list(follow_up_ids)
    pairs = PossibleDuplicate.objects.filter(Q(newer__in=ids) | Q(older__in=ids), resolved_at=None)
    return frozenset(key for pair in pairs.values_list("newer_id", "older_id") for key in pair)


def own(viewer: Viewer, *, now: datetime) -> tuple[OwnRow, ...]:
    """Return what this function sent: date and status; the card only where its rights open the situation."""
    rows = list(
        Referral.objects.filter(territory_id=viewer.territory_id, author_mandate_id=viewer.mandate_id)
        .select_related("follow_up__person")
        .order_by("-received_at", "pk")[:CAP]
    )
    open_ids = _open(viewer, [row.follow_up_id for row in rows], now)
    opened = [row for row in rows if row.follow_up_id in open_ids]
    today = localdate(now)
    with audit.reading(
        viewer, subjects=[row.subject_id for row in opened], classes=[DataClass.YOUTH_CARD], purpose=Purpose.LISTING,
        act=Act.LIST, object_type="referral", object_ids=[row.pk for row in opened],
    ):  # fmt: skip
        sweep.open_many([row.follow_up.person for row in opened], "card")
        cards = {row.pk: card_of(row.follow_up.person.card, today) for row in opened}
    return tuple(_own(row, cards.get(row.pk)) for row in rows)


def _open(viewer: Viewer, follow_up_ids: list[UUID], now: datetime) -> set[UUID]:
    """Return those of these situations that the viewer may see, the purge date not reached."""
    rows = facts.visible_to(viewer, now).filter(pk__in=follow_up_ids).values_list("pk", "purge_check_on")
    return {pk for pk, _ in rows} - facts.over(rows, now)


def _own(row: Referral, card: Card | None) -> OwnRow:
    status = sorting.outside_status(row)
    return OwnRow(
        id=row.pk, received_at=row.received_at, status=str(status.label), status_kind=STATUS_KINDS[status],
        follow_up_id=row.follow_up_id if card is not None else None,
        reference=row.follow_up.reference if card is not None else "", card=card,
        more_asked=card is not None and row.sorting == Sorting.MORE_ASKED,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AskedOf:
    """What is asked of the author of a saisine, if it may read it."""

    text: str
    revision: int


def asked_of(viewer: Viewer, referral: Referral) -> AskedOf:
    """Return what the coordinator asks; the caller checked that the class is open to this author."""
    with audit.reading(
        viewer, subjects=[referral.subject_id], classes=[DataClass.YOUTH_REFERRAL], purpose=Purpose.REVIEW,
        object_type="referral", object_ids=[referral.pk],
    ):  # fmt: skip
        return AskedOf(text=referral.more_asked or "", revision=referral.revision)


# --------------------------------------------------------------- duplicates


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two files, as shown beside the other."""

    id: UUID
    reference: str
    name: str
    birth_date: date | None
    birth_is_year: bool
    sector: str
    stage: str
    archived: bool
    received_at: datetime
    origins: tuple[str, ...]
    services: tuple[str, ...]
    actions: int
    lines: int
    may_leave: bool


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two files that may be one person."""

    id: UUID
    found_at: datetime
    older: Side
    newer: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both, the older first."""
        return self.older, self.newer


def pending(viewer: Viewer, now: datetime) -> Any:
    """Return the pairs still to be looked at by this coordinator; one shut out of either side leaves it to the DPO."""
    if not facts.coordinates(viewer):
        return PossibleDuplicate.objects.none()
    return duplicates.pending(viewer, now)


def _pairs_left(viewer: Viewer, now: datetime) -> int:
    """Return how many pairs wait, those with a record whose purge date is reached left out (RET-03)."""
    columns = ("newer", "newer__purge_check_on", "older", "older__purge_check_on")
    found = list(pending(viewer, now).values_list(*columns))
    late = facts.over((side for row in found for side in (row[:2], row[2:])), now)
    return sum(1 for row in found if not {row[0], row[2]} & late)


def pairs(viewer: Viewer, *, now: datetime) -> tuple[Pair, ...]:
    """Return the pairs with both names, under the coordinator's own gate (one event)."""
    rows = list(pending(viewer, now).select_related("newer__person", "older__person").order_by("found_at", "pk")[:CAP])
    late = facts.past_purge({side.pk: side for row in rows for side in (row.newer, row.older)}.values(), now)
    rows = [row for row in rows if not {row.newer_id, row.older_id} & late]
    files = [side for row in rows for side in (row.older, row.newer)]
    with audit.reading(
        viewer, subjects=[row.subject_id for row in files],
        classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD], purpose=Purpose.DUPLICATES, act=Act.LIST,
        object_type="follow_up", object_ids=[row.pk for row in files],
    ):  # fmt: skip
        sweep.open_many(
            [row.person for row in files], "last_name", "first_name", "birth_date", "birth_precision", "card"
        )
        return tuple(_pair(row) for row in rows)


def _pair(row: PossibleDuplicate) -> Pair:
    return Pair(id=row.pk, found_at=row.found_at, older=_side(row.older), newer=_side(row.newer))


@dataclass(frozen=True, kw_only=True)
class LeftPair:
    """Two references that may be one person, which no coordinator may compare. `closed` holds what was decided."""

    id: UUID
    references: tuple[str, str]
    stages: tuple[str, str]
    found_at: datetime
    is_open: bool = False
    closed_at: datetime | None = None
    merged: bool = False


def left(viewer: Viewer, now: datetime) -> tuple[LeftPair, ...]:
    """Return the pairs that wait for the DPO, by reference; nothing is opened. To anybody else: none."""
    if not facts.controls(viewer):
        return ()
    rows = duplicates.pending(viewer, now).select_related("newer", "older").order_by("found_at", "pk")[:CAP]
    found = duplicates.left_to_control(rows, territory_id=viewer.territory_id, now=now) if viewer.territory_id else []
    late = facts.past_purge({side.pk: side for row in found for side in (row.newer, row.older)}.values(), now)
    found = [row for row in found if not {row.newer_id, row.older_id} & late]
    sides = {side.pk: side for row in found for side in (row.newer, row.older)}
    links_ = facts.relations(viewer, sides.values(), now)
    open_ = {pk for pk, link in links_.items() if DataClass.YOUTH_IDENTITY in link.classes(viewer, now)}
    return tuple(_left_pair(row, is_open={row.newer_id, row.older_id} <= open_) for row in found)


def decided(viewer: Viewer, now: datetime) -> tuple[LeftPair, ...]:
    """Return what was decided of pairs of the territory in a year, by whoever it was, latest first: for the DPO."""
    if not facts.controls(viewer):
        return ()
    shut = exclusions.shut(viewer, now)
    rows = PossibleDuplicate.objects.filter(territory_id=viewer.territory_id, resolved_at__gt=now - timedelta(days=365))
    rows = rows.exclude(newer__subject_id__in=shut).exclude(older__subject_id__in=shut)
    return tuple(_left_pair(row) for row in rows.select_related("newer", "older").order_by("-resolved_at", "pk")[:50])


def _left_pair(row: PossibleDuplicate, *, is_open: bool = False) -> LeftPair:
    return LeftPair(
        id=row.pk, references=(row.older.reference, row.newer.reference), found_at=row.found_at, is_open=is_open,
        stages=(row.older.get_state_display(), row.newer.get_state_display()), closed_at=row.resolved_at,
        merged=bool(row.merged),
    )  # fmt: skip


def compared(viewer: Viewer, pair_id: UUID, now: datetime) -> Pair:
    """Return both files of one pair to the DPO who opened them with a reason. Raises AccessRefused."""
    pair = duplicates.find(viewer, pair_id, now)
    duplicates.require_opened(viewer, pair, now)
    sides = FollowUp.objects.select_related("person").in_bulk([pair.older_id, pair.newer_id])
    pair.older, pair.newer = sides[pair.older_id], sides[pair.newer_id]
    with audit.reading(
        viewer, subjects=[row.subject_id for row in sides.values()],
        classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD], purpose=Purpose.DUPLICATES,
        object_type="follow_up", object_ids=list(sides),
    ):  # fmt: skip
        sweep.open_many(
            [row.person for row in sides.values()], "last_name", "first_name", "birth_date", "birth_precision", "card"
        )
        return _pair(pair)


def _side(row: FollowUp) -> Side:
    person = row.person
    referrals = row.referrals.order_by("received_at")
    circle = row.circle.filter(ends_at=None).select_related("organisation")
    return Side(
        id=row.pk, reference=row.reference, name=full_name(person), birth_date=person.birth_date,
        birth_is_year=person.birth_precision == BirthPrecision.YEAR, sector=(person.card or {}).get("sector", ""),
        stage=row.get_state_display(), archived=row.state in facts.CLOSED, received_at=row.received_at,
        origins=tuple(dict.fromkeys(item.get_origin_display() for item in referrals)),
        services=tuple(str(item.organisation) for item in circle), actions=row.actions.count(),
        lines=getattr(row, "agenda_lines").count(), may_leave=merge.may_leave(row),  # noqa: B009 set by the room above
    )  # fmt: skip


# --------------------------------------------------------------- links


@dataclass(frozen=True, kw_only=True)
class LinkRow:
    """A single-use link, as the coordinator sees it: never its address."""

    id: UUID
    organisation: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    state: str
    kind: str
    open: bool


def link_rows(viewer: Viewer, *, now: datetime) -> tuple[LinkRow, ...]:
    """Return the links of the territory, latest first."""
    rows = (
        ReferralLink.objects.filter(territory_id=viewer.territory_id)
        .select_related("organisation", "referral__follow_up")
        .order_by("-created_at")[:50]
    )
    return tuple(_link(row, now) for row in rows)


def _link(row: ReferralLink, now: datetime) -> LinkRow:
    if row.used_at is not None:
        status = links.status(row)
        state, kind = f"utilisé : {status.label}", STATUS_KINDS[status]
    elif row.revoked_at is not None:
        state, kind = "annulé", "off"
    elif row.expires_at <= now:
        state, kind = "périmé", "off"
    else:
        state, kind = "en attente", "wait"
    return LinkRow(
        id=row.pk, organisation=row.organisation.name, created_at=row.created_at, expires_at=row.expires_at,
        used_at=row.used_at, state=state, kind=kind, open=row.used_at is None and row.revoked_at is None,
    )  # fmt: skip


# --------------------------------------------------------------- Mon travail


def work_items(viewer: Viewer, now: datetime) -> list[work.WorkItem]:
    """Return what waits in the queue: for the coordinator one line per kind, for an author what is asked of it."""
    from django.urls import reverse

    if facts.controls(viewer):
        return _control_items(viewer, now, reverse("followups:left_duplicates"))
    if facts.coordinates(viewer):
        return _coordinator_items(viewer, now, reverse("followups:queue"), reverse("followups:duplicates"))
    asked = Referral.objects.filter(
        territory_id=viewer.territory_id, author_mandate_id=viewer.mandate_id, sorting=Sorting.MORE_ASKED
    ).select_related("follow_up")
    visible = _open(viewer, [row.follow_up_id for row in asked], now)
    return [
        work.WorkItem(
            group_when=localdate(now), kind="mine", reference=row.follow_up.reference,
            label="Complément demandé sur une saisine", url=reverse("followups:referral", args=[row.pk]),
            act_label="Répondre", act_url=reverse("followups:referral", args=[row.pk]), rule="SIT-01",
        )
        for row in asked if row.follow_up_id in visible
    ]  # fmt: skip


def _control_items(viewer: Viewer, now: datetime, url: str) -> list[work.WorkItem]:
    return [
        work.WorkItem(
            group_when=None, kind="mine", reference=" / ".join(pair.references), label="Doublon possible à décider",
            url=url, act_label="Regarder", act_url=url, rule="SIT-03",
        )
        for pair in left(viewer, now)
    ]  # fmt: skip


def _coordinator_items(viewer: Viewer, now: datetime, queue_url: str, duplicates_url: str) -> list[work.WorkItem]:
    found = [(received, urgency) for code, received, urgency in _left(viewer, now) if code == Sorting.WAITING]
    items = []
    if found:
        due = min(localdate(received) + timedelta(days=DAYS[Urgency(urgency)]) for received, urgency in found)
        label = "1 saisine à trier" if len(found) == 1 else f"{len(found)} saisines à trier"
        items.append(
            work.WorkItem(group_when=due, kind="mine", reference="", label=label, url=queue_url,
                          act_label="Trier", act_url=queue_url, rule="SIT-01")
        )  # fmt: skip
    doubles = _pairs_left(viewer, now)
    if doubles:
        label = "1 doublon possible" if doubles == 1 else f"{doubles} doublons possibles"
        items.append(
            work.WorkItem(group_when=None, kind="mine", reference="", label=label, url=duplicates_url,
                          act_label="Regarder", act_url=duplicates_url, rule="SIT-03")
        )  # fmt: skip
    return items
