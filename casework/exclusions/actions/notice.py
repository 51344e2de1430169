"""The school names the pupil; the family agrees or not; the reception is cancelled (EXC-02 to EXC-08, EXC-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.people import tell
from casework.access.policy import Action, require
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import attached, revision
from casework.casefile import format as fr
from casework.casefile.attached import Upload
from casework.casefile.matching import normalise
from casework.errors import AccessRefused, InputRefused
from casework.exclusions import facts, law
from casework.exclusions.actions import holding, papers, places, team
from casework.exclusions.codes import Cancel, FamilyAnswer, FileKind, Kind, Party, Reason, Since, State
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.reads import places as reads
from casework.exclusions.states import LIFECYCLE
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class NoticeData:
    """What is typed when the sanction is decided. `same_as`: an earlier support of this school year of the same pupil."""

    last_name: str
    first_name: str
    starts_on: date
    ends_on: date
    decided_on: date
    procedure_on: date | None = None
    reason: str = ""
    suspended_until: date | None = None
    is_adult: bool = False
    parent: str = ""
    phone: str = ""
    other_phone: str = ""
    same_as: UUID | None = None


def notify(*, by: Viewer, support: ExclusionSupport, data: NoticeData, now: datetime, expected: int | None) -> None:
    """Put a name on a held place: the host reads it once it has said yes.

    Raises AccessRefused, InputRefused with the field at fault, GuardRefused, ConflictRefused.
    """
    facts.require_school(by, support, Action.MOVE, now)
    check(support, data, now)
    earlier = _earlier(by, support.school_year, data, now)
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            support, State.NOTIFIED, w=w, by=by, now=now, expected_revision=expected, notified_at=now,
            is_again=earlier is not None, **_dates(data), **_sealed(data),
        )  # fmt: skip
        w.note(Act.CHANGE, support, classes=[facts.PUPIL, facts.FAMILY, facts.REASON], why="notice")
        if earlier is not None:
            # The school says it by the notice itself: this pupil was excluded anew (B3).
            row = revision.lock(ExclusionSupport.objects.all(), earlier.pk, None)
            revision.save(row, since=Since.YES, since_said_on=localdate(now))
            w.note(Act.CHANGE, row, classes=[facts.PUPIL], why="since")
    holding.tell_host(support, now)


def correct(*, by: Viewer, support: ExclusionSupport, data: NoticeData, now: datetime, expected: int | None) -> None:
    """Correct what the school wrote of the pupil, the dates or the family, before the end. Raises as `notify`."""
    facts.require_school(by, support, Action.CHANGE, now)
    check(support, data, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(ExclusionSupport.objects.all(), support.pk, expected)
        revision.save(row, **_dates(data), **_sealed(data))
        w.note(Act.CHANGE, row, classes=[facts.PUPIL, facts.FAMILY, facts.REASON], why="corrected")


def check(support: ExclusionSupport, data: NoticeData, now: datetime) -> None:
    """Raise InputRefused, with the field, on what no notice may say."""
    if not data.last_name.strip():
        raise InputRefused("Indiquez le nom.", field="last_name")
    if not data.first_name.strip():
        raise InputRefused("Indiquez le prénom.", field="first_name")
    if data.decided_on > localdate(now):
        raise InputRefused("Cette date est à venir.", field="decided_on")
    calendar = reads.calendar_of(support.territory_id)
    field, problem = law.dates_problem(
        kind=support.kind, starts_on=data.starts_on, ends_on=data.ends_on, away=calendar.away,
        holiday_set=calendar.holiday_set,
    )  # fmt: skip
    if problem:
        raise InputRefused(problem, field=field)
    _check_decision(support.kind, data, calendar.holiday_set)
    if not data.is_adult and not (data.parent.strip() and data.phone.strip()):
        raise InputRefused(
            "Indiquez le représentant légal et son téléphone.", field="phone" if data.parent.strip() else "parent"
        )
    outside = [row for row in support.half_days.all() if not data.starts_on <= row.day <= data.ends_on]
    if outside:
        said = ", ".join(f"{fr.weekday(row.day)} {row.get_half_display()}" for row in outside)
        raise InputRefused(
            f"Réservé hors de ces dates : {said}. Changez les dates, ou rendez d’abord ces demi-journées.",
            field="starts_on" if outside[0].day < data.starts_on else "ends_on",
        )


def _check_decision(kind: str, data: NoticeData, holiday_set: str) -> None:
    if kind == Kind.PRECAUTIONARY:
        if data.reason:
            raise InputRefused("Une mesure conservatoire ne dit pas de motif : rien n’est décidé.", field="reason")
    else:
        if data.reason not in Reason.values:
            raise InputRefused("Choisissez le motif.", field="reason")
        if data.procedure_on is None:
            raise InputRefused("Indiquez quand la famille a été informée de la procédure.", field="procedure_on")
        if data.decided_on > data.starts_on and kind == Kind.EXCLUSION:
            raise InputRefused("La décision précède le premier jour : vérifiez les dates.", field="decided_on")
    if problem := law.decision_problem(
        kind=kind, opened_on=data.procedure_on, decided_on=data.decided_on, holiday_set=holiday_set
    ):
        raise InputRefused(problem, field="decided_on")
    if kind == Kind.SUSPENDED:
        if data.suspended_until is None:
            raise InputRefused("Indiquez jusqu’à quand court le sursis.", field="suspended_until")
        if problem := law.suspension_problem(decided_on=data.decided_on, until=data.suspended_until):
            raise InputRefused(problem, field="suspended_until")
    elif data.suspended_until is not None:
        raise InputRefused("Cette date ne concerne que le sursis.", field="suspended_until")


def record_family(
    *, by: Viewer, support: ExclusionSupport, party: str, answer: str, said_on: date, copy_given_on: date | None,
    now: datetime, expected: int | None, upload: Upload | None = None,
) -> None:  # fmt: skip
    """Record what the pupil, the parents or both say, with the sheet they signed; all agreed, the reception is too.

    A refusal ends it: nothing of the pupil stays but a count (10.6). Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_on(by, support, Action.CHANGE, facts.FAMILY, now)
    if support.state != State.NOTIFIED:
        raise InputRefused("Les accords se recueillent avant l’accueil.", field="answer")
    if party not in Party.values or answer not in FamilyAnswer.values:
        raise InputRefused("Choisissez une réponse.", field="answer")
    if said_on > localdate(now) or (copy_given_on and copy_given_on > localdate(now)):
        raise InputRefused("Cette date est à venir.", field="said_on" if said_on > localdate(now) else "copy_given_on")
    if answer == FamilyAnswer.REFUSED:
        facts.require_school(by, support, Action.MOVE, now)
        end(by=by, support=support, to=State.DECLINED, now=now, expected=expected)
        return
    made = attached.look_at(upload)
    changes: dict[str, Any] = {}
    if party in (Party.PUPIL, Party.BOTH):
        changes["pupil_agreed_on"] = said_on
    if party in (Party.PARENTS, Party.BOTH):
        changes["parents_agreed_on"] = said_on
    if copy_given_on:
        changes["copy_given_on"] = copy_given_on
    with audit.writing(by, now=now) as w:
        row = revision.lock(ExclusionSupport.objects.all(), support.pk, expected)
        revision.save(row, **changes)
        if made is not None:
            papers.keep(w, by=by, record=row, kind=FileKind.AGREEMENT, made=made, now=now)
        w.note(Act.CHANGE, row, classes=[facts.FAMILY], why="family")
        holding.settle(w, by=by, support=row, now=now)
    if row.state == State.AGREED:
        team.tell_holders(support, now, but=by)


