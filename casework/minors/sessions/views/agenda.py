"""The agenda of one meeting: built by rule, ordered by hand, sent in one click, printed per right."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member, stepped_up
from casework.casefile import documents, revision
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.models import FollowUp
from casework.minors.sessions import facts
from casework.minors.sessions.actions import meeting as acts
from casework.minors.sessions.models import GroupSession
from casework.minors.sessions.reads import agenda as reads
from casework.minors.sessions.views.meetings import carry_out


@member(Action.VIEW, DataClass.SESSION_MINUTES)
@require_GET
def show(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the agenda: lines on the left, the meeting on the right."""
    return _page(request, facts.find(request.viewer, pk, request.now))


def _page(request: AgentRequest, session: GroupSession, *, status: int = 200) -> HttpResponse:
    page = reads.page(request.viewer, session, now=request.now)
    add = reads.choices_to_add(request.viewer, session, now=request.now) if page.may_change else []
    context = {"page": page, "add": add, "today": localdate(request.now)}
    return render(request, "meetings/agenda.html", context, status=status)


def _own(request: AgentRequest, pk: UUID, action: Action = Action.CHANGE) -> GroupSession:
    """Return a meeting this viewer prepares. Raises AccessRefused."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, action, request.now)
    return session


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_POST
def build(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Build or complete the agenda by rule."""
    session = _own(request, pk)

    def act() -> None:
        built = acts.build_agenda(by=request.viewer, session=session, now=request.now)
        if built.added or built.removed:
            messages.success(request, _said(built))
        else:
            messages.info(request, "L’ordre du jour est complet : aucune autre situation ne le demande.")

    return carry_out(request, act, to=reverse("meetings:agenda", args=[pk]))


