"""What files under a mandate of justice tell access and the journal: a reference and who answers for it, no word.

By it the data protection officer reads references in the Journal and shuts somebody out of a file; an emergency and a
day on duty open one; access is asked by reference. Each room gives its own tables and says who holds what.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from casework import audit
from casework.access import exclusions, grants, subjects
from casework.access.matrix import DataClass
from casework.access.policy import Basis
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Purpose, Writing
from casework.casefile import watch
from casework.casefile.references import read_reference
from casework.casefile.watch import Record
from casework.errors import GuardRefused
from casework.partners import hooks
from casework.partners.codes import Role
from casework.partners.hooks import Entrusted
from casework.partners.models import Mandate
from casework.sealing import sweep


class Cases(ABC):
    """The files of one room. Each row has a reference, a territory, a service and an `identity`."""

    module: str
    prefix: str = ""
    """What its references begin with, where it speaks of them to few."""
    area: str
    """The subject of the room in the journal: placements, vif…"""
    what: str
    """How one file is called on screen."""
    model: type[Any]
    grant_model: type[Any]
    identity_class: DataClass
    page: str
    """The route of one file."""
    ended: frozenset[Any]
    speaks_to: frozenset[Role] = frozenset(Role)
    """Who may speak of a file by its reference, or hold one on duty: a walled room names its own side alone."""

    @abstractmethod
    def gone(self, now: datetime) -> Q:
        """Return the files that nobody opens any more."""

    @abstractmethod
    def held_by(self, row: Any, now: datetime) -> list[Mandate]:
        """Return the officers in charge of one file."""

    @abstractmethod
    def is_owned(self, viewer: Viewer, row: Any, now: datetime) -> bool:
        """Say whether this viewer answers for the file."""

    @abstractmethod
    def put_in_charge(self, w: Writing, *, by: Viewer, row: Any, mandate: Mandate, now: datetime) -> None:
        """Give one officer the file."""

    def by_identity(self, viewer: Viewer, last: str, first: str, born: date, now: datetime) -> Target | None:
        """Return nothing: a room without a birth date knows nobody by an exact identity."""
        return None

    # For access

    def by_reference(self, territory_id: UUID, reference: str, now: datetime) -> Target | None:
        """Return the file spoken of, closed ones included, before it goes."""
        row = self._there(territory_id, now).filter(reference=read_reference(reference) or "").first()
        return None if row is None else self.target(row)

    def by_subjects(self, territory_id: UUID, subject_ids: Iterable[UUID]) -> Mapping[UUID, Target]:
        """Return the files of these persons."""
        rows = self.rows().filter(territory_id=territory_id, subject_id__in=list(subject_ids))
        return {row.subject_id: self.target(row) for row in rows}

    def in_charge(self, target: Target, now: datetime) -> list[Mandate]:
        """Return the officers in charge."""
        return self.held_by(self.rows().get(pk=target.object_id), now)

    def owns(self, viewer: Viewer, target: Target, now: datetime) -> bool:
        """Say whether the viewer answers requests of access to the file."""
        row = self.rows().filter(pk=target.object_id).first()
        return row is not None and self.is_owned(viewer, row, now)

    def admit(self, *, by: Viewer, target: Target, mandate: Mandate, now: datetime) -> None:
        """Put a colleague of the same service in charge too: a judicial file opens to no other. Raises GuardRefused."""
        row = self.rows().get(pk=target.object_id)
        if mandate.organisation_id != row.organisation_id or mandate.role != by.role:
            raise GuardRefused("Ce dossier ne s’ouvre qu’au service qui en répond.")
        with audit.writing(by, now=now) as w:
            self.put_in_charge(w, by=by, row=row, mandate=mandate, now=now)

    def open(
        self, w: Writing, *, target: Target, mandate: Mandate, basis: Basis, ends_at: datetime, reason: str, by: Viewer
    ) -> None:
        """Give one dated right on the file."""
        row = self.rows().get(pk=target.object_id)
        grants.give(
            w, self.grant_model, mandate=mandate, obj=row, basis=basis, starts_at=w.now, ends_at=ends_at,
            reason=reason, by=by, sort_key=row.reference,
        )  # fmt: skip

    def close(self, w: Writing, *, target: Target, mandate_id: UUID, bases: Iterable[Basis], at: datetime) -> None:
        """End rights of one function on the file before their time."""
        held = self.grant_model.objects.on([target.object_id]).filter(mandate_id=mandate_id)
        self._close(w, held, bases, at)

    def close_all(self, w: Writing, *, mandate_id: UUID, bases: Iterable[Basis], at: datetime) -> None:
        """End rights of one function on every file."""
        self._close(w, self.grant_model.objects.filter(mandate_id=mandate_id), bases, at)

    def of_service(self, viewer: Viewer, now: datetime) -> list[Target]:
        """Return the open files of the viewer's service; none to another side of it."""
        if viewer.role not in self.speaks_to:
            return []
        rows = self._there(viewer.territory_id, now).filter(organisation_id=viewer.organisation_id)
        return [self.target(row) for row in rows.exclude(state__in=list(self.ended))]

    # For the service: nothing is left to nobody (T-46)

    def entrusted(self, mandate: Mandate, by: Actor, now: datetime) -> list[Entrusted]:
        """Return the files in the hands of a function, by reference, save those that `by` is shut out of."""
        if isinstance(by, Viewer) and by.role not in self.speaks_to:
            return []  # they follow the function unread and unnamed
        shut = exclusions.shut(by, now) if isinstance(by, Viewer) else ()
        return [
            Entrusted(object_id=row.content_object_id, reference=row.content_object.reference, what=self.what)
            for row in self._held(mandate, now)
            if row.content_object.subject_id not in shut and row.content_object.state not in self.ended
        ]

    def pass_on(
        self, w: Writing, old: Mandate, new: Mandate, by: Actor, now: datetime, only: frozenset[UUID] | None = None
    ) -> int:
        """Give `new` the files held by `old`, unread; `old` loses them this second. Return how many.

        `only`: these; the others keep their holder.
        """
        if new.role != old.role:
            return 0  # another side of the same service takes nothing over
        held = [row for row in self._held(old, now) if only is None or row.content_object_id in only]
        theirs = self.grant_model.objects.filter(mandate=new).live(now)
        known = set(theirs.values_list("content_object_id", flat=True))
        for row in held:
            if row.content_object_id not in known:
                grants.give(
                    w, self.grant_model, mandate=new, obj=row.content_object, basis=Basis(row.basis), starts_at=now,
                    ends_at=row.ends_at, reason="handed_over", by=by, sort_key=row.sort_key,
                )  # fmt: skip
        grants.close_many(w, self.grant_model, held, at=now, reason="handed_over")
        return len(held)

    def _held(self, mandate: Mandate, now: datetime) -> list[Any]:
        rows = self.grant_model.objects.filter(mandate=mandate).live(now).select_related("content_object")
        return grants.valid(rows.order_by("sort_key"))

    # For the journal

    def records(self, territory_id: UUID) -> list[Record]:
        """Return every file of the territory, closed ones included."""
        rows = self.rows().filter(territory_id=territory_id).values_list("subject_id", "pk", "reference")
        return [Record(*row) for row in rows]

    def subject_of(self, territory_id: UUID, reference: str) -> Record | None:
        """Return the file of a reference as people write it."""
        rows = self.rows().filter(territory_id=territory_id, reference=read_reference(reference) or "")
        found = rows.values_list("subject_id", "pk", "reference").first()
        return Record(*found) if found else None

    def surnames(self, actor: Actor, territory_id: UUID, subject_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Return the surnames of these people, under one audited gate."""
        rows = list(self.rows().filter(subject_id__in=list(subject_ids), territory_id=territory_id))
        if not rows:
            return {}
        with audit.reading(
            actor, subjects=[row.subject_id for row in rows], classes=[self.identity_class], purpose=Purpose.SYSTEM,
            act=Act.SYSTEM, module=self.area, object_type="journal.watch", territory_id=territory_id,
        ):  # fmt: skip
            sweep.open_many(rows, "identity")
            return {row.subject_id: str((row.identity or {}).get("last_name", "")) for row in rows}

    def on_agenda(self, territory_id: UUID, since: date, until: date) -> set[tuple[UUID, date]]:
        """Return nothing: no meeting speaks of these files."""
        return set()

    def rows(self) -> QuerySet[Any]:
        """Return every file."""
        found: QuerySet[Any] = self.model._default_manager.all()
        return found

    def target(self, row: Any) -> Target:
        """Return one file as access knows it."""
        return Target(
            module=self.module, object_id=row.pk, subject_id=row.subject_id, territory_id=row.territory_id,
            reference=row.reference, url=reverse(self.page, args=[row.pk]),
        )  # fmt: skip

    def _there(self, territory_id: UUID | None, now: datetime) -> QuerySet[Any]:
        return self.rows().filter(territory_id=territory_id).exclude(self.gone(now))

    def _close(self, w: Writing, held: QuerySet[Any], bases: Iterable[Basis], at: datetime) -> None:
        for grant in grants.live(held.filter(basis__in=[basis.value for basis in bases]), at):
            grants.close(w, grant, at=at, reason="closed")


def register(cases: Cases) -> None:
    """Make the files of one room known to access and to the journal."""
    hooks.on_hand_over(cases.module, cases.pass_on)
    hooks.on_entrusted(cases.module, cases.entrusted)
    subjects.register(cases)
    watch.register(cases)