def cancel(*, by: Viewer, support: ExclusionSupport, reason: str, now: datetime, expected: int | None) -> None:
    """Cancel a reception that has not begun. Raises AccessRefused, InputRefused, ConflictRefused, MoveRefused."""
    facts.require_school(by, support, Action.MOVE, now)
    if reason not in Cancel.values:
        raise InputRefused("Indiquez pourquoi l’accueil est annulé.", field="reason")
    end(by=by, support=support, to=State.CANCELLED, now=now, expected=expected, cancelled_for=reason)


def end(
    *, by: Viewer, support: ExclusionSupport, to: State, now: datetime, expected: int | None, **changes: Any
) -> None:
    """End a support: half-days without a presence are given back, the host reads nothing more. Raises as `apply`."""
    holders = team.in_charge([support.pk], now).get(support.pk, [])
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            support, to, w=w, by=by, now=now, expected_revision=expected, closed_on=localdate(now), **changes
        )
        places.release(w, support=support)
        team.let_host_out(w, support, at=now, reason="ended")
    tell(holders, subject=team.SUBJECT, line=team.NOT_HELD, now=now, but=by.agent_id)


def same_pupil(by: Viewer, year: int, data: NoticeData, now: datetime) -> list[ExclusionSupport]:
    """Return this school's supports of a school year under exactly this name, newest first (B3).

    Their names are opened and compared; the journal keeps a search. The school says whether it is the same pupil.
    """
    mine = facts.visible_to(by, now).filter(organisation_id=by.organisation_id, school_year=year)
    # Nobody received a pupil whose reception was cancelled, or whom the host could not take: that one is not « again ».
    named = mine.exclude(state__in=(State.PLACE_HELD, State.CANCELLED)).filter(host_no="")
    rows = list(named.order_by("-held_at"))
    if not rows:
        return []
    with audit.reading(
        by, subjects=[row.subject_id for row in rows], classes=[facts.PUPIL], purpose=Purpose.SEARCH, act=Act.SEARCH,
        module="exclusions", object_type=ExclusionSupport._meta.label_lower,
    ):  # fmt: skip
        sweep.open_many(rows, "identity")
        wanted = normalise(data.last_name), normalise(data.first_name)
        return [row for row in rows if _name(row) == wanted]


