"""Hosts: inscribed, contacted, under agreement; what they change in their file; their tutors and trainings."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access import grants
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import revision
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners.codes import ROLES_BY_KIND, Role
from casework.partners.models import Mandate, Organisation, Territory
from casework.placements.hosts import cases, facts
from casework.placements.hosts.codes import (
    PROSPECTED,
    FundingLine,
    HostStage,
    LegalKind,
    NextStep,
    TrainingGivenBy,
    TrainingTopic,
)
from casework.placements.hosts.data import HostData
from casework.placements.hosts.models import HostStructure, Post, PostGrant, ProspectNote, Supervisor, Training
from casework.placements.hosts.states import HOST
from casework.sealing import keys


def inscribe(*, by: Viewer, data: HostData, now: datetime, stage: HostStage = HostStage.TO_CONTACT) -> HostStructure:
    """Put a possible host on the list of prospects (or take over one that receives already); return it.

    Raises AccessRefused, InputRefused (a value out of its list, a name already there).
    """
    facts.require_new_host(by, now)
    host = HostStructure(id=uuid.uuid4(), territory_id=by.territory_id)
    host.subject_id = host.id
    keys.ensure(host.id)
    with audit.writing(by, now=now) as w:
        _fill(host, data)
        host.stage_on, host.created_by = localdate(now), by.mandate_id
        HOST.apply(host, stage, w=w, by=by, now=now)
    return host


def correct(*, by: Viewer, host: HostStructure, data: HostData, expected: int, now: datetime) -> None:
    """Change what is said of a host. A manager of the host who does reports a change of its file (HOST-05).

    Its kind (which asks for an accreditation or not), its funding and its account stay with the services.
    Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_on_host(by, host, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(HostStructure.objects.all(), host.pk, expected)
        reported: dict[str, Any] = {}
        if not facts.manages(by, row, now):
            reported["change_reported_on"] = localdate(now)
            data = replace(
                data, legal_kind=row.legal_kind, funding_line=row.funding_line, organisation=row.organisation_id
            )
        _fill(row, data)
        revision.save(row, **reported)
        w.note(Act.CHANGE, row, classes=[DataClass.TIG_POSTS])


def take_note(*, by: Viewer, host: HostStructure, now: datetime) -> None:
    """Mark a reported change as seen (HOST-05). Raises AccessRefused."""
    facts.require_on_host(by, host, Action.MANAGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(HostStructure.objects.all(), host.pk, None)
        revision.save(row, change_reported_on=None)
        w.note(Act.CHANGE, row, why="change_seen")


def move(
    *, by: Viewer, host: HostStructure, to: HostStage, now: datetime, expected: int | None = None, decline_reason: str = "",
    agreement_from: date | None = None, agreement_to: date | None = None,
) -> None:  # fmt: skip
    """Change the stage of a host. Raises AccessRefused, MoveRefused, GuardRefused, InputRefused, ConflictRefused."""
    facts.require_on_host(by, host, Action.MOVE, now)
    changes: dict[str, Any] = {"stage_on": localdate(now)}
    if to not in PROSPECTED:
        changes |= {"next_step": "", "next_on": None}
    if to == HostStage.DECLINED:
        changes["decline_reason"] = decline_reason
    elif to == HostStage.AGREED:
        if agreement_from and agreement_to and agreement_to < agreement_from:
            raise InputRefused("La fin de la convention doit suivre son début.", field="agreement_to")
        changes |= {"agreement_from": agreement_from, "agreement_to": agreement_to, "decline_reason": ""}
    else:
        changes["decline_reason"] = ""
    with audit.writing(by, now=now) as w:
        HOST.apply(host, to, w=w, by=by, now=now, expected_revision=expected, **changes)


def plan_step(
    *, by: Viewer, host: HostStructure, step: str, on: date | None, now: datetime, expected: int | None = None
) -> None:
    """Say what comes next with a possible host, and for when; nothing empties it (seed action 8).

    Raises AccessRefused, InputRefused (`step`, `on`), GuardRefused (it receives already, or said no), ConflictRefused.
    """
    facts.require_on_host(by, host, Action.MANAGE, now)
    if step and step not in NextStep.values:
        raise InputRefused("Choisissez la prochaine étape dans la liste.", field="step")
    if step and on is None:
        raise InputRefused("Indiquez pour quand est la prochaine étape.", field="on")
    with audit.writing(by, now=now) as w:
        row = revision.lock(HostStructure.objects.all(), host.pk, expected)
        if row.stage not in PROSPECTED:
            raise GuardRefused("Cette structure n’est plus en prospection.")
        revision.save(row, next_step=step, next_on=on if step else None)
        w.note(Act.CHANGE, row, why="next_step")


def add_note(*, by: Viewer, host: HostStructure, text: str, now: datetime) -> ProspectNote:
    """Note an exchange with a possible host in one line (seed action 8).

    Raises AccessRefused, InputRefused (`text`), GuardRefused (it receives already, or said no).
    """
    facts.require_notes(by, host, now)
    text = " ".join(text.split())
    if not text:
        raise InputRefused("Écrivez une ligne.", field="text")
    keys.ensure(host.subject_id)
    with audit.writing(by, now=now) as w:
        locked = revision.lock(HostStructure.objects.all(), host.pk, None)
        if locked.stage not in PROSPECTED:
            raise GuardRefused("Cette structure n’est plus en prospection.")
        row = ProspectNote(
            id=uuid.uuid4(), subject_id=host.subject_id, territory_id=host.territory_id, host=host, text=text,
            written_at=now, written_by=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.TIG_POSTS])
    return row


def remove_note(*, by: Viewer, note: ProspectNote, now: datetime) -> None:
    """Delete a line for good. Raises AccessRefused."""
    facts.require_notes(by, note.host, now)
    with audit.writing(by, now=now) as w:
        w.note(Act.DELETE, note, classes=[DataClass.TIG_POSTS])
        note.delete()


def find_note(viewer: Viewer, pk: UUID, now: datetime) -> ProspectNote:
    """Return a line on a host that the viewer may see. Raises AccessRefused, absent or refused alike."""
    hosts = facts.visible_hosts(viewer, now).values("pk")
    row = ProspectNote.objects.select_related("host").filter(pk=pk, host__in=hosts).first()
    if row is None:
        raise AccessRefused(code="note")
    facts.require_notes(viewer, row.host, now)
    return row


def _fill(host: HostStructure, data: HostData) -> None:
    if data.legal_kind not in LegalKind.values:
        raise InputRefused("Choisissez la nature dans la liste.", field="legal_kind")
    if data.funding_line not in FundingLine.values:
        raise InputRefused("Choisissez le financement dans la liste.", field="funding_line")
    name = " ".join(data.name.split())
    if not name:
        raise InputRefused("Indiquez le nom de la structure.", field="name")
    others = HostStructure.objects.filter(territory_id=host.territory_id, name__iexact=name).exclude(pk=host.pk)
    if others.exists():
        raise InputRefused("Cette structure est déjà dans la liste.", field="name")
    host.name, host.legal_kind, host.funding_line = name, data.legal_kind, data.funding_line
    host.contact, host.phone, host.email = data.contact, data.phone, data.email
    host.address = data.address
    host.sector = local_item(host.territory_id, ListCode.PLACE_SECTOR, data.sector, "sector")
    host.organisation = _account(host.territory_id, data.organisation)


def _account(territory_id: UUID, organisation_id: UUID | None) -> Organisation | None:
    if organisation_id is None:
        return None
    found = accounts(territory_id).filter(pk=organisation_id).first()
    if found is None:
        raise InputRefused("Choisissez le compte dans la liste.", field="organisation")
    return found


def accounts(territory_id: UUID) -> QuerySet[Organisation]:
    """Return the organisations that may be the account of a host: those whose kind can hold the role."""
    kinds = [kind for kind, roles in ROLES_BY_KIND.items() if Role.HOST in roles]
    return Organisation.objects.filter(territory_id=territory_id, kind__in=kinds, is_active=True).order_by("name")


def local_item(territory_id: UUID, list_code: ListCode, pk: UUID | None, field: str) -> LocalItem | None:
    """Return one line of a local list of this territory. Raises InputRefused for another one."""
    if pk is None:
        return None
    item = LocalItem.objects.of(territory_id, list_code).filter(pk=pk).first()
    if item is None:
        raise InputRefused("Choisissez dans la liste.", field=field)
    return item


# Tutors and managers


def add_supervisor(
    *, by: Viewer, host: HostStructure, name: str, is_manager: bool, mandate_id: UUID | None, now: datetime
) -> Supervisor:
    """Name a tutor of a host (HOST-07, HOST-09), with an account or without. Raises AccessRefused, InputRefused."""
    facts.require_tutors(by, host, now)
    name = " ".join(name.split())
    if not name:
        raise InputRefused("Indiquez le nom du tuteur.", field="name")
    if mandate_id is not None and account_of(host, mandate_id) is None:
        raise InputRefused("Choisissez un compte de cette structure.", field="mandate")
    keys.ensure(host.subject_id)
    with audit.writing(by, now=now) as w:
        revision.lock(HostStructure.objects.all(), host.pk, None)
        if mandate_id and Supervisor.objects.filter(host=host, mandate_id=mandate_id, left_on=None).exists():
            raise InputRefused("Cette personne est déjà dans la liste des tuteurs.", field="mandate")
        row = Supervisor(
            id=uuid.uuid4(), subject_id=host.subject_id, territory_id=host.territory_id, host=host, name=name,
            is_manager=is_manager, mandate_id=mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.TIG_POSTS])
    return row


