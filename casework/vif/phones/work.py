"""What waits for somebody about phones: lines of « Mon travail », by reference, for the officer and for the court."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox
from casework.access.policy import Action, reachable
from casework.access.viewer import Viewer
from casework.casefile import work
from casework.casefile.deadlines import Due
from casework.casefile.work import WorkItem
from casework.vif.phones import deadlines, facts, law
from casework.vif.phones.codes import IN_USE, DeviceState, State
from casework.vif.phones.models import Allocation, Device
from casework.vif.phones.reads import lists

NEXT: dict[str, tuple[str, str]] = {
    State.DECIDED_YES: ("appareil à remettre", "Remettre"),
    State.WITHDRAWAL_PENDING: ("appareil à récupérer", "Noter la restitution"),
    State.RETURNED: ("effacement à confirmer", "Confirmer"),
}


inbox.probe("phones", facts.visible_to)


@work.register
def items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the lines of the officer in charge, or those of the prosecutor's agent."""
    if not reachable(viewer, Action.CHANGE, facts.TGD):
        return []
    left_out = list(_to_recover(viewer, now))
    if "phones" not in inbox.waiting(viewer, now):
        return left_out
    return [*left_out, *(_of_court(viewer, now) if facts.is_court(viewer) else _of_officer(viewer, now))]


def _to_recover(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    """Return the devices still out whose holder's file is gone, by mark, to whoever notes what becomes of them."""
    rows = Device.objects.filter(territory_id=viewer.territory_id, state=DeviceState.TO_RECOVER)
    found = list(rows.values_list("pk", "mark"))
    if not found or not facts.of_stock(viewer, Action.CHANGE, now):
        return
    for pk, mark in found:
        url = reverse("phones:device", args=[pk])
        yield WorkItem(
            group_when=localdate(now), kind="mine", reference=mark, label="Téléphone : appareil à récupérer", url=url,
            act_label="Ouvrir", act_url=url, rule="TGD-19",
        )  # fmt: skip


def _of_officer(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    today = localdate(now)
    agreed = {row.pk for row in deadlines.own(viewer, now) if row.renewal_consent_on is not None}
    for due in deadlines.dates(viewer, now):
        if today < due.warn or (due.rule == "DL-15" and due.object_id in agreed and today <= due.due):
            continue  # she agreed: it waits for the court
        if due.rule == "DL-16":
            yield _line(due.object_id, due.reference, due.said, "mine", due.due, due.rule, "Essayer", "phones:tests")
        elif due.rule == "DL-15":
            yield _term(due, today)
        else:
            yield _line(due.object_id, due.reference, due.said, "mine", due.due, due.rule, "Évaluer")
    for row in deadlines.own(viewer, now):
        if row.state == State.ELIGIBLE:
            yield _line(row.pk, _ref(row), "décision du parquet attendue", "waiting", None, "TGD-02", "")
        elif row.state in NEXT:
            said, act = NEXT[row.state]
            yield _line(row.pk, _ref(row), said, "mine", _since(row), "10.5", act)
        if row.written_by is not None:
            yield _line(row.pk, _ref(row), "écrit du parquet attendu", "waiting", row.written_by, "TGD-02", "")
        if row.state in IN_USE and row.renewal_consent_on is not None:
            yield _line(
                row.pk, _ref(row), "renouvellement à décider par le parquet", "waiting", row.ends_on, "DL-15", ""
            )


def _term(due: Due, today: date) -> WorkItem:
    """Return the reminder of 45, 15 and 3 days, then the term passed undecided. Nothing is switched off."""
    past = today > due.due
    said = (
        "terme passé sans décision : appelez le parquet"
        if past
        else "terme proche : recueillir son accord au renouvellement"
    )
    return _line(
        due.object_id, due.reference, said, "mine", law.step_to_come(due.due, today), due.rule,
        "Ouvrir",
    )  # fmt: skip


def _of_court(viewer: Viewer, now: datetime) -> Iterator[WorkItem]:
    today = localdate(now)
    rows = deadlines.own(viewer, now)
    tests = lists.last_tests(row.pk for row in rows if row.state in IN_USE)
    for row in rows:
        if row.state == State.ELIGIBLE:
            yield _line(row.pk, _ref(row), "à décider", "mine", row.assessed_on, "TGD-02", "Décider")
        if row.written_by is not None:
            yield _line(row.pk, _ref(row), "décision orale à écrire", "mine", row.written_by, "TGD-02", "Écrire")
        if row.state not in IN_USE or row.ends_on is None:
            continue
        step = law.step_to_come(row.ends_on, today)
        if step is not None:
            past = row.ends_on < today
            said = "terme passé sans décision" if past else "renouvellement à décider"
            mine = past or row.renewal_consent_on is not None
            yield _line(
                row.pk, _ref(row), said, "mine" if mine else "waiting", step, "DL-15", "Décider" if mine else ""
            )
        missed = law.misses([test.result for test in tests.get(row.pk, ())])
        if missed >= law.MISSES:
            yield _line(row.pk, _ref(row), f"{missed} essais manqués de suite", "mine", today, "TGD-13", "Ouvrir")


def _since(row: Allocation) -> date | None:
    return row.returned_on or row.withdrawn_on or row.decided_on


def _ref(row: Allocation) -> str:
    return str(row.support.reference)


def _line(
    pk: UUID, reference: str, said: str, kind: str, when: date | None, rule: str, act: str, to: str = ""
) -> WorkItem:
    url = reverse("phones:page", args=[pk])
    return WorkItem(
        group_when=when, kind=kind, reference=reference, label=f"Téléphone : {said}", url=url, act_label=act,
        act_url=(reverse(to) if to else url) if act else "", rule=rule,
    )  # fmt: skip
