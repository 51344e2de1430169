"""Writes on what a territory keeps for itself: opening it, its local lists, the school holidays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Max
from django.utils.timezone import localdate

from casework import audit
from casework.access import policy
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile.codes import NATIONAL_LISTS, ListCode, SchoolZone
from casework.casefile.models import LocalItem, SchoolHoliday
from casework.errors import AccessRefused, InputRefused
from casework.partners.models import Territory

if TYPE_CHECKING:
    from casework.audit import Actor

# One event for a whole list, so that the journal tells the act and not each line.
_LIST = "casefile.local_list"
MAX_LABEL = 100


def open_territory(territory: Territory, *, by: Actor, now: datetime) -> int:
    """Copy the national lists into `territory`; return how many lines were added.

    Resumable: a line already copied, renamed or closed since, is left alone. By a command or the demo
    (`audit.system_actor()`), or by those who manage the territory; raises AccessRefused for others.
    """
    _require(by, territory.pk, now)
    with audit.writing(by, now=now) as w:
        return give_national_lists(w, territory, now)


def give_national_lists(w: Writing, territory: Territory, now: datetime) -> int:
    """Do the same inside the transaction that opens the territory."""
    added = copy_national_lists(territory, on=localdate(now))
    w.note(Act.CREATE, None, object_type=_LIST, territory_id=territory.pk, why="national", n=added)
    return added


def copy_national_lists(territory: Territory, *, on: date) -> int:
    """Add the national lines that `territory` lacks, valid from `on`; return how many. For a wider action."""
    kept = LocalItem.objects.filter(territory=territory).exclude(national_code="")
    known = set(kept.values_list("list_code", "national_code"))
    missing = [
        LocalItem(
            territory=territory,
            list_code=list_code,
            label=item.label,
            national_code=item.code,
            valid_from=on,
            position=position,
        )
        for list_code, items in NATIONAL_LISTS.items()
        for position, item in enumerate(items, start=1)
        if (list_code, item.code) not in known
    ]
    LocalItem.objects.bulk_create(missing)
    return len(missing)


def add_item(territory_id: UUID, list_code: ListCode, label: str, *, by: Viewer, now: datetime) -> LocalItem:
    """Add a line at the end of a list, proposed from today. Raises AccessRefused, InputRefused."""
    _require(by, territory_id, now)
    items = LocalItem.objects.of(territory_id, list_code)
    with audit.writing(by, now=now) as w:
        label = _free_label(label, items, but=None)
        last = items.aggregate(last=Max("position"))["last"] or 0
        item = LocalItem.objects.create(
            territory_id=territory_id,
            list_code=list_code,
            label=label,
            valid_from=localdate(now),
            position=last + 1,
        )
        w.note(Act.CREATE, item)
    return item


def rename_item(item_id: UUID, label: str, *, by: Viewer, now: datetime) -> None:
    """Change the label of a line, on every record that uses it. Raises AccessRefused, InputRefused."""
    with audit.writing(by, now=now) as w:
        item = _item(item_id, by, now)
        item.label = _free_label(label, LocalItem.objects.of(item.territory_id, item.list_code), but=item)
        item.save(update_fields=["label"])
        w.note(Act.CHANGE, item, why="rename")


def close_item(item_id: UUID, *, by: Viewer, now: datetime) -> None:
    """Stop proposing a line from today; records that use it keep it. Raises AccessRefused."""
    with audit.writing(by, now=now) as w:
        item = _item(item_id, by, now)
        item.valid_to = max(localdate(now), item.valid_from)
        item.save(update_fields=["valid_to"])
        w.note(Act.CHANGE, item, why="close")


def reopen_item(item_id: UUID, *, by: Viewer, now: datetime) -> None:
    """Propose a closed line again. Raises AccessRefused, InputRefused when its label was taken meanwhile."""
    with audit.writing(by, now=now) as w:
        item = _item(item_id, by, now)
        _free_label(item.label, LocalItem.objects.of(item.territory_id, item.list_code), but=item)
        item.valid_to = None
        item.save(update_fields=["valid_to"])
        w.note(Act.CHANGE, item, why="reopen")


def move_item(item_id: UUID, step: int, *, by: Viewer, now: datetime) -> None:
    """Move a line up (-1) or down (+1) among those proposed. Raises AccessRefused."""
    with audit.writing(by, now=now) as w:
        item = _item(item_id, by, now)
        rows = list(LocalItem.objects.of(item.territory_id, item.list_code).valid_on(localdate(now)))
        if item not in rows:
            return
        at = rows.index(item)
        to = min(max(at + step, 0), len(rows) - 1)
        rows.insert(to, rows.pop(at))
        for position, row in enumerate(rows, start=1):
            if row.position != position:
                row.position = position
                row.save(update_fields=["position"])
                w.note(Act.CHANGE, row, why="order")


def add_school_holiday(
    zone: SchoolZone, label: str, starts_on: date, ends_on: date, *, by: Viewer, now: datetime
) -> SchoolHoliday:
    """Add school holidays, last day included. Raises AccessRefused, InputRefused."""
    _require(by, by.territory_id, now)
    label = label.strip()
    if not label:
        raise InputRefused("Donnez un nom à ces vacances.", field="label")
    if ends_on < starts_on:
        raise InputRefused("Le dernier jour doit suivre le premier.", field="ends_on")
    with audit.writing(by, now=now) as w:
        clash = SchoolHoliday.objects.filter(zone=zone, starts_on__lte=ends_on, ends_on__gte=starts_on)
        if clash.exists():
            raise InputRefused("D’autres vacances couvrent déjà ces jours dans cette zone.", field="starts_on")
        row = SchoolHoliday.objects.create(zone=zone, label=label, starts_on=starts_on, ends_on=ends_on)
        w.note(Act.CREATE, row, why="calendar")
    return row


def delete_school_holiday(row_id: UUID, *, by: Viewer, now: datetime) -> None:
    """Remove school holidays typed by mistake. Raises AccessRefused."""
    _require(by, by.territory_id, now)
    with audit.writing(by, now=now) as w:
        row = SchoolHoliday.objects.filter(pk=row_id).first()
        if row is None:
            raise AccessRefused
        w.note(Act.DELETE, row, why="calendar")
        row.delete()


def _require(by: Actor, territory_id: UUID | None, now: datetime) -> None:
    """Let a job, or those who manage this territory; raise AccessRefused for anyone else."""
    if by == audit.system_actor(by.territory_id):
        return
    viewer = by if isinstance(by, Viewer) else None
    facts = policy.Facts(
        territory_id=territory_id,
        data_class=DataClass.ACCOUNTS,
        excluded=False,
        rules_in_force=True,
        state_open=True,
    )
    policy.require(viewer, policy.Action.MANAGE, facts, now)


def _item(item_id: UUID, by: Viewer, now: datetime) -> LocalItem:
    item = LocalItem.objects.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None:
        raise AccessRefused
    _require(by, item.territory_id, now)
    return item


def _free_label(label: str, items: Iterable[LocalItem], *, but: LocalItem | None) -> str:
    """Return the label, cleaned. Raises InputRefused when empty, too long, or already proposed in this list."""
    label = " ".join(label.split())
    if not label or len(label) > MAX_LABEL:
        raise InputRefused(f"Le libellé doit avoir de 1 à {MAX_LABEL} caractères.", field="label")
    taken = {item.label.casefold() for item in items if item.valid_to is None and item != but}
    if label.casefold() in taken:
        raise InputRefused("Ce libellé est déjà dans la liste.", field="label")
    return label