def account_of(host: HostStructure, mandate_id: UUID) -> Mandate | None:
    """Return a function of role « structure d’accueil » at the host's own organisation."""
    if host.organisation_id is None:
        return None
    rows = Mandate.objects.filter(pk=mandate_id, territory_id=host.territory_id, role=Role.HOST, ends_at=None)
    return rows.filter(organisation_id=host.organisation_id).select_related("agent", "organisation").first()


def set_phone(*, by: Viewer, supervisor: Supervisor, allowed: bool, now: datetime) -> None:
    """Let a tutor note presence on a telephone, or take that back: it ends that second. Raises AccessRefused, GuardRefused.

    The telephone opens no door of its own: the tutor signs in as everybody does, and sees the people of the day.
    """
    facts.require_tutors(by, supervisor.host, now)
    if allowed and (supervisor.mandate_id is None or supervisor.left_on is not None):
        raise GuardRefused("Ce tuteur n’a pas de compte : invitez-le d’abord dans « Mon service ».")
    if allowed == (supervisor.phone_since is not None):
        return
    with audit.writing(by, now=now) as w:
        row = revision.lock(Supervisor.objects.all(), supervisor.pk, None)
        revision.save(row, phone_since=now if allowed else None)
        w.note(Act.CHANGE, row, why="phone" if allowed else "phone_off")


