"""Hosts for their pages: the prospecting list, one host with its accreditations, tutors and posts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act as Done
from casework.audit import Purpose
from casework.casefile import format as fr
from casework.casefile.retention import months_after
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.placements.hosts import facts
from casework.placements.hosts.actions import erasing
from casework.placements.hosts.codes import (
    LISTS_FOR,
    PROSPECTED,
    AccreditationState,
    AccreditedFor,
    FundingLine,
    HostStage,
    LegalKind,
    NextStep,
    PostState,
)
from casework.placements.hosts.models import Accreditation, HostStructure, Post, ProspectNote, Supervisor
from casework.placements.hosts.reads import trainings
from casework.placements.hosts.reads.posts import STATE_KINDS, Act
from casework.placements.hosts.states import ACCREDITATION, HOST
from casework.sealing import sweep

WARN_MONTHS = 6  # DL-09
STAGE_KINDS = {
    HostStage.TO_CONTACT: "info", HostStage.CONTACTED: "wait", HostStage.INTERESTED: "wait", HostStage.DECLINED: "off",
    HostStage.AGREED: "ok", HostStage.ENDED: "off",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class HostLine:
    """One host in the list."""

    id: UUID
    name: str
    legal_kind: str
    stage_label: str
    stage_kind: str
    stage_on: date
    sector: str
    funding: str
    posts: int
    listed: int
    next_step: str
    next_on: date | None
    note: str  # what is to be seen: a change reported, an accreditation that ends


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The list of hosts, cut by stage."""

    rows: tuple[HostLine, ...]
    counts: tuple[tuple[str, str, int], ...]
    kind: str
    may_inscribe: bool
    is_prospecting: bool


TABS = (
    ("accueillent", "Accueillent", (HostStage.AGREED,)),
    ("prospection", "Prospection", PROSPECTED),
    ("refus", "Refus et fins", (HostStage.DECLINED, HostStage.ENDED)),
)


def listing(viewer: Viewer, kind: str, now: datetime, *, funding: str = "") -> Listing:
    """Return the hosts that `viewer` may list, of one tab and one funding line. Constant queries.

    Prospects come in the order of their next step, those without one last.
    """
    visible = facts.visible_hosts(viewer, now, Action.LIST)
    if funding in FundingLine.values:
        visible = visible.filter(funding_line=funding)
    counted = Counter(dict(visible.order_by().values_list("stage").annotate(n=Count("pk"))))
    kind = kind if kind in {key for key, _, _ in TABS} else _first(counted)
    stages = next(stages for key, _, stages in TABS if key == kind)
    seen = Q(posts__in=facts.visible_posts(viewer, now, Action.LIST).current())
    rows = list(
        visible.filter(stage__in=stages).select_related("sector").order_by(F("next_on").asc(nulls_last=True), "name").annotate(
            n=Count("posts", filter=seen, distinct=True),
            listed=Count("posts", filter=seen & Q(posts__state=PostState.LISTED), distinct=True),
        )
    )  # fmt: skip
    ending = _ending(viewer, [row.pk for row in rows], now)
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.TIG_POSTS], purpose=Purpose.LISTING,
        act=Done.LIST, module="placements", object_type="hosts.hoststructure",
    ):  # fmt: skip
        lines = tuple(_line(row, ending.get(row.pk, ""), row.n, row.listed) for row in rows)
    may = facts.Relation(territory_id=viewer.territory_id).allows(viewer, Action.CREATE, DataClass.TIG_POSTS, now)
    counts = tuple((key, label, sum(counted[stage] for stage in group)) for key, label, group in TABS)
    return Listing(
        rows=lines, counts=counts, kind=kind, may_inscribe=may, is_prospecting=set(stages) <= set(PROSPECTED)
    )


def _first(counted: Counter[str]) -> str:
    return next((key for key, _, stages in TABS if any(counted[stage] for stage in stages)), TABS[0][0])


