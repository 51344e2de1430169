"""What may be worked, and the rule that says no, in French (TIGM-10, TIG-12, ASG-05, ASG-07, ASG-08).

Pure: whole minutes, local hours. One stint is one presence at the host; travel and meals are not in it: a meal taken
between two hours is a break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from casework.casefile.format import duration
from casework.placements.tig.codes import ExamReason

MINOR_DAY, MINOR_WEEK = 8 * 60, 35 * 60  # TIGM-10
ADULT_DAY, ADULT_WEEK = 10 * 60, 48 * 60  # TIG-12: code du travail L3121-18, L3121-20
LEGAL_WEEK, BESIDE_A_JOB = 35 * 60, 12 * 60  # ASG-07
MINOR_STRETCH, MINOR_BREAK = 4 * 60 + 30, 30
ADULT_STRETCH, ADULT_BREAK = 6 * 60, 20  # L3121-16
NIGHT_FROM, NIGHT_TO = time(22), time(6)
DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Worker:
    """What the limits depend on, on the days in question."""

    is_minor: bool
    has_job: bool = False
    job_minutes: int = LEGAL_WEEK  # contract hours a week, read only with a job


@dataclass(frozen=True, kw_only=True)
class Stint:
    """One presence: a day, from, to, and the minutes in between that do not count (break, meal)."""

    day: date
    starts_at: time
    ends_at: time
    break_minutes: int = 0

    @property
    def span(self) -> int:
        """Minutes from arrival to departure; 0 when the end does not follow the start."""
        return max(0, _minute(self.ends_at) - _minute(self.starts_at))

    @property
    def minutes(self) -> int:
        """Minutes that count (ASG-08)."""
        return max(0, self.span - self.break_minutes)


@dataclass(frozen=True)
class Broken:
    """A limit passed: its rule id, and the sentence that says it beside the field."""

    rule: str
    message: str


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def week_of(day: date) -> date:
    """Return the Monday of the week."""
    return day - timedelta(days=day.weekday())


def day_cap(worker: Worker) -> int:
    """Return the minutes that one day may hold."""
    return MINOR_DAY if worker.is_minor else ADULT_DAY


def week_cap(worker: Worker) -> int:
    """Return the minutes of unpaid work that one week may hold."""
    if worker.is_minor:
        cap = MINOR_WEEK
        # A minor at work too keeps the 35 hours for both.
        return max(0, cap - worker.job_minutes) if worker.has_job else cap
    if worker.has_job:
        return max(0, LEGAL_WEEK + BESIDE_A_JOB - worker.job_minutes)
    return ADULT_WEEK


def break_owed(minutes: int, worker: Worker) -> int:
    """Return the break that a presence of `minutes` owes; none up to the stretch itself."""
    if worker.is_minor:
        return MINOR_BREAK if minutes > MINOR_STRETCH else 0
    return ADULT_BREAK if minutes > ADULT_STRETCH else 0


def is_night(stint: Stint) -> bool:
    """Say whether one minute of it lies between 22 h and 6 h."""
    return _minute(stint.starts_at) < _minute(NIGHT_TO) or _minute(stint.ends_at) > _minute(NIGHT_FROM)


def day_problem(day: date, worker: Worker, holidays: Iterable[date]) -> Broken | None:
    """Return why nobody may be made to work that day: Sundays and public holidays for minors, 1 May for all."""
    if worker.is_minor and day.weekday() == 6:
        return Broken("TIGM-10", "Un mineur ne travaille pas le dimanche (code du travail, L3164-2).")
    if worker.is_minor and day in frozenset(holidays):
        return Broken("TIGM-10", "Un mineur ne travaille pas un jour férié (code du travail, L3164-6).")
    if (day.month, day.day) == (5, 1):
        return Broken("TIG-12", "Le 1er mai est chômé (code du travail, L3133-4).")
    return None


def broken(
    stint: Stint, others: Sequence[Stint], worker: Worker, *, holidays: Iterable[date] = (), left: int | None = None
) -> list[Broken]:
    """Return every limit that `stint` would pass beside `others` of the same person; empty: it may be worked.

    `left`: minutes still assigned to this host, None when that is not the question.
    """
    found: list[Broken] = []
    if stint.span == 0:
        return [Broken("ASG-08", "L’heure de fin doit suivre l’heure d’arrivée, le même jour.")]
    if not 0 <= stint.break_minutes < stint.span:
        return [Broken("ASG-08", "La pause doit être plus courte que le temps de présence.")]
    if problem := day_problem(stint.day, worker, holidays):
        found.append(problem)
    if worker.is_minor and is_night(stint):
        found.append(Broken("TIGM-10", "Un mineur ne travaille pas entre 22 h et 6 h (code du travail, L3163-2)."))
    owed = break_owed(stint.minutes, worker)
    if stint.break_minutes < owed:
        stretch = duration(MINOR_STRETCH if worker.is_minor else ADULT_STRETCH)
        found.append(
            Broken(
                "TIGM-10" if worker.is_minor else "TIG-12",
                f"Au-delà de {stretch} de travail, une pause de {owed} min au moins est due et ne compte pas.",
            )
        )
    same_day = [each for each in others if each.day == stint.day]
    if any(_overlap(each, stint) for each in same_day):
        found.append(Broken("ASG-08", "Des heures sont déjà inscrites à ce moment."))
    cap = day_cap(worker)
    if sum(each.minutes for each in same_day) + stint.minutes > cap:
        who = "pour un mineur (code du travail, L3162-1)" if worker.is_minor else "(code du travail, L3121-18)"
        found.append(Broken("TIGM-10" if worker.is_minor else "TIG-12", f"Au plus {duration(cap)} par jour {who}."))
    if problem := _week_problem(stint, others, worker):
        found.append(problem)
    if left is not None and stint.minutes > left:
        found.append(Broken("ASG-02", f"Il reste {duration(left)} à faire ici : {duration(stint.minutes)} dépassent."))
    return found


def _overlap(one: Stint, other: Stint) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _week_problem(stint: Stint, others: Sequence[Stint], worker: Worker) -> Broken | None:
    worked = sum(each.minutes for each in others if week_of(each.day) == week_of(stint.day))
    cap = week_cap(worker)
    if worked + stint.minutes <= cap:
        return None
    if worker.is_minor:
        return Broken("TIGM-10", f"Au plus {duration(cap)} par semaine pour un mineur (code du travail, L3162-1).")
    if worker.has_job:
        return Broken(
            "ASG-07",
            f"Avec son emploi, au plus {duration(cap)} par semaine : la semaine légale et 12 h (CPEN R623-16).",
        )
    return Broken("TIG-12", f"Au plus {duration(cap)} par semaine (code du travail, L3121-20).")


def exam_reasons(*, is_minor: bool, stated: bool = False, post_risks: Iterable[str] = ()) -> list[ExamReason]:
    """Return why a medical exam is owed before the first hour (ASG-05, TNR-04); empty: at the director's choice.

    `stated`: the officer says that the text asks for it (disability, pregnancy), without saying which.
    `post_risks`: values of hosts.codes.PostRisk.
    """
    risks = frozenset(post_risks)
    found = [ExamReason.MINOR] if is_minor else []
    if stated:
        found.append(ExamReason.STATED)
    if "night" in risks:
        found.append(ExamReason.NIGHT)
    if "infection" in risks:
        found.append(ExamReason.INFECTION)
    if risks - {"infection", "night"}:
        found.append(ExamReason.SPECIAL_RISK)
    return found
