"""What waits on « Mon travail », and the dates to watch. Every line is one click from its act, and names nobody."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, Need, need_of
from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile.deadlines import Deadline, state_on
from casework.casefile.retention import months_after
from casework.casefile.work import WorkItem
from casework.placements.hosts import facts as host_facts
from casework.placements.tig import clock, facts
from casework.placements.tig.actions import calls as telephone
from casework.placements.tig.actions.incidents import DECLARE_WITHIN, REMIND_AFTER
from casework.placements.tig.clock import Suspension
from casework.placements.tig.codes import ENDED, Audience, Measure, ReportKind, State
from casework.placements.tig.models import Incident, OfficerReport, Proposal, TigPlacement
from casework.placements.tig.reads import placements as reads
from casework.placements.tig.reads import weeks

MOST = 60
REPORT_WARN = timedelta(days=15)  # DL-08
END_WARN = timedelta(days=10)  # DL-12


def _works(viewer: Viewer) -> bool:
    """Say whether placements are this viewer's work: who holds them by a grant, not who controls them."""
    return need_of(viewer.role, Action.CHANGE, DataClass.PLACEMENT) is Need.GRANT


def _page(placement: TigPlacement) -> str:
    return reverse("tig:page", args=[placement.pk])


def requests(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the requests that a host answers, and for officers those that wait for a host or for their decision."""
    if not _works(viewer):
        return []
    visible = facts.visible_to(viewer, now).filter(state=State.PROPOSED)
    rows = Proposal.objects.filter(placement__in=visible.values("pk"), answer__in=("", "accepted"))
    items = []
    for row in rows.select_related("placement").order_by("answer_by")[:MOST]:
        is_host, open_ = facts.hosts(viewer.role), not row.answer
        if is_host and not open_:
            continue
        url = reverse("tig:answer", args=[row.pk]) if is_host else _page(row.placement)
        if open_:
            items.append(
                WorkItem(
                    group_when=row.answer_by, kind="mine" if is_host else "waiting", reference=row.placement.reference,
                    label="Demande d’accueil" if is_host else "Accueil demandé, réponse attendue", url=url,
                    act_label="Répondre" if is_host else "", act_url=url if is_host else "", rule="10.2",
                )
            )  # fmt: skip
        else:
            act = reverse("tig:act", args=[row.placement_id, "decision"])
            items.append(
                WorkItem(
                    group_when=localdate(now), kind="mine", reference=row.placement.reference,
                    label="Accueil accepté : décision à enregistrer", url=url, act_label="Enregistrer", act_url=act,
                    rule="ASG-01",
                )
            )  # fmt: skip
    return items


def calls(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the telephone calls that the officer confirms from the link received."""
    if facts.FOLLOWS.get(viewer.role) != Audience.ADULTS:
        return []
    return [
        WorkItem(
            group_when=row.confirm_by, kind="mine", reference="", label="Appel à la ville à confirmer, par le lien reçu",
            url=reverse("tig:list"), rule="10.2",
        )
        for row in telephone.of_officer(viewer, now)
    ]  # fmt: skip


def searches(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the officer's placements without a post."""
    if viewer.role not in facts.FOLLOWS:
        return []
    rows = facts.visible_to(viewer, now).filter(state__in=(State.MATCHING, State.MEDICAL_PENDING))
    return [
        WorkItem(
            group_when=None, kind="mine", reference=row.reference,
            label="Poste à trouver" if row.state == State.MATCHING else "Visite médicale attendue", url=_page(row),
            act_label="Chercher", act_url=reverse("tig:find_post", args=[row.pk]), rule="TIG-08",
        )
        for row in rows.order_by("last_useful_on")[:MOST]
    ]  # fmt: skip


def incidents(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the incidents to answer, and the accidents not declared yet: reminded at 24 and 48 hours."""
    if not _works(viewer):
        return []
    visible = facts.visible_to(viewer, now)
    rows = list(
        Incident.objects.filter(placement__in=visible.values("pk"))
        .select_related("placement")
        .order_by("answer_by")[:MOST]
    )
    officer = viewer.role in facts.FOLLOWS
    items = [
        WorkItem(
            group_when=row.answer_by, kind="mine" if officer else "waiting", reference=row.placement.reference,
            label="Incident signalé : réponse attendue", url=reverse("tig:incident", args=[row.pk]),
            act_label="Répondre" if officer else "",
            act_url=reverse("tig:incident", args=[row.pk]) if officer else "", rule="HOST-10",
        )
        for row in rows if row.answered_at is None
    ]  # fmt: skip
    items += [
        WorkItem(
            group_when=localdate(row.reported_at + DECLARE_WITHIN), kind="mine", reference=row.placement.reference,
            label=_accident(now - row.reported_at), url=reverse("tig:incident", args=[row.pk]), rule="HOST-10",
        )
        for row in rows if row.is_accident and row.declared_at is None
    ]  # fmt: skip
    return items


def _accident(since: timedelta) -> str:
    """Say how late an accident is for its declaration."""
    if since >= DECLARE_WITHIN:
        return "Accident non déclaré : les 48 heures sont passées"
    if since >= REMIND_AFTER[0]:
        return "Accident à déclarer : 24 heures sont passées, il en reste moins de 24"
    return "Accident à déclarer sous 48 heures"


def sheets(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the week sheets that wait for their hours, for the manager; for a tutor, the people of the day."""
    if not facts.hosts(viewer.role):
        return []
    if not host_facts.manages_any(viewer, now):
        n, url = weeks.expected(viewer, now), reverse("tig:today")
        label = "Accueils d’aujourd’hui : " + fr.plural(n, "présence à noter", "présences à noter")
        line = WorkItem(
            group_when=localdate(now), kind="mine", reference="", label=label, url=url, act_label="Noter", act_url=url,
            rule="HOST-13",
        )  # fmt: skip
        return [line] if n else []
    return [
        WorkItem(
            group_when=localdate(now), kind="mine", reference="",
            label=f"{label} : {fr.plural(n, 'demi-journée sans heures', 'demi-journées sans heures')}",
            url=reverse("tig:sheet", args=[pk]), act_label="Inscrire", act_url=reverse("tig:sheet", args=[pk]),
            rule="HOST-13",
        )
        for pk, label, n in weeks.posts(viewer, now)
    ]  # fmt: skip


def watched(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the officer's legal dates that come near or are passed, as lines of « Mon travail »."""
    today = localdate(now)
    return [
        WorkItem(
            group_when=each.due, kind="mine", reference=each.label.partition(" : ")[0],
            label=each.label.partition(" : ")[2].capitalize(), url=each.url, act_label="Ouvrir", act_url=each.url,
            rule=each.rule,
        )
        for each in dates(viewer, now) if today >= each.warn
    ]  # fmt: skip


def dates(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the officer's legal dates: term (DL-07, DL-11), reports to the magistrate (DL-08, DL-12)."""
    if viewer.role not in facts.FOLLOWS:
        return []
    return memo.once(("tig_dates", viewer, now), lambda: _dates(viewer, now))


def _dates(viewer: Viewer, now: datetime) -> list[Deadline]:
    today = localdate(now)
    sent = OfficerReport.objects.filter(placement=OuterRef("pk"), kind=ReportKind.END, sent_on__isnull=False)
    owing = Q(~Exists(sent), state__in=facts.REPORTED_AFTER, measure=Measure.TNR, audience=Audience.MINORS)
    rows = facts.visible_to(viewer, now).filter(~Q(state__in=ENDED) | owing)
    found = []
    for row in rows.prefetch_related("clock_suspensions", "reports").order_by("last_useful_on")[:MOST]:
        found += [_report(row, today, each) for each in reads.due_reports(row, today)]
        if row.state in ENDED:
            continue
        stops = [Suspension(each.starts_on, each.ends_on) for each in row.clock_suspensions.all()]
        due = clock.last_day(row.last_useful_on, clock.merged(stops, today))
        short = due <= months_after(localdate(row.received_at), 6)
        warn = due - timedelta(days=(clock.WARN_DAYS_SHORT if short else clock.WARN_DAYS)[0])
        found.append(
            Deadline(
                rule="DL-11" if row.measure == Measure.TNR else "DL-07", label=f"{row.reference} : dernière date utile", due=due, warn=warn,
                object_id=row.pk, url=_page(row), state=state_on(today, due=due, warn=warn),
            )
        )  # fmt: skip
    return found


def _report(row: TigPlacement, today: date, owed: reads.Owed) -> Deadline:
    tnr, due = row.measure == Measure.TNR, owed.due
    if owed.kind == ReportKind.BREACH:
        rule, warn = ("TNR-05" if tnr else "ASG-09"), timedelta(0)
    else:
        rule, warn = ("DL-12", END_WARN) if tnr else ("DL-08", REPORT_WARN)
    return Deadline(
        rule=rule, label=f"{row.reference} : {owed.label}", due=due, warn=due - warn, object_id=row.pk, url=_page(row),
        state=state_on(today, due=due, warn=due - warn),
    )  # fmt: skip
