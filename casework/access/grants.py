"""Grants: django-guardian direct-foreign-key rows with a mandate, a basis, two dates, a reason and a seal.

This module is their only writer. A row written past it (SQL, another ORM call) carries no valid
seal: `valid` drops it and reports it (T-36). guardian's own checks are never called: they know no date.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, NoReturn, TypeVar
from uuid import UUID

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Model
from django.utils.functional import cached_property
from guardian.models.models import UserObjectPermissionBase

from casework import audit
from casework.access.clock import running
from casework.access.policy import Basis
from casework.access.raw import RawRows, id_bytes, id_of
from casework.access.viewer import Viewer
from casework.errors import CaseworkError
from casework.partners.macs import RowMacField
from casework.partners.models import Mandate, Organisation, Territory

# A seat at a meeting is read from the group, a question from itself, a tutor's day from the plan: none is a row.
GRANTED = tuple(basis for basis in Basis if basis not in (Basis.SEATED, Basis.ASKED, Basis.TODAY))
LISTED = 500  # more objects than that are not named one by one to the database


class GrantMacField(RowMacField):
    """The seal of a grant (design.md §4), bound to its table too: a row copied into another one is worthless."""

    @cached_property
    def _table(self) -> bytes:
        return self.model._meta.label_lower.encode()

    def _digest(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(hmac.digest(key, message, "sha256"), self._table, "sha256")


class GrantQuerySet(models.QuerySet[Any]):
    """Grants that read like sentences. Writing in bulk is refused: it would leave rows without a seal."""

    def live(self, now: datetime) -> GrantQuerySet:
        """Return grants running at `now` (half-open)."""
        return self.filter(running(now))

    def of(self, viewer: Viewer) -> GrantQuerySet:
        """Return the grants of this viewer's mandate."""
        return self.none() if viewer.mandate_id is None else self.filter(mandate_id=viewer.mandate_id)

    def on(self, object_ids: Iterable[UUID]) -> GrantQuerySet:
        """Return the grants on some objects."""
        return self.filter(**{"content_object_id__in": list(object_ids)})

    def update(self, **values: Any) -> NoReturn:
        """Refuse: `grants.close` is the way."""
        raise CaseworkError("grants are written by access.grants only")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: `grants.give` is the way."""
        raise CaseworkError("grants are written by access.grants only")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: `grants.close` is the way."""
        raise CaseworkError("grants are written by access.grants only")


class GrantBase(UserObjectPermissionBase):
    """One agent in charge, one object, from, to, why. The concrete model adds `content_object`.

    `ends_at` empty: open until closed. The dates open and close access by themselves; no job runs.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField("titre d’accès", max_length=20, choices=[(b.value, b.value) for b in GRANTED])
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    reason = models.CharField("motif", max_length=30)
    closed_reason = models.CharField("motif de fin", max_length=30, blank=True)
    granted_by = models.UUIDField("accordé par (fonction)", null=True, blank=True)
    granted_at = models.DateTimeField("accordé le", auto_now_add=True)
    sort_key = models.CharField("clé de tri", max_length=64, blank=True)
    mac = GrantMacField(
        "empreinte",
        label="access.grant",
        over=(
            "id", "user_id", "permission_id", "mandate_id", "organisation_id", "territory_id", "content_object_id",
            "basis", "starts_at", "ends_at", "reason", "granted_by",
        ),
    )  # fmt: skip

    objects: ClassVar[Any] = GrantQuerySet.as_manager()  # type: ignore[assignment]

    CLEAR: ClassVar[dict[str, str]] = {
        "id": "technical",
        "user": "reference",
        "permission": "technical (guardian)",
        "mandate": "reference",
        "organisation": "reference",
        "territory": "reference",
        "basis": "closed list",
        "starts_at": "decides access",
        "ends_at": "decides access",
        "reason": "short code",
        "closed_reason": "short code",
        "granted_by": "reference",
        "granted_at": "technical",
        "sort_key": "list order, from clear columns only",
        "mac": "authenticity of the row",
    }

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True
        unique_together: ClassVar[list[Any]] = []

    def __str__(self) -> str:
        return f"grant {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: `grants.give` and `grants.close` are the way."""
        raise CaseworkError("grants are written by access.grants only")


G = TypeVar("G", bound=GrantBase)


def is_genuine(grant: GrantBase) -> bool:
    """Say whether the row carries the seal of what it says."""
    return grant._meta.get_field("mac").is_genuine(grant)


