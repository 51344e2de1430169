"""The SPIP telephones the town: its référent notes the call, the officer confirms by a single-use link (domain.md §11.1).

A call is about nobody: a municipal post, hours, half-days. Places are held five working days. The link is opened by the
officer it was sent to, signed in: the person's file begins with an officer who answers for it, never with a mailbox.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, decide, require
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import format as fr
from casework.casefile import mailer
from casework.casefile.calendar import add_working_days, end_instant
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import genuine
from casework.partners.codes import OrganisationKind, Role
from casework.partners.models import Mandate, Territory
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.actions import places, requests
from casework.placements.hosts.codes import Half, PostNeed, PostState, ProposalAnswer
from casework.placements.hosts.models import Post
from casework.placements.tig import facts
from casework.placements.tig.actions import demands, proposals, team
from casework.placements.tig.actions.demands import HALF_DAYS, DemandData
from casework.placements.tig.codes import Audience, CallAnswer, State
from casework.placements.tig.labour import Labour
from casework.placements.tig.models import PhoneCall, Proposal
from casework.placements.tig.plan import Plan
from casework.placements.tig.reads import places as free
from casework.placements.tig.states import LIFECYCLE
from casework.sealing import keys

CONFIRM_DAYS = 5  # working days the service has
KEPT = timedelta(days=365)  # an answered call, about nobody, counts for the year's page
WEEK = [each for each in HALF_DAYS if int(each[0]) < 5]


@dataclass(frozen=True, kw_only=True)
class CallData:
    """What is said on the telephone: no name, no mark, no limit of anybody."""

    post_id: UUID
    officer: str  # e-mail of the officer who telephones
    minutes: int
    weekly: int
    last_useful_on: date


def _asked(viewer: Viewer) -> Facts:
    town = facts.hosts(viewer.role) and viewer.organisation_kind == OrganisationKind.MUNICIPALITY
    return Facts(
        territory_id=viewer.territory_id, data_class=DataClass.PLACEMENT, grants=frozenset({Basis.CIRCLE}),
        excluded=not town, rules_in_force=True, state_open=True,
    )  # fmt: skip


def is_referent(viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer is the town's référent: host's function, held in the municipality."""
    return decide(viewer, Action.CREATE, _asked(viewer), now).allow


def posts(by: Viewer, now: datetime) -> list[Post]:
    """Return the municipal posts on the adults' list that the référent manages; those with special risks need an exam
    first, so the service asks for them itself (ASG-05). Raises AccessRefused.
    """
    require(by, Action.CREATE, _asked(by), now)
    rows = host_facts.visible_posts(by, now).filter(state=PostState.LISTED, listed_adults_on__isnull=False)
    return [post for post in rows.select_related("host", "territory").order_by("nature", "reference") if not post.risks]


def of_town(by: Viewer, now: datetime) -> list[PhoneCall]:
    """Return the calls noted by this référent, latest first. Raises AccessRefused."""
    require(by, Action.CREATE, _asked(by), now)
    rows = PhoneCall.objects.filter(recorded_by=by.mandate_id).select_related("post__host", "service")
    return list(rows.order_by("-recorded_at")[:50])


def of_officer(viewer: Viewer, now: datetime) -> list[PhoneCall]:
    """Return the calls that wait for this officer."""
    rows = PhoneCall.objects.filter(asked_of=viewer.mandate_id, answer="", confirm_by__gte=localdate(now))
    return list(rows.order_by("confirm_by"))


def _plan(call: PhoneCall, *, start: date, job_minutes: int) -> Plan:
    standing = Labour(is_minors=False, adult_on=None, job_minutes=job_minutes, stopped=())
    return free.plan(
        call.minutes, call.post, start, call.last_useful_on, WEEK, standing, weekly=call.weekly,
        holiday_set=call.territory.holiday_set,
    )  # fmt: skip


