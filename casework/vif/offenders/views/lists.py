"""The list of measures, cut for who asks; receiving a new one; the review of the year; what the service decides."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile import drafts, once
from casework.casefile.acts import submit
from casework.casefile.calendar import read_year
from casework.errors import AccessRefused, InputRefused
from casework.vif.offenders import documents, facts, law
from casework.vif.offenders.actions import opening, setting
from casework.vif.offenders.codes import Frame
from casework.vif.offenders.forms import OrderForm, SettingForm
from casework.vif.offenders.prose import TEMPLATES
from casework.vif.offenders.reads import lists, yearly
from casework.vif.offenders.reads import page as reads
from casework.vif.offenders.views.common import offered, page_url


@member(Action.LIST, DataClass.VIF_PERSON)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """List one's own measures by hearing; for a prosecutor's agent, the reports received, then the measures."""
    viewer, now = request.viewer, request.now
    lines = lists.own(viewer, now)
    context: dict[str, Any] = {
        "lines": [line for line in lines if not line.is_over], "over": [line for line in lines if line.is_over],
        "may_create": facts.writes(viewer.role), "is_lead": viewer.is_service_lead,
        "silent": [line for line in lines if line.is_silent], "counts": facts.counts_are_open(viewer, now),
    }  # fmt: skip
    if facts.reads_all(viewer.role):
        found = lists.received(viewer, now)
        first = [line for line in found if line.is_recent]
        shown = [("Rapports récents", first), ("Rapports plus anciens", [line for line in found if not line.is_recent])]
        return render(request, "measures/received.html", context | {"reports": [each for each in shown if each[1]]})
    return render(request, "measures/list.html", context)


@member(Action.CREATE, DataClass.VIF_PERSON)
@require_safe
def choose(request: AgentRequest) -> HttpResponse:
    """Choose the frame of a new measure."""
    facts.require_creation(request.viewer, request.now)
    frames = [(frame, TEMPLATES[frame].ground) for frame in Frame]
    return render(request, "measures/choose.html", {"frames": frames})


@member(Action.CREATE, DataClass.VIF_PERSON)
@require_http_methods(["GET", "POST"])
def receive(request: AgentRequest, frame: str) -> HttpResponse:
    """Receive an order; what is typed is kept as a draft under the new person's key."""
    if frame not in Frame.values:
        raise Http404
    facts.require_creation(request.viewer, request.now)
    today = localdate(request.now)
    key, choices = f"measure-{frame}", offered(frame, today)
    if request.method == "POST":
        form = OrderForm(request.POST, frame=frame, offered=choices)
        if form.is_valid():

            def act() -> str:
                row = opening.receive(
                    by=request.viewer, data=form.order(), now=request.now, person_id=form.cleaned_data["person_id"]
                )
                return page_url(row.pk)

            try:
                return once.run(request, act, draft=key)
            except InputRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _new(request, form, key, form.data.get("person_id", ""), None)
    draft = drafts.load(request.viewer, key, now=request.now)
    if draft is not None:
        initial: dict[str, Any] = {**draft.as_initial(["obligations"]), "person_id": draft.subject_id}
        return _new(
            request, OrderForm(initial=initial, frame=frame, offered=choices), key, str(draft.subject_id), draft
        )
    person_id = uuid.uuid4()
    initial = {"person_id": person_id, "ordered_on": today, **_from_before(request)}
    if frame == Frame.COURSE:
        initial |= {"term_on": law.course_due_on(frame=frame, ordered_on=today), "obligations": ["course"]}
    return _new(request, OrderForm(initial=initial, frame=frame, offered=choices), key, str(person_id), None)


def _from_before(request: AgentRequest) -> dict[str, Any]:
    """Return who the person is, from the measure judged that this one follows: a new frame, a new file (CJ-38)."""
    try:
        pk = uuid.UUID(request.GET.get("suite", ""))
    except ValueError:
        return {}
    page = reads.page(request.viewer, pk, request.now)
    names = ("last_name", "first_name", "born_on", "phone", "email", "address", "court", "case_mark")
    return {name: getattr(page, name) for name in names}


def _new(
    request: AgentRequest, form: OrderForm, key: str, person_id: str, draft: drafts.SavedDraft | None
) -> HttpResponse:
    try:
        subject = uuid.UUID(str(person_id))
    except ValueError:
        subject = uuid.uuid4()
    context = {
        "form": form, "frame": Frame(form.frame), "draft_key": key, "person_id": subject,
        "saved_at": draft.saved_at if draft else None, "more": [form[name] for name in form.MORE],
        "has_hearing": "hearing_on" in form.fields,
    }  # fmt: skip
    return render(request, "measures/new.html", context, status=422 if form.is_bound else 200)


@member(Action.LIST, DataClass.VIF_PERSON)
@require_safe
def review(request: AgentRequest) -> HttpResponse:
    """Show the numbers of a finished year."""
    return render(
        request, "measures/review.html", {"review": yearly.review(request.viewer, _year(request), request.now)}
    )


def _year(request: AgentRequest) -> int | None:
    return read_year(request.GET.get("annee", ""))


@member(Action.LIST, DataClass.VIF_PERSON)
@require_safe
def review_paper(request: AgentRequest) -> HttpResponse:
    """Give the same as PDF."""
    return pdf.response(documents.review(request.viewer, _year(request), request.now), "bilan")


@member(Action.LIST, DataClass.VIF_PERSON)
@require_safe
def review_text(request: AgentRequest) -> HttpResponse:
    """Give the same as OpenDocument."""
    return pdf.response(documents.review_text(request.viewer, _year(request), request.now), "bilan", suffix="odt")


@member(Action.CREATE, DataClass.VIF_PERSON)
@require_http_methods(["GET", "POST"])
def settings_page(request: AgentRequest) -> HttpResponse:
    """Let the lead of the service decide how long a silence may last, and who reads reports."""
    if request.viewer.is_service_lead is not True:
        raise AccessRefused(code="lead")
    facts.require_creation(request.viewer, request.now)
    held = reads.setting_of(request.viewer.organisation_id)
    initial = {"silence_days": held.silence_days, "second_reader": held.second_reader}
    form = SettingForm(request.POST or None, initial=initial)

    def act() -> None:
        setting.decide(by=request.viewer, now=request.now, **form.cleaned_data)

    answer = submit(request, form, act, to=reverse("measures:index"))
    return answer or render(request, "measures/settings.html", {"form": form}, status=422 if form.is_bound else 200)


patterns = [
    path("", index, name="index"),
    path("nouvelle/", choose, name="choose"),
    path("nouvelle/<str:frame>/", receive, name="new"),
    path("bilan/", review, name="review"),
    path("bilan/pdf", review_paper, name="review_paper"),
    path("bilan/odt", review_text, name="review_text"),
    path("reglages/", settings_page, name="settings"),
]
