"""The room: one projected page, its acts as plain forms, the members' own screens, the paper sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.audit import Act
from casework.casefile import documents, once, revision
from casework.casefile import format as fr
from casework.errors import ConflictRefused, GuardRefused, InputRefused, Refused
from casework.minors.followups.codes import ActionResult, ActionType, Outcome, SchemeState, StepOne, StepThree, StepTwo
from casework.minors.sessions import facts
from casework.minors.sessions.actions import room as acts
from casework.minors.sessions.codes import Presence, SessionState
from casework.minors.sessions.forms.room import AdviceForm, DecisionForm, ReviewForm
from casework.minors.sessions.models import GroupSession
from casework.minors.sessions.reads import room as reads
from casework.partners import session_state

_runs = member(Ask.MOVE, DataClass.SESSION_MINUTES)
BLANKS = 3
# The room stays awake this long after its planned end, while the meeting is open.
OVERTIME = timedelta(hours=2)


@_runs
@require_GET
def show(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Project the meeting, on one line."""
    session = _session(request, pk)
    return _page(request, session, _uuid(request.GET.get("ligne", "")))


def _session(request: AgentRequest, pk: UUID) -> GroupSession:
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Ask.MOVE, request.now)
    _stay_awake(request, session)
    return session


def _stay_awake(request: AgentRequest, session: GroupSession) -> None:
    """Hold the idle lock back while the meeting runs in this browser (design.md §11, « An open room »)."""
    if session.state == SessionState.OPEN:
        if not session_state.meeting_runs(request.session, request.now + OVERTIME / 2):
            session_state.open_meeting(request.session, max(session.ends_at, request.now) + OVERTIME)
    elif session_state.meeting_runs(request.session, request.now):
        session_state.open_meeting(request.session, None)


def _uuid(text: str) -> UUID | None:
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
    context: dict[str, Any] = {"session": session, "today": today, "refusal": refusal, "now": request.now} | bound
    if session.state != SessionState.OPEN:
        context |= {
            "members": reads.members(session),
            "presences": Presence.choices,
            "guest_choices": reads.guest_choices(session) if session.state == SessionState.CONVENED else (),
            "lines": reads.lines_of(session).count(),
        }
        return render(request, "meetings/room_before.html", context, status=status)
    room = reads.room(request.viewer, session, line_id, now=request.now)
    line = room.line
    context |= {"room": room, "line": line, "results": _RESULTS, "kinds": ActionType.choices}
    context["scheme_states"] = SchemeState.choices
    context["used"] = line.used(request.now) if line is not None else 0
    if line is not None and line.is_open:
        if line.question is not None:
            context.setdefault("advice_form", AdviceForm())
        else:
            context.setdefault("decision_form", _decision_form(request, room))
            context.setdefault("review_form", _review_form(request, session, line, room.leads))
    return render(request, "meetings/room.html", context, status=status)


_RESULTS = (
    (ActionResult.DONE, "Fait"),
    (ActionResult.UNDER_WAY, "En cours"),
    (ActionResult.FAILED, "Pas abouti"),
    (ActionResult.REFUSED, "Refusé"),
    (ActionResult.VOID, "Sans objet"),
)


def _decision_form(request: AgentRequest, room: reads.Room, data: Any = None) -> DecisionForm:
    return DecisionForm(data, owners=reads.owners(room.services), today=localdate(request.now), prefix="d")