def _line(row: HostStructure, ending: str, posts: int, listed: int) -> HostLine:
    stage = HostStage(row.stage)
    return HostLine(
        id=row.pk, name=row.name, legal_kind=LegalKind(row.legal_kind).label, stage_label=stage.label,
        stage_kind=STAGE_KINDS[stage], stage_on=row.stage_on, sector=row.sector.label if row.sector else "",
        funding=fr.label(FundingLine, row.funding_line) if row.funding_line != FundingLine.NONE else "",
        posts=posts, listed=listed, next_step=fr.label(NextStep, row.next_step), next_on=row.next_on,
        note="Changement signalé" if row.change_reported_on else ending,
    )  # fmt: skip


def _ending(viewer: Viewer, host_ids: list[UUID], now: datetime) -> dict[UUID, str]:
    """Return the hosts with an accreditation that ends within six months, or ended (DL-09)."""
    today = localdate(now)
    rows = Accreditation.objects.filter(host_id__in=host_ids, state=AccreditationState.GRANTED).order_by("expires_on")
    last = {(row.host_id, row.audience): row.expires_on for row in rows if row.expires_on is not None}
    found: dict[UUID, str] = {}
    for (host_id, audience), expires_on in last.items():
        relation = facts.Relation(territory_id=viewer.territory_id, for_minors=audience == AccreditedFor.MINORS)
        ends_soon = expires_on < months_after(today, WARN_MONTHS)
        if ends_soon and relation.allows(viewer, Action.VIEW, DataClass.HOST_ACCREDITATION, now):
            found[host_id] = "Habilitation expirée" if expires_on < today else "Habilitation à renouveler"
    return found


@dataclass(frozen=True, kw_only=True)
class AccreditationLine:
    """One accreditation: where it stands, how long it still runs."""

    id: UUID
    audience: str
    state_label: str
    state_kind: str
    asked_on: date
    opinions_asked_on: date | None
    opinions_received_on: date | None
    decide_from: date | None
    decided_on: date | None
    number: str
    is_national: bool
    expires_on: date | None
    share: int  # per cent of the five years gone, for the bar
    left: str
    acts: tuple[Act, ...]


@dataclass(frozen=True, kw_only=True)
class SupervisorLine:
    """A tutor, with the trainings followed."""

    id: UUID
    name: str
    is_manager: bool
    has_account: bool
    has_phone: bool
    posts: int
    trainings: tuple[tuple[date, str], ...]


@dataclass(frozen=True, kw_only=True)
class PostLine:
    """A post of the host."""

    id: UUID
    reference: str
    nature: str
    activity: str
    audience: str
    state_label: str
    state_kind: str


@dataclass(frozen=True, kw_only=True)
class NoteLine:
    """One line on an exchange with a possible host."""

    id: UUID
    on: date
    who: str
    text: str


@dataclass(frozen=True, kw_only=True)
class HostPage:
    """What the page of a host shows."""

    id: UUID
    revision: int
    name: str
    legal_kind: str
    is_public: bool
    stage_label: str
    stage_kind: str
    stage_on: date
    decline_reason: str
    contact: str
    phone: str
    email: str
    address: str
    sector: str
    funding: str
    account: str
    agreement_from: date | None
    agreement_to: date | None
    change_reported_on: date | None
    accreditations: tuple[AccreditationLine, ...]
    sees_accreditations: bool
    may_accredit: tuple[tuple[str, str], ...]
    supervisors: tuple[SupervisorLine, ...]
    names_tutors: bool
    tutors: int
    never_trained: int
    posts: tuple[PostLine, ...]
    acts: tuple[Act, ...]
    may_change: bool
    may_post: bool
    may_take_note: bool
    next_step: str
    next_on: date | None
    erased_on: date | None
    notes: tuple[NoteLine, ...]
    may_note: bool
    may_plan: bool