@dataclass(frozen=True, kw_only=True)
class Door:
    """What one grant would open: to whom, what, by which right, from when to when."""

    mandate: Mandate
    obj: Any
    basis: Basis
    starts_at: datetime
    ends_at: datetime | None
    territory: UUID | None = None
    sort_key: str = ""


def give(
    w: audit.Writing,
    model: type[G],
    *,
    mandate: Mandate,
    obj: Model,
    basis: Basis,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    by: audit.Actor | None,
    territory: UUID | None = None,
    sort_key: str = "",
) -> G:
    """Write one sealed grant of `mandate` on `obj` and its audit event; return the row (see `give_many`)."""
    door = Door(
        mandate=mandate, obj=obj, basis=basis, starts_at=starts_at, ends_at=ends_at, territory=territory,
        sort_key=sort_key,
    )  # fmt: skip
    return give_many(w, model, [door], reason=reason, by=by)[0]


def give_many(
    w: audit.Writing, model: type[G], doors: Sequence[Door], *, reason: str, by: audit.Actor | None
) -> list[G]:
    """Write one sealed grant and one audit event per door, in a constant number of queries; return the rows in order.

    `reason` is a short code; the territory is the object's unless given. The same mandate holds at most one
    open-ended grant per object and basis (database constraint): an existing one is returned as it is, without
    an event. Raises CaseworkError for a basis that is not granted by a row.
    """
    if any(door.basis not in GRANTED for door in doors):
        raise CaseworkError("this basis is not a grant")
    held = _open_rows(model, [door for door in doors if door.ends_at is None])
    permissions = {type(door.obj): door.obj for door in doors}
    allowed = {kind: _permission(obj) for kind, obj in permissions.items()}
    found: list[G] = []
    new: list[tuple[G, Model]] = []
    for door in doors:
        key = (door.obj.pk, door.mandate.pk, door.basis.value)
        if door.ends_at is None and key in held:
            found.append(held[key])
            continue
        grant = model(
            user_id=door.mandate.agent_id,
            mandate=door.mandate,
            organisation_id=door.mandate.organisation_id,
            territory_id=door.territory or door.obj.territory_id,
            permission=allowed[type(door.obj)],
            content_object=door.obj,
            basis=door.basis.value,
            starts_at=door.starts_at,
            ends_at=door.ends_at,
            reason=reason,
            granted_by=by.mandate_id if by is not None else None,
            sort_key=door.sort_key,
        )
        if door.ends_at is None:
            held[key] = grant
        found.append(grant)
        new.append((grant, door.obj))
    # The seal is made by the column itself, as at a save.
    _plain(model).bulk_create([grant for grant, _ in new], batch_size=500)
    for grant, obj in new:
        _note(w, audit.Act.GRANT, grant, obj)
    return found


def _open_rows(model: type[G], doors: Sequence[Door]) -> dict[tuple[UUID, UUID, str], G]:
    """Return the genuine open-ended grants that stand where these doors would; the forged ones are removed."""
    if not doors:
        return {}
    rows: models.QuerySet[G] = model.objects.on({door.obj.pk for door in doors})
    rows = rows.filter(ends_at__isnull=True, mandate__in={door.mandate.pk for door in doors})
    wanted = {(door.obj.pk, door.mandate.pk, door.basis.value) for door in doors}
    held: dict[tuple[UUID, UUID, str], G] = {}
    for row in rows:
        key = (row.content_object_id, row.mandate_id, row.basis)  # type: ignore[attr-defined]  # each concrete grant has it
        if key in wanted and is_genuine(row):
            held[key] = row
        elif key in wanted:
            _remove_forged(row)
    return held


def close(w: audit.Writing, grant: GrantBase, *, at: datetime, reason: str) -> None:
    """End `grant` at `at` (access ends that second) and write its audit event (see `close_many`)."""
    close_many(w, type(grant), [grant], at=at, reason=reason)


