"""A page of 50 situations among many, against the same page among 10 000: the number of rows must not show.

Size 1 is 100 000 situations, size 10 a million. One agent sees a third of them, another sixty. On PostgreSQL alone:
a town of that size would have no other. What is behind the pages is written by the database itself, without a value
in it; the situations of the first page are whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from tests.bench.measure import Budget, Result, measure

FEW, MANY = 10_000, 100_000
WHOLE, SIXTY = 300, 60
ROUNDS = 15
AIM = Budget(ratio=1.5, more_queries=0)


def run(size: float) -> Iterator[Result]:
    """Yield a line for each agent, and one for the coordinator: `plain` is the same page among 10 000."""
    if connection.vendor != "postgresql":
        return
    from tests.bench.bench_pages import Browser
    from tests.bench.plain import drop_tables

    built = _town()
    people = built.people
    pages = [
        ("an agent who sees a third", people.outreach),
        ("an agent who sees sixty", people.pjj),
        ("the coordinator", people.coordinator),
    ]
    few = []
    _fill(built, FEW)
    # The first page of a process reads the keys of the installation; no other does.
    Browser(people.outreach).get("/situations/")
    for name, mandate in pages:
        ours = Browser(mandate)
        few.append(measure(name, partial(ours.get, "/situations/"), before_ours=ours.cold, rounds=ROUNDS))
    many = max(2 * FEW, int(MANY * size))
    _fill(built, many - FEW)
    for (name, mandate), before in zip(pages, few, strict=True):
        ours = Browser(mandate)
        now = measure(name, partial(ours.get, "/situations/"), before_ours=ours.cold, rounds=ROUNDS)
        yield Result(
            f"{name}, of {many} against {FEW}", now.ours, before.ours, now.wall, now.queries, before.queries, AIM
        )  # fmt: skip
    drop_tables()


def _town() -> Any:
    """Write the whole situations: one in three for the first agent, sixty of the rest for the second."""
    from tests.bench import town

    built = town.load(WHOLE, 0, WHOLE)
    rows = built.due
    town.grant(built.people, built.people.outreach, rows[::3], built.now - timedelta(days=80))
    others = [row for n, row in enumerate(rows) if n % 3]
    town.grant(built.people, built.people.pjj, others[:SIXTY], built.now - timedelta(days=80))
    return built


# Rows without a value: nobody ever gets to their page. Most are followed, to be reviewed later than the whole ones.
_PERSONS = """
    INSERT INTO followups_followedperson ({columns})
    SELECT {values} FROM (SELECT gen_random_uuid() AS key FROM generate_series(1, %s)) g, followups_followedperson p
    WHERE p.id = %s
"""
_SITUATIONS = """
    INSERT INTO followups_followup ({columns})
    SELECT {values} FROM followups_followedperson q
    CROSS JOIN (SELECT * FROM followups_followup WHERE id = %s) f
    WHERE NOT EXISTS (SELECT 1 FROM followups_followup o WHERE o.person_id = q.id)
"""
_GRANTS = """
    INSERT INTO followups_followupgrant ({columns})
    SELECT {values} FROM followups_followup f
    CROSS JOIN (SELECT * FROM followups_followupgrant WHERE mandate_id = %s LIMIT 1) g
    WHERE NOT EXISTS (SELECT 1 FROM followups_followupgrant o WHERE o.content_object_id = f.id)
    AND f.next_review_on > %s AND substr(f.reference, 10)::bigint %% 3 = 0
"""


def _fill(built: Any, more: int) -> None:
    """Add situations that are rows and nothing else, and grants on a third of them."""
    from casework.minors.followups.models import FollowedPerson, FollowUp, FollowUpGrant

    sample, today = built.due[0], localdate(built.now)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS bench_number START 1000000")
        cursor.execute(_copy(_PERSONS, FollowedPerson, "p", id="g.key", subject_id="g.key"), [more, sample.person_id])
        later = f"DATE '{today.isoformat()}' + 100 + (random() * 700)::int"
        stage = "CASE WHEN random() < 0.99 THEN 'followed' WHEN random() < 0.5 THEN 'referred' ELSE 'suspended' END"
        cursor.execute(
            _copy(
                _SITUATIONS, FollowUp, "f", id="gen_random_uuid()", subject_id="q.id", person_id="q.id",
                reference="'MIR-2026-' || nextval('bench_number')", state=stage, next_review_on=later,
            ),
            [sample.pk],
        )  # fmt: skip
        cursor.execute(
            _copy(_GRANTS, FollowUpGrant, "g", id="gen_random_uuid()", content_object_id="f.id"),
            [built.people.outreach.pk, today],
        )
        cursor.execute("VACUUM ANALYZE" if connection.get_autocommit() else "ANALYZE")


def _copy(statement: str, model: Any, source: str, **fresh: str) -> str:
    """Return the statement with the columns of a model: those of `source`, but the ones given."""
    names = [field.column for field in model._meta.concrete_fields]
    values = [fresh.get(name, f"{source}.{name}") for name in names]
    return statement.format(columns=", ".join(names), values=", ".join(values))