def page(viewer: Viewer, host: HostStructure, now: datetime) -> HostPage:
    """Return the page of a host that `facts.find_host` found, opened under the read gate."""
    relation = facts.host_relation(viewer, host, now)
    may_change = relation.allows(viewer, Action.CHANGE, DataClass.TIG_POSTS, now)
    may_manage = relation.allows(viewer, Action.MANAGE, DataClass.TIG_POSTS, now)
    named = facts.names_tutors(viewer)
    written = list(host.notes.all())
    people = list(
        host.supervisors.filter(left_on=None).prefetch_related("trainings").annotate(n=Count("posts", distinct=True))
    )
    with audit.reading(
        viewer, subjects=[host.subject_id], classes=[DataClass.TIG_POSTS], purpose=Purpose.REVIEW, module="placements",
        object_type="hosts.hoststructure", object_ids=[host.pk],
    ):  # fmt: skip
        sweep.open_many([host], "contact", "phone", "email")
        sweep.open_many(people if named else [], "name")
        sweep.open_many(written if may_manage else [], "text")
        notes = _notes(written) if may_manage else ()
        contact, phone, email = host.contact or "", host.phone or "", host.email or ""
        supervisors = tuple(sorted((_supervisor(row, row.n) for row in people if named), key=lambda line: line.name))
    lines, sees = accreditations(viewer, host, relation, now)
    posts = facts.visible_posts(viewer, now).filter(host=host).current().select_related("activity")
    stage = HostStage(host.stage)
    return HostPage(
        id=host.pk, revision=host.revision, name=host.name, legal_kind=LegalKind(host.legal_kind).label,
        is_public=host.legal_kind == LegalKind.PUBLIC, stage_label=stage.label, stage_kind=STAGE_KINDS[stage],
        stage_on=host.stage_on, decline_reason=host.get_decline_reason_display() if host.decline_reason else "",
        contact=contact, phone=phone, email=email, address=host.address, sector=host.sector.label if host.sector else "",
        funding=fr.label(FundingLine, host.funding_line), account=host.organisation.name if host.organisation else "",
        agreement_from=host.agreement_from, agreement_to=host.agreement_to, change_reported_on=host.change_reported_on,
        accreditations=lines, sees_accreditations=sees, may_accredit=_may_accredit(viewer, host, relation, now),
        supervisors=supervisors, names_tutors=named, tutors=len(people),
        never_trained=sum(not row.trainings.all() for row in people), posts=tuple(_post(row) for row in posts.order_by("reference")),
        acts=_acts(viewer, host, relation, now), may_change=may_change,
        may_post=stage != HostStage.ENDED and _may_post(viewer, relation, now),
        may_take_note=may_manage and host.change_reported_on is not None,
        next_step=fr.label(NextStep, host.next_step), next_on=host.next_on,
        erased_on=erasing.erased_on(host, localdate(written[0].written_at) if written else None), notes=notes,
        may_note=may_manage and stage in PROSPECTED, may_plan=may_manage and stage in PROSPECTED,
    )  # fmt: skip


def _notes(rows: list[ProspectNote]) -> tuple[NoteLine, ...]:
    """Return opened notes with who wrote them, newest first."""
    held = Mandate.objects.filter(pk__in={row.written_by for row in rows}).select_related("agent") if rows else ()
    names = {mandate.pk: mandate.agent.full_name for mandate in held}
    return tuple(
        NoteLine(id=row.pk, on=localdate(row.written_at), who=names.get(row.written_by, ""), text=row.text or "")
        for row in rows
    )


def _supervisor(row: Supervisor, posts: int) -> SupervisorLine:
    followed = sorted(((each.held_on, trainings.words(each)) for each in row.trainings.all()), reverse=True)
    return SupervisorLine(
        id=row.pk, name=row.name or "", is_manager=row.is_manager, has_account=row.mandate_id is not None,
        has_phone=row.phone_since is not None, posts=posts, trainings=tuple(followed),
    )  # fmt: skip


