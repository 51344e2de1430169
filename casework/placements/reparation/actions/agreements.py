"""What the minor, the parents and the victim say, with the signed document (REP-04 to REP-07)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import attached, revision
from casework.casefile.attached import Upload
from casework.errors import GuardRefused, InputRefused
from casework.placements.reparation import facts
from casework.placements.reparation.actions import ended, files
from casework.placements.reparation.codes import (
    ANSWERS,
    TOWARDS_VICTIM,
    VICTIM_SAYS_NO,
    Answer,
    FileKind,
    Form,
    Party,
    State,
    Track,
    VictimAnswer,
)
from casework.placements.reparation.models import Agreement, Reparation, Victim
from casework.placements.reparation.states import LIFECYCLE
from casework.sealing import keys

BEFORE = (State.PROPOSED, State.ORDERED)


def record(
    *, by: Viewer, reparation: Reparation, party: str, answer: str, said_on: date, now: datetime,
    summoned_on: date | None = None, signatories: str = "", upload: Upload | None = None,
) -> Agreement:  # fmt: skip
    """Record what the minor or the parents said; the one recorded before stays as replaced.

    With both agreements signed and joined, an alternative is agreed at once (REP-06). Raises AccessRefused,
    InputRefused, GuardRefused.
    """
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if reparation.state not in BEFORE:
        raise GuardRefused("Les accords sont déjà recueillis.")
    if party not in Party.values:
        raise InputRefused("Choisissez qui s’exprime.", field="party")
    if answer not in ANSWERS[reparation.track, party]:
        raise InputRefused("Cette réponse n’existe pas dans ce cadre (CJPM L422-1, L112-8).", field="answer")
    if not reparation.ordered_on <= said_on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="said_on")
    _check_summons(reparation, party, answer, said_on, summoned_on)
    made = attached.look_at(upload)
    with audit.writing(by, now=now) as w:
        for old in Agreement.objects.select_for_update().filter(
            reparation=reparation, party=party, replaced_at__isnull=True
        ):
            revision.save(old, replaced_at=now)
            w.note(Act.CHANGE, old, classes=[DataClass.REPARATION_CONTENT], why="replaced")
        row = Agreement(
            subject_id=reparation.subject_id, territory_id=reparation.territory_id, reparation=reparation, party=party,
            answer=answer, said_on=said_on, summoned_on=summoned_on, recorded_at=now, recorded_by=by.mandate_id,
            signatories=signatories.strip(),
        )  # fmt: skip
        if made is not None:
            kept = files.keep(w, by=by, record=reparation, kind=FileKind.AGREEMENT, made=made, now=now)
            row.document_id = kept.pk
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.REPARATION_CONTENT], why=answer)
        if reparation.state == State.PROPOSED and _all_agreed(reparation):
            LIFECYCLE.apply(reparation, State.AGREED, w=w, by=by, now=now)
    return row


def _check_summons(reparation: Reparation, party: str, answer: str, said_on: date, summoned_on: date | None) -> None:
    """The parents of an alternative are summoned before they agree (CJPM L422-2)."""
    if party == Party.MINOR and summoned_on is not None:
        raise InputRefused("Seuls les parents sont convoqués ici.", field="summoned_on")
    if reparation.track == Track.ALTERNATIVE and party == Party.PARENTS and summoned_on is None:
        raise InputRefused("Indiquez quand les parents ont été convoqués (CJPM L422-2).", field="summoned_on")
    if summoned_on is not None and not reparation.ordered_on <= summoned_on <= said_on:
        raise InputRefused("La convocation suit la décision et précède l’accord.", field="summoned_on")


def _all_agreed(reparation: Reparation) -> bool:
    rows = reparation.agreements.filter(replaced_at__isnull=True, answer=Answer.AGREED, document_id__isnull=False)
    return set(rows.values_list("party", flat=True)) == set(Party.values)


def give_back(
    *, by: Viewer, reparation: Reparation, closed_on: date, now: datetime, expected: int | None
) -> None:  # fmt: skip
    """Give an alternative that somebody refused back to the prosecutor (10.3). Raises AccessRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    _check_day(reparation, closed_on, now, "closed_on")
    left = ended.prepare(by, reparation, to=State.REFUSED, on=closed_on)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(reparation, State.REFUSED, w=w, by=by, now=now, expected_revision=expected, closed_on=closed_on)
        ended.leave(w, reparation, left, by=by, now=now)


