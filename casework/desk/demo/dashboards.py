"""Two years of dashboards published each quarter, and the one being asked for: two partners still owe their counts.

The first ones were typed by the coordinator; the links began this quarter.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from casework import audit
from casework.desk.demo.story import Story
from casework.indicators.quarters import counts, periods
from casework.indicators.quarters.actions import asking, contributors, meeting, publishing, words
from casework.indicators.quarters.actions.contributors import ContributorData
from casework.indicators.quarters.actions.meeting import MeetingData
from casework.indicators.quarters.codes import BY_CODE, ELSEWHERE, Giver, of_giver
from casework.indicators.quarters.models import Asking, Contributor, Quarter
from casework.indicators.quarters.periods import Period

BEFORE = 8
BODIES: tuple[tuple[Giver, str, str, str], ...] = (
    (Giver.NATIONAL_POLICE, "pn", "Commissariat de Miramont", "statistiques@commissariat.example"),
    (Giver.MUNICIPAL_POLICE, "pm", "Police municipale", "police.municipale@miramont.example"),
    (Giver.SCHOOL, "college", "Collège Albert-Camus", "direction@camus.example"),
    (Giver.SCHOOL, "lycee", "Lycée des Salins", "direction@salins.example"),
    (Giver.LANDLORD, "landlord", "Provence Logis", "gestion@provence-logis.example"),
    (Giver.CARRIER, "", "Transports de l’étang", "exploitation@transports-etang.example"),
)
SILENT = ("Provence Logis", "Transports de l’étang")
# About how many in a quarter, in each place.
USUAL = {
    "burglary": (9, 6, 11, 2), "vehicle": (14, 9, 12, 6), "damage": (12, 17, 15, 4), "street_violence": (6, 8, 7, 1),
    "family_calls": (41,), "patrols": (96, 74, 81, 20), "noise": (22, 31, 27, 3), "joyrides": (3, 9, 8, 2),
    "gatherings": (12, 19, 16, 2), "school_incidents": (6,), "school_exclusions": (15,), "truancy": (12,),
    "neighbours": (7, 16, 14, 0), "common_parts": (5, 12, 10, 0), "line_incidents": (9, 12, 7, 6), "line_damage": (4, 7, 6, 2),
    "drivers": (3,),
}  # fmt: skip
MOODS = (
    {"calm": "", "tense": "Rodéos le dimanche, bruit tard dans la nuit.", "watch": "Halls occupés, bailleur présent chaque jour."},
    {"calm": "Marché et écoles sans incident.", "tense": "", "watch": "Travaux du parvis : éclairage coupé."},
)  # fmt: skip


def tell(story: Story) -> None:
    """Tell the eight quarters before the last one that is over, then that one."""
    last = periods.of(story.today).back(1)
    start = story.today - timedelta(days=410)
    with story.moment("coordinator", story.at(start, 9)) as by:
        for giver, key, name, _ in BODIES:
            data = ContributorData(
                giver=giver, name=name, indicators=[each.code for each in of_giver(giver)],
                organisation_id=story.town.organisations[key].pk if key else None,
            )  # fmt: skip
            contributors.add(by=by, data=data, now=story.at(start, 9))
    for back in range(BEFORE, 0, -1):
        _past(story, last.back(back), start)
    _addresses(story, last)
    _asked_now(story, last)


def _numbers(story: Story, row: Asking) -> counts.Counts:
    found: dict[str, Any] = {}
    for code in row.indicators:
        where = counts.places(code, row.quarter.sectors)
        season = 1.25 if row.quarter.number in (2, 3) and not code.startswith("school") else 1.0
        found[code] = {
            place: max(0, round(story.luck.gauss(usual * season, 1 + usual * 0.18)))
            for place, usual in zip(where, USUAL[code], strict=True)
        }
        if BY_CODE[code].by_sector and story.luck.random() < 0.2:
            found[code][ELSEWHERE] = 0
    return found


def _rows(quarter: Quarter) -> list[Asking]:
    rows = Asking.objects.filter(quarter=quarter).select_related("quarter", "contributor", "territory")
    return list(rows.order_by("contributor__giver", "contributor__name"))


def _past(story: Story, period: Period, start: Any) -> None:
    now = story.at(max(start + timedelta(days=1), period.last + timedelta(days=24)), 10)
    with story.moment("coordinator", now) as by:
        quarter = asking.open_quarter(by=by, period=period, now=now)
        for row in _rows(quarter):
            asking.enter(by=by, asking=row, answer=_numbers(story, row), remark="", expected=None, now=now)
        _described(story, by, quarter, now)
        publishing.publish(by=by, quarter=_fresh(quarter), expected=None, now=now)
        _met(by, _fresh(quarter), now)


def _described(story: Story, by: Any, quarter: Quarter, now: Any) -> None:
    tones = story.luck.choice(MOODS)
    mood = dict(zip(quarter.sectors, tones.items(), strict=False))
    words.describe(
        by=by, quarter=_fresh(quarter), words="Le trimestre ressemble au précédent ; les soirées restent le moment difficile.",
        mood=mood, expected=None, now=now,
    )  # fmt: skip
    words.comment(
        by=by, quarter=_fresh(quarter), code="joyrides", words="Les signalements se concentrent le dimanche après-midi.",
        expected=None, now=now,
    )  # fmt: skip


def _met(by: Any, quarter: Quarter, now: Any) -> None:
    day = now.date() - timedelta(days=2)
    meeting.write(
        by=by, quarter=quarter, expected=0, now=now,
        data=MeetingData(
            held_on=day, next_on=day + timedelta(days=91), invited=[name for _, _, name, _ in BODIES[:5]],
            points=["joyrides", "common_parts", "school_exclusions"],
            conclusions=[
                ("presence", "Passages de la police municipale le dimanche après-midi."),
                ("mediation", "Médiation du bailleur dans les halls, deux soirs par semaine."),
            ],
        ),
    )  # fmt: skip


def _addresses(story: Story, last: Period) -> None:
    now = story.at(last.last + timedelta(days=5), 9)
    with story.moment("coordinator", now) as by:
        for giver, _, name, email in BODIES:
            row = Contributor.objects.get(territory=story.town.territory, name=name)
            data = ContributorData(
                giver=giver, name=name, email=email, indicators=row.indicators, organisation_id=row.organisation_id
            )
            contributors.change(by=by, contributor=row, data=data, expected=None, now=now)


def _asked_now(story: Story, last: Period) -> None:
    opened = min(last.last + timedelta(days=8), story.today)
    with story.moment("coordinator", story.at(opened, 9)) as by:
        quarter = asking.open_quarter(by=by, period=last, now=story.at(opened, 9))
    for n, row in enumerate(row for row in _rows(quarter) if row.contributor.name not in SILENT):
        now = story.at(min(opened + timedelta(days=2 + n), story.today), 11)
        with audit.pinned_clock(now):
            asking.answer_by_link(
                asking=row, answer=_numbers(story, row), remark="provisional" if n == 0 else "", now=now
            )
    for day in asking.REMINDED_AFTER:
        if opened + timedelta(days=day) <= story.today:
            with audit.pinned_clock(story.at(opened + timedelta(days=day), 6)):
                asking.remind(story.at(opened + timedelta(days=day), 6))


def _fresh(quarter: Quarter) -> Quarter:
    return Quarter.objects.select_related("territory").get(pk=quarter.pk)
