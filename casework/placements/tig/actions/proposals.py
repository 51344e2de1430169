"""Reserving half-days at a post and asking its host; the answer, and what silence does (10.2, peers C6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Purpose, Writing
from casework.casefile import mailer
from casework.casefile.calendar import end_instant
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.actions import places, requests
from casework.placements.hosts.codes import Half, ProposalAnswer
from casework.placements.hosts.models import Post
from casework.placements.tig import facts, labour, limits
from casework.placements.tig.actions import team
from casework.placements.tig.codes import ExamReason, FitnessResult, State
from casework.placements.tig.models import Fitness, HalfDay, Proposal, TigPlacement
from casework.placements.tig.plan import Plan
from casework.placements.tig.reads import hours, link, search
from casework.placements.tig.reads import places as free
from casework.placements.tig.states import LIFECYCLE
from casework.sealing import sweep

SEARCHING = (State.MATCHING, State.MEDICAL_PENDING)


def labour_of(placement: TigPlacement) -> labour.Labour:
    """Return what the limits of law depend on for one person; opens a system gate."""
    found = labour.of([placement], placement.clock_suspensions.all(), placement.work_suspensions.all())
    return found[placement.pk]


def exam_owed(by: Viewer, placement: TigPlacement, post: Post, now: datetime) -> list[ExamReason]:
    """Return why a medical exam still has to come first for this post, empty when none is owed or one was passed.

    Opens rows 13 and 15 for the officer.
    """
    exams = list(placement.exams.order_by("-recorded_at")[:1])
    with audit.reading(
        by, subjects=[placement.subject_id], classes=[DataClass.FITNESS, DataClass.SENTENCE], purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        known = placement.situation or {}
        minor = labour_is_minor(known, placement, localdate(now))
        sweep.open_many(exams, "result")
        passed = bool(exams) and exams[0].certificate_seen and exams[0].result != FitnessResult.UNFIT
    reasons = limits.exam_reasons(is_minor=minor, stated=bool(known.get("exam_stated")), post_risks=post.risks)
    return [] if passed else reasons


def not_searching(placement: TigPlacement) -> str:
    """Return why no host can be asked now, "" while a post is looked for: said before anything is chosen."""
    if placement.state in SEARCHING:
        return ""
    if placement.state == State.PROPOSED:
        return "Une structure est déjà demandée : retirez d’abord la demande d’accueil."
    return f"Aucun poste à chercher : « {LIFECYCLE.label(placement.state)} »."


def refuse_away(by: Viewer, placement: TigPlacement, post: Post) -> None:
    """Raise GuardRefused when the post is at a host or in a sector that its officer said to keep away from."""
    with audit.reading(
        by, subjects=[placement.subject_id], classes=[DataClass.SENTENCE], purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        away = set(search.away_of(placement))
    if away & {str(post.host_id), str(post.sector_id)}:
        raise GuardRefused("Ce poste est à un lieu à éviter, noté dans la demande : choisissez-en un autre.")


def labour_is_minor(known: dict[str, object], placement: TigPlacement, day: date) -> bool:
    """Say whether the person is under eighteen on `day`, from the opened situation."""
    adult_on = str(known.get("adult_on") or "")
    return placement.audience == "minors" and (not adult_on or day < date.fromisoformat(adult_on))


def preview(by: Viewer, placement: TigPlacement, post: Post, *, start: date, now: datetime) -> Plan:
    """Return the half-days that a reservation at this post would take, from `start`."""
    facts.require_on(by, placement, Action.VIEW, DataClass.PLACEMENT, now)
    standing = labour_of(placement)
    with audit.reading(
        by, subjects=[placement.subject_id], classes=[DataClass.PLACEMENT], purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        availability = list(placement.availability or [])
    left = placement.minutes_here - hours.done(placement)
    return free.plan(
        left, post, max(start, localdate(now) + timedelta(days=1)), placement.last_useful_on, availability, standing,
        weekly=placement.weekly, holiday_set=placement.territory.holiday_set,
    )  # fmt: skip


def ask(
    *, by: Viewer, placement: TigPlacement, post_id: UUID, start: date, answer_by: date | None, now: datetime,
    expected: int | None,
) -> Proposal:  # fmt: skip
    """Reserve the half-days of the plan at a post and ask its managers, all or nothing (R-06).

    Raises AccessRefused, InputRefused (dates), GuardRefused (place just taken, exam owed, nobody to ask).
    """
    facts.require_on(by, placement, Action.MOVE, DataClass.PLACEMENT, now)
    post = host_facts.find_post(by, post_id, now)
    if said := not_searching(placement):
        raise GuardRefused(said)
    refuse_away(by, placement, post)
    answer_by = requests.answer_day(answer_by, localdate(now), placement.territory.holiday_set)
    start = max(start, answer_by + timedelta(days=1))
    if owed := exam_owed(by, placement, post, now):
        why = ", ".join(str(each.label) for each in owed)
        raise GuardRefused(f"La visite médicale vient d’abord ({why}, CPEN R623-14).")
    found = preview(by, placement, post, start=start, now=now)
    if not found.half_days:
        raise GuardRefused("Aucune demi-journée libre ne convient à ce poste d’ici la dernière date utile.")
    address = requests.contact_address(by, post)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        places.hold(
            w, post=post, slots=[(each.stint.day, Half(each.half)) for each in found.half_days],
            holder=placement.pk, service=placement.organisation, until=end_instant(answer_by), now=now,
        )  # fmt: skip
        LIFECYCLE.apply(placement, State.PROPOSED, w=w, by=by, now=now, expected_revision=expected, post=post)
        proposal = Proposal(
            subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement, post=post,
            asked_at=now, asked_by=by.mandate_id, answer_by=answer_by,
        )  # fmt: skip
        managers = team.let_host_in(w, by=by, placement=placement, post_id=post.pk, now=now)
        requests.reach(proposal, bool(managers), address, now)
        proposal.save(force_insert=True)
        w.note(Act.CREATE, proposal, classes=[DataClass.PLACEMENT])
        write_plan(w, placement, post, found)
        team.tell(managers, now=now)
    return proposal


def write_plan(w: Writing, placement: TigPlacement, post: Post, found: Plan) -> None:
    """Write the half-days of a plan, inside the transaction of its act."""
    for each in found.half_days:
        row = HalfDay(
            subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement,
            post=post, day=each.stint.day, half=each.half, starts_at=each.stint.starts_at,
            ends_at=each.stint.ends_at, break_minutes=each.stint.break_minutes, planned_minutes=each.stint.minutes,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.PLACEMENT])


def drop_plan(w: Writing, placement: TigPlacement, *, from_day: date, now: datetime) -> None:
    """Delete the half-days planned from `from_day` that nothing was recorded on, and give their places back."""
    for row in placement.half_days.filter(outcome="", day__gte=from_day):
        w.note(Act.DELETE, row, classes=[DataClass.PLACEMENT])
        row.delete()
    places.release(w, holder=placement.pk, from_day=from_day)


def find_open(viewer: Viewer, pk: UUID, now: datetime) -> Proposal:
    """Return a request that waits for this viewer's answer. Raises AccessRefused, absent or refused alike."""
    rows = Proposal.objects.filter(placement__in=facts.visible_to(viewer, now).values("pk"), answer="")
    found = rows.select_related("placement__organisation", "post__host").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="tig_proposal")
    return found


