"""The room: one projected page, its acts as plain forms, the members' own screens, the paper sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import format as fr
from casework.casefile import once, revision
from casework.errors import ConflictRefused, GuardRefused, InputRefused, Refused
from casework.minors.followups.codes import ActionResult, ActionType, Outcome, SchemeState, StepOne, StepThree, StepTwo
from casework.minors.sessions import facts
from casework.minors.sessions.actions import room as acts
from casework.minors.sessions.codes import Presence, SessionState
from casework.minors.sessions.forms.room import AdviceForm, DecisionForm, ReviewForm
from casework.minors.sessions.models import GroupSession
from casework.minors.sessions.reads import meetings
from casework.minors.sessions.reads import room as reads
from casework.minors.sessions.reads import services as people
from casework.partners import session_state

runs = member(Ask.MOVE, DataClass.SESSION_MINUTES)
# The room stays awake this long after its planned end, while the meeting is open.
OVERTIME = timedelta(hours=2)


@runs
@require_GET
def show(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Project the meeting, on one line."""
    session = session_of(request, pk)
    return _page(request, session, uuid_or_none(request.GET.get("ligne", "")))


def session_of(request: AgentRequest, pk: UUID) -> GroupSession:
    """Return a meeting this viewer holds, its idle lock held back while it runs. Raises AccessRefused."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Ask.MOVE, request.now)
    stay_awake(request, session)
    return session


def stay_awake(request: AgentRequest, session: GroupSession) -> None:
    """Hold the idle lock back while the meeting runs in this browser (design.md §11, « An open room »)."""
    if session.state == SessionState.OPEN:
        if not session_state.meeting_runs(request.session, request.now + OVERTIME / 2):
            session_state.open_meeting(request.session, max(session.ends_at, request.now) + OVERTIME)
    elif session_state.meeting_runs(request.session, request.now):
        session_state.open_meeting(request.session, None)


def uuid_or_none(text: str) -> UUID | None:
    """Return the id written in `text`, None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(
    request: AgentRequest, session: GroupSession, line_id: UUID | None, *, status: int = 200, refusal: str = "",
    **bound: Any,
) -> HttpResponse:  # fmt: skip
    """Return the room: the presence list before the meeting, the situations during it."""
    today = localdate(request.now)
    context: dict[str, Any] = {
        "session": meetings.meeting_of(session),
        "today": today,
        "refusal": refusal,
        "now": request.now,
    } | bound
    if session.state != SessionState.OPEN:
        context |= {
            "members": people.members(session),
            "presences": Presence.choices,
            "guest_choices": people.guest_choices(session) if session.state == SessionState.CONVENED else (),
            "lines": session.lines.count(),
        }
        return render(request, "meetings/room_before.html", context, status=status)
    room = reads.room(request.viewer, session, line_id, now=request.now)
    line = room.line
    context |= {"room": room, "line": line, "results": RESULTS, "kinds": ActionType.choices}
    context["scheme_states"] = SchemeState.choices
    context["used"] = line.used(request.now) if line is not None else 0
    if line is not None and line.is_open:
        if line.question is not None:
            context.setdefault("advice_form", AdviceForm())
        else:
            context.setdefault("decision_form", _decision_form(request, room))
            context.setdefault("review_form", _review_form(request, line, room.leads))
    return render(request, "meetings/room.html", context, status=status)


RESULTS = (
    (ActionResult.DONE, "Fait"),
    (ActionResult.UNDER_WAY, "En cours"),
    (ActionResult.FAILED, "Pas abouti"),
    (ActionResult.REFUSED, "Refusé"),
    (ActionResult.VOID, "Sans objet"),
)


def _decision_form(request: AgentRequest, room: reads.Room, data: Any = None) -> DecisionForm:
    return DecisionForm(data, owners=people.owners(room.services), today=localdate(request.now), prefix="d")


def _review_form(request: AgentRequest, line: reads.LineView, leads: Sequence[tuple[str, str]]) -> ReviewForm:
    today = localdate(request.now)
    outcomes = reads.outcomes_of(line.stage)
    return ReviewForm(
        initial=_guess(line, today), outcomes=outcomes, leads=leads,
        programmes=line.programmes, today=today, prefix="r",
    )  # fmt: skip


