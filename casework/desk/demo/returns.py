"""Years of ended measures, as anonymous lines, and the sheets that the services signed about them.

The PJJ still owes the sheet of this year; the association asks person by person.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

from casework import audit
from casework.casefile.calendar import month_of
from casework.casefile.codes import ListCode
from casework.desk.demo import years
from casework.desk.demo.story import Story
from casework.placements.hosts.actions import unplaced
from casework.placements.returns import cohorts
from casework.placements.returns.actions import ends, sheets, watches
from casework.placements.returns.codes import Answer, Kind, Result
from casework.placements.returns.models import WatchSwitch
from casework.placements.returns.reads import sheets as reads

# Who, which measure, how many ended in each of the four years before this one, oldest first.
ENDED: tuple[tuple[str, Kind, tuple[int, ...]], ...] = (
    ("spip", Kind.TIG, (24, 26, 31, 33)),
    ("pjj", Kind.TIG, (6, 8, 7, 9)),
    ("pjj", Kind.REPARATION, (14, 19, 23, 27)),
    ("sah", Kind.REPARATION, (9, 12, 15, 16)),
)
# Out of a hundred people, twelve months after the end, then twenty-four.
SHARES: dict[int, tuple[tuple[Answer, int], ...]] = {
    12: ((Answer.UNKNOWN, 14), (Answer.CONVICTION, 17), (Answer.PROSECUTION, 8), (Answer.ALTERNATIVE, 7)),
    24: ((Answer.UNKNOWN, 18), (Answer.CONVICTION, 26), (Answer.PROSECUTION, 6), (Answer.ALTERNATIVE, 9)),
}


def tell(story: Story) -> None:
    """Tell the years before, then the sheets: last year's and this year's, save the PJJ's of this year."""
    year = story.today.year
    since = story.today - timedelta(days=415)
    years.measures(story, year - 9)
    for key, kind, counts in ENDED:
        organisation_id = story.town.mandates[key].organisation_id
        for back, n in enumerate(reversed(counts), start=1):
            with audit.writing(audit.system_actor(story.town.territory.pk), now=story.at(since)) as w:
                for number in range(n):
                    ends.record(
                        w,
                        ends.Ended(
                            territory_id=story.town.territory.pk, organisation_id=organisation_id, kind=kind,
                            result=years.result(number), age_band=years.age_band(story, key, kind), received_on=date(year - back, 1, 5), on=date(year - back, 1 + number % 12, 15),
                            minutes=60 * story.luck.choice((35, 70, 105, 140)) if kind is Kind.TIG else 0,
                        ),
                    )  # fmt: skip
    ends.write_lines(story.at(story.today, 7))
    for key in ("spip", "pjj_lead", "sah"):
        for back in range(5, 1, -1):  # on paper then, taken over when the service came in
            _sheet(story, key, year - back, story.at(since, 10))
        _sheet(story, key, year - 1, story.at(max(since, date(year - 1, 3, 12)), 11))
        if key != "pjj_lead":
            _sheet(story, key, year, story.at(min(story.today, date(year, 3, 12)), 11))
    _watched(story)
    _without_place(story)


def _without_place(story: Story) -> None:
    """Count last year's and this year's demands that found no place, in the sectors of posts."""
    sectors = list(story.items(ListCode.PLACE_SECTOR))
    for back in range(1, 20):
        month = cohorts.months_later(month_of(story.today), -back)
        with audit.writing(audit.system_actor(story.town.territory.pk), now=story.at(story.today, 8)) as w:
            for _ in range(story.luck.choice((1, 2, 3, 4))):
                sector = story.luck.choice(sectors[:2] or [None])
                unplaced.count(
                    w, holder=uuid4(), territory_id=story.town.territory.pk,
                    audience=story.luck.choice(("adults", "adults", "minors")), sector=sector.pk if sector else None,
                    now=story.at(month, 9),
                )  # fmt: skip


def _watched(story: Story) -> None:
    """Let the accredited association ask person by person: three questions wait for its educator."""
    mandate = story.town.mandates["sah"]
    now = story.at(story.today, 8)
    start = date(story.today.year - 2, 1, 1)
    with story.moment("sah", now) as viewer:
        keyed = [(watches.make_key(), back) for back in (13, 13, 25)]
        with audit.writing(viewer, now=now) as w:
            WatchSwitch.objects.create(
                territory=story.town.territory, organisation_id=mandate.organisation_id, starts_on=start,
                assessed_on=start - timedelta(days=30), decided_by=mandate.pk, decided_at=now,
            )  # fmt: skip
            for number, (watch_id, back) in enumerate(keyed):
                person = story.inventor.person()
                ended = ends.Ended(
                    territory_id=story.town.territory.pk, organisation_id=mandate.organisation_id,
                    kind=Kind.REPARATION, result=Result.DONE,
                    received_on=start, on=cohorts.months_later(month_of(story.today), -back),
                )  # fmt: skip
                watches.leave(
                    w, watch_id=watch_id, ended=ended, officers=[mandate.pk], by=viewer, now=now,
                    known=watches.Known(
                        last_name=person.last_name, first_name=person.first_name, mark=f"TRJ {ended.on.year}/{number + 41}"
                    ),
                )  # fmt: skip


def _sheet(story: Story, key: str, year: int, now: datetime) -> None:
    with story.moment(key, now) as viewer:
        sheet = sheets.open_sheet(by=viewer, year=year, now=now)
        typed = []
        for line in reads.lines(viewer, sheet):
            some = {answer: line.ended * share // 100 for answer, share in SHARES[line.cohort.horizon]}
            typed.append((line.ended, some | {Answer.NONE_KNOWN: line.ended - sum(some.values())}))
        sheets.fill(by=viewer, sheet=sheet, typed=typed, expected=None, now=now)
        sheet.refresh_from_db()
        sheets.sign(by=viewer, sheet=sheet, expected=None, now=now)