def add_victim(
    *, by: Viewer, reparation: Reparation, last_name: str, first_name: str, phone: str, asked_on: date, now: datetime
) -> Victim:
    """Record a victim who is asked, under a key of its own (row 18). Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_VICTIM, now)
    if reparation.form not in TOWARDS_VICTIM or reparation.state not in (State.ASSIGNED, State.VICTIM_PENDING):
        raise GuardRefused("Choisissez d’abord une activité envers la victime, ou une médiation.")
    if not last_name.strip():
        raise InputRefused("Indiquez le nom.", field="last_name")
    _check_day(reparation, asked_on, now, "asked_on")
    victim_id = uuid4()
    keys.ensure(victim_id)
    with audit.writing(by, now=now) as w:
        row = Victim(
            subject_id=victim_id, territory_id=reparation.territory_id, reparation=reparation, asked_on=asked_on,
            recorded_by=by.mandate_id,
            identity={"last_name": last_name.strip(), "first_name": first_name.strip(), "phone": phone.strip()},
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.REPARATION_VICTIM])
    return row


def answer_of_victim(
    *, by: Viewer, victim: Victim, answer: str, answered_on: date, now: datetime, expected: int | None,
    upload: Upload | None = None,
) -> None:  # fmt: skip
    """Record what the victim says. A refusal, or nobody to be found, turns the activity to the community (REP-07).

    An agreement comes with its signed document. Raises AccessRefused, InputRefused, GuardRefused.
    """
    reparation = victim.reparation
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_VICTIM, now)
    if reparation.state != State.VICTIM_PENDING:
        raise GuardRefused("L’accord de la victime n’est pas attendu.")
    if answer not in VictimAnswer.values or answer == VictimAnswer.PENDING:
        raise InputRefused("Choisissez une réponse de la liste.", field="answer")
    if answer == VictimAnswer.REQUESTED and reparation.form != Form.MEDIATION:
        raise InputRefused("Seule une médiation se fait à la demande de la victime (CJPM L112-10).", field="answer")
    if not victim.asked_on <= answered_on <= localdate(now):
        raise InputRefused("Cette date est avant la demande, ou à venir.", field="answered_on")
    made = attached.look_at(upload)
    if made is None and answer not in VICTIM_SAYS_NO:
        raise InputRefused("Joignez l’accord signé de la victime.", field="file")
    with audit.writing(by, now=now) as w:
        row = revision.lock(Victim.objects.all(), victim.pk, expected)
        document: UUID | None = row.document_id
        if made is not None:
            document = files.keep(w, by=by, record=row, kind=FileKind.VICTIM, made=made, now=now).pk
        revision.save(row, answer=answer, answered_on=answered_on, document_id=document)
        w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_VICTIM], why="answer")
        if answer in VICTIM_SAYS_NO:
            _turn_to_community(w, by=by, reparation=reparation, now=now)


def _turn_to_community(w: Writing, *, by: Viewer, reparation: Reparation, now: datetime) -> None:
    LIFECYCLE.apply(
        reparation, State.ASSIGNED, w=w, by=by, now=now, form=Form.COMMUNITY, mediator="", post=None,
        host_agreed_on=None,
    )  # fmt: skip


def _check_day(reparation: Reparation, day: date, now: datetime, field: str) -> None:
    if not reparation.ordered_on <= day <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field=field)