def _review_form(
    request: AgentRequest, session: GroupSession, line: reads.LineView, leads: Sequence[tuple[str, str]]
) -> ReviewForm:
    today = localdate(request.now)
    return ReviewForm(
        initial=_guess(line, today), outcomes=reads.outcomes_of(line.stage), leads=leads,
        programmes=reads.programmes(session, today), today=today, prefix="r",
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
        "review_on": fr.numeric_day(ahead) if ahead else "+1m",
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


def _at(session: GroupSession, line_id: UUID | None = None) -> str:
    url = reverse("meetings:room", args=[session.pk])
    return f"{url}?{urlencode({'ligne': str(line_id)})}" if line_id else url


def decision_key(line_id: UUID) -> str:
    """Return the key of the draft of a decision being typed."""
    return f"room-decision-{line_id}"


def review_key(line_id: UUID) -> str:
    """Return the key of the draft of the review of a line."""
    return f"room-review-{line_id}"


@_runs
@require_POST
def begin(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Start the meeting with who is present."""
    session = _session(request, pk)
    presences = _presences(request)
    return _run(
        request, session, None,
        lambda: acts.start(by=request.viewer, session=session, presences=presences, now=request.now),
        to=_at(session),
    )  # fmt: skip


def _presences(request: AgentRequest) -> dict[UUID, str]:
    return _by_id(request, "p-")


def _by_id(request: AgentRequest, prefix: str) -> dict[UUID, str]:
    """Return the fields « prefix + id » of a form, by id."""
    found = {_uuid(name.removeprefix(prefix)): str(value) for name, value in request.POST.items()
             if name.startswith(prefix)}  # fmt: skip
    return {key: value for key, value in found.items() if key is not None and value}


@_runs
@require_http_methods(["GET", "POST"])
def presence(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say who is in the room, guests included, during the meeting."""
    session = _session(request, pk)
    here = reverse("meetings:room_presence", args=[pk])
    if request.method == "POST":
        try:
            return once.run(
                request,
                lambda: acts.set_presences(
                    by=request.viewer, session=session, presences=_presences(request), now=request.now
                ),
                to=_at(session),
            )
        except (InputRefused, GuardRefused) as refusal:
            return _presence_page(request, session, refusal.message, 422)
    return _presence_page(request, session, "", 200, here)


def _presence_page(
    request: AgentRequest, session: GroupSession, refusal: str, status: int, here: str = ""
) -> HttpResponse:
    context = {
        "session": session,
        "members": reads.members(session),
        "presences": Presence.choices,
        "guest_choices": reads.guest_choices(session),
        "refusal": refusal,
    }
    return render(request, "meetings/room_presence.html", context, status=status)


@_runs
@require_POST
def guest(request: AgentRequest, pk: UUID) -> HttpResponse:
    """A guest comes in, or leaves."""
    session = _session(request, pk)
    leaving, coming = _uuid(request.POST.get("part", "")), _uuid(request.POST.get("organisation", ""))

    def act() -> None:
        if leaving is not None:
            acts.guest_leaves(by=request.viewer, session=session, member_id=leaving, now=request.now)
        elif coming is not None:
            acts.add_guest(by=request.viewer, session=session, organisation_id=coming, now=request.now)
        else:
            raise InputRefused("Choisissez l’organisme de l’invité.")

    to = _at(session) if session.state != SessionState.OPEN else reverse("meetings:room_presence", args=[pk])
    return _run(request, session, None, act, to=to)


@_runs
@require_POST
def close(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Close the meeting; the idle lock is the office's again."""
    session = _session(request, pk)
    expected = revision.expected(request.POST)
    response = _run(
        request, session, None,
        lambda: acts.close_session(by=request.viewer, session=session, now=request.now, expected=expected),
        to=_at(session),
    )  # fmt: skip
    if response.status_code < 400:
        session_state.open_meeting(request.session, None)
    return response


@_runs
@require_POST
def bring(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Bring a line on the table."""
    session = _session(request, pk)
    return _run(
        request, session, line_id,
        lambda: acts.open_line(by=request.viewer, session=session, line_id=line_id, now=request.now),
        to=_at(session, line_id),
    )  # fmt: skip


@_runs
@require_POST
def attendance(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Say which services are in the room for this situation; `bascule` changes one letter."""
    session = _session(request, pk)
    present = {found for text in request.POST.getlist("present") if (found := _uuid(text))}
    if changed := _uuid(request.POST.get("bascule", "")):
        present ^= {changed}
    return _run(
        request, session, line_id,
        lambda: acts.set_attendance(
            by=request.viewer, session=session, line_id=line_id, organisation_ids=present, now=request.now
        ),
        to=_at(session, line_id),
    )  # fmt: skip


@_runs
@require_POST
def decide(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Add one decision: who, what, precision, when."""
    session = _session(request, pk)
    services = reads.services_of(session)
    form = DecisionForm(request.POST, owners=reads.owners(services), today=localdate(request.now), prefix="d")
    if not form.is_valid() or form.asks_again():
        return _page(request, session, line_id, status=422, decision_form=form)
    values = form.cleaned_data
    data = acts.DecisionData(
        kind=values["what"], owner_id=values["who"], due_on=values["due"], precision=values["precision"]
    )
    return _run(
        request, session, line_id,
        lambda: acts.decide(by=request.viewer, session=session, line_id=line_id, data=data, now=request.now),
        to=_at(session, line_id), draft=decision_key(line_id), decision_form=form,
    )  # fmt: skip


@_runs
@require_POST
def settle(request: AgentRequest, pk: UUID, line_id: UUID, action_id: UUID) -> HttpResponse:
    """Give a decision of last time its result."""
    session = _session(request, pk)
    expected = revision.expected(request.POST)
    result = request.POST.get("result", "")
    return _run(
        request, session, line_id,
        lambda: acts.settle(
            by=request.viewer, session=session, line_id=line_id, action_id=action_id, result=result, now=request.now,
            expected=expected,
        ),
        to=_at(session, line_id),
    )  # fmt: skip


@_runs
@require_POST
def scheme(request: AgentRequest, pk: UUID, line_id: UUID, scheme_id: UUID) -> HttpResponse:
    """Say where a scheme stands: active, asked, refused, not tried."""
    session = _session(request, pk)
    state = request.POST.get("state", "")
    return _run(
        request, session, line_id,
        lambda: acts.set_scheme(
            by=request.viewer, session=session, line_id=line_id, scheme_id=scheme_id, state=state, now=request.now
        ),
        to=_at(session, line_id),
    )  # fmt: skip


@_runs
@require_POST
def undo(request: AgentRequest, pk: UUID, line_id: UUID, action_id: UUID) -> HttpResponse:
    """Take back a decision typed in this meeting."""
    session = _session(request, pk)
    return _run(
        request, session, line_id,
        lambda: acts.undo(by=request.viewer, session=session, line_id=line_id, action_id=action_id, now=request.now),
        to=_at(session, line_id),
    )  # fmt: skip


@_runs
@require_POST
def keep(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """« On garde », and go on to the next line."""
    session = _session(request, pk)
    expected = revision.expected(request.POST)
    following, opens = _next(request, session, line_id)
    return _run(
        request, session, line_id,
        lambda: acts.keep(by=request.viewer, session=session, line_id=line_id, now=request.now, expected=expected,
                          go_on=following if opens else None),
        to=_at(session, following), draft=review_key(line_id),
    )  # fmt: skip


def _next(request: AgentRequest, session: GroupSession, line_id: UUID) -> tuple[UUID | None, bool]:
    """Return the next line to examine, and whether it opens by itself: not when the room must pause before it."""
    following = reads.following(session, line_id)
    return (None, False) if following is None else (following.pk, not reads.pauses(session, following))


@_runs
@require_POST
def review(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Settle a situation and go on."""
    session = _session(request, pk)
    expected = revision.expected(request.POST)
    form = ReviewForm(
        request.POST, outcomes=tuple(Outcome), leads=reads.leads(session),
        programmes=reads.programmes(session, localdate(request.now)), today=localdate(request.now), prefix="r",
    )  # fmt: skip
    if not form.is_valid():
        return _page(request, session, line_id, status=422, review_form=_review_again(request, session, line_id))
    data = _review_data(form.cleaned_data)
    following, opens = _next(request, session, line_id)
    return _run(
        request, session, line_id,
        lambda: acts.review(by=request.viewer, session=session, line_id=line_id, data=data, now=request.now,
                            expected=expected, go_on=following if opens else None),
        to=_at(session, following), draft=review_key(line_id), review_form=form,
    )  # fmt: skip


def _review_again(request: AgentRequest, session: GroupSession, line_id: UUID) -> ReviewForm:
    """Return the form as sent, with the outcomes of this situation only."""
    stage = reads.stage_of(session, line_id)
    today = localdate(request.now)
    form = ReviewForm(
        request.POST, outcomes=reads.outcomes_of(stage), leads=reads.leads(session),
        programmes=reads.programmes(session, today), today=today, prefix="r",
    )  # fmt: skip
    form.is_valid()
    return form


def _review_data(values: dict[str, Any]) -> acts.ReviewData:
    outcome = values["outcome"]
    reason = {Outcome.END: "end_reason", Outcome.SUSPEND: "suspend_reason"}.get(outcome, "")
    return acts.ReviewData(
        step1=values["step1"], step2=values["step2"], step3=values["step3"], outcome=outcome,
        review_on=values["review_on"] if outcome in (Outcome.CONTINUE, Outcome.FOLLOW) else None,
        reason=values[reason] if reason else "", lead_id=_uuid(values["lead"]), programme_id=_uuid(values["programme"]),
        put_off=values["put_off"] if outcome == Outcome.FOLLOW else "",
    )  # fmt: skip


@_runs
@require_POST
def advise(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Answer a question without a name and go on."""
    session = _session(request, pk)
    form = AdviceForm(request.POST)
    if not form.is_valid():
        return _page(request, session, line_id, status=422, advice_form=form)
    following, opens = _next(request, session, line_id)
    return _run(
        request, session, line_id,
        lambda: acts.advise(by=request.viewer, session=session, line_id=line_id, advice=form.cleaned_data["advice"],
                            now=request.now, go_on=following if opens else None),
        to=_at(session, following), advice_form=form,
    )  # fmt: skip


_sees = member(Ask.VIEW, DataClass.SESSION_MINUTES)


@_sees
@require_POST
def reveal(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Show name and preparations while a key is held: one event each time, nothing kept in the page."""
    session = facts.find(request.viewer, pk, request.now)
    refusal, revealed, status = "", None, 200
    try:
        revealed = reads.reveal(request.viewer, session, line_id, now=request.now)
    except GuardRefused as refused:
        refusal, status = refused.message, 409
    follows = request.POST.get("retour") == "suivre"
    back = reverse("meetings:follow", args=[pk]) if follows else _at(session, line_id)
    fragment = bool(request.headers.get("X-Requested-With"))
    template = "meetings/room_revealed.html" if fragment else "meetings/room_revealed_page.html"
    context = {"revealed": revealed, "refusal": refusal, "back": back}
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@member(Ask.VIEW, DataClass.SESSION_MINUTES, passive=True)
@require_GET
def pulse(request: AgentRequest, pk: UUID) -> JsonResponse:
    """Give the revision number of the meeting: no protected data, no event, not an activity (design.md §11)."""
    session = facts.find(request.viewer, pk, request.now)
    response = JsonResponse({"pouls": session.pulse})
    response["Cache-Control"] = "no-store"
    return response


@_sees
@require_GET
def follow(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Follow the meeting on one's own screen: the line on the table, cut to one's own rights."""
    session = facts.find(request.viewer, pk, request.now)
    here = session.members.filter(
        organisation_id=request.viewer.organisation_id, is_guest=False, presence=Presence.PRESENT
    ).exists()
    if here:
        _stay_awake(request, session)
    context = {
        "session": session,
        "line": reads.followed(request.viewer, session, now=request.now),
        "today": localdate(request.now),
    }
    return render(request, "meetings/room_follow.html", context)


@member(Ask.PRINT, DataClass.SESSION_MINUTES)
@require_GET
def sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Print the room sheet: the blanks of the screen, for the day the laptop stays shut. No name on paper."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Ask.MOVE, request.now)
    lines = reads.sheet(request.viewer, session, now=request.now, act=Act.PRINT)
    day = localdate(session.starts_at)
    data: documents.SheetData = {
        "commune": session.territory.name,
        "lead": [f"Réunion de la cellule du {fr.day(day)}, {session.place}"],
        "notes": ["Rien de nominatif sur cette feuille : numéro du jour, initiales, année de naissance. "
                  "À rendre à la coordination en fin de réunion."],
        "services": [{"letter": one.letter, "name": one.name} for one in reads.services_of(session)],
        "codes": [{"code": str(n), "label": str(label)} for n, (_, label) in enumerate(ActionType.choices, start=1)],
        "situations": [
            {
                "number": one.number,
                "card": one.paper,
                "present": one.present,
                "last": [{"who": row.letter, "what": row.label, "due": fr.short_day(row.due_on)} for row in one.last],
                "blanks": BLANKS,
            }
            for one in lines
        ],
    }  # fmt: skip
    pdf = documents.render(documents.Template.SHEET, data, on=day, title="Feuille de réunion")
    return documents.response(pdf, "feuille")


@_runs
@require_GET
def from_sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Type what was decided on paper, line by line."""
    return _sheet_page(request, _session(request, pk))


def _sheet_page(
    request: AgentRequest, session: GroupSession, *, line_id: UUID | None = None, refusal: str = "",
    status: int = 200, bound: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    today = localdate(request.now)
    services = reads.services_of(session)
    lines = reads.sheet(request.viewer, session, now=request.now)
    leads, programmes = reads.leads(session), reads.programmes(session, today)
    items = []
    for one in lines:
        mine = bound if bound and one.id == line_id else None
        form = ReviewForm(
            request.POST if mine else None, outcomes=reads.outcomes_of(one.stage), leads=leads,
            programmes=programmes, today=today, prefix="r", auto_id=f"{one.number}-%s",
            initial={"step1": StepOne.UNKNOWN, "step2": StepTwo.KEPT, "step3": StepThree.UNCHANGED, "review_on": "+1m"},
        )  # fmt: skip
        decisions = mine["decisions"] if mine else _blank_decisions(services, today, one.number)
        items.append({"line": one, "form": form, "decisions": decisions, "refusal": refusal if mine else ""})
    context = {
        "session": session, "items": items, "services": services, "kinds": ActionType.choices, "results": _RESULTS,
        "refusal": "" if bound else refusal, "today": today,
        "done": sum(one.is_settled for one in lines), "total": len(lines),
    }  # fmt: skip
    return render(request, "meetings/room_from_sheet.html", context, status=status)


def _blank_decisions(
    services: tuple[reads.Service, ...], today: date, number: int, data: Any = None
) -> list[DecisionForm]:
    owners = reads.owners(services)
    return [
        DecisionForm(data, owners=owners, today=today, prefix=f"d{n}", auto_id=f"{number}-%s", empty_permitted=True,
                     use_required_attribute=False)
        for n in range(BLANKS)
    ]  # fmt: skip


@_runs
@require_POST
def from_sheet_line(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Record one situation typed from the paper sheet, all or nothing."""
    session = _session(request, pk)
    today = localdate(request.now)
    number = session.lines.filter(pk=line_id).values_list("day_number", flat=True).first() or 0
    form = ReviewForm(
        request.POST, outcomes=tuple(Outcome), leads=reads.leads(session),
        programmes=reads.programmes(session, today), today=today, prefix="r",
    )  # fmt: skip
    services = reads.services_of(session)
    decisions = _blank_decisions(services, today, number, request.POST)
    typed = [one for one in decisions if one.has_changed()]
    valid = form.is_valid() and all(one.is_valid() for one in typed)
    again = valid and sum(one.asks_again() for one in typed) > 0
    bound = {"decisions": decisions}
    if not valid or again:
        return _sheet_page(request, session, line_id=line_id, status=422, bound=bound)
    data = acts.SheetData(
        review=_review_data(form.cleaned_data),
        results=_by_id(request, "a-"),
        decisions=[
            acts.DecisionData(
                kind=one.cleaned_data["what"], owner_id=one.cleaned_data["who"], due_on=one.cleaned_data["due"],
                precision=one.cleaned_data["precision"],
            )
            for one in typed
        ],
        present=[found for text in request.POST.getlist("present") if (found := _uuid(text))],
    )  # fmt: skip
    to = f"{reverse('meetings:from_sheet', args=[pk])}#ligne-{number + 1}"
    try:
        return once.run(
            request,
            lambda: acts.from_sheet(by=request.viewer, session=session, line_id=line_id, data=data, now=request.now),
            to=to,
        )
    except (InputRefused, GuardRefused, ConflictRefused) as refusal:
        session = facts.find(request.viewer, pk, request.now)
        return _sheet_page(
            request, session, line_id=line_id, refusal=refusal.message, status=409, bound=bound
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
    path("<uuid:pk>/salle/<uuid:line_id>/nom", reveal, name="room_reveal"),
    path("<uuid:pk>/salle/<uuid:line_id>/resultat/<uuid:action_id>", settle, name="room_settle"),
    path("<uuid:pk>/salle/<uuid:line_id>/dispositif/<uuid:scheme_id>", scheme, name="room_scheme"),
    path("<uuid:pk>/salle/<uuid:line_id>/annuler/<uuid:action_id>", undo, name="room_undo"),
    path("<uuid:pk>/pouls", pulse, name="pulse"),
    path("<uuid:pk>/suivre/", follow, name="follow"),
    path("<uuid:pk>/feuille.pdf", sheet, name="sheet"),
    path("<uuid:pk>/saisie/", from_sheet, name="from_sheet"),
    path("<uuid:pk>/saisie/<uuid:line_id>", from_sheet_line, name="from_sheet_line"),
]