def close_many(w: audit.Writing, model: type[G], rows: Iterable[G], *, at: datetime, reason: str) -> None:
    """End grants at `at`, each with its audit event, in a constant number of queries; nothing for those ended before.

    A row that was not written here is removed and reported instead: sealing it would make it good.
    """
    asked = {row.pk: row for row in rows}
    stored: models.QuerySet[G] = model.objects.select_for_update(of=("self",)).filter(pk__in=asked)
    field: GrantMacField = model._meta.get_field("mac")  # type: ignore[assignment]  # get_field is typed as any field
    closed: list[G] = []
    for row in stored.select_related("content_object"):
        if not is_genuine(row):
            _remove_forged(row)
        elif row.ends_at is None or row.ends_at > at:
            row.ends_at, row.closed_reason = max(at, row.starts_at), reason
            row.mac = field.seal(row)
            closed.append(row)
    _plain(model).bulk_update(closed, ["ends_at", "closed_reason", "mac"], batch_size=500)
    for row in closed:
        _note(w, audit.Act.REVOKE, row, row.content_object)  # type: ignore[attr-defined]  # each concrete grant has it
        grant = asked[row.pk]
        grant.ends_at, grant.closed_reason, grant.mac = row.ends_at, row.closed_reason, row.mac


def live(queryset: models.QuerySet[G], now: datetime) -> models.QuerySet[G]:
    """Return the rows of `queryset` running at `now` (half-open)."""
    return queryset.filter(running(now))


def valid(grants: Iterable[G]) -> list[G]:
    """Return the genuine rows; drop the others and report each, once this transaction is over."""
    kept: list[G] = []
    for grant in grants:
        if is_genuine(grant):
            kept.append(grant)
        else:
            _report_later(type(grant), grant.pk, grant.territory_id)
    return kept


def bases(
    model: type[GrantBase], viewer: Viewer | None, object_ids: Collection[UUID], now: datetime
) -> dict[UUID, frozenset[Basis]]:
    """Return, for a page of objects, the bases that `viewer` holds live at `now`, forged rows left out.

    One query whatever the page; objects without a grant are absent. This is what facts.py puts in
    `Facts.grants`.
    """
    if viewer is None or not viewer.live(now) or not object_ids:
        return {}
    field: GrantMacField = model._meta.get_field("mac")
    names = field.over
    object_at, basis_at = names.index("content_object_id"), names.index("basis")
    held: dict[UUID, set[str]] = {}
    rows = model.objects.of(viewer).live(now)
    wanted = frozenset(object_ids)
    if len(wanted) <= LISTED:  # above, a search: nearly all of the grants held
        rows = rows.on(wanted)
    # As the driver gives them, neither instances nor values: thousands of seals may have to be checked.
    found = RawRows(rows.values_list(*names, "mac"))
    seal, same = field.sealer(found.value), hmac.compare_digest
    ids = {object_id.bytes: object_id for object_id in wanted}
    for *values, mac in found.rows:
        object_id = ids.get(id_bytes(values[object_at]))
        if object_id is None:
            continue
        if same(bytes(mac or b""), seal(values)):
            held.setdefault(object_id, set()).add(values[basis_at])
        else:
            _report_later(model, id_of(values[names.index("id")]), id_of(values[names.index("territory_id")]))
    alike = {codes: frozenset(map(Basis, codes)) for codes in {frozenset(codes) for codes in held.values()}}
    return {object_id: alike[frozenset(codes)] for object_id, codes in held.items()}


def _permission(obj: Model) -> Permission:
    """Return guardian's permission row `view_<model>`, made on first use."""
    content_type = ContentType.objects.get_for_model(obj)
    name = obj._meta.model_name
    return Permission.objects.get_or_create(
        content_type=content_type, codename=f"view_{name}", defaults={"name": f"Can view {name}"}
    )[0]


def _plain(model: type[G]) -> models.QuerySet[G]:
    """Return a queryset that writes in bulk: the manager of grants refuses it to all but this module."""
    return models.QuerySet(model)


def _note(w: audit.Writing, act: audit.Act, grant: GrantBase, obj: Model) -> None:
    subject = getattr(obj, "subject_id", None)
    w.note(
        act,
        grant,
        subjects=() if subject is None else (subject,),
        why=grant.reason if act is audit.Act.GRANT else grant.closed_reason,
        territory_id=grant.territory_id,
    )


def _remove_forged(grant: GrantBase) -> None:
    _report_later(type(grant), grant.pk, grant.territory_id)
    grant.delete()


def _report_later(model: type[GrantBase], pk: UUID, territory_id: UUID) -> None:
    transaction.on_commit(partial(_report, model, pk, territory_id))


def _report(model: type[GrantBase], pk: UUID, territory_id: UUID) -> None:
    audit.record(
        audit.system_actor(territory_id),
        audit.Act.INTEGRITY_FAIL,
        outcome="denied",
        object_type=model._meta.label_lower,
        object_ids=(pk,),
        territory_id=territory_id,
    )
