"""What may be done on a placement: one line per act, with its form, its action, and when it is offered.

What is offered is only what a page shows: each action asks decide() and the lifecycle again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as base
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import people
from casework.access.http import AgentRequest
from casework.access.viewer import Viewer
from casework.casefile.revision import expected
from casework.errors import AccessRefused
from casework.placements.tig import codes, facts
from casework.placements.tig.actions import (
    attendance,
    decisions,
    demands,
    ends,
    incidents,
    plans,
    proposals,
    reports,
    service,
    team,
)
from casework.placements.tig.codes import State
from casework.placements.tig.forms import acts as forms
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import search
from casework.placements.tig.reads.placements import PlacementPage
from casework.placements.tig.states import ACTIVE

S = State
SEARCHING = (S.RECEIVED, S.MATCHING, S.MEDICAL_PENDING)
AT_WORK = (S.ASSIGNED, S.IN_PROGRESS)
HOSTED = (S.ASSIGNED, S.IN_PROGRESS, S.WORK_SUSPENDED, S.CLOCK_SUSPENDED, S.BREACH_REPORTED)
Run = Callable[[AgentRequest, TigPlacement, Any], object]
Make = Callable[[AgentRequest, TigPlacement, PlacementPage], base.Form]


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act. `officer`, `host`, `tutor`: who is offered it. `when`: a further condition on what the page shows."""

    name: str
    label: str
    lead: str = ""
    states: tuple[State, ...]
    officer: bool = False
    host: bool = False
    tutor: bool = False  # also to the tutor of the day
    group: str = "suite"  # "suite": what comes next; "autre": the rest; "fin": ways to end
    form: Make
    run: Run
    when: Callable[[PlacementPage], bool] = lambda page: True
    danger: bool = False
    urgent: bool = False  # the host is shown whom to call


def _plain(cls: type[base.Form], **initial: Any) -> Make:
    return lambda request, placement, page: cls(request.POST or None, initial=initial)


def _dated(cls: type[base.Form], *names: str) -> Make:
    return lambda request, placement, page: cls(
        request.POST or None, initial=dict.fromkeys(names, localdate(request.now))
    )


class Nothing(base.Form):
    """An act without a field: it is confirmed, no more."""


def _nothing(request: AgentRequest, placement: TigPlacement, page: PlacementPage) -> base.Form:
    return Nothing(request.POST if request.method == "POST" else None)


def _common(request: AgentRequest, placement: TigPlacement) -> dict[str, Any]:
    return {"by": request.viewer, "placement": placement, "now": request.now}


def _demand_form(request: AgentRequest, placement: TigPlacement, page: PlacementPage) -> base.Form:
    return forms.DemandForm(
        request.POST or None,
        audience=placement.audience,
        places=search.places(request.viewer, request.now),
        initial=search.demand_initial(request.viewer, placement, request.now),
    )


def _sentence_form(request: AgentRequest, placement: TigPlacement, page: PlacementPage) -> base.Form:
    initial: dict[str, Any] = {"last_useful_on": placement.last_useful_on}
    if known := page.sentence:  # what is recorded is corrected, not typed again
        initial |= {
            "basis": known.code, "court": known.court, "offence_code": known.offence_code, "hours": known.minutes // 60,
            "months": known.months, "fallback": known.fallback, "born_on": known.born_on, "facts_on": known.facts_on,
            "decided_on": known.decided_on, "enforceable_on": known.enforceable_on,
        }  # fmt: skip
    return forms.SentenceForm(
        request.POST or None, audience=placement.audience, measure=placement.measure, today=localdate(request.now),
        initial=initial,
    )  # fmt: skip


def _supervisor_form(request: AgentRequest, placement: TigPlacement, page: PlacementPage) -> base.Form:
    tutors = search.tutors(request.viewer, placement.post) if placement.post else []
    return forms.choice_form("supervisor", "Tuteur", tutors)(request.POST or None)


def _exam(request: AgentRequest, placement: TigPlacement, form: Any) -> None:
    data = form.cleaned_data
    proposals.record_exam(
        result=data["result"], seen_on=data["seen_on"], certificate_seen=data["certificate_seen"],
        working_limits=data["limits"], **_common(request, placement),
    )  # fmt: skip