def end_supervisor(*, by: Viewer, supervisor: Supervisor, now: datetime) -> None:
    """Note that a tutor left: nothing is managed any more, that second. Raises AccessRefused."""
    facts.require_tutors(by, supervisor.host, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Supervisor.objects.all(), supervisor.pk, None)
        for post in row.posts.all():
            withdraw_manager(w, post, row, now)
        revision.save(row, left_on=localdate(now), phone_since=None)
        w.note(Act.CHANGE, row, why="left")


def add_training(
    *, by: Viewer, supervisor: Supervisor, held_on: date, topic: str, now: datetime, given_by: str = ""
) -> Training:
    """Note a training followed by a tutor (seed action 8). Raises AccessRefused, InputRefused."""
    facts.require_tutors(by, supervisor.host, now)
    if topic not in TrainingTopic.values:
        raise InputRefused("Choisissez le sujet dans la liste.", field="topic")
    if given_by and given_by not in TrainingGivenBy.values:
        raise InputRefused("Choisissez qui l’a donnée dans la liste.", field="given_by")
    if held_on > localdate(now):
        raise InputRefused("Une formation se note une fois suivie.", field="held_on")
    with audit.writing(by, now=now) as w:
        if Training.objects.filter(supervisor=supervisor, held_on=held_on, topic=topic).exists():
            raise InputRefused("Cette formation est déjà notée.", field="topic")
        row = Training(
            id=uuid.uuid4(), subject_id=supervisor.subject_id, territory_id=supervisor.territory_id,
            supervisor=supervisor, held_on=held_on, topic=topic, given_by=given_by,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row)
    return row


def name_manager(w: Writing, post: Post, supervisor: Supervisor, *, by: Viewer, now: datetime) -> None:
    """Make a tutor one of the managers of a post; with an account, the right on the post comes along (row 10 `oW`)."""
    post.managers.add(supervisor)
    mandate = account_of(supervisor.host, supervisor.mandate_id) if supervisor.mandate_id else None
    if mandate is not None:
        grants.give(
            w, PostGrant, mandate=mandate, obj=post, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
            reason="manager", by=by, sort_key=post.reference,
        )  # fmt: skip
        cases.manager_named(w, post=post, mandate=mandate, by=by, now=now)


def withdraw_manager(w: Writing, post: Post, supervisor: Supervisor, now: datetime) -> None:
    """Take a manager away from a post, and its right with it."""
    post.managers.remove(supervisor)
    if supervisor.mandate_id:
        held = PostGrant.objects.on([post.pk]).filter(mandate_id=supervisor.mandate_id).live(now)
        grants.close_many(w, PostGrant, held, at=now, reason="manager_left")
        cases.manager_left(w, post=post, mandate_id=supervisor.mandate_id, now=now)


def find_supervisor(viewer: Viewer, pk: UUID, now: datetime) -> Supervisor:
    """Return a tutor of a host that the viewer may see. Raises AccessRefused, absent or refused alike."""
    hosts = facts.visible_hosts(viewer, now).values("pk")
    row = Supervisor.objects.select_related("host").filter(pk=pk, host__in=hosts).first()
    if row is None:
        raise AccessRefused(code="supervisor")
    return row


def give_sectors(territory: Territory, now: datetime) -> int:
    """Start the list of places with the sectors of the territory; return how many lines were added.

    The list may grow on screen: a post is no person, and may stand in another commune.
    """
    known = set(LocalItem.objects.of(territory, ListCode.PLACE_SECTOR).values_list("label", flat=True))
    missing = [name for name in territory.sectors if name not in known]
    LocalItem.objects.bulk_create(
        LocalItem(
            territory=territory, list_code=ListCode.PLACE_SECTOR, label=name, valid_from=localdate(now), position=n
        )
        for n, name in enumerate(missing, start=1)
    )
    return len(missing)