def accept(*, by: Viewer, proposal: Proposal, supervisor_id: UUID | None, now: datetime) -> None:
    """Say yes for the host: the places are given, the officer is told; a tuteur may be named at once (HOST-09)."""
    placement = proposal.placement
    facts.require_on(by, placement, Action.MOVE, DataClass.PLACEMENT, now)
    if not facts.hosts(by.role):
        raise AccessRefused(code="role")
    supervisor = _supervisor(proposal.post, supervisor_id)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = requests.still_open(proposal, now)
        places.confirm(w, holder=placement.pk, now=now)
        requests.write_answer(w, row, ProposalAnswer.ACCEPTED, by=by, now=now)
        if supervisor is not None:
            set_supervisor(w, placement, supervisor)
        team.tell(team.officers(placement, now), now=now)


def decline(*, by: Viewer, proposal: Proposal, reason: str, now: datetime) -> None:
    """Say no for the host, with a coded reason that is never about the person: the places are free at once."""
    facts.require_on(by, proposal.placement, Action.MOVE, DataClass.PLACEMENT, now)
    if not facts.hosts(by.role):
        raise AccessRefused(code="role")
    requests.answer(request=proposal, accepts=False, reason=reason, by=by, now=now)


def withdraw(*, by: Viewer, placement: TigPlacement, now: datetime, expected: int | None) -> None:
    """Take the request back, before or after the host's yes and before the decision. Raises GuardRefused."""
    facts.require_on(by, placement, Action.MOVE, DataClass.PLACEMENT, now)
    if facts.hosts(by.role):
        raise AccessRefused(code="role")
    if placement.state != State.PROPOSED:
        raise GuardRefused("Aucune demande d’accueil n’est en cours.")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        managers = team.hosts(placement, now)
        for row in placement.proposals.select_for_update().filter(answer=""):
            requests.write_answer(w, row, ProposalAnswer.WITHDRAWN, by=by, now=now)
        back_to_search(w, placement, by=by, now=now, reason="withdrawn", expected=expected)
        team.tell(managers, now=now)