def _guess(line: reads.LineView, today: date) -> dict[str, str]:
    """Return the answers most likely meant, from what the page already shows; the person changes them."""
    if line.review:
        day = line.review_on
        return {**line.review, "review_on": fr.numeric_day(day) if day else ""}
    states = {row.state for row in line.schemes}
    step1 = StepOne.ACTIVE if "active" in states else StepOne.UNKNOWN
    chained = len(line.today) > 0
    kept = StepTwo.KEPT if any(row.is_open for row in line.last) else StepTwo.NOTHING_NEW
    ahead = line.next_review_on if line.next_review_on and line.next_review_on > today else None
    return {
        "step1": step1,
        "step2": StepTwo.CHAINED if chained else kept,
        "step3": StepThree.ADDED if chained else StepThree.UNCHANGED,
        "review_on": fr.numeric_day(ahead) if ahead else "",
    }


def _run(
    request: AgentRequest, session: GroupSession, line_id: UUID | None, act: Callable[[], object], *, to: str,
    draft: str = "", **bound: Any,
) -> HttpResponse:  # fmt: skip
    """Carry out one act of the room once; a refusal comes back on the same page with what was typed."""
    try:
        return once.run(request, act, to=to, draft=draft)
    except (InputRefused, GuardRefused, ConflictRefused) as refusal:
        return _refused(request, session, line_id, refusal, bound)


def _refused(
    request: AgentRequest, session: GroupSession, line_id: UUID | None, refusal: Refused, bound: dict[str, Any]
) -> HttpResponse:
    message = refusal.message
    if isinstance(refusal, ConflictRefused):
        message = (
            "Cette situation a changé sur un autre écran. Ce qui est affiché est à jour ; votre saisie est gardée."
        )
    form = next((one for name, one in bound.items() if name.endswith("_form")), None)
    field = getattr(refusal, "field", None)
    if form is not None and field in form.fields:
        form.add_error(field, message)
        message = ""
    session = facts.find(request.viewer, session.pk, request.now)
    status = 422 if isinstance(refusal, InputRefused) else 409
    return _page(request, session, line_id, status=status, refusal=message, **bound)


def room_url(session: GroupSession, line_id: UUID | None = None) -> str:
    """Return the address of the room, on one line where one is given."""
    url = reverse("meetings:room", args=[session.pk])
    return f"{url}?{urlencode({'ligne': str(line_id)})}" if line_id else url


def decision_key(line_id: UUID) -> str:
    """Return the key of the draft of a decision being typed."""
    return f"room-decision-{line_id}"


def review_key(line_id: UUID) -> str:
    """Return the key of the draft of the review of a line."""
    return f"room-review-{line_id}"


