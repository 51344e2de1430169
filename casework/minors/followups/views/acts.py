"""Acts on one situation: schemes, circle, actions, moves, identity. Each view validates and calls one action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from casework.access import step_up
from casework.access.approvals import ApprovalAct, ApprovalReason
from casework.access.approvals import reads as approvals
from casework.access.days import FrenchDateField
from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile import conflict, once, revision
from casework.casefile import reads as lists
from casework.casefile.acts import submit
from casework.casefile.choosing import offer
from casework.casefile.codes import ListCode
from casework.casefile.guarded import PRECISION_HELP, GuardedForm
from casework.casefile.models import LocalItem
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused, MoveRefused
from casework.minors.followups import codes, facts
from casework.minors.followups.actions import circle, people, schemes, stages, steps
from casework.minors.followups.forms.referrals import PersonFields
from casework.minors.followups.models import FollowUp
from casework.minors.followups.reads import parts
from casework.minors.followups.reads import situations as reads
from casework.partners import reads as partners
from casework.partners.models import Organisation, Territory


def situation_url(follow_up_id: UUID, tab: str = "", anchor: str = "") -> str:
    """Return the address of a tab of a situation."""
    url = reverse("followups:page", args=[follow_up_id])
    return url + (f"?onglet={tab}" if tab else "") + (f"#{anchor}" if anchor else "")


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise InputRefused("Choisissez une valeur de la liste.") from None


def _day(request: HttpRequest, name: str) -> date:
    day: date | None = FrenchDateField(required=False).to_python(request.POST.get(name, ""))
    if day is None:
        raise InputRefused("Indiquez une date, comme 12/03/2027.", field=name)
    return day


def plain(request: AgentRequest, act: Callable[[], object], *, back: str, title: str) -> HttpResponse:
    """Carry out a one-click act once; a refusal is said in French on a page that leads back."""
    try:
        return once.run(request, act, to=back)
    except (InputRefused, GuardRefused, MoveRefused, ConflictRefused) as refusal:
        message = refusal.message
    except forms.ValidationError as invalid:
        message = " ".join(invalid.messages)
    return render(request, "followups/not_done.html", {"title": title, "message": message, "back": back}, status=409)


@member(Ask.CREATE, DataClass.YOUTH_REVIEW)
@require_POST
def set_scheme(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say in one click where a scheme stands."""
    follow_up = facts.find(request.viewer, pk, request.now)

    def act() -> None:
        item = LocalItem.objects.filter(pk=_uuid(request.POST.get("item", ""))).first()
        if item is None:
            raise InputRefused("Choisissez un dispositif de la liste.")
        known = revision.expected(request.POST) if request.POST.get("revision") else None
        schemes.set_state(
            by=request.viewer, follow_up=follow_up, item=item, state=request.POST.get("state", ""), now=request.now,
            expected=known,
        )  # fmt: skip

    return plain(request, act, back=situation_url(pk, anchor="dispositifs"), title="Dispositif")