def _accepted(w: Writing, row: Proposal, by: Actor, now: datetime) -> None:
    places.confirm(w, holder=row.placement_id, now=now)


def _freed(w: Writing, row: Proposal, by: Actor, now: datetime, reason: str) -> None:
    back_to_search(w, row.placement, by=by, now=now, reason=reason)


def _tell_officers(row: Proposal, now: datetime) -> None:
    team.tell(team.officers(row.placement, now), now=now)


def _remind(row: Proposal, now: datetime) -> bool:
    managers = team.hosts(row.placement, now)
    team.tell(managers, now=now, urgent=True)
    return bool(managers)


ROOM = requests.Room(
    model=Proposal, data_class=DataClass.PLACEMENT, asked=link.asked, accepted=_accepted, freed=_freed,
    tell_officers=_tell_officers, remind_managers=_remind,
)  # fmt: skip


def set_supervisor(w: Writing, placement: TigPlacement, supervisor: object) -> None:
    """Name the tuteur on a placement, inside the transaction of its act."""
    from casework.casefile import revision

    row = revision.lock(TigPlacement.objects.all(), placement.pk, None)
    revision.save(row, supervisor=supervisor)
    w.note(Act.CHANGE, row, classes=[DataClass.PLACEMENT], why="supervisor")


def name_supervisor(*, by: Viewer, placement: TigPlacement, supervisor_id: UUID, now: datetime) -> None:
    """Name the tuteur who receives this person (HOST-09). Raises AccessRefused, InputRefused."""
    facts.require_held(by, placement, now)
    if placement.post is None:
        raise GuardRefused("Choisissez d’abord un poste.")
    supervisor = _supervisor(placement.post, supervisor_id)
    with audit.writing(by, now=now) as w:
        set_supervisor(w, placement, supervisor)


def _supervisor(post: Post, pk: UUID | None) -> object | None:
    if pk is None:
        return None
    found = post.host.supervisors.filter(pk=pk, left_on__isnull=True).first()
    if found is None:
        raise InputRefused("Choisissez un tuteur de la liste.", field="supervisor")
    return found


def back_to_search(
    w: Writing, placement: TigPlacement, *, by: Actor, now: datetime, reason: str, expected: int | None = None
) -> None:
    """Free the places, shut the host out and search again, inside the transaction of its act."""
    drop_plan(w, placement, from_day=date.min, now=now)
    team.let_host_out(w, placement=placement, at=now, reason=reason)
    LIFECYCLE.apply(
        placement, State.MATCHING, w=w, by=by, now=now, expected_revision=expected, post=None, supervisor=None
    )


def ask_exam(*, by: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Wait for the medical exam (ASG-05). Raises AccessRefused, MoveRefused."""
    facts.require_on(by, placement, Action.MOVE, DataClass.FITNESS, now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(placement, State.MEDICAL_PENDING, w=w, by=by, now=now)


def record_exam(
    *, by: Viewer, placement: TigPlacement, result: str, seen_on: date, certificate_seen: bool,
    working_limits: list[str], now: datetime,
) -> None:  # fmt: skip
    """Record the result of the exam, the date, whether the certificate was seen; nothing else (ASG-06).

    Limits come in the words of the posts. « Inapte » ends the search: the officer reports to the magistrate.
    """
    from casework.casefile import revision
    from casework.placements.hosts.codes import PostNeed

    facts.require_on(by, placement, Action.CHANGE, DataClass.FITNESS, now)
    if result not in FitnessResult.values:
        raise InputRefused("Choisissez un résultat de la liste.", field="result")
    if seen_on > localdate(now):
        raise InputRefused("La visite a déjà eu lieu : vérifiez la date.", field="seen_on")
    if not set(working_limits) <= set(PostNeed.values):
        raise InputRefused("Choisissez des limites de la liste.", field="limits")
    if (result == FitnessResult.FIT_WITH_LIMITS) != bool(working_limits):
        raise InputRefused("« Apte avec des limites » va avec au moins une limite, et elle seule.", field="limits")
    with audit.writing(by, now=now) as w:
        row = Fitness(
            subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement, result=result,
            seen_on=seen_on, certificate_seen=certificate_seen, recorded_at=now,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.FITNESS])
        if result == FitnessResult.FIT_WITH_LIMITS:
            locked = revision.lock(TigPlacement.objects.all(), placement.pk, None)
            revision.save(locked, limits=sorted(working_limits))
            w.note(Act.CHANGE, locked, classes=[DataClass.FITNESS], why="limits")