def _said(built: acts.Built) -> str:
    parts = []
    if built.added:
        parts.append(f"{built.added} inscrite{'s' if built.added > 1 else ''}")
    if built.removed:
        parts.append(f"{built.removed} retirée{'s' if built.removed > 1 else ''}, plus rien ne la demandait")
    return f"Situations : {', '.join(parts)}."


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_POST
def arrange(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Put the lines in blocks: each service arrives and leaves once."""
    session = _own(request, pk)
    return carry_out(
        request,
        lambda: acts.arrange(by=request.viewer, session=session, now=request.now),
        to=reverse("meetings:agenda", args=[pk]),
    )


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_POST
def order(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Put the lines in the order posted; `move` (« up:id », « down:id ») moves one of them by one."""
    session = _own(request, pk)
    wanted, moved = _order(request)
    where = reverse("meetings:agenda", args=[pk]) + (f"#ligne-{moved}" if moved else "")
    return carry_out(
        request,
        lambda: acts.reorder(by=request.viewer, session=session, line_ids=wanted, now=request.now),
        to=where,
    )


def _order(request: AgentRequest) -> tuple[list[UUID], UUID | None]:
    """Return the order asked for and the line moved. Raises AccessRefused on what is not an id."""
    try:
        ids = [UUID(value) for value in request.POST.getlist("order")]
        way, _, moved = request.POST.get("move", "").partition(":")
        line = UUID(moved) if moved else None
    except ValueError:
        raise AccessRefused(code="line") from None
    if line in ids and line is not None and way in ("up", "down"):
        at = ids.index(line)
        to = min(max(at + (-1 if way == "up" else 1), 0), len(ids) - 1)
        ids.insert(to, ids.pop(at))
    return ids, line


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_POST
def line(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Set the minutes of a line and the services asked on it; saved at each change."""
    session = _own(request, pk)
    status = 200
    try:
        acts.set_line(
            by=request.viewer, session=session, line_id=line_id, minutes=_minutes(request), asked=_asked(request),
            now=request.now, expected=revision.expected(request.POST),
        )  # fmt: skip
    except ConflictRefused:
        messages.warning(request, "Cette ligne a changé entre-temps : voici son état actuel.")
        status = 409
    except (GuardRefused, InputRefused) as refusal:
        messages.error(request, refusal.message)
        status = 422
    if request.htmx:
        return _page(request, facts.find(request.viewer, pk, request.now), status=status)
    return HttpResponseRedirect(reverse("meetings:agenda", args=[pk]) + f"#ligne-{line_id}")


def _minutes(request: AgentRequest) -> int:
    text = request.POST.get("minutes", "").strip()
    return int(text) if text.isdecimal() and len(text) < 4 else 0


def _asked(request: AgentRequest) -> list[UUID]:
    try:
        return [UUID(value) for value in request.POST.getlist("asked")]
    except ValueError:
        raise InputRefused("Choisissez des services de la liste.", field="asked") from None


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_POST
def add(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Put one situation on the agenda by hand."""
    session = _own(request, pk)

    def act() -> str:
        try:
            key = UUID(request.POST.get("situation", ""))
        except ValueError:
            raise InputRefused("Choisissez une situation.", field="situation") from None
        follow_up = followup_facts.find(request.viewer, key, request.now)
        if follow_up.group_id != session.group_id:
            raise AccessRefused(code="group")
        row = acts.add_line(by=request.viewer, session=session, follow_up=follow_up, now=request.now)
        return reverse("meetings:agenda", args=[pk]) + f"#ligne-{row.pk}"

    return carry_out(request, act, to=reverse("meetings:agenda", args=[pk]))


@member(Action.CHANGE, DataClass.SESSION_MINUTES)
@require_POST
def remove(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Take a line off: what it opened closes at once (T-38)."""
    session = _own(request, pk)
    return carry_out(
        request,
        lambda: acts.remove_line(by=request.viewer, session=session, line_id=line_id, now=request.now),
        to=reverse("meetings:agenda", args=[pk]),
    )


@member(Action.MOVE, DataClass.SESSION_MINUTES)
@stepped_up
@require_POST
def invite(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Send the invitation and the agenda: doors open, one neutral message for each representative.

    It gives rights on every line, hence the fresh second factor; the room never asks for one (ADR 0044).
    """
    session = _own(request, pk, Action.MOVE)
    where = reverse("meetings:page", args=[pk])

    def act() -> None:
        acts.convene(
            by=request.viewer, session=session, now=request.now, expected=revision.expected(request.POST),
            link=request.build_absolute_uri(where),
        )  # fmt: skip
        messages.success(request, "L’invitation est partie. Chaque service voit maintenant ce qui le concerne.")

    return carry_out(request, act, to=where)


@member(Action.PRINT, DataClass.SESSION_MINUTES)
@require_GET
def pdf(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Return the agenda on paper, cut to what this viewer may print."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Action.PRINT, request.now)
    return documents.response(reads.document(request.viewer, session, now=request.now), "agenda")


@member(Action.CREATE, DataClass.YOUTH_REVIEW)
@require_POST
def ask(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Ask that a situation of one's circle be put on the next agenda, or take that back."""
    follow_up: FollowUp = followup_facts.find(request.viewer, pk, request.now)
    followup_facts.require_on(request.viewer, follow_up, Action.CREATE, DataClass.YOUTH_REVIEW, request.now)
    act = acts.take_back if request.POST.get("back") else acts.ask_for
    return carry_out(
        request,
        lambda: act(by=request.viewer, follow_up=follow_up, now=request.now),
        to=reverse("followups:page", args=[pk]),
    )


patterns = [
    path("<uuid:pk>/ordre-du-jour/", show, name="agenda"),
    path("<uuid:pk>/ordre-du-jour/construire", build, name="agenda_build"),
    path("<uuid:pk>/ordre-du-jour/ranger", arrange, name="agenda_arrange"),
    path("<uuid:pk>/ordre-du-jour/ordre", order, name="agenda_order"),
    path("<uuid:pk>/ordre-du-jour/ajouter", add, name="agenda_add"),
    path("<uuid:pk>/ordre-du-jour/<uuid:line_id>", line, name="agenda_line"),
    path("<uuid:pk>/ordre-du-jour/<uuid:line_id>/retirer", remove, name="agenda_remove"),
    path("<uuid:pk>/inviter", invite, name="invite"),
    path("<uuid:pk>/ordre-du-jour.pdf", pdf, name="agenda_pdf"),
    path("demander/<uuid:pk>", ask, name="ask"),
]