def record(*, by: Viewer, data: CallData, now: datetime) -> PhoneCall:
    """Note a call: the half-days are held, and the officer receives the link. Raises AccessRefused, InputRefused,
    GuardRefused (no half-day free, just taken).
    """
    post = next((each for each in posts(by, now) if each.pk == data.post_id), None)
    if post is None:
        raise InputRefused("Choisissez un poste de la liste.", field="post")
    officer = _officer(by, data.officer, now)
    demands.check(
        DemandData(
            case_mark="appel", minutes=data.minutes, last_useful_on=data.last_useful_on, weekly=data.weekly,
            availability=WEEK,
        ),
        Audience.ADULTS, now,
    )  # fmt: skip
    territory = Territory.objects.get(pk=by.territory_id)
    confirm_by = add_working_days(localdate(now), CONFIRM_DAYS, territory.holiday_set)
    token = secrets.token_urlsafe(requests.TOKEN_BYTES)
    call = PhoneCall(
        territory=territory, service=officer.organisation, post=post, minutes=data.minutes, weekly=data.weekly,
        last_useful_on=data.last_useful_on, recorded_at=now, recorded_by=by.mandate_id, asked_of=officer.pk,
        confirm_by=confirm_by, token_hash=requests.hash_of(token),
    )  # fmt: skip
    found = _plan(call, start=confirm_by + timedelta(days=1), job_minutes=0)
    if not found.half_days:
        raise GuardRefused("Aucune demi-journée libre sur ce poste d’ici la dernière date utile.")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        call.save(force_insert=True)
        _hold(w, call, found, holder=call.pk, now=now)
        w.note(Act.CREATE, call, classes=[DataClass.TIG_POSTS], why="call")
        _mail(officer.agent.email, token, confirm_by, now)
    return call


def _officer(by: Viewer, email: str, now: datetime) -> Mandate:
    rows = Mandate.objects.live(now).filter(
        territory_id=by.territory_id, role=Role.SPIP, agent__email__iexact=email.strip(), agent__is_active=True,
        charter_signed_at__lte=now,
    )  # fmt: skip
    found = genuine.kept(rows.select_related("agent", "organisation").order_by("starts_at"))
    if not found:
        raise InputRefused("Aucun conseiller du SPIP n’a cette adresse : redemandez-la.", field="officer")
    return found[0]


def _hold(w: Writing, call: PhoneCall, found: Plan, *, holder: UUID, now: datetime) -> None:
    places.hold(
        w, post=call.post, slots=[(each.stint.day, Half(each.half)) for each in found.half_days], holder=holder,
        service=call.service, until=end_instant(max(call.confirm_by, localdate(now))), now=now,
    )  # fmt: skip


def _mail(to: str, token: str, until: date, now: datetime) -> None:
    url = settings.BASE_URL.rstrip("/") + reverse("tig:confirm_call", args=[token])
    mailer.queue(
        to=to, subject="Un appel est à confirmer", now=now,
        body=(
            f"Bonjour,\n\nVotre appel a été noté. Confirmez-le par ce lien, jusqu’au {fr.long_date(until)} ; sans "
            f"confirmation, tout est libéré. Il sert une seule fois.\n\n{url}\n\nCe message ne nomme personne.\n"
        ),
    )  # fmt: skip


def find(token: str, by: Viewer, now: datetime) -> PhoneCall:
    """Return the call of a link, for the officer it was sent to, in time. Raises AccessRefused, whatever the reason."""
    rows = PhoneCall.objects.select_related("post__host", "service", "territory")
    call = rows.filter(
        token_hash=requests.hash_of(token), asked_of=by.mandate_id, answer="", confirm_by__gte=localdate(now)
    ).first()
    if call is None:
        raise AccessRefused(code="tig_call")
    return call