@member(Ask.VIEW, DataClass.YOUTH_CARD)
@require_POST
def change_circle(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Let a service in or out, name who is in charge."""
    follow_up = facts.find(request.viewer, pk, request.now)
    do = request.POST.get("do", "")
    if do == "enter" and request.POST.get("organisation") != str(request.viewer.organisation_id):
        step_up.require(request)  # another service is about to read this person's file

    def act() -> None:
        common: dict[str, Any] = {"by": request.viewer, "follow_up": follow_up, "now": request.now}
        if do == "enter":
            organisation = Organisation.objects.filter(
                pk=_uuid(request.POST.get("organisation", "")), territory_id=request.viewer.territory_id
            ).first()
            if organisation is None:
                raise InputRefused("Choisissez un service.")
            circle.enter(
                organisation=organisation, reason=_code(codes.CircleReason, request.POST.get("reason")), **common
            )
        elif do == "leave":
            circle.leave(
                membership_id=_uuid(request.POST.get("membership", "")),
                reason=_code(codes.CircleEnd, request.POST.get("reason")),
                expected=revision.expected(request.POST), **common,
            )  # fmt: skip
        elif do == "charge":
            chosen = request.POST.get("mandate", "")
            circle.put_in_charge(
                membership_id=_uuid(request.POST.get("membership", "")),
                mandate_id=_uuid(chosen) if chosen else None, expected=revision.expected(request.POST), **common,
            )  # fmt: skip
        elif do == "say":
            schemes.say_involvement(
                involvement=request.POST.get("involvement", ""), expected=revision.expected(request.POST), **common
            )
        else:
            raise InputRefused("Choisissez une action.")

    return plain(request, act, back=situation_url(pk, anchor="cercle"), title="Le cercle")


def _code(choices: type[codes.CircleReason] | type[codes.CircleEnd], value: str | None) -> str:
    try:
        return choices(value or "").value
    except ValueError:
        raise InputRefused("Choisissez un motif de la liste.") from None


class ActionForm(GuardedForm):
    """Who does what before when, after which other action. The tab « Actions » posts the same fields."""

    kind = forms.ChoiceField(label="Action", choices=codes.ActionType.choices)
    owner = forms.ChoiceField(label="Par")
    due_on = FrenchDateField(label="Pour le")
    precision = forms.CharField(
        label="Précision", max_length=steps.PRECISION_MAX, required=False, help_text=PRECISION_HELP
    )
    after = forms.ChoiceField(label="Après", required=False)

    def __init__(self, data: Any, *, part: parts.ActionsPart) -> None:
        super().__init__(data)
        chained = [("", "—"), *((str(line.id), f"{line.kind}, {line.owner}") for line in part.open)]
        offer(self, "owner", [(str(key), label) for key, label in part.owners])
        offer(self, "after", chained)


@member(Ask.CREATE, DataClass.YOUTH_REVIEW)
def add_action(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Add an action between meetings; what is to be corrected comes back in its fields, nothing lost."""
    viewer = request.viewer
    follow_up = facts.find(viewer, pk, request.now)
    relation = facts.require_on(viewer, follow_up, Ask.CREATE, DataClass.YOUTH_REVIEW, request.now)
    part = parts.actions(viewer, follow_up, relation, request.now)
    if part is None:
        raise AccessRefused(code="follow_up")
    form = ActionForm(request.POST if request.method == "POST" else None, part=part)
    back = situation_url(pk, "actions")
    done = submit(request, form, lambda: _decide(request, follow_up, form.cleaned_data), to=back)
    return done or render(
        request, "followups/action_new.html", {"form": form, "reference": follow_up.reference, "back": back},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _decide(request: AgentRequest, follow_up: FollowUp, data: dict[str, Any]) -> None:
    steps.decide(
        by=request.viewer, follow_up=follow_up, kind=data["kind"], owner=Organisation.objects.get(pk=data["owner"]),
        due_on=data["due_on"], precision=data["precision"], after_id=UUID(data["after"]) if data["after"] else None,
        now=request.now,
    )  # fmt: skip


@member(Ask.CHANGE, DataClass.YOUTH_REVIEW)
def finish_action(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give an action its coded result; on GET, ask only for the result."""
    action = facts.find_step(request.viewer, pk, request.now)
    follow_up = action.follow_up
    if request.method != "POST":
        return render(
            request, "followups/action_done.html",
            {"action_id": action.pk, "kind": action.get_kind_display(), "due_on": action.due_on,
             "revision": action.revision, "reference": follow_up.reference, "follow_up_id": follow_up.pk,
             "results": codes.ActionResult.choices, "today": localdate(request.now)},
        )  # fmt: skip

    def act() -> None:
        if request.POST.get("result") not in codes.ActionResult.values:
            raise InputRefused("Choisissez un résultat.")
        steps.finish(
            by=request.viewer, action_id=pk, follow_up=follow_up, result=request.POST["result"], now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    return plain(request, act, back=situation_url(follow_up.pk, "actions"), title="Résultat de l’action")


@member(Ask.CHANGE, DataClass.YOUTH_REVIEW)
@require_POST
def postpone_action(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Move the date of an open action."""
    follow_up = facts.find_step(request.viewer, pk, request.now).follow_up

    def act() -> None:
        steps.postpone(
            by=request.viewer, action_id=pk, follow_up=follow_up, due_on=_day(request, "due_on"), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    return plain(request, act, back=situation_url(follow_up.pk, "actions"), title="Reporter l’action")


class MoveForm(forms.Form):
    """What a move asks for, and no more."""

    def __init__(self, act: str, follow_up: FollowUp, request: AgentRequest) -> None:
        super().__init__(request.POST if request.method == "POST" else None)
        today = localdate(request.now)
        if act == "follow":
            seated = partners.member_organisations(follow_up.group, request.now)
            services = Organisation.objects.filter(pk__in=[row.pk for row in seated]).order_by("letter", "short_name")
            self.fields["lead"] = forms.ModelChoiceField(
                label="Référent de parcours", queryset=services, empty_label="Choisir un service"
            )
            self.fields["programme"] = forms.ChoiceField(
                label="Programme", choices=lists.choices(follow_up.territory_id, ListCode.PROGRAMME, today)
            )
            if follow_up.state == codes.Stage.REFERRED:
                self.fields["put_off"] = forms.ChoiceField(
                    label="La famille n’est pas informée : motif du report", choices=codes.WithholdMotive.choices
                )
        if act == "suspend":
            self.fields["reason"] = forms.ChoiceField(label="Motif", choices=codes.SuspendReason.choices)
        if act == "end":
            kept = [row for row in codes.EndReason.choices if row[0] != codes.EndReason.PURGE]
            self.fields["reason"] = forms.ChoiceField(label="Motif de fin", choices=kept)
        if act == "ask_reopen":
            self.fields["reason"] = forms.ChoiceField(label="Motif", choices=ApprovalReason.choices)
            self.fields["words"] = forms.CharField(
                label="Précisions", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
                help_text="Pour la seconde personne. Sans nom de jeune.",
            )  # fmt: skip
        if act in ("follow", "reopen"):
            self.fields["next_review_on"] = FrenchDateField(label="À revoir le", required=False)


MOVES = {
    "follow": ("Entrer en suivi", "Le référent de parcours et le programme sont nécessaires."),
    "suspend": ("Suspendre le suivi", "Les accès du cercle restent ouverts ; rien n’est effacé."),
    "resume": ("Reprendre le suivi", "La situation revient dans les réunions."),
    "end": ("Terminer le suivi", "La fiche est archivée aussitôt et le cercle n’y a plus accès. Les actions ouvertes"
            " sont closes « sans objet »."),
    "reopen": ("Rouvrir la fiche", "Une seconde personne est d’accord : la fiche redevient suivie."),
    "ask_reopen": ("Demander la réouverture", "Une fiche archivée se rouvre à deux, après une nouvelle saisine."),
}  # fmt: skip


@member(Ask.MOVE, DataClass.YOUTH_REVIEW)
def move(request: AgentRequest, pk: UUID, act: str) -> HttpResponse:
    """Make one move of the table, with what it asks for."""
    if act not in MOVES:
        raise Http404
    follow_up = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, follow_up, Ask.MOVE, DataClass.YOUTH_REVIEW, request.now)
    if act == "ask_reopen" and request.method == "GET":
        asked = approvals.mine_about(request.viewer, ApprovalAct.ARCHIVE_REOPEN, pk, request.now)
        if asked is not None:
            return redirect("followups:move", pk, "reopen") if asked.agreed else redirect("approvals:page", asked.id)
    form = MoveForm(act, follow_up, request)
    to = reverse("approvals:list") if act == "ask_reopen" else situation_url(pk)
    done = submit(request, form, lambda: _move(request, follow_up, act, form), to=to)
    title, lead = MOVES[act]
    return done or render(
        request, "followups/move.html",
        {"form": form, "title": title, "lead": lead, "follow_up_id": pk, "reference": follow_up.reference,
         "revision": follow_up.revision, "act": act},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _move(request: AgentRequest, follow_up: FollowUp, act: str, form: MoveForm) -> None:
    data = form.cleaned_data
    by, now, expected = request.viewer, request.now, revision.expected(request.POST)
    if act == "follow":
        stages.follow(
            by=by, follow_up=follow_up, lead=data["lead"], programme=LocalItem.objects.get(pk=data["programme"]),
            next_review_on=data["next_review_on"], put_off=data.get("put_off", ""), now=now, expected=expected,
        )  # fmt: skip
    elif act == "suspend":
        stages.suspend(by=by, follow_up=follow_up, reason=data["reason"], now=now, expected=expected)
    elif act == "resume":
        stages.resume(by=by, follow_up=follow_up, now=now, expected=expected)
    elif act == "ask_reopen":
        stages.ask_to_reopen(by=by, follow_up=follow_up, reason=data["reason"], words=data["words"], now=now)
    elif act == "end":
        stages.end(by=by, follow_up=follow_up, reason=data["reason"], now=now, expected=expected)
    else:
        stages.reopen(by=by, follow_up=follow_up, next_review_on=data["next_review_on"], now=now, expected=expected)


@member(Ask.CHANGE, DataClass.YOUTH_IDENTITY)
def change_identity(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Correct identity and occupation; a conflict shows both versions and loses nothing."""
    viewer = request.viewer
    follow_up = facts.find(viewer, pk, request.now)
    relation = facts.require_on(viewer, follow_up, Ask.CHANGE, DataClass.YOUTH_IDENTITY, request.now, is_author=True)
    sectors = Territory.objects.values_list("sectors", flat=True).get(pk=viewer.territory_id)
    found = reads.identity(viewer, follow_up, withheld=facts.withheld(viewer, follow_up, relation))
    initial = people.initial(found, reads.sector(viewer, follow_up))
    form = PersonFields(request.POST or None, sectors=sectors, initial=initial)
    back = situation_url(pk, "famille")
    if request.method == "POST" and form.is_valid():
        try:
            return once.run(
                request,
                lambda: people.change(
                    by=viewer, follow_up=follow_up, data=form.person(), now=request.now,
                    expected=revision.expected(request.POST),
                ),
                to=back, draft=f"identite.{pk}",
            )  # fmt: skip
        except InputRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        except ConflictRefused as changed:
            return conflict.resolve(request, form, changed, current=initial, back=back)
    return render(
        request, "followups/identity.html",
        {"form": form, "follow_up_id": pk, "reference": follow_up.reference,
         "revision": people.revision_of(follow_up), "draft_key": f"identite.{pk}", "subject": follow_up.subject_id},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


patterns = [
    path("situations/<uuid:pk>/dispositifs/", set_scheme, name="schemes"),
    path("situations/<uuid:pk>/cercle/", change_circle, name="circle"),
    path("situations/<uuid:pk>/actions/", add_action, name="actions"),
    path("actions/<uuid:pk>/fait/", finish_action, name="action_done"),
    path("actions/<uuid:pk>/reporter/", postpone_action, name="action_postpone"),
    path("situations/<uuid:pk>/etape/<slug:act>/", move, name="move"),
    path("situations/<uuid:pk>/identite/", change_identity, name="identity"),
]
