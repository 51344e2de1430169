"""Posts: the search over 2 000 posts × 26 weeks against the plain SQL query, the calendar of one post, hours in one go."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.casefile.actions import copy_national_lists
from casework.casefile.calendar import is_working_day
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.placements.hosts.codes import AccreditedFor, Half
from casework.placements.hosts.models import Booking, HostStructure, OutOfUse, Post, PostHalfDay
from casework.placements.hosts.reads import calendar
from casework.placements.hosts.reads.search import Criteria, find
from casework.placements.tig.actions import attendance, demands
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.actions.demands import DemandData
from casework.placements.tig.codes import Mode, Outcome, State
from casework.placements.tig.models import HalfDay, TigPlacement
from tests.bench.cast import cast
from tests.bench.measure import Budget, Result, measure
from tests.people import viewer_of

POSTS, WEEKS, WORKERS = 2_000, 26, 200
HOURS = {Half.AM: (time(8, 30), time(12)), Half.PM: (time(13, 30), time(17))}

# What somebody would write by hand: for each post, half-days with a free place over the weeks, out of use apart.
PLAIN = """
WITH RECURSIVE days(day) AS (
    SELECT {start} UNION ALL SELECT {next} FROM days WHERE day < {end}
),
taken AS (
    SELECT post_id, day, half, COUNT(*) AS n FROM hosts_booking WHERE day BETWEEN {start} AND {end}
    GROUP BY post_id, day, half
)
SELECT post.id, post.reference, post.nature, host.name, COUNT(*) AS offered,
       SUM(CASE WHEN half.places > COALESCE(taken.n, 0) AND away.id IS NULL THEN 1 ELSE 0 END) AS free