def _post(row: Post) -> PostLine:
    state = PostState(row.state)
    return PostLine(
        id=row.pk, reference=row.reference, nature=row.nature, activity=row.activity.label,
        audience=row.get_audience_display(), state_label=state.label, state_kind=STATE_KINDS[state],
    )  # fmt: skip


def _may_post(viewer: Viewer, relation: facts.Relation, now: datetime) -> bool:
    return relation.allows(viewer, Action.CREATE, DataClass.TIG_POSTS, now)


def _may_accredit(
    viewer: Viewer, host: HostStructure, of_host: facts.Relation, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Return the publics for which this viewer records accreditations; none for a public body (HOST-02)."""
    public = LISTS_FOR.get(viewer.role)
    if host.legal_kind == LegalKind.PUBLIC or public is None:
        return ()
    relation = facts.accreditation_relation(of_host, public)
    may = relation.allows(viewer, Action.CREATE, DataClass.HOST_ACCREDITATION, now)
    return ((public.value, str(public.label)),) if may else ()


HOST_SLUGS = {
    "contact": "contacter", "interest": "interessee", "decline": "refus", "try_again": "recontacter",
    "agree": "convention", "agree_again": "convention", "end": "fin",
}  # fmt: skip


def _acts(viewer: Viewer, host: HostStructure, relation: facts.Relation, now: datetime) -> tuple[Act, ...]:
    if not relation.allows(viewer, Action.MOVE, DataClass.TIG_POSTS, now):
        return ()
    return tuple(
        Act(
            slug=HOST_SLUGS[move.name], label=move.label[:1].upper() + move.label[1:],
            danger=move.name in ("decline", "end"), asks=move.name in ("decline", "agree", "agree_again"),
        )
        for _, move in HOST.offered(host.stage, viewer.role)
    )  # fmt: skip


ACCREDITATION_SLUGS = {
    "ask_opinions": "avis", "grant": "accorder", "refuse": "refuser", "withdraw": "retirer",
}  # fmt: skip


def accreditations(
    viewer: Viewer, host: HostStructure, of_host: facts.Relation, now: datetime
) -> tuple[tuple[AccreditationLine, ...], bool]:
    """Return the accreditations that the viewer may read, latest first, and whether it may read any (row 11)."""
    readable = {
        public.value
        for public in AccreditedFor
        if facts.accreditation_relation(of_host, public).allows(viewer, Action.VIEW, DataClass.HOST_ACCREDITATION, now)
    }
    rows = host.accreditations.filter(audience__in=readable).order_by("audience", "-asked_on", "-id")
    return tuple(_accreditation(viewer, row, of_host, now) for row in rows), bool(readable)


def _accreditation(viewer: Viewer, row: Accreditation, of_host: facts.Relation, now: datetime) -> AccreditationLine:
    today, state = localdate(now), AccreditationState(row.state)
    label, kind, share, left = str(state.label), "wait", 0, ""
    if state is AccreditationState.GRANTED and row.expires_on and row.decided_on:
        whole = (row.expires_on - row.decided_on).days or 1
        share = min(100, max(0, round(100 * (today - row.decided_on).days / whole)))
        days = (row.expires_on - today).days
        left = (
            f"dans {fr.plural(days // 365, 'an')}"
            if days >= 2 * 365
            else fr.when(row.expires_on + timedelta(days=1), today)
        )
        kind = "ok" if today < months_after(row.expires_on, -WARN_MONTHS) else "wait"
        if today > row.expires_on:
            label, kind, left = "expirée", "late", ""
    elif state in (AccreditationState.REFUSED, AccreditationState.WITHDRAWN):
        kind = "off"
    relation = facts.accreditation_relation(of_host, row.audience)
    found: list[Act] = []
    if (
        relation.allows(viewer, Action.MOVE, DataClass.HOST_ACCREDITATION, now)
        and LISTS_FOR.get(viewer.role) == row.audience
    ):
        if state is AccreditationState.OPINIONS_ASKED and row.opinions_received_on is None:
            found.append(Act(slug="avis-recus", label="Avis reçus", asks=False))
        found += [
            Act(
                slug=ACCREDITATION_SLUGS[move.name], label=move.label.capitalize(), primary=move.name == "grant",
                danger=move.name in ("refuse", "withdraw"), asks=move.name != "ask_opinions",
            )
            for _, move in ACCREDITATION.offered(row.state, viewer.role)
        ]  # fmt: skip
    return AccreditationLine(
        id=row.pk, audience=AccreditedFor(row.audience).label, state_label=label, state_kind=kind, asked_on=row.asked_on,
        opinions_asked_on=row.opinions_asked_on, opinions_received_on=row.opinions_received_on,
        decide_from=months_after(row.opinions_asked_on, 1) if row.opinions_asked_on else None, decided_on=row.decided_on,
        number=row.number, is_national=row.is_national, expires_on=row.expires_on, share=share, left=left,
        acts=tuple(found),
    )  # fmt: skip


def accounts(host: HostStructure, now: datetime) -> list[tuple[UUID, str]]:
    """Return the functions « structure d’accueil » of the host's own organisation, for the form of a tutor."""
    if host.organisation_id is None:
        return []
    rows = Mandate.objects.live(now).filter(organisation_id=host.organisation_id, role=Role.HOST)
    return [(row.pk, row.agent.full_name) for row in rows.select_related("agent").order_by("agent__last_name")]


def managers(viewer: Viewer, post: Post, now: datetime) -> list[tuple[UUID, str]]:
    """Return the tutors of the host of a post, by name, for the form that says who manages it."""
    rows = list(Supervisor.objects.filter(host_id=post.host_id, left_on=None))
    with audit.reading(
        viewer, subjects=[post.subject_id], classes=[DataClass.TIG_POSTS], purpose=Purpose.REVIEW, module="placements",
        object_type="hosts.post", object_ids=[post.pk],
    ):  # fmt: skip
        sweep.open_many(rows, "name")
        return sorted(((row.pk, row.name or "") for row in rows), key=lambda pair: pair[1])


def as_typed(viewer: Viewer, host: HostStructure, now: datetime) -> dict[str, object]:
    """Return the fields of a host as its form shows them."""
    with audit.reading(
        viewer, subjects=[host.subject_id], classes=[DataClass.TIG_POSTS], purpose=Purpose.REVIEW, module="placements",
        object_type="hosts.hoststructure", object_ids=[host.pk],
    ):  # fmt: skip
        sweep.open_many([host], "contact", "phone", "email")
        return {
            "name": host.name, "legal_kind": host.legal_kind, "contact": host.contact or "", "phone": host.phone or "",
            "email": host.email or "", "address": host.address, "sector": host.sector_id,
            "funding_line": host.funding_line, "organisation": host.organisation_id,
        }  # fmt: skip


def post_as_typed(viewer: Viewer, post: Post, now: datetime) -> dict[str, object]:
    """Return the fields of a post as its form shows them."""
    with audit.reading(
        viewer, subjects=[post.subject_id], classes=[DataClass.TIG_POSTS], purpose=Purpose.REVIEW, module="placements",
        object_type="hosts.post", object_ids=[post.pk],
    ):  # fmt: skip
        sweep.open_many([post], "method", "access_note")
        return {
            "nature": post.nature, "activity": post.activity_id, "audience": post.audience, "collective": post.collective,
            "runs_from": post.runs_from, "runs_to": post.runs_to,
            "method": post.method or "", "address": post.address, "sector": post.sector_id,
            "access_note": post.access_note or "", "needs": post.needs, "risks": post.risks,
            "tig360_number": post.tig360_number,
        }  # fmt: skip