def _decide(request: AgentRequest, placement: TigPlacement, form: Any) -> None:
    decisions.decide(**form.cleaned_data, expected=expected(request.POST), **_common(request, placement))


def _replan(request: AgentRequest, placement: TigPlacement, form: Any) -> None:
    data = form.cleaned_data
    plans.replan(weekly=data["weekly"], start=data["start"] or localdate(request.now), **_common(request, placement))


def _report(request: AgentRequest, placement: TigPlacement, form: Any) -> None:
    incidents.report(**{key: form.cleaned_data[key] for key in ("kind", "occurred_on", "precision", "stop_work")},
                     **_common(request, placement))  # fmt: skip


def _accident(request: AgentRequest, placement: TigPlacement, form: Any) -> None:
    data = form.cleaned_data
    incidents.report(
        kind=codes.IncidentKind.ACCIDENT, occurred_on=data["occurred_on"], precision="", stop_work=data["stop_work"],
        sheet=form.sheet(), **_common(request, placement),
    )  # fmt: skip


def _sent_form(request: AgentRequest, placement: TigPlacement, page: PlacementPage) -> base.Form:
    owed = [(each.kind, each.label) for each in page.due_reports]
    return forms.ReportForm(request.POST or None, kinds=owed, initial={"sent_on": localdate(request.now)})


def _colleague_form(request: AgentRequest, placement: TigPlacement, page: PlacementPage) -> base.Form:
    found = people.colleagues(request.viewer, placement.subject_id, request.now)
    choices = [(str(row.pk), row.agent.full_name) for row in found]
    form = forms.choice_form("to", "Collègue de votre service", choices)(request.POST or None)
    if not choices:
        form.fields["to"].help_text = "Personne d’autre de votre service n’a de fonction ici."
    return form


def _hand_over(request: AgentRequest, placement: TigPlacement, form: Any) -> str:
    team.hand_over(to=UUID(form.cleaned_data["to"]), **_common(request, placement))
    return reverse("tig:list")  # the page is the colleague's now


def _outcomes(page: PlacementPage) -> list[tuple[str, Any]]:
    words = {
        S.IN_PROGRESS: "l’affectation continue", S.MATCHING: "un autre poste est recherché",
        S.CONVERTED: S.CONVERTED.label, S.FALLBACK_EXECUTED: S.FALLBACK_EXECUTED.label, S.PROSECUTED: S.PROSECUTED.label,
    }  # fmt: skip
    never = set()
    if page.measure == codes.Measure.TNR:
        never = {S.CONVERTED, S.FALLBACK_EXECUTED}
    elif page.audience == codes.Audience.MINORS.label or (page.sentence and not page.sentence.can_convert):
        never = {S.CONVERTED}  # ASG-11, TIGM-11
    return [(state.value, words[state]) for state in ends.OUTCOMES if state not in never]