FROM hosts_post post
JOIN hosts_hoststructure host ON host.id = post.host_id
JOIN hosts_posthalfday half ON half.post_id = post.id
JOIN days ON {weekday} = half.weekday
LEFT JOIN taken ON taken.post_id = post.id AND taken.day = days.day AND taken.half = half.half
LEFT JOIN hosts_outofuse away ON away.post_id = post.id AND days.day BETWEEN away.starts_on AND away.ends_on
WHERE post.state = 'listed' AND post.territory_id = %s
GROUP BY post.id, post.reference, post.nature, host.name ORDER BY host.name, post.reference
"""


def run(size: float) -> Iterator[Result]:
    """Build the catalogue and time it."""
    people = cast()
    now = timezone.now()
    posts = _catalogue(people, max(20, int(POSTS * size)), localdate(now))
    viewer = viewer_of(people.spip, now=now)
    start, end = localdate(now), localdate(now) + timedelta(weeks=WEEKS) - timedelta(days=1)

    def plain() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_sql(start, end), [_id(people.territory.pk)])
            assert len(cursor.fetchall()) == len(posts)

    asked = Criteria(audience=AccreditedFor.ADULTS, half_days=frozenset({(1, Half.AM), (3, Half.PM)}), minutes=70 * 60)
    budget = Budget(ratio=3, queries=18)
    yield measure(f"{len(posts)} posts × {WEEKS} weeks", lambda: find(viewer, asked, now), plain, budget=budget)
    one, year = [posts[0].pk], start + timedelta(days=365)
    yield measure(
        "calendar of one post, 12 months", lambda: calendar.places(one, start, year), budget=Budget(queries=4)
    )
    entries = _half_days(people, posts[0], max(5, int(WORKERS * size)), now)
    yield measure(
        f"hours of {len(entries)} people, one go",
        lambda: attendance.record(by=viewer, entries=entries, mode=Mode.PAPER, signed_by_both=True, now=now),
        rounds=3,
    )


def _half_days(people, post: Post, n: int, now: datetime) -> list[Entry]:
    """Let as many people have been expected on the last working day; return what the manager then types."""
    by, today = viewer_of(people.spip, now=now), localdate(now)
    day = next(d for k in range(1, 15) if is_working_day(d := today - timedelta(days=k), people.territory.holiday_set))
    rows = []
    for number in range(n):
        data = DemandData(
            case_mark=f"B{number}", minutes=4_200, last_useful_on=today + timedelta(days=200), weekly=1,
            availability=["0-am"],
        )  # fmt: skip
        placement = demands.open_demand(by=by, data=data, now=now)
        rows.append(
            HalfDay(
                subject_id=placement.subject_id, territory=people.territory, placement=placement, post=post, day=day,
                half=Half.AM, starts_at=HOURS[Half.AM][0], ends_at=HOURS[Half.AM][1], planned_minutes=210,
            )
        )  # fmt: skip
    TigPlacement.objects.filter(pk__in=[row.placement_id for row in rows]).update(
        state=State.IN_PROGRESS, post=post, started_on=day
    )
    with audit.writing(by, now=now):
        for row in rows:
            row.save(force_insert=True)
    start, end = HOURS[Half.AM]
    return [Entry(half_day_id=row.pk, outcome=Outcome.WORKED, starts_at=start, ends_at=end) for row in rows]


def _sql(start: date, end: date) -> str:
    if connection.vendor == "sqlite":
        parts = {
            "start": f"'{start}'", "end": f"'{end}'", "next": "date(day, '+1 day')",
            "weekday": "(strftime('%%w', days.day) + 6) %% 7",
        }  # fmt: skip
    else:
        parts = {
            "start": f"DATE '{start}'", "end": f"DATE '{end}'", "next": "(day + 1)::date",
            "weekday": "EXTRACT(ISODOW FROM days.day)::int - 1",
        }  # fmt: skip
    return PLAIN.format(**parts)


def _id(pk: uuid.UUID) -> str:
    return pk.hex if connection.vendor == "sqlite" else str(pk)


def _catalogue(people, n: int, today: date) -> list[Post]:
    """Write hosts and posts past the journal: eight half-days each, one place in five taken, a closing here and there."""
    luck = random.Random(7)
    copy_national_lists(people.territory, on=people.since.date())
    activity = LocalItem.objects.filter(list_code=ListCode.ACTIVITY_SECTOR).first()
    hosts = [
        HostStructure(
            id=(pk := uuid.uuid4()), subject_id=pk, territory=people.territory, name=f"Structure {number:04d}",
            legal_kind="public", stage="agreed", stage_on=today, contact=None, phone=None, email=None,
        )
        for number in range(max(1, n // 5))
    ]  # fmt: skip
    from casework.sealing import keys
    from casework.sealing.keyring import write_ring

    for host in hosts:
        keys.ensure(host.pk)
    with write_ring():
        HostStructure.objects.bulk_create(hosts)
        posts = [
            Post(
                id=uuid.uuid4(), subject_id=hosts[number % len(hosts)].pk, territory=people.territory,
                host=hosts[number % len(hosts)], reference=f"P-{number:05d}", nature="Espaces verts", activity=activity,
                audience="both", state="listed", listed_adults_on=today, needs=["outdoors"],
            )
            for number in range(n)
        ]  # fmt: skip
        Post.objects.bulk_create(posts, batch_size=500)
    week = [(day, half) for day in range(4) for half in Half]
    PostHalfDay.objects.bulk_create(
        [
            PostHalfDay(
                subject_id=post.subject_id, territory=people.territory, post=post, weekday=day, half=half,
                starts_at=HOURS[half][0], ends_at=HOURS[half][1], places=2,
            )
            for post in posts
            for day, half in week
        ],
        batch_size=1_000,
    )  # fmt: skip
    days = [today + timedelta(days=k) for k in range(WEEKS * 7)]
    rows = []
    for post in posts:
        for day in days:
            if day.weekday() < 4 and luck.random() < 0.2:
                for half in Half:
                    rows.append(_booking(people, post, day, half, 1))
    Booking.objects.bulk_create(rows, batch_size=1_000)
    OutOfUse.objects.bulk_create(
        [
            OutOfUse(
                subject_id=post.subject_id, territory=people.territory, post=post, starts_on=today + timedelta(days=30),
                ends_on=today + timedelta(days=36), reason="closed",
            )
            for post in posts[::10]
        ]
    )  # fmt: skip
    return posts


def _booking(people, post: Post, day: date, half: Half, slot: int) -> Booking:
    return Booking(
        subject_id=post.subject_id, territory=people.territory, post=post, day=day, half=half, slot=slot, state="used",
        holder=uuid.uuid4(), service=people.probation,
    )  # fmt: skip