@runs
@require_POST
def begin(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Start the meeting with who is present."""
    session = session_of(request, pk)
    presences = _presences(request)
    return _run(
        request, session, None,
        lambda: acts.start(by=request.viewer, session=session, presences=presences, now=request.now),
        to=room_url(session),
    )  # fmt: skip


def _presences(request: AgentRequest) -> dict[UUID, str]:
    return by_id(request, "p-")


def by_id(request: AgentRequest, prefix: str) -> dict[UUID, str]:
    """Return the fields « prefix + id » of a form, by id."""
    found = {uuid_or_none(name.removeprefix(prefix)): str(value) for name, value in request.POST.items()
             if name.startswith(prefix)}  # fmt: skip
    return {key: value for key, value in found.items() if key is not None and value}


@runs
@require_http_methods(["GET", "POST"])
def presence(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say who is in the room, guests included, during the meeting."""
    session = session_of(request, pk)
    here = reverse("meetings:room_presence", args=[pk])
    if request.method == "POST":
        try:
            return once.run(
                request,
                lambda: acts.set_presences(
                    by=request.viewer, session=session, presences=_presences(request), now=request.now
                ),
                to=room_url(session),
            )
        except (InputRefused, GuardRefused) as refusal:
            return _presence_page(request, session, refusal.message, 422)
    return _presence_page(request, session, "", 200, here)


def _presence_page(
    request: AgentRequest, session: GroupSession, refusal: str, status: int, here: str = ""
) -> HttpResponse:
    context = {
        "session": meetings.meeting_of(session),
        "members": people.members(session),
        "presences": Presence.choices,
        "guest_choices": people.guest_choices(session),
        "refusal": refusal,
    }
    return render(request, "meetings/room_presence.html", context, status=status)


@runs
@require_POST
def guest(request: AgentRequest, pk: UUID) -> HttpResponse:
    """A guest comes in, or leaves."""
    session = session_of(request, pk)
    leaving, coming = uuid_or_none(request.POST.get("part", "")), uuid_or_none(request.POST.get("organisation", ""))

    def act() -> None:
        if leaving is not None:
            acts.guest_leaves(by=request.viewer, session=session, member_id=leaving, now=request.now)
        elif coming is not None:
            acts.add_guest(by=request.viewer, session=session, organisation_id=coming, now=request.now)
        else:
            raise InputRefused("Choisissez l’organisme de l’invité.")

    to = room_url(session) if session.state != SessionState.OPEN else reverse("meetings:room_presence", args=[pk])
    return _run(request, session, None, act, to=to)


@runs
@require_POST
def close(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Close the meeting; the idle lock is the office's again."""
    session = session_of(request, pk)
    expected = revision.expected(request.POST)
    response = _run(
        request, session, None,
        lambda: acts.close_session(by=request.viewer, session=session, now=request.now, expected=expected),
        to=room_url(session),
    )  # fmt: skip
    if response.status_code < 400:
        session_state.open_meeting(request.session, None)
    return response


@runs
@require_POST
def bring(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Bring a line on the table."""
    session = session_of(request, pk)
    return _run(
        request, session, line_id,
        lambda: acts.open_line(by=request.viewer, session=session, line_id=line_id, now=request.now),
        to=room_url(session, line_id),
    )  # fmt: skip


@runs
@require_POST
def attendance(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Say which services are in the room for this situation; `bascule` changes one letter."""
    session = session_of(request, pk)
    present = {found for text in request.POST.getlist("present") if (found := uuid_or_none(text))}
    if changed := uuid_or_none(request.POST.get("bascule", "")):
        present ^= {changed}
    return _run(
        request, session, line_id,
        lambda: acts.set_attendance(
            by=request.viewer, session=session, line_id=line_id, organisation_ids=present, now=request.now
        ),
        to=room_url(session, line_id),
    )  # fmt: skip


@runs
@require_POST
def decide(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Add one decision: who, what, precision, when."""
    session = session_of(request, pk)
    viewer = request.viewer
    services = people.services_of(session)
    form = DecisionForm(request.POST, owners=people.owners(services), today=localdate(request.now), prefix="d")
    if not form.is_valid() or form.asks_again(lambda: reads.own_names(viewer, session, line_id, now=request.now)):
        return _page(request, session, line_id, status=422, decision_form=form)
    values = form.cleaned_data
    data = acts.DecisionData(
        kind=values["what"], owner_id=values["who"], due_on=values["due"], precision=values["precision"]
    )
    return _run(
        request, session, line_id,
        lambda: acts.decide(by=request.viewer, session=session, line_id=line_id, data=data, now=request.now),
        to=room_url(session, line_id), draft=decision_key(line_id), decision_form=form,
    )  # fmt: skip


@runs
@require_POST
def settle(request: AgentRequest, pk: UUID, line_id: UUID, action_id: UUID) -> HttpResponse:
    """Give a decision of last time its result."""
    session = session_of(request, pk)
    expected = revision.expected(request.POST)
    result = request.POST.get("result", "")
    return _run(
        request, session, line_id,
        lambda: acts.settle(
            by=request.viewer, session=session, line_id=line_id, action_id=action_id, result=result, now=request.now,
            expected=expected,
        ),
        to=room_url(session, line_id),
    )  # fmt: skip


@runs
@require_POST
def scheme(request: AgentRequest, pk: UUID, line_id: UUID, item_id: UUID) -> HttpResponse:
    """Say where a scheme stands: active, asked, refused, not tried."""
    session = session_of(request, pk)
    state = request.POST.get("state", "")
    return _run(
        request, session, line_id,
        lambda: acts.set_scheme(
            by=request.viewer, session=session, line_id=line_id, item_id=item_id, state=state, now=request.now
        ),
        to=room_url(session, line_id),
    )  # fmt: skip


@runs
@require_POST
def undo(request: AgentRequest, pk: UUID, line_id: UUID, action_id: UUID) -> HttpResponse:
    """Take back a decision typed in this meeting."""
    session = session_of(request, pk)
    return _run(
        request, session, line_id,
        lambda: acts.undo(by=request.viewer, session=session, line_id=line_id, action_id=action_id, now=request.now),
        to=room_url(session, line_id),
    )  # fmt: skip


@runs
@require_POST
def keep(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """« On garde », and go on to the next line."""
    session = session_of(request, pk)
    expected = revision.expected(request.POST)
    following, opens = _next(request, session, line_id)
    return _run(
        request, session, line_id,
        lambda: acts.keep(by=request.viewer, session=session, line_id=line_id, now=request.now, expected=expected,
                          go_on=following if opens else None),
        to=room_url(session, following), draft=review_key(line_id),
    )  # fmt: skip


def _next(request: AgentRequest, session: GroupSession, line_id: UUID) -> tuple[UUID | None, bool]:
    """Return the next line to examine, and whether it opens by itself: not when the room must pause before it."""
    following = reads.following(session, line_id)
    return (None, False) if following is None else (following.pk, not reads.pauses(session, following))


@runs
@require_POST
def review(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Settle a situation and go on."""
    session = session_of(request, pk)
    expected = revision.expected(request.POST)
    form = ReviewForm(
        request.POST, outcomes=tuple(Outcome), leads=people.leads(session),
        programmes=people.programmes(session, localdate(request.now)), today=localdate(request.now), prefix="r",
    )  # fmt: skip
    if not form.is_valid():
        return _page(request, session, line_id, status=422, review_form=_review_again(request, session, line_id))
    data = review_data(form.cleaned_data)
    following, opens = _next(request, session, line_id)
    return _run(
        request, session, line_id,
        lambda: acts.review(by=request.viewer, session=session, line_id=line_id, data=data, now=request.now,
                            expected=expected, go_on=following if opens else None),
        to=room_url(session, following), draft=review_key(line_id), review_form=form,
    )  # fmt: skip


def _review_again(request: AgentRequest, session: GroupSession, line_id: UUID) -> ReviewForm:
    """Return the form as sent, with the outcomes of this situation only."""
    stage = reads.stage_of(session, line_id)
    today = localdate(request.now)
    form = ReviewForm(
        request.POST, outcomes=reads.outcomes_of(stage), leads=people.leads(session),
        programmes=people.programmes(session, today), today=today, prefix="r",
    )  # fmt: skip
    form.is_valid()
    return form


def review_data(values: dict[str, Any]) -> acts.ReviewData:
    """Return what a valid review form says, the dates and motives of its outcome only."""
    outcome = values["outcome"]
    reason = {Outcome.END: "end_reason", Outcome.SUSPEND: "suspend_reason"}.get(outcome, "")
    return acts.ReviewData(
        step1=values["step1"], step2=values["step2"], step3=values["step3"], outcome=outcome,
        review_on=values["review_on"] if outcome in (Outcome.CONTINUE, Outcome.FOLLOW) else None,
        reason=values[reason] if reason else "", lead_id=uuid_or_none(values["lead"]),
        programme_id=uuid_or_none(values["programme"]),
        put_off=values["put_off"] if outcome == Outcome.FOLLOW else "",
    )  # fmt: skip


@runs
@require_POST
def advise(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Answer a question without a name and go on."""
    session = session_of(request, pk)
    form = AdviceForm(request.POST)
    if not form.is_valid():
        return _page(request, session, line_id, status=422, advice_form=form)
    following, opens = _next(request, session, line_id)
    return _run(
        request, session, line_id,
        lambda: acts.advise(by=request.viewer, session=session, line_id=line_id, advice=form.cleaned_data["advice"],
                            now=request.now, go_on=following if opens else None),
        to=room_url(session, following), advice_form=form,
    )  # fmt: skip


patterns = [
    path("<uuid:pk>/salle/", show, name="room"),
    path("<uuid:pk>/salle/ouvrir", begin, name="room_begin"),
    path("<uuid:pk>/salle/presents", presence, name="room_presence"),
    path("<uuid:pk>/salle/invite", guest, name="room_guest"),
    path("<uuid:pk>/salle/clore", close, name="room_close"),
    path("<uuid:pk>/salle/<uuid:line_id>/ouvrir", bring, name="room_bring"),
    path("<uuid:pk>/salle/<uuid:line_id>/presents", attendance, name="room_attendance"),
    path("<uuid:pk>/salle/<uuid:line_id>/decider", decide, name="room_decide"),
    path("<uuid:pk>/salle/<uuid:line_id>/garder", keep, name="room_keep"),
    path("<uuid:pk>/salle/<uuid:line_id>/conclure", review, name="room_review"),
    path("<uuid:pk>/salle/<uuid:line_id>/conseil", advise, name="room_advise"),
    path("<uuid:pk>/salle/<uuid:line_id>/resultat/<uuid:action_id>", settle, name="room_settle"),
    path("<uuid:pk>/salle/<uuid:line_id>/dispositif/<uuid:item_id>", scheme, name="room_scheme"),
    path("<uuid:pk>/salle/<uuid:line_id>/annuler/<uuid:action_id>", undo, name="room_undo"),
]
