"""The years before the story, as lines of nobody: what a town that used the system since then would have kept.

Written as the nightly step writes them, in bulk: their files would be long gone. Then the nights that close the periods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, TypeVar

from django.conf import settings
from django.db.models import Model

from casework import audit
from casework.audit import Act
from casework.casefile.ages import AgeBand
from casework.casefile.calendar import month_of
from casework.desk.demo.story import Story
from casework.exclusions import law
from casework.exclusions.codes import Kind as PupilKind
from casework.exclusions.codes import Result as PupilResult
from casework.exclusions.codes import Since
from casework.exclusions.models import EndedSupport
from casework.indicators.releases.actions import freezing
from casework.minors.followups.actions import lines
from casework.minors.followups.anonymous_codes import RECEIVED, Duration, EndGroup, Meetings, OriginGroup
from casework.minors.followups.codes import Sex
from casework.minors.followups.models import AnonymousCount, EndedFollowUp, FollowUp
from casework.partners.codes import OrganisationKind as Service
from casework.placements.returns.codes import Kind, Result
from casework.placements.returns.models import EndedMeasure

T = TypeVar("T")
# What each calendar year before this one counts, oldest first; the last is last year.
FOLLOW_UPS: Final = (31, 34, 29, 38, 42, 45)
RECEIVED_EACH: Final = (52, 55, 48, 61, 66, 70)
# School years before the one that the story tells to its end.
PUPILS: Final = (22, 31, 35, 41)
# Who, which measure, how many ended in each of the four years before those of the services' own sheets.
MEASURES: Final[tuple[tuple[str, Kind, tuple[int, ...]], ...]] = (
    ("spip", Kind.TIG, (22, 23, 21, 25)),
    ("pjj", Kind.TIG, (5, 7, 6, 6)),
    ("pjj", Kind.REPARATION, (11, 15, 14, 17)),
    ("sah", Kind.REPARATION, (8, 7, 10, 9)),
)
_ENDS: Final = {EndGroup.GOAL: 42, EndGroup.RELAY: 27, EndGroup.STOPPED: 22, EndGroup.AGE: 9}
_AGES: Final = {AgeBand.TO_12: 9, AgeBand.TO_15: 38, AgeBand.TO_17: 34, AgeBand.TO_20: 14, AgeBand.TO_25: 5}
_SEXES: Final = {Sex.MALE: 74, Sex.FEMALE: 24, Sex.UNKNOWN: 2}
_ORIGINS: Final = {
    OriginGroup.POLICE: 22, OriginGroup.SCHOOL: 27, OriginGroup.SOCIAL: 24, OriginGroup.JUSTICE: 11, OriginGroup.TOWN: 12,
    OriginGroup.FAMILY: 4,
}  # fmt: skip
_LEADS: Final = {
    Service.STREET_OUTREACH: 41, Service.SOCIAL_SERVICE: 22, Service.YOUTH_JUSTICE: 19, Service.MUNICIPALITY: 12,
    Service.HOME_EDUCATIONAL_SUPPORT: 6,
}  # fmt: skip
_DURATIONS: Final = {Duration.UNDER_6: 24, Duration.TO_12: 39, Duration.TO_24: 28, Duration.OVER_24: 9}
_MEETINGS: Final = {Meetings.ONE: 18, Meetings.TO_3: 41, Meetings.TO_6: 29, Meetings.MORE: 12}
_MEASURE_AGES: Final[Mapping[tuple[str, Kind], Mapping[str, int]]] = {
    ("spip", Kind.TIG): {AgeBand.TO_20: 17, AgeBand.TO_25: 31, AgeBand.ABOVE: 43, "": 9},
    ("pjj", Kind.TIG): {AgeBand.TO_17: 82, AgeBand.TO_20: 18},
    ("pjj", Kind.REPARATION): {AgeBand.TO_15: 43, AgeBand.TO_17: 51, AgeBand.TO_20: 6},
    ("sah", Kind.REPARATION): {AgeBand.TO_15: 52, AgeBand.TO_17: 45, AgeBand.TO_20: 3},
}


def age_band(story: Story, key: str, kind: Kind) -> str:
    """Return the age of whoever ends such a measure in such a service."""
    return str(_draw(story, _MEASURE_AGES[key, kind]))


def result(number: int) -> Result:
    """Return how the measure of that rank ended."""
    return Result.NOT_DONE if number % 5 == 4 else Result.TRANSFERRED if number % 17 == 16 else Result.DONE


def measures(story: Story, after: int) -> None:
    """Write the lines of measures of the four years that follow `after`."""
    found = []
    for key, kind, counts in MEASURES:
        organisation_id = story.town.mandates[key].organisation_id
        for year, n in enumerate(counts, start=after + 1):
            found += [
                EndedMeasure(
                    territory=story.town.territory, organisation_id=organisation_id, kind=kind, result=result(number),
                    received_year=year - (number % 3 == 0), month=date(year, 1 + number % 12, 1),
                    hours=story.luck.choice((35, 70, 105, 140)) if kind is Kind.TIG else 0,
                    age_band=age_band(story, key, kind),
                )
                for number in range(n)
            ]  # fmt: skip
    _write(story, EndedMeasure, found)


def tell(story: Story) -> None:
    """Write the lines of follow-ups, of what was received and of pupils, then close what is over."""
    _follow_ups(story)
    _received(story)
    if "exclusions" in settings.SUBJECTS:
        _pupils(story)
    now = story.at(story.today, 7)
    lines.write_lines(now)
    freezing.freeze(now)


def _follow_ups(story: Story) -> None:
    year, found = story.today.year, []
    for back, n in enumerate(reversed(FOLLOW_UPS), start=1):
        found += [
            EndedFollowUp(
                territory=story.town.territory, month=date(year - back, 1 + number % 12, 1), reason=_draw(story, _ENDS),
                age_band=_draw(story, _AGES), sex=_draw(story, _SEXES), origin=_draw(story, _ORIGINS),
                lead_kind=_draw(story, _LEADS), duration=_draw(story, _DURATIONS), meetings=_draw(story, _MEETINGS),
                is_first=number % 19 != 18,
            )
            for number in range(n)
        ]  # fmt: skip
    _write(story, EndedFollowUp, found)


def _received(story: Story) -> None:
    """Count what was received before the story, month by month; the story counts its own."""
    first = FollowUp.objects.order_by("received_at").values_list("received_at", flat=True).first()
    begins = month_of(first.date()) if first else story.today
    year, found = story.today.year, []
    for back, n in enumerate(reversed(RECEIVED_EACH), start=1):
        months = [month for number in range(12) if (month := date(year - back, 1 + number, 1)) < begins]
        for group, share in _ORIGINS.items():
            each = n * share // 1200
            left = n * share // 100 - 12 * each
            found += [
                AnonymousCount(territory=story.town.territory, kind=RECEIVED[group], month=month, total=total)
                for number, month in enumerate(months) if (total := each + (number < left))
            ]  # fmt: skip
    _write(story, AnonymousCount, found)


def _pupils(story: Story) -> None:
    """Write the lines of the school years before the one that the story tells: schools came to it little by little."""
    running, found = law.school_year(story.today), []
    kinds = {PupilKind.EXCLUSION: 86, PupilKind.RESPONSIBILITY: 9, PupilKind.SUSPENDED: 5}
    since = {Since.NO: 61, Since.YES: 25, Since.UNKNOWN: 9, Since.UNSAID: 5}
    for back, n in enumerate(reversed(PUPILS), start=2):
        for number in range(n):
            came = number % 9 != 8
            half_days = story.luck.choice((2, 4, 4, 6, 8)) if came else 0
            found.append(
                EndedSupport(
                    territory=story.town.territory, school_year=running - back, kind=_draw(story, kinds),
                    result=PupilResult.RECEIVED if came else PupilResult.DECLINED, is_first=came and number % 11 != 10,
                    half_days=half_days, activities=half_days * 3 // 4, return_held=came and number % 6 != 5,
                    since=_draw(story, since) if came else "",
                )
            )  # fmt: skip
    _write(story, EndedSupport, found)


def _draw(story: Story, weights: Mapping[T, int]) -> T:
    return story.luck.choices(list(weights), weights=list(weights.values()))[0]


def _write(story: Story, model: type[Model], rows: Sequence[Model] | Iterable[Model]) -> None:
    made = list(rows)
    story.luck.shuffle(made)
    with audit.writing(audit.system_actor(story.town.territory.pk), now=story.at(story.today, 6)) as w:
        model._default_manager.bulk_create(made)
        w.note(Act.CREATE, None, object_type=model._meta.label_lower, n=len(made), why="ended")