def confirm(*, by: Viewer, call: PhoneCall, case_mark: str, limits: list[str], job_minutes: int, now: datetime) -> UUID:
    """Confirm a call: the request opens in the officer's charge, its places given, the town's yes noted.

    Raises AccessRefused, InputRefused, GuardRefused (answered, late, places gone). Returns the placement.
    """
    audience = facts.require_creation(by, now)
    if call.asked_of != by.mandate_id or audience != Audience.ADULTS:
        raise AccessRefused(code="tig_call")
    if clash := [str(PostNeed(each).label) for each in limits if each in call.post.needs]:
        raise InputRefused(f"Ce poste demande : {', '.join(clash)}. Libérez les places et cherchez-en un autre.",
                           field="limits")  # fmt: skip
    start = max(call.confirm_by, localdate(now)) + timedelta(days=1)
    worker_id = uuid4()
    keys.ensure(worker_id)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = _locked(call, now)
        places.release(w, holder=row.pk)  # the same half-days, now of somebody who may have a job
        found = _plan(row, start=start, job_minutes=job_minutes)
        if not found.half_days:
            raise GuardRefused("Les places ne sont plus libres : faites une demande de place.")
        data = DemandData(
            case_mark=case_mark, minutes=row.minutes, last_useful_on=row.last_useful_on, weekly=row.weekly,
            availability=sorted({f"{each.stint.day.weekday()}-{each.half}" for each in found.half_days}),
            limits=limits, job_minutes=job_minutes,
        )  # fmt: skip
        demands.check(data, audience, now)
        placement = demands.write_demand(w, by=by, data=data, audience=audience, worker_id=worker_id, now=now)
        _hold(w, row, found, holder=placement.pk, now=now)
        LIFECYCLE.apply(placement, State.PROPOSED, w=w, by=by, now=now, post=row.post)
        proposal = Proposal(
            subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement, post=row.post,
            asked_at=row.recorded_at, asked_by=by.mandate_id, answer_by=row.confirm_by,
            answer=ProposalAnswer.ACCEPTED, answered_at=row.recorded_at, answered_by=row.recorded_by,
        )  # fmt: skip
        proposal.save(force_insert=True)
        w.note(Act.CREATE, proposal, classes=[DataClass.PLACEMENT], why="call")
        managers = team.let_host_in(w, by=by, placement=placement, post_id=row.post_id, now=now)
        places.confirm(w, holder=placement.pk, now=now)
        proposals.write_plan(w, placement, row.post, found)
        _answer(w, row, CallAnswer.CONFIRMED, now)
        team.tell({*managers, row.recorded_by}, now=now)
    return placement.pk


def refuse(*, by: Viewer, call: PhoneCall, now: datetime) -> None:
    """Say that the call is not the officer's: the places are free at once. Raises AccessRefused, GuardRefused."""
    if call.asked_of != by.mandate_id:
        raise AccessRefused(code="tig_call")
    _give_back(by, call, CallAnswer.REFUSED, now)


def withdraw(*, by: Viewer, call_id: UUID, now: datetime) -> None:
    """Take one's own call back. Raises AccessRefused, GuardRefused."""
    require(by, Action.CREATE, _asked(by), now)
    call = PhoneCall.objects.filter(pk=call_id, recorded_by=by.mandate_id).first()
    if call is None:
        raise AccessRefused(code="tig_call")
    _give_back(by, call, CallAnswer.WITHDRAWN, now)


def _give_back(by: Actor, call: PhoneCall, answer: CallAnswer, now: datetime) -> None:
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = _locked(call, now, late=answer is CallAnswer.RELEASED)
        places.release(w, holder=row.pk)
        _answer(w, row, answer, now)
        if answer is not CallAnswer.WITHDRAWN:
            team.tell([row.recorded_by], now=now)


def _locked(call: PhoneCall, now: datetime, *, late: bool = False) -> PhoneCall:
    rows = PhoneCall.objects.select_for_update(of=("self",)).select_related("post__host", "service", "territory")
    row = rows.get(pk=call.pk)
    if row.answer:
        raise GuardRefused("Cet appel a déjà sa suite.")
    if row.confirm_by < localdate(now) and not late:
        raise GuardRefused("La date de confirmation est passée : les places sont libérées.")
    return row


def _answer(w: Writing, row: PhoneCall, answer: CallAnswer, now: datetime) -> None:
    row.answer, row.answered_at, row.token_hash = answer, now, ""
    row.save()
    w.note(Act.CHANGE, row, classes=[DataClass.TIG_POSTS], why=answer.value)


def release_unconfirmed(now: datetime) -> int:
    """Free the places of calls that nobody confirmed in five working days, and forget the answered ones of last year.

    Daily; return how many were freed.
    """
    late = list(PhoneCall.objects.filter(answer="", confirm_by__lt=localdate(now)))
    for call in late:
        _give_back(audit.system_actor(call.territory_id), call, CallAnswer.RELEASED, now)
    for call in PhoneCall.objects.exclude(answer="").filter(answered_at__lt=now - KEPT):
        with audit.writing(audit.system_actor(call.territory_id), now=now) as w:
            w.note(Act.DELETE, call, why="term")
            call.delete()
    return len(late)