ACTS: tuple[Act, ...] = (
    Act(
        name="demander-la-visite", label="Demander la visite médicale", states=(S.MATCHING,), officer=True, group="autre",
        lead="L’affectation attend le certificat. La visite est obligatoire pour un mineur ou un poste à risques.",
        form=_nothing, run=lambda r, p, f: proposals.ask_exam(**_common(r, p)),
    ),
    Act(
        name="resultat-de-la-visite", label="Noter le résultat de la visite", states=(S.MATCHING, S.MEDICAL_PENDING),
        officer=True, form=_dated(forms.ExamForm, "seen_on"), run=_exam,
        lead="Le résultat, la date, le certificat vu ou non : rien d’autre.",
    ),
    Act(
        name="modifier-la-demande", label="Modifier la demande", states=SEARCHING, officer=True, group="autre",
        form=_demand_form,
        run=lambda r, p, f: demands.change_demand(data=f.demand(), expected=expected(r.POST), **_common(r, p)),
    ),
    Act(
        name="peine", label="Enregistrer la peine", states=ACTIVE, officer=True, group="autre",
        lead="Lue par vous seul. La structure d’accueil n’en voit rien.",
        form=_sentence_form,
        run=lambda r, p, f: demands.record_sentence(data=f.sentence(), **_common(r, p)),
    ),
    Act(
        name="retirer-la-demande", label="Retirer la demande d’accueil", states=(S.PROPOSED,), officer=True,
        group="autre", lead="Les places sont libres aussitôt, et la structure est prévenue.", form=_nothing,
        run=lambda r, p, f: proposals.withdraw(expected=expected(r.POST), **_common(r, p)),
    ),
    Act(
        name="decision", label="Enregistrer la décision", states=(S.PROPOSED,), officer=True,
        when=lambda page: page.accepted, run=_decide,
        lead="La structure a accepté. Elle lira le nom à partir de maintenant, jamais la peine.",
        form=lambda r, p, page: forms.DecisionForm(
            r.POST or None, audience=p.audience,
            initial={"decided_on": localdate(r.now), "last_name": page.name.partition(" ")[2], "first_name": page.name.partition(" ")[0]},
        ),
    ),
    Act(
        name="planifier", label="Planifier les heures qui restent", states=AT_WORK, officer=True, host=True, run=_replan,
        lead="Les demi-journées à venir sont remplacées, autour des jours fériés et des limites de la loi.",
        form=lambda r, p, page: forms.PlanForm(r.POST or None, initial={"weekly": page.weekly}),
    ),
    Act(
        name="ajouter-une-demi-journee", label="Ajouter une demi-journée", states=AT_WORK, officer=True, host=True,
        group="autre", form=_plain(forms.HalfDayForm, half="am"),
        run=lambda r, p, f: plans.add_half_day(**f.cleaned_data, **_common(r, p)),
    ),
    Act(
        name="tuteur", label="Désigner le tuteur", states=(S.PROPOSED, *HOSTED), host=True, form=_supervisor_form,
        when=lambda page: page.accepted or bool(page.decision),
        run=lambda r, p, f: proposals.name_supervisor(
            supervisor_id=UUID(f.cleaned_data["supervisor"]), **_common(r, p)
        ),
    ),
    Act(
        name="incident", label="Signaler un incident", states=HOSTED, host=True, tutor=True, danger=True, urgent=True,
        run=_report,
        lead="Le conseiller est prévenu aussitôt et répond sous deux jours ouvrés.",
        form=_dated(forms.IncidentForm, "occurred_on"),
    ),
    Act(
        name="accident", label="Déclarer un accident", states=HOSTED, host=True, tutor=True, danger=True, urgent=True,
        run=_accident,
        lead="Urgence : appelez d’abord le 15 ou le 112. Notez ensuite les faits, sans diagnostic : la déclaration se "
        "fait sous 48 heures.",
        form=_dated(forms.AccidentForm, "occurred_on"),
    ),
    Act(
        name="suspendre-le-travail", label="Suspendre le travail", states=(S.IN_PROGRESS,), officer=True, host=True,
        group="autre", danger=True,
        form=_plain(forms.choice_form("reason", "Motif", list(codes.WorkSuspensionReason.choices))),
        run=lambda r, p, f: incidents.stop_work(**f.cleaned_data, **_common(r, p)),
        lead="Les demi-journées à venir sont libérées ; le conseiller décide de la suite.",
    ),
    Act(
        name="reprendre", label="Reprendre le travail", states=(S.WORK_SUSPENDED,), officer=True, form=_nothing,
        run=lambda r, p, f: incidents.resume(**_common(r, p)),
    ),
    Act(
        name="suspendre-le-delai", label="Suspendre le délai", states=HOSTED, officer=True, group="autre",
        form=_dated(forms.StopClockForm, "starts_on"),
        run=lambda r, p, f: incidents.stop_clock(**f.cleaned_data, **_common(r, p)),
        when=lambda page: not page.bar.suspended,
    ),
    Act(
        name="reprendre-le-delai", label="Faire courir le délai", states=HOSTED, officer=True,
        form=_dated(forms.DayForm, "on"), when=lambda page: page.bar.suspended,
        run=lambda r, p, f: incidents.restart_clock(**f.cleaned_data, **_common(r, p)),
    ),
    Act(
        name="ajuster", label="Ajuster les heures", states=HOSTED, officer=True, group="autre",
        form=_dated(forms.AdjustForm, "on"),
        run=lambda r, p, f: attendance.adjust(
            minutes=f.total(), reason=f.cleaned_data["reason"], on=f.cleaned_data["on"], **_common(r, p)
        ),
    ),
    Act(
        name="rapport", label="Noter un rapport envoyé", states=(*ACTIVE, *facts.REPORTED_AFTER), officer=True, group="autre",
        form=_sent_form, when=lambda page: bool(page.due_reports),
        run=lambda r, p, f: reports.send(**f.cleaned_data, **_common(r, p)),
    ),
    Act(
        name="attestation", label="Établir l’attestation de fin", states=(S.IN_PROGRESS,), host=True, form=_nothing,
        when=lambda page: page.bar.left == 0 and page.certified_on is None,
        run=lambda r, p, f: ends.certify(**_common(r, p)),
        lead="Toutes les heures sont faites : l’attestation va au conseiller et à la personne.",
    ),
    Act(
        name="terminer", label="Terminer : heures faites", states=(S.IN_PROGRESS,), officer=True, form=_nothing,
        when=lambda page: page.certified_on is not None, run=lambda r, p, f: ends.complete(**_common(r, p)),
    ),
    Act(
        name="decision-du-magistrat", label="Noter la décision du magistrat", states=(S.BREACH_REPORTED,), officer=True,
        form=lambda r, p, page: forms.choice_form("outcome", "Le magistrat a décidé", _outcomes(page))(r.POST or None),
        run=lambda r, p, f: ends.magistrate_decided(**f.cleaned_data, **_common(r, p)),
    ),
    Act(
        name="confier", label="Confier à un collègue", group="fin", officer=True, states=ACTIVE, form=_colleague_form,
        run=_hand_over,
        lead="Votre collègue la suit dès maintenant ; vous ne la voyez plus.",
    ),
    Act(
        name="rapport-au-magistrat", label="Faire rapport au magistrat", group="fin", officer=True, danger=True,
        states=tuple(state for state in ACTIVE if state not in (S.RECEIVED, S.BREACH_REPORTED)), form=_nothing,
        run=lambda r, p, f: ends.report_breach(**_common(r, p)),
        lead="Les demi-journées à venir sont libérées en attendant la décision. Le rapport se trouve ensuite sur la page, "
        "prêt à signer, et part le jour même.",
    ),
    Act(
        name="changer-de-poste", label="Changer de poste", group="fin", officer=True, form=_nothing,
        states=(S.ASSIGNED, S.IN_PROGRESS, S.WORK_SUSPENDED, S.CLOCK_SUSPENDED, S.BREACH_REPORTED),
        run=lambda r, p, f: ends.change_post(**_common(r, p)), lead="Les heures faites sont gardées.",
    ),
    Act(
        name="transferer", label="Transférer à un autre service", group="fin", officer=True, states=ACTIVE, danger=True,
        form=_nothing, run=lambda r, p, f: ends.transfer(**_common(r, p)),
        lead="L’affectation se ferme ici : un autre service la reprend.",
    ),
    Act(
        name="sans-objet", label="Constater qu’elle n’a plus d’objet", group="fin", officer=True, states=ACTIVE,
        danger=True, form=_plain(forms.choice_form("reason", "Motif", list(codes.EndReason.choices))),
        run=lambda r, p, f: ends.void(**f.cleaned_data, **_common(r, p)),
    ),
)  # fmt: skip


def offered(viewer: Viewer, placement: TigPlacement, page: PlacementPage, now: datetime) -> dict[str, list[Act]]:
    """Return the acts that a page shows, by group."""
    found: dict[str, list[Act]] = {"suite": [], "autre": [], "fin": []}
    for one in ACTS:
        officer = page.owes_report if one.name == "rapport" else page.is_officer
        mine = (one.officer and officer) or (one.host and page.is_host and (one.tutor or not page.is_tutor))
        if one.name == "peine" and not service.keeps_sentences(viewer, now):
            continue
        if mine and placement.state in one.states and one.when(page):
            found[one.group].append(one)
    return found


def find(viewer: Viewer, placement: TigPlacement, page: PlacementPage, name: str, now: datetime) -> Act:
    """Return an act that is offered here. Raises AccessRefused for any other: absent and refused look the same."""
    for acts in offered(viewer, placement, page, now).values():
        for one in acts:
            if one.name == name:
                return one
    raise AccessRefused(code="tig_act")
