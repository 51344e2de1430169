"""What each section of the page of a situation shows, by what this viewer may open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localdate

from casework import audit
from casework.access import memo
from casework.access.exclusions.reads import may_manage
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.protection import actions as protection
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile import format as fr
from casework.casefile import openings
from casework.casefile import reads as lists
from casework.casefile.codes import ListCode
from casework.casefile.endings import holds
from casework.casefile.openings import OpeningLine
from casework.casefile.retention import age_on
from casework.minors.followups import facts
from casework.minors.followups.codes import (
    OPEN_RESULTS,
    ActionResult,
    ActionType,
    CircleEnd,
    CircleReason,
    Involvement,
    NoticeStatus,
    SchemeState,
    Stage,
)
from casework.minors.followups.facts import Relation
from casework.minors.followups.models import Action, CircleMembership, FollowUp, Notice
from casework.minors.followups.reads import access, situations
from casework.partners import reads as partners
from casework.partners.models import Mandate, Organisation
from casework.sealing import sweep

ADULT_AGE = 18


def may(
    viewer: Viewer, relation: Relation, action: Ask, data_class: DataClass, now: datetime, *, own: bool = False
) -> bool:
    """Say whether a page may offer an act; the act asks again."""
    return decide(viewer, action, relation.facts(data_class, is_author=own), now).allow


@dataclass(frozen=True, kw_only=True)
class SchemesPart:
    """All schemes of the territory for this situation, and what services say of themselves."""

    follow_up_id: UUID
    lines: tuple[situations.SchemeLine, ...]
    untouched: tuple[tuple[UUID, str], ...]
    states: tuple[tuple[str, str], ...]
    may_write: bool


def schemes(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> SchemesPart | None:
    """Return the schemes; they are part of the anonymous card (row 1a)."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_CARD, now):
        return None
    lines = situations.schemes_of(follow_up)
    known = {line.item_id for line in lines}
    proposed = lists.choices(follow_up.territory_id, ListCode.SCHEME, localdate(now))
    return SchemesPart(
        follow_up_id=follow_up.pk,
        lines=lines,
        untouched=tuple((key, label) for key, label in proposed if key not in known),
        states=tuple((value, str(label)) for value, label in SchemeState.choices),
        may_write=may(viewer, relation, Ask.CREATE, DataClass.YOUTH_REVIEW, now),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CircleLine:
    """A service of the circle, from, to, why."""

    id: UUID
    organisation: str
    is_lead: bool
    in_charge: str
    since: date
    until: date | None
    reason: str
    end_reason: str
    involvement: str
    own: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class CirclePart:
    """The circle now, and before."""

    follow_up_id: UUID
    lines: tuple[CircleLine, ...]
    past: tuple[CircleLine, ...]
    may_manage: bool
    candidates: tuple[tuple[UUID, str], ...]
    agents: tuple[tuple[UUID, str], ...]
    reasons: tuple[tuple[str, str], ...]
    ends: tuple[tuple[str, str], ...]
    involvements: tuple[tuple[str, str], ...]


def circle_rows(follow_up: FollowUp) -> list[CircleMembership]:
    """Return the services of the circle, now and before, in order of entry; asked once a page."""

    def ask() -> list[CircleMembership]:
        rows = CircleMembership.objects.filter(follow_up=follow_up).select_related("organisation")
        return list(rows.order_by("starts_at"))

    return memo.once(("circle", follow_up.pk), ask)


def _action_rows(follow_up: FollowUp) -> list[Action]:
    """Return the actions of a situation, nearest first; asked once a page."""

    def ask() -> list[Action]:
        rows = Action.objects.filter(follow_up=follow_up).select_related("owner", "after")
        return list(rows.order_by("due_on", "pk"))

    return memo.once(("actions", follow_up.pk), ask)


def circle(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> CirclePart | None:
    """Return the circle: services by name, agents in charge by name for colleagues of the circle."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_REVIEW, now):
        return None
    rows = circle_rows(follow_up)
    mandates = Mandate.objects.filter(pk__in=[row.in_charge for row in rows if row.in_charge]).select_related("agent")
    names = {mandate.pk: mandate.agent.full_name for mandate in mandates}
    lines = [_circle_line(row, follow_up, viewer, names) for row in rows]
    manage = may(viewer, relation, Ask.MANAGE, DataClass.YOUTH_IDENTITY, now)
    inside = {row.organisation_id for row in rows if row.ends_at is None}
    seated = partners.member_organisations(follow_up.group, now) if manage else []
    agents: list[Mandate] = []
    if viewer.organisation_id in inside:
        own = next(row.organisation for row in rows if row.organisation_id == viewer.organisation_id)
        agents = list(partners.service_agents(own, now))
    return CirclePart(
        follow_up_id=follow_up.pk,
        lines=tuple(line for line in lines if line.until is None),
        past=tuple(line for line in lines if line.until is not None),
        may_manage=manage,
        candidates=tuple((row.pk, str(row)) for row in seated if row.pk not in inside),
        agents=tuple((mandate.pk, mandate.agent.full_name) for mandate in agents),
        reasons=tuple((value, str(label)) for value, label in CircleReason.choices if value != CircleReason.TAKEOVER),
        ends=tuple((value, str(label)) for value, label in CircleEnd.choices if value != CircleEnd.FOLLOW_UP_ENDED),
        involvements=(
            tuple((value, str(label)) for value, label in Involvement.choices)
            if may(viewer, relation, Ask.CREATE, DataClass.YOUTH_REVIEW, now)
            else ()
        ),
    )


def _circle_line(row: CircleMembership, follow_up: FollowUp, viewer: Viewer, names: dict[UUID, str]) -> CircleLine:
    return CircleLine(
        id=row.pk, organisation=str(row.organisation), is_lead=row.organisation_id == follow_up.lead_organisation_id,
        in_charge=names.get(row.in_charge, "") if row.in_charge else "", since=localdate(row.starts_at),
        until=localdate(row.ends_at) if row.ends_at else None, reason=row.get_reason_display(),
        end_reason=row.get_end_reason_display(), involvement=row.get_involvement_display(),
        own=row.organisation_id == viewer.organisation_id, revision=row.revision,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ActionLine:
    """One action: who, what, when, where it stands."""

    id: UUID
    kind: str
    owner: str
    precision: str
    due_on: date
    decided_on: date
    closed_on: date | None
    result: str
    is_late: bool
    waited: int
    after: str
    may_finish: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class ActionsPart:
    """Open actions in order of date, then what is closed."""

    follow_up_id: UUID
    open: tuple[ActionLine, ...]
    closed: tuple[ActionLine, ...]
    may_add: bool
    kinds: tuple[tuple[str, str], ...]
    owners: tuple[tuple[UUID, str], ...]
    results: tuple[tuple[str, str], ...]


def actions(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> ActionsPart | None:
    """Return the actions of one situation (row 4)."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_REVIEW, now):
        return None
    rows = _action_rows(follow_up)
    today = localdate(now)
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REVIEW], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        sweep.open_many(rows, "precision")
        lines = [_action_line(row, viewer, relation, today, now) for row in rows]
    still = {row.pk for row in rows if row.result in OPEN_RESULTS}
    inside = Organisation.objects.filter(
        Q(pk__in=CircleMembership.objects.filter(follow_up=follow_up, ends_at=None).values("organisation_id"))
        | Q(pk=viewer.organisation_id)
    )
    return ActionsPart(
        follow_up_id=follow_up.pk,
        open=tuple(line for line in lines if line.id in still),
        closed=tuple(line for line in reversed(lines) if line.id not in still),
        may_add=may(viewer, relation, Ask.CREATE, DataClass.YOUTH_REVIEW, now),
        kinds=tuple((value, str(label)) for value, label in ActionType.choices),
        owners=tuple((row.pk, str(row)) for row in inside.order_by("short_name")),
        results=tuple((value, str(label)) for value, label in ActionResult.choices),
    )


def _action_line(row: Action, viewer: Viewer, relation: Relation, today: date, now: datetime) -> ActionLine:
    own = row.owner_id == viewer.organisation_id
    is_open = row.result in OPEN_RESULTS
    return ActionLine(
        id=row.pk, kind=row.get_kind_display(), owner=str(row.owner), precision=row.precision or "",
        due_on=row.due_on, decided_on=row.decided_on, closed_on=row.closed_on, result=row.get_result_display(),
        is_late=is_open and row.due_on < today, waited=row.waited_sessions,
        after=row.after.get_kind_display() if row.after else "",
        may_finish=is_open and may(viewer, relation, Ask.CHANGE, DataClass.YOUTH_REVIEW, now, own=own),
        revision=row.revision,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """The next step in one sentence, and what the coordinator may do now."""

    follow_up_id: UUID
    revision: int
    sentence: str
    kind: str
    acts: tuple[tuple[str, str], ...]


def next_step(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> NextStep:
    """Return what comes next, from clear columns only."""
    today = localdate(now)
    stage = Stage(follow_up.state)
    sentence, kind = _sentence(follow_up, stage, today)
    acts: tuple[tuple[str, str], ...] = ()
    if may(viewer, relation, Ask.MOVE, DataClass.YOUTH_REVIEW, now) and facts.coordinates(viewer):
        acts = {
            Stage.REFERRED: (("follow", "Entrer en suivi"),),
            Stage.INFORMED: (("follow", "Entrer en suivi"),),
            Stage.FOLLOWED: (("suspend", "Suspendre"), ("end", "Terminer le suivi")),
            Stage.SUSPENDED: (("resume", "Reprendre le suivi"), ("end", "Terminer le suivi")),
            Stage.ARCHIVED: (("ask_reopen", "Rouvrir"),),
        }.get(stage, ())
    return NextStep(follow_up_id=follow_up.pk, revision=follow_up.revision, sentence=sentence, kind=kind, acts=acts)


def _sentence(follow_up: FollowUp, stage: Stage, today: date) -> tuple[str, str]:
    action = next((row for row in _action_rows(follow_up) if row.result in OPEN_RESULTS), None)
    if stage in (Stage.REFERRED, Stage.MORE_ASKED) and follow_up.sorted_at is None:
        return "La coordination doit trier cette saisine.", "wait"
    if stage == Stage.REFERRED and follow_up.information_due_on:
        return f"La famille doit être informée {fr.when(follow_up.information_due_on, today)}.", "wait"
    if stage == Stage.INFORMED:
        return "La famille est informée : la situation peut passer en réunion.", "info"
    if stage == Stage.SUSPENDED:
        return f"Suivi suspendu : {follow_up.get_suspend_reason_display()}.", "off"
    if stage in (Stage.ENDED, Stage.ARCHIVED):
        return f"Suivi terminé : {follow_up.get_end_reason_display()}.", "off"
    if action is not None:
        kind = "late" if action.due_on < today else "info"
        return f"{action.get_kind_display().capitalize()}, par {action.owner}, {fr.when(action.due_on, today)}.", kind
    if follow_up.next_review_on:
        return (
            f"Aucune action ouverte. À revoir le {fr.numeric_day(follow_up.next_review_on)} ({fr.when(follow_up.next_review_on, today)}).",
            "info",
        )
    return "Aucune action ouverte.", "info"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One line of the timeline."""

    on: date
    title: str
    kind: str
    by: str = ""
    text: str = ""
    url: str = ""


def timeline(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> tuple[Moment, ...] | None:
    """Return what happened, latest first: coded facts only, no name."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_REVIEW, now):
        return None
    moments = [Moment(on=localdate(follow_up.received_at), title="Saisine reçue", kind="info")]
    if follow_up.started_on:
        lead = str(follow_up.lead_organisation or "")
        moments.append(
            Moment(on=follow_up.started_on, title="Entrée en suivi", kind="ok", text=f"Référent de parcours : {lead}")
        )
    for row in _action_rows(follow_up):
        label = row.get_kind_display().capitalize()
        moments.append(Moment(on=row.decided_on, title=label, kind="info", by=str(row.owner), text="décidée"))
        if row.closed_on:
            kind = "ok" if row.result == ActionResult.DONE else "off"
            moments.append(
                Moment(on=row.closed_on, title=label, kind=kind, by=str(row.owner), text=row.get_result_display())
            )
    for entry in circle_rows(follow_up):
        moments.append(
            Moment(on=localdate(entry.starts_at), title="Entrée dans le cercle", kind="info", by=str(entry.organisation),
                   text=entry.get_reason_display())
        )  # fmt: skip
        if entry.ends_at:
            moments.append(
                Moment(on=localdate(entry.ends_at), title="Sortie du cercle", kind="off", by=str(entry.organisation),
                       text=entry.get_end_reason_display())
            )  # fmt: skip
    if follow_up.ended_on:
        moments.append(
            Moment(on=follow_up.ended_on, title="Fin du suivi", kind="off", text=follow_up.get_end_reason_display())
        )
    return tuple(sorted(moments, key=lambda moment: moment.on, reverse=True))


@dataclass(frozen=True, kw_only=True)
class RetentionPart:
    """Until when the record lives (RET-05), shown on the record."""

    purge_on: date
    is_open: bool
    hold: str = ""  # a legal hold, in one sentence
    ending_id: UUID | None = None  # for who may erase early or keep


def retention(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> RetentionPart | None:
    """Return the end date of the record, from its sealed value."""
    if not may(viewer, relation, Ask.VIEW, DataClass.YOUTH_IDENTITY, now):
        return None
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        purge_on = follow_up.purge_on
    if purge_on is None:
        return None
    return RetentionPart(
        purge_on=purge_on, is_open=follow_up.ended_on is None, hold=holds.said_of(follow_up.subject_id, now),
        ending_id=follow_up.subject_id if may_manage(viewer, now) else None,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class IdentityPart:
    """Identity, occupation, and whether this viewer may correct them."""

    follow_up_id: UUID
    identity: situations.Identity
    labels: dict[str, str]
    may_change: bool
    may_protect: bool = False
    protects: bool = False


def identity(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> IdentityPart | None:
    """Return rows 1 and 5 where both are open."""
    from casework.minors.followups import codes

    if not {DataClass.YOUTH_IDENTITY, DataClass.YOUTH_OCCUPATION} <= relation.classes(viewer, now):
        return None
    withheld = facts.withheld(viewer, follow_up, relation)
    found = situations.identity(viewer, follow_up, withheld=withheld)
    return IdentityPart(
        follow_up_id=follow_up.pk,
        identity=found,
        labels={
            "sex": fr.label(codes.Sex, found.sex),
            "school_level": fr.label(codes.SchoolLevel, found.school_level),
            "occupation_status": fr.label(codes.OccupationStatus, found.occupation_status),
        },
        may_change=may(viewer, relation, Ask.CHANGE, DataClass.YOUTH_IDENTITY, now, own=True),
        may_protect=access.may_protect(viewer, follow_up, relation, now),
        protects=protection.is_set_by(viewer, follow_up.subject_id),
    )


def referrals(
    viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime
) -> tuple[situations.ReferralView, ...] | None:
    """Return the saisines where row 3 is open."""
    if DataClass.YOUTH_REFERRAL not in relation.classes(viewer, now):
        return None
    return situations.referrals_of(viewer, follow_up)


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """The information of one recipient."""

    id: UUID
    who: str
    relation: str
    phone: str
    status: str
    status_label: str
    kind: str
    informed_on: date | None
    channel: str
    by: str
    motive: str
    review_on: date | None
    confirmed: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class InformationPart:
    """Who is informed, who still has to be, by when (SIT-07, SIT-09, DL-02)."""

    follow_up_id: UUID
    lines: tuple[NoticeLine, ...]
    due_on: date | None
    is_adult: bool
    put_off: str
    may_record: bool
    may_confirm: bool


def information(viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime) -> InformationPart | None:
    """Return the information of each recipient apart; from 18 the person alone (SIT-09)."""
    opened = relation.classes(viewer, now)
    if not {DataClass.YOUTH_REPRESENTATIVES, DataClass.YOUTH_IDENTITY} <= opened:
        return None
    rows = list(
        Notice.objects.filter(follow_up=follow_up)
        .select_related("representative", "informed_by")
        .order_by("representative__position")
    )
    today = localdate(now)
    with audit.reading(
        viewer, subjects=[follow_up.subject_id],
        classes=[DataClass.YOUTH_REPRESENTATIVES, DataClass.YOUTH_IDENTITY], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        born = follow_up.person.birth_date
        is_adult = born is not None and age_on(born, today) >= ADULT_AGE
        shown = [row for row in rows if row.representative is None or not (is_adult or row.representative.closed_at)]
        sweep.open_many(
            [row.representative for row in shown if row.representative is not None],
            "last_name", "first_name", "relation", "phone",
        )  # fmt: skip
        youth = situations.full_name(follow_up.person)
        hides = bool(facts.withheld(viewer, follow_up, relation))
        lines = tuple(_notice_line(row, youth, hides=hides) for row in shown)
    return InformationPart(
        follow_up_id=follow_up.pk,
        lines=lines,
        due_on=follow_up.information_due_on if any(row.status == NoticeStatus.TO_DO for row in shown) else None,
        is_adult=is_adult,
        put_off=follow_up.get_information_put_off_display(),
        may_record=relation.facts(DataClass.YOUTH_REPRESENTATIVES).state_open,
        may_confirm=may(viewer, relation, Ask.MANAGE, DataClass.YOUTH_REPRESENTATIVES, now),
    )


NOTICE_KINDS = {
    NoticeStatus.TO_DO: "wait",
    NoticeStatus.INFORMED: "ok",
    NoticeStatus.NOT_REACHED: "late",
    NoticeStatus.WITHHELD: "off",
}


def _notice_line(row: Notice, youth: str, *, hides: bool) -> NoticeLine:
    from casework.minors.followups.codes import Relation as Ties

    person = row.representative
    tie = fr.label(Ties, person.relation or "") if person else "le jeune, avec des mots simples"
    return NoticeLine(
        id=row.pk, who=(f"{person.first_name} {person.last_name}".strip() or "nom à compléter") if person else youth, relation=str(tie),
        phone=(person.phone or "") if person and not hides else "", status=row.status, status_label=row.get_status_display(),
        kind=NOTICE_KINDS[NoticeStatus(row.status)], informed_on=row.informed_on, channel=row.get_channel_display(),
        by=str(row.informed_by or ""), motive=row.get_motive_display(), review_on=row.review_on,
        confirmed=row.confirmed_at is not None, revision=row.revision,
    )  # fmt: skip


def who_opened(
    viewer: Viewer, follow_up: FollowUp, relation: Relation, now: datetime
) -> tuple[OpeningLine, ...] | None:
    """Return who opened this file (row 30a), by day, organisation and role."""
    if not may(viewer, relation, Ask.VIEW, DataClass.WHO_OPENED, now):
        return None
    return openings.lines(follow_up.subject_id)