def _earlier(by: Viewer, year: int, data: NoticeData, now: datetime) -> ExclusionSupport | None:
    """Return the earlier support of the same pupil that the school chose. Raises InputRefused for one that is not."""
    if data.same_as is None:
        return None
    found = next((row for row in same_pupil(by, year, data, now) if row.pk == data.same_as), None)
    if found is None:
        raise InputRefused("Choisissez un élève de la liste.", field="same_as")
    return found


def say_since(*, by: Viewer, support_id: UUID, answer: str, now: datetime) -> None:
    """Say whether this pupil was excluded anew since: yes stays yes (EXC-19, B3). Raises AccessRefused, InputRefused."""
    say_since_of(by=by, answers={support_id: answer}, now=now)


def say_since_of(*, by: Viewer, answers: Mapping[UUID, str], now: datetime) -> None:
    """Say the same of several pupils of one's own school, all or none. Raises AccessRefused, InputRefused."""
    if not answers or not set(answers.values()) <= {Since.NO, Since.YES, Since.UNKNOWN}:
        raise InputRefused("Choisissez une réponse.", field="since")
    rows = list(facts.visible_to(by, now).filter(pk__in=list(answers)))
    if len(rows) != len(answers):
        raise AccessRefused(code="exclusion_support")
    links = facts.relations(by, rows, now)
    for row in rows:
        require(by, Action.VIEW, links[row.pk].facts(facts.PUPIL), now)
        if row.organisation_id != by.organisation_id or not facts.sends(by.role):
            raise AccessRefused(code="exclusion_support")
    with audit.writing(by, now=now) as w:
        for pk, answer in answers.items():
            row = revision.lock(ExclusionSupport.objects.all(), pk, None)
            kept = Since.YES if row.since == Since.YES else answer
            revision.save(row, since=kept, since_said_on=localdate(now))
            w.note(Act.CHANGE, row, classes=[facts.PUPIL], why="since")


def _name(row: ExclusionSupport) -> tuple[str, str]:
    known = row.identity or {}
    return normalise(str(known.get("last_name", ""))), normalise(str(known.get("first_name", "")))


def _dates(data: NoticeData) -> dict[str, Any]:
    return {
        "starts_on": data.starts_on, "ends_on": data.ends_on, "decided_on": data.decided_on,
        "procedure_on": data.procedure_on, "suspended_until": data.suspended_until, "is_adult": data.is_adult,
    }  # fmt: skip


def _sealed(data: NoticeData) -> dict[str, Any]:
    return {
        "identity": {"last_name": data.last_name.strip(), "first_name": data.first_name.strip()},
        "contact": {
            "name": data.parent.strip(), "phone": data.phone.strip(), "other_phone": data.other_phone.strip(),
        },
        "reason": data.reason,
    }  # fmt: skip
